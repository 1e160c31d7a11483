"""Names for the events of a stream, told from the events themselves.

One function labels rendered and scripted events alike, so that a place means the same in both.
Labels count from 0 over the stream; those inside a call count from 0 in that call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from mockserver.items import registry
from mockserver.model.endpoint import Shape
from mockserver.model.events import Event, RawEvent
from mockserver.model.json import JSONObject
from mockserver.render.context import RENDERERS

DONE = "[DONE]"
TERMINATOR = "terminator"

_TERMINALS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_ONCE = {
    "response.created": "created",
    "response.queued": "queued",
    "response.in_progress": "in_progress",
    "error": "error",
}


def label(events: Sequence[RawEvent], shape: Shape) -> tuple[Event, ...]:
    """Give each event its labels; they are unique in the result."""
    labeller = RENDERERS[shape].labeller()
    taken: set[str] = set()
    found: list[Event] = []
    for ordinal, event in enumerate(events):
        first, second = labeller.names(event)
        first = _free(first, taken)
        taken.add(first)
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


def _free(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where a stream says twice what is said once."""
    if name not in taken:
        return name
    again = (f"{name}[{number}]" for number in count(1))
    return next(one for one in again if one not in taken)


@dataclass(slots=True)
class ResponsesLabeller:
    """Labels of a Responses stream."""

    counts: Counter[str] = field(default_factory=Counter)
    wire: Counter[str] = field(default_factory=Counter)
    items: dict[int | None, int] = field(default_factory=dict)
    calls: dict[int | None, int] = field(default_factory=dict)

    def names(self, event: RawEvent) -> tuple[str, str | None]:
        """The event's label and its second one; see `Event`."""
        data = event.data
        if event.text is not None or not isinstance(data, dict):
            return ("done" if event.text == DONE else self._numbered("text_event"), None)
        kind = data.get("type")
        if not isinstance(kind, str):
            return ("error" if "error" in data else self._numbered("event"), None)
        wire = f"{kind}[{self.wire[kind]}]"
        self.wire[kind] += 1
        return self._name(kind, data), wire

    def _name(self, kind: str, data: JSONObject) -> str:
        if kind in _TERMINALS:
            return TERMINATOR
        if kind in _ONCE:
            return _ONCE[kind]
        if kind in ("response.output_item.added", "response.output_item.done"):
            item = self.items.setdefault(_index(data, "output_index"), len(self.items))
            return f"item[{item}].{kind.rpartition('.')[2]}"
        label = registry().labels.get(kind, f"{kind.removeprefix('response.')}[#]")
        if "@" in label:
            call = self.calls.setdefault(_index(data, "output_index"), len(self.calls))
            label = label.replace("@", str(call))
        return self._count(label)

    def _count(self, label: str) -> str:
        """The label with the number that it has so far in place of `#`."""
        before, mark, after = label.partition("#")
        if not mark:
            return label
        number = self.counts[label]
        self.counts[label] += 1
        return f"{before}{number}{after}"

    def _numbered(self, name: str) -> str:
        return self._count(f"{name}[#]")


@dataclass(slots=True)
class ChatLabeller:
    """Labels of a chat stream; without chunks of choices they are plain numbers."""

    counts: Counter[str] = field(default_factory=Counter)
    calls: dict[tuple[int | None, int | None], int] = field(default_factory=dict)
    seconds: set[str] = field(default_factory=set)

    def names(self, event: RawEvent) -> tuple[str, str | None]:
        """The event's label and its second one; see `Event`."""
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
        return first, self._second(choice, delta, first)

    def _second(self, choice: JSONObject, delta: JSONObject, first: str) -> str | None:
        """The role or finish that shares its chunk with something else, the first time."""
        for name, said in (
            ("role", "role" in delta),
            ("finish", choice.get("finish_reason") is not None),
        ):
            second = self._choice_name(name, choice)
            if said and second not in (first, *self.seconds):
                self.seconds.add(second)
                return second
        return None

    def _name(self, choice: JSONObject, delta: JSONObject) -> str:
        for member, name in _DELTAS.items():
            if delta.get(member):
                return self._numbered(name)
        fragments = delta.get("tool_calls")
        if isinstance(fragments, list) and fragments and isinstance(fragments[0], dict):
            return self._fragment(choice, fragments[0])
        legacy = delta.get("function_call")
        if isinstance(legacy, dict):
            return self._fragment(choice, {"function": legacy})
        for name, said in (
            ("finish", choice.get("finish_reason") is not None),
            ("role", "role" in delta),
        ):
            if said:
                self.seconds.add(self._choice_name(name, choice))
                return self._choice_name(name, choice)
        return self._numbered("chunk")

    def _fragment(self, choice: JSONObject, fragment: JSONObject) -> str:
        key = (_index(choice, "index"), _index(fragment, "index"))
        started = key in self.calls
        call = self.calls.setdefault(key, len(self.calls))
        if not started:
            return f"call[{call}].start"
        kind = "input" if isinstance(fragment.get("custom"), dict) else "arguments"
        return self._numbered(f"call[{call}].{kind}.delta")

    @staticmethod
    def _choice_name(name: str, choice: JSONObject) -> str:
        index = _index(choice, "index") or 0
        return f"{name}[{index}]" if index else name

    def _numbered(self, name: str) -> str:
        number = self.counts[name]
        self.counts[name] += 1
        return f"{name}[{number}]"


def _index(holder: JSONObject, name: str) -> int | None:
    value = holder.get(name)
    return value if isinstance(value, int) else None


_DELTAS: Mapping[str, str] = {
    "content": "text.delta",
    "refusal": "refusal.delta",
    "reasoning_content": "reasoning.delta",
    "reasoning": "reasoning.delta",
    "audio": "audio.delta",
}
