"""What the pairing rules ask of a body: who calls which tool, who answers, what is offered.

Reading never fails; members of the wrong type are for the schema to complain about and are passed
over here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.model.json import JSON, JSONObject

CALLS: Mapping[str, str] = {
    "function_call": "function call",
    "custom_tool_call": "custom tool call",
    "local_shell_call": "local shell call",
    "shell_call": "shell call",
    "apply_patch_call": "apply patch call",
    "computer_call": "computer call",
    "tool_search_call": "tool search call",
}
"""Items that call a tool of the client's, as the upstream's complaints name them."""

OUTPUTS: Mapping[str, str] = {
    "function_call_output": "function call output",
    "custom_tool_call_output": "custom tool call output",
    "local_shell_call_output": "local shell call output",
    "shell_call_output": "shell call output",
    "apply_patch_call_output": "apply patch call output",
    "computer_call_output": "computer call output",
    "tool_search_output": "tool search output",
}
"""Items that answer such a call."""

# A compacted history and a referenced item hide what they stand for.
_HIDING = frozenset(("item_reference", "compaction", "compaction_summary", "context_compaction"))

# What an item without a type is, by whether it has a role.
_UNTYPED = {True: "message", False: "item_reference"}


@dataclass(slots=True)
class Turn:
    """An assistant message with tool calls and the tool messages right behind it.

    `calls` and `answers` are (id, index): of the call inside its message, and of the tool message.
    `end` is the index of the message behind.
    """

    index: int
    calls: list[tuple[str, int]]
    answers: list[tuple[str, int]] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class Chat:
    """The tool traffic of a message list: tool turns, the indexes of tool messages outside of any,
    and those of assistant messages without content of any kind.

    `odd` is whether there is anything for a rule to look into.
    """

    turns: list[Turn] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    odd: bool = False


Link: TypeAlias = tuple[str, str, int]
"""A call item or an output item: its type, its call_id, its index."""


@dataclass(slots=True)
class Items:
    """The tool traffic of an item list, and (id, index) of the items that have one.

    `hidden`: the list stands for items it does not show. `odd` is whether there is anything for a
    rule to look into.
    """

    links: list[Link] = field(default_factory=list)
    ids: list[tuple[str, int]] = field(default_factory=list)
    hidden: bool = False
    odd: bool = False


class BodyIndex:
    """A body with what several rules want to know of it, each read once and only when asked for."""

    __slots__ = ("_chat", "_items", "body")

    def __init__(self, body: JSONObject) -> None:
        self.body = body
        self._chat: Chat | None = None
        self._items: Items | None = None

    def has(self, name: str) -> bool:
        """Whether a parameter is given and not null."""
        return self.body.get(name) is not None

    @property
    def chat(self) -> Chat:
        """The tool traffic of `messages`."""
        if self._chat is None:
            self._chat = _read_chat(self.body.get("messages"))
        return self._chat

    @property
    def items(self) -> Items:
        """The tool traffic of `input`."""
        if self._items is None:
            self._items = _read_items(self.body.get("input"))
        return self._items

    @property
    def elsewhere(self) -> bool:
        """Whether a part of the conversation is not in this body."""
        return self.has("previous_response_id") or self.has("conversation") or self.items.hidden

    @property
    def offered(self) -> frozenset[tuple[str, str]]:
        """(type, name) of every tool on offer; hosted tools have no name, `mcp` its label."""
        found = set(_offers(self.body.get("tools")))
        for _, item in objects(self.body.get("input")):
            found.update(_offers(item.get("tools")))
        return frozenset(found)


def has_no_tool_traffic(messages: JSON) -> bool:
    """Whether nobody in a message list uses a tool or says nothing; there is nothing odd then."""
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            role = message.get("role")
            if role == "tool" or (
                role == "assistant" and ("tool_calls" in message or message.get("content") is None)
            ):
                return False
    return True


def _read_chat(messages: JSON) -> Chat:
    read = Chat()
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
            elif _says_nothing(message):
                read.silent.append(index)
    if turn is not None:
        turn.end = index + 1
    read.odd = bool(read.orphans or read.silent) or not _all_answered(read.turns)
    return read


def _all_answered(turns: list[Turn]) -> bool:
    """Whether every turn answers its calls in their order, under ids of their own."""
    called = [call_id for turn in turns for call_id, _ in turn.calls]
    return len(called) == len(set(called)) and all(
        [call_id for call_id, _ in turn.calls] == [call_id for call_id, _ in turn.answers]
        for turn in turns
    )


def _read_items(items: JSON) -> Items:
    read = Items()
    called: set[str] = set()
    answered: set[str] = set()
    for index, item in objects(items):
        said = item.get("type")
        kind = said if isinstance(said, str) else _UNTYPED["role" in item]
        item_id = item.get("id")
        if isinstance(item_id, str) and kind != "item_reference":
            read.ids.append((item_id, index))
        if kind in _HIDING:
            read.hidden = True
        call_id = item.get("call_id")
        if isinstance(call_id, str) and (kind in CALLS or kind in OUTPUTS):
            read.links.append((kind, call_id, index))
            mine, before = (called, None) if kind in CALLS else (answered, called)
            read.odd |= call_id in mine or (before is not None and call_id not in before)
            mine.add(call_id)
    read.odd |= called != answered or len({item_id for item_id, _ in read.ids}) < len(read.ids)
    return read


def objects(listed: JSON) -> Iterator[tuple[int, JSONObject]]:
    """The objects in a list with their indexes; nothing where it is no list."""
    if isinstance(listed, list):
        for index, element in enumerate(listed):
            if isinstance(element, dict):
                yield index, element


def offer(tool: JSONObject) -> tuple[str, str]:
    """(type, name) of one tool, flat or nested, or of a choice that names one."""
    kind = tool.get("type")
    kind = kind if isinstance(kind, str) else ""
    nested = tool.get(kind)
    holder = nested if isinstance(nested, dict) else tool
    name = holder.get("server_label" if kind == "mcp" else "name")
    return _family(kind), name if isinstance(name, str) else ""


def _offers(tools: JSON) -> Iterator[tuple[str, str]]:
    for _, tool in objects(tools):
        yield offer(tool)
        if tool.get("type") == "namespace":
            for _, inner in objects(tool.get("tools")):
                yield offer(inner)


def _family(kind: str) -> str:
    """Dated and preview names of one hosted tool are one tool."""
    for family in ("web_search", "computer"):
        if kind.startswith(family):
            return family
    return kind


def _says_nothing(message: JSONObject) -> bool:
    return message.get("content") is None and all(
        message.get(name) is None for name in ("function_call", "refusal", "audio")
    )


def _call_ids(calls: JSON) -> list[tuple[str, int]]:
    return [
        (call_id, index)
        for index, call in objects(calls)
        if isinstance(call_id := call.get("id"), str)
    ]
