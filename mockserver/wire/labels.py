"""Names for the events of a stream, told from the events themselves.

One function labels rendered and scripted events alike, so that a place means the same in both.
Labels count from 0 over the stream; those inside a call count from 0 in that call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.core.endpoint import Shape
from mockserver.core.event import Event
from mockserver.core.jsontext import JSON, Object

DONE = "[DONE]"
TERMINATOR = "terminator"

_TERMINALS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_ONCE = {
    "response.created": "created",
    "response.queued": "queued",
    "response.in_progress": "in_progress",
    "error": "error",
}
_COUNTED = {
    "response.output_text.delta": "text.delta",
    "response.output_text.done": "text.done",
    "response.output_text.annotation.added": "annotation.added",
    "response.refusal.delta": "refusal.delta",
    "response.refusal.done": "refusal.done",
    "response.reasoning_text.delta": "reasoning.delta",
    "response.reasoning_text.done": "reasoning.done",
    "response.reasoning_summary_text.delta": "reasoning.delta",
    "response.reasoning_summary_text.done": "reasoning.done",
}
_PARTS = {
    "response.content_part.added": "added",
    "response.content_part.done": "done",
    "response.reasoning_summary_part.added": "added",
    "response.reasoning_summary_part.done": "done",
}
_CALLS = {
    "response.function_call_arguments.delta": "arguments.delta",
    "response.function_call_arguments.done": "arguments.done",
    "response.custom_tool_call_input.delta": "input.delta",
    "response.custom_tool_call_input.done": "input.done",
    "response.mcp_call_arguments.delta": "arguments.delta",
    "response.mcp_call_arguments.done": "arguments.done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlabelled:
    """An event before it has a label; see `Event` for the members."""

    data: JSON = None
    text: str | None = None
    name: str | None = None


def label(events: Sequence[Unlabelled], shape: Shape) -> tuple[Event, ...]:
    """Give each event its labels; they are unique in the result."""
    clerk = _ResponsesClerk() if shape is Shape.RESPONSES else _ChatClerk()
    taken: Counter[str] = Counter()
    found: list[Event] = []
    for ordinal, event in enumerate(events):
        first, second = clerk.names(event)
        taken[first] += 1
        if taken[first] > 1:
            first = f"{first}[{taken[first] - 1}]"
        found.append(
            Event(
                label=first,
                wire_label=second,
                ordinal=ordinal,
                data=event.data,
                text=event.text,
                name=event.name,
            )
        )
    return tuple(found)


@dataclass(slots=True)
class _ResponsesClerk:
    counts: Counter[str] = field(default_factory=Counter)
    wire: Counter[str] = field(default_factory=Counter)
    calls: dict[JSON, int] = field(default_factory=dict)

    def names(self, event: Unlabelled) -> tuple[str, str | None]:
        data = event.data
        if event.text is not None or not isinstance(data, dict):
            return ("done" if event.text == DONE else self._numbered("text_event"), None)
        kind = data.get("type")
        if not isinstance(kind, str):
            return ("error" if "error" in data else self._numbered("event"), None)
        wire = f"{kind}[{self.wire[kind]}]"
        self.wire[kind] += 1
        return self._name(kind, data), wire

    def _name(self, kind: str, data: Object) -> str:
        if kind in _TERMINALS:
            return TERMINATOR
        if kind in _ONCE:
            return _ONCE[kind]
        if kind in ("response.output_item.added", "response.output_item.done"):
            return f"item[{data.get('output_index')}].{kind.rpartition('.')[2]}"
        if kind in _COUNTED:
            return self._numbered(_COUNTED[kind])
        if kind in _PARTS:
            return self._numbered("part", _PARTS[kind])
        if kind in _CALLS:
            place = data.get("output_index")
            key = place if isinstance(place, int) else None
            call = self.calls.setdefault(key, len(self.calls))
            name = f"call[{call}].{_CALLS[kind]}"
            return self._numbered(name) if name.endswith("delta") else name
        return self._numbered(kind.removeprefix("response."))

    def _numbered(self, name: str, suffix: str = "") -> str:
        counter = f"{name}/{suffix}"
        number = self.counts[counter]
        self.counts[counter] += 1
        return f"{name}[{number}]" + (f".{suffix}" if suffix else "")


@dataclass(slots=True)
class _ChatClerk:
    counts: Counter[str] = field(default_factory=Counter)
    calls: dict[tuple[JSON, JSON], int] = field(default_factory=dict)

    def names(self, event: Unlabelled) -> tuple[str, str | None]:
        data = event.data
        if event.text is not None or not isinstance(data, dict):
            return (TERMINATOR if event.text == DONE else self._numbered("text_event"), None)
        if "error" in data:
            return "error", None
        choices = data.get("choices")
        if not isinstance(choices, list) or not choices:
            return ("usage" if data.get("usage") is not None else self._numbered("chunk"), None)
        choice = choices[0]
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(delta, dict):
            return self._numbered("chunk"), None
        first = self._name(choice, delta)
        second = "role" if "role" in delta and first == "text.delta[0]" else None
        return first, second

    def _name(self, choice: Object, delta: Object) -> str:
        for member, name in _DELTAS.items():
            if delta.get(member):
                return self._numbered(name)
        fragments = delta.get("tool_calls")
        if isinstance(fragments, list) and fragments and isinstance(fragments[0], dict):
            return self._fragment(choice.get("index"), fragments[0])
        legacy = delta.get("function_call")
        if isinstance(legacy, dict):
            return self._fragment(choice.get("index"), {"index": None, "function": legacy})
        if choice.get("finish_reason") is not None:
            return self._choice_name("finish", choice)
        if "role" in delta:
            return self._choice_name("role", choice)
        return self._numbered("chunk")

    def _fragment(self, choice: JSON, fragment: Object) -> str:
        index = fragment.get("index")
        key = (
            choice if isinstance(choice, int) else None,
            index if isinstance(index, int) else None,
        )
        started = key in self.calls
        call = self.calls.setdefault(key, len(self.calls))
        if not started:
            return f"call[{call}].start"
        kind = "input" if isinstance(fragment.get("custom"), dict) else "arguments"
        return self._numbered(f"call[{call}].{kind}.delta")

    @staticmethod
    def _choice_name(name: str, choice: Object) -> str:
        index = choice.get("index")
        return name if index == 0 else f"{name}[{index}]"

    def _numbered(self, name: str) -> str:
        number = self.counts[name]
        self.counts[name] += 1
        return f"{name}[{number}]"


_DELTAS: Mapping[str, str] = {
    "content": "text.delta",
    "refusal": "refusal.delta",
    "reasoning_content": "reasoning.delta",
    "reasoning": "reasoning.delta",
    "audio": "audio.delta",
}
