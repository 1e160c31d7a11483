"""The index of a request body: what rules between its fields ask for, each read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.model.json import JSON, JSONObject

# Items that call a tool of the client, and those that hold the output of such a call.
CALLS = frozenset(
    f"{kind}_call"
    for kind in ("function", "custom_tool", "local_shell", "shell", "apply_patch", "computer", "tool_search")
)
OUTPUTS = frozenset("tool_search_output" if kind == "tool_search_call" else f"{kind}_output" for kind in CALLS)
# Items whose content is not in the body.
_OPAQUE = frozenset(("item_reference", "compaction", "compaction_summary", "context_compaction"))
# Any of these is the content of an assistant message.
_CONTENT = ("content", "function_call", "refusal", "audio")


@dataclass(slots=True)
class _Turn:
    """An assistant message with tool calls and the tool messages that follow it: (id, index) of each
    call in its message and of each answer. `end` is the index of the message after the last."""

    index: int
    calls: list[tuple[str, int]]
    answers: list[tuple[str, int]] = field(default_factory=list)
    end: int = 0


class _MessageTraffic:
    """The tool turns of a message list, and the indexes of tool messages outside a turn and of
    assistant messages without any content. No rule finds anything where it is `consistent`."""

    def __init__(self, messages: JSON) -> None:
        self.turns: list[_Turn] = []
        self.orphans: list[int] = []
        self.empty: list[int] = []
        turn: _Turn | None = None
        for index, message in objects_of(messages):
            role = message.get("role")
            if role == "tool" and turn is not None:
                call_id = message.get("tool_call_id")
                turn.answers.append((call_id if isinstance(call_id, str) else "", index))
                turn.end = index + 1
            elif role == "tool":
                self.orphans.append(index)
            else:
                if turn is not None:
                    turn.end = index
                turn = None
                if role == "assistant" and (calls := message.get("tool_calls")):
                    ids = [
                        (name, place) for place, call in objects_of(calls) if isinstance(name := call.get("id"), str)
                    ]
                    turn = _Turn(index, ids, end=index + 1)
                    self.turns.append(turn)
                elif role == "assistant" and all(message.get(name) is None for name in _CONTENT):
                    self.empty.append(index)
        called = [call_id for turn in self.turns for call_id, _ in turn.calls]
        in_order = all([name for name, _ in turn.calls] == [name for name, _ in turn.answers] for turn in self.turns)
        self.consistent = in_order and len(called) == len(set(called)) and not self.orphans and not self.empty


class _ItemTraffic:
    """Of an item list (type, call_id, index) of the calls and outputs, the indexes of calls that need no output, (id,
    index) of the items that have an id, and whether some items stand for others that are not in the list. No rule
    finds anything where it is `consistent`."""

    def __init__(self, items: JSON) -> None:
        self.links: list[tuple[str, str, int]] = []
        self.ids: list[tuple[str, int]] = []
        self.free: set[int] = set()
        self.opaque, self.consistent = False, True
        called, answered = set[str](), set[str]()
        for index, item in objects_of(items):
            named, item_id, call_id = item.get("type"), item.get("id"), item.get("call_id")
            kind = named if isinstance(named, str) else "message" if "role" in item else "item_reference"
            if isinstance(item_id, str) and kind != "item_reference":
                self.ids.append((item_id, index))
            if isinstance(call_id, str) and (kind in CALLS or kind in OUTPUTS):
                self.links.append((kind, call_id, index))
                same = called if kind in CALLS else answered
                self.consistent &= call_id not in same and (same is called or call_id in called)
                same.add(call_id)
                if _needs_no_output(item):
                    self.free.add(index)
            self.opaque |= kind in _OPAQUE
        self.consistent &= called == answered and len({item_id for item_id, _ in self.ids}) == len(self.ids)


class BodyIndex:
    """A body with what several rules need from it, each read once on first use."""

    def __init__(self, body: JSONObject) -> None:
        self.json = body

    def has(self, name: str) -> bool:
        """Whether a parameter is given and not null."""
        return self.json.get(name) is not None

    @cached_property
    def messages(self) -> _MessageTraffic:
        return _MessageTraffic(self.json.get("messages"))

    @cached_property
    def items(self) -> _ItemTraffic:
        return _ItemTraffic(self.json.get("input"))

    @property
    def offered(self) -> frozenset[tuple[str, str]]:
        """(type, name) of every tool in the body; hosted tools have no name, `mcp` its label."""
        lists = [self.json.get("tools"), *(item.get("tools") for _, item in objects_of(self.json.get("input")))]
        return frozenset(tool for tools in lists for tool in _offered_tools(tools))

    @property
    def not_offered(self) -> list[tuple[str, str]]:
        """(type, name) of the tools that the tool choice of a responses body asks for in vain."""
        choice = self.json.get("tool_choice")
        if not isinstance(choice, dict) or self.has("prompt"):
            return []
        asked: JSON = choice.get("tools") if choice.get("type") == "allowed_tools" else [choice]
        named = (tool_name(tool) for _, tool in objects_of(asked))
        return [(kind, name) for kind, name in named if kind and (kind, name) not in self.offered]


def _needs_no_output(call: JSONObject) -> bool:
    """Whether a call may run on the upstream's side, or be answered later."""
    environment = call.get("environment")
    hosted = isinstance(environment, dict) and environment.get("type") == "container_reference"
    return hosted or call.get("async") is True or call.get("type") == "tool_search_call"


def objects_of(listed: JSON) -> Iterator[tuple[int, JSONObject]]:
    """The objects in a list with their indexes; none for other values."""
    if isinstance(listed, list):
        for index, element in enumerate(listed):
            if isinstance(element, dict):
                yield index, element


def tool_name(tool: JSONObject) -> tuple[str, str]:
    """(type, name) of a tool, flat or nested, or of a tool choice. Dated and preview types of a
    hosted tool count as the tool."""
    kind = tool.get("type")
    kind = kind if isinstance(kind, str) else ""
    nested = tool.get(kind)
    holder = nested if isinstance(nested, dict) else tool
    name = holder.get("server_label" if kind == "mcp" else "name")
    family = next((family for family in ("web_search", "computer") if kind.startswith(family)), kind)
    return family, name if isinstance(name, str) else ""


def _offered_tools(tools: JSON) -> Iterator[tuple[str, str]]:
    for _, tool in objects_of(tools):
        yield tool_name(tool)
        if tool.get("type") == "namespace":
            yield from (tool_name(inner) for _, inner in objects_of(tool.get("tools")))
