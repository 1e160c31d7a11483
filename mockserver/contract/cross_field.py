"""Rules between fields of a request body, and the index of a body that they read.

Values of the wrong type are skipped: the schema reports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from mockserver.contract.error_messages import rejection
from mockserver.model.dialect import Rejection
from mockserver.model.findings import Rule, Severity
from mockserver.model.json import JSON, JSONObject


class Reject(Protocol):
    """Builds a rejection of the rule at hand."""

    def __call__(self, path: str, message: str, *, param: str | None = None, code: str | None = None) -> Rejection:
        """`path` leads to the field; `param` and `code` are those of the answer."""
        ...


Check: TypeAlias = "Callable[[BodyIndex, Reject], Iterable[Rejection]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFieldRule:
    """`check` runs once for bodies of these `forms` that have one of the `members`."""

    rule: Rule
    forms: tuple[str, ...]
    members: tuple[str, ...]
    check: Check

    def findings(self, body: BodyIndex) -> Iterable[Rejection]:
        """Everything in a body that breaks the rule."""
        return self.check(body, self._reject)

    def _reject(self, path: str, message: str, *, param: str | None = None, code: str | None = None) -> Rejection:
        severity = self.rule.severity
        return rejection(self.rule.id, path, message, code=code, param=param, severity=severity)


class RuleTable:
    """A list of rules that is filled by decorating their functions."""

    def __init__(self) -> None:
        self.rules: list[CrossFieldRule] = []

    def rule(
        self, name: str, source: str, forms: tuple[str, ...], *members: str, severity: Severity = Severity.ERROR
    ) -> Callable[[Check], Check]:
        """Add the decorated function as the check of a rule; its docstring is the meaning."""

        def decorate(check: Check) -> Check:
            text = (check.__doc__ or "").rstrip(".")
            meaning = text[:1].lower() + text[1:]
            rule = Rule(id=f"request.{name}", meaning=meaning, source=source, severity=severity)
            self.rules.append(CrossFieldRule(rule=rule, forms=forms, members=members, check=check))
            return check

        return decorate


CALLS: Mapping[str, str] = {
    "function_call": "function call",
    "custom_tool_call": "custom tool call",
    "local_shell_call": "local shell call",
    "shell_call": "shell call",
    "apply_patch_call": "apply patch call",
    "computer_call": "computer call",
    "tool_search_call": "tool search call",
}
"""Items that call a tool of the client, as error messages name them."""

OUTPUTS: Mapping[str, str] = {
    "function_call_output": "function call output",
    "custom_tool_call_output": "custom tool call output",
    "local_shell_call_output": "local shell call output",
    "shell_call_output": "shell call output",
    "apply_patch_call_output": "apply patch call output",
    "computer_call_output": "computer call output",
    "tool_search_output": "tool search output",
}
"""Items that hold the output of such a call."""

# Items whose content is not in the body.
_OPAQUE = frozenset(("item_reference", "compaction", "compaction_summary", "context_compaction"))

# The type of an item without one, by whether it has a role.
_UNTYPED = {True: "message", False: "item_reference"}


@dataclass(slots=True)
class Turn:
    """An assistant message with tool calls and the tool messages that follow it.

    `calls` and `answers` are (id, index): of the call in its message, and of the tool message.
    `end` is the index of the message after the last.
    """

    index: int
    calls: list[tuple[str, int]]
    answers: list[tuple[str, int]] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class MessageTraffic:
    """The tool traffic of a message list: tool turns, the indexes of tool messages outside a turn,
    and those of assistant messages without any content.

    `needs_checking` is false where no rule can find anything.
    """

    turns: list[Turn] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    needs_checking: bool = False


Link: TypeAlias = tuple[str, str, int]
"""A call item or an output item: its type, its call_id, its index."""


@dataclass(slots=True)
class ItemTraffic:
    """The tool traffic of an item list, and (id, index) of the items that have one.

    `opaque`: some items stand for others that are not in the list. `needs_checking` is false where
    no rule can find anything.
    """

    links: list[Link] = field(default_factory=list)
    ids: list[tuple[str, int]] = field(default_factory=list)
    opaque: bool = False
    needs_checking: bool = False


class BodyIndex:
    """A body with what several rules need from it, each read once on first use."""

    __slots__ = ("_items", "_messages", "json")

    def __init__(self, body: JSONObject) -> None:
        self.json = body
        self._messages: MessageTraffic | None = None
        self._items: ItemTraffic | None = None

    def has(self, name: str) -> bool:
        """Whether a parameter is given and not null."""
        return self.json.get(name) is not None

    @property
    def messages(self) -> MessageTraffic:
        """The tool traffic of `messages`."""
        if self._messages is None:
            self._messages = _read_messages(self.json.get("messages"))
        return self._messages

    @property
    def items(self) -> ItemTraffic:
        """The tool traffic of `input`."""
        if self._items is None:
            self._items = _read_items(self.json.get("input"))
        return self._items

    @property
    def has_history(self) -> bool:
        """Whether a part of the conversation is outside of this body."""
        return self.has("previous_response_id") or self.has("conversation") or self.items.opaque

    @property
    def offered(self) -> frozenset[tuple[str, str]]:
        """(type, name) of every tool in the body; hosted tools have no name, `mcp` its label."""
        found = set(_offered_tools(self.json.get("tools")))
        for _, item in objects(self.json.get("input")):
            found.update(_offered_tools(item.get("tools")))
        return frozenset(found)


def has_no_tool_traffic(messages: JSON) -> bool:
    """Whether a message list has no tool calls, tool messages or empty assistant messages."""
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            role = message.get("role")
            if role == "tool" or (role == "assistant" and ("tool_calls" in message or message.get("content") is None)):
                return False
    return True


def _read_messages(messages: JSON) -> MessageTraffic:
    read = MessageTraffic()
    turn: Turn | None = None
    index = -1
    for index, message in objects(messages):
        role = message.get("role")
        if role == "tool":
            if turn is None:
                read.orphans.append(index)
            else:
                call_id = message.get("tool_call_id")
                turn.answers.append((call_id if isinstance(call_id, str) else "", index))
            continue
        if turn is not None:
            turn.end = index
            turn = None
        if role == "assistant":
            if calls := message.get("tool_calls"):
                turn = Turn(index, _call_ids(calls))
                read.turns.append(turn)
            elif _is_empty(message):
                read.empty.append(index)
    if turn is not None:
        turn.end = index + 1
    read.needs_checking = bool(read.orphans or read.empty) or not _all_answered(read.turns)
    return read


def _all_answered(turns: list[Turn]) -> bool:
    """Whether every turn answers its calls in their order, under ids of their own."""
    called = [call_id for turn in turns for call_id, _ in turn.calls]
    return len(called) == len(set(called)) and all(
        [call_id for call_id, _ in turn.calls] == [call_id for call_id, _ in turn.answers] for turn in turns
    )


def _read_items(items: JSON) -> ItemTraffic:
    read = ItemTraffic()
    called: set[str] = set()
    answered: set[str] = set()
    for index, item in objects(items):
        named = item.get("type")
        kind = named if isinstance(named, str) else _UNTYPED["role" in item]
        item_id = item.get("id")
        if isinstance(item_id, str) and kind != "item_reference":
            read.ids.append((item_id, index))
        if kind in _OPAQUE:
            read.opaque = True
        call_id = item.get("call_id")
        if isinstance(call_id, str) and (kind in CALLS or kind in OUTPUTS):
            read.links.append((kind, call_id, index))
            mine, before = (called, None) if kind in CALLS else (answered, called)
            read.needs_checking |= call_id in mine or (before is not None and call_id not in before)
            mine.add(call_id)
    read.needs_checking |= called != answered or len({item_id for item_id, _ in read.ids}) < len(read.ids)
    return read


def objects(listed: JSON) -> Iterator[tuple[int, JSONObject]]:
    """The objects in a list with their indexes; none for other values."""
    if isinstance(listed, list):
        for index, element in enumerate(listed):
            if isinstance(element, dict):
                yield index, element


def tool_name(tool: JSONObject) -> tuple[str, str]:
    """(type, name) of a tool, flat or nested, or of a tool choice."""
    kind = tool.get("type")
    kind = kind if isinstance(kind, str) else ""
    nested = tool.get(kind)
    holder = nested if isinstance(nested, dict) else tool
    name = holder.get("server_label" if kind == "mcp" else "name")
    return _family(kind), name if isinstance(name, str) else ""


def _offered_tools(tools: JSON) -> Iterator[tuple[str, str]]:
    for _, tool in objects(tools):
        yield tool_name(tool)
        if tool.get("type") == "namespace":
            for _, inner in objects(tool.get("tools")):
                yield tool_name(inner)


def _family(kind: str) -> str:
    """The tool that dated and preview names of a hosted tool stand for."""
    for family in ("web_search", "computer"):
        if kind.startswith(family):
            return family
    return kind


def _is_empty(message: JSONObject) -> bool:
    return message.get("content") is None and all(
        message.get(name) is None for name in ("function_call", "refusal", "audio")
    )


def _call_ids(calls: JSON) -> list[tuple[str, int]]:
    return [(call_id, index) for index, call in objects(calls) if isinstance(call_id := call.get("id"), str)]
