"""What the pairing rules ask of a body: who calls which tool, who answers, what is offered.

Reading never fails; members of the wrong type are for the schema to complain about and are passed
over here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.core.jsontext import JSON, Object

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
class Link:
    """A call item or an output item with its `call_id`."""

    kind: str
    call_id: str
    index: int


@dataclass(slots=True)
class Items:
    """The tool traffic of an item list. `hidden`: the list stands for items it does not show."""

    links: list[Link] = field(default_factory=list)
    ids: list[tuple[str, int]] = field(default_factory=list)
    hidden: bool = False


@dataclass(frozen=True)
class Facts:
    """A body with what several rules want to know of it, each read once and only when asked for."""

    body: Object

    def has(self, name: str) -> bool:
        """Whether a parameter is given and not null."""
        return self.body.get(name) is not None

    @cached_property
    def turns(self) -> list[Turn]:
        """The tool turns of `messages` in order."""
        return self._chat[0]

    @cached_property
    def orphans(self) -> list[int]:
        """Indexes of the tool messages that follow no assistant message with tool calls."""
        return self._chat[1]

    @cached_property
    def _chat(self) -> tuple[list[Turn], list[int]]:
        turns: list[Turn] = []
        orphans: list[int] = []
        turn: Turn | None = None
        messages = objects(self.body.get("messages"))
        index = -1
        for index, message in messages:
            role = message.get("role")
            if role == "tool":
                if turn is None:
                    orphans.append(index)
                else:
                    call_id = message.get("tool_call_id")
                    turn.answers.append((call_id if isinstance(call_id, str) else "", index))
                continue
            if turn is not None:
                turn.end = index
                turn = None
            if role == "assistant" and message.get("tool_calls"):
                turn = Turn(index, _call_ids(message.get("tool_calls")))
                turns.append(turn)
        if turn is not None:
            turn.end = index + 1
        return turns, orphans

    @cached_property
    def items(self) -> Items:
        """The tool traffic of `input`."""
        read = Items()
        for index, item in objects(self.body.get("input")):
            said = item.get("type")
            kind = said if isinstance(said, str) else _UNTYPED["role" in item]
            if kind in _HIDING:
                read.hidden = True
            item_id = item.get("id")
            if isinstance(item_id, str) and kind != "item_reference":
                read.ids.append((item_id, index))
            call_id = item.get("call_id")
            if isinstance(call_id, str) and (kind in CALLS or kind in OUTPUTS):
                read.links.append(Link(kind, call_id, index))
        return read

    @property
    def elsewhere(self) -> bool:
        """Whether a part of the conversation is not in this body."""
        return self.has("previous_response_id") or self.has("conversation") or self.items.hidden

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """(type, name) of every tool on offer; hosted tools have no name, `mcp` its label."""
        found = set(_offers(self.body.get("tools")))
        for _, item in objects(self.body.get("input")):
            found.update(_offers(item.get("tools")))
        return frozenset(found)


def objects(listed: JSON) -> Iterator[tuple[int, Object]]:
    """The objects in a list with their indexes; nothing where it is no list."""
    if isinstance(listed, list):
        for index, element in enumerate(listed):
            if isinstance(element, dict):
                yield index, element


def offer(tool: Object) -> tuple[str, str]:
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


def _call_ids(calls: JSON) -> list[tuple[str, int]]:
    return [
        (call_id, index)
        for index, call in objects(calls)
        if isinstance(call_id := call.get("id"), str)
    ]
