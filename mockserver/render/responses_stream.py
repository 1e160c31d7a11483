"""Streams in the Responses shape: the events of one response, and their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.items import registry
from mockserver.model.dialect import Dialect
from mockserver.model.frames import DONE, TERMINATOR, RawEvent
from mockserver.model.json import JSONObject
from mockserver.model.reply import ErrorDelivery, ErrorShape, Output, TerminalItems
from mockserver.render.context import RenderContext, index_of
from mockserver.render.responses import COMPLETED, INCOMPLETE, ResponseRenderer, further_members

_ENDS = frozenset({COMPLETED, INCOMPLETE, "failed"})
_TERMINALS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_ONCE = {
    "response.created": "created",
    "response.queued": "queued",
    "response.in_progress": "in_progress",
    "error": "error",
}


def events(output: Output, context: RenderContext) -> Iterator[RawEvent]:
    """The events of a stream, in order, numbered from 0."""
    renderer = _EventRenderer(output, context)
    style = context.dialect.responses
    for number, event in enumerate(renderer.events()):
        kind = str(event["type"])
        data: JSONObject = {"type": kind, "sequence_number": number, **event}
        text = isinstance(event.get("delta"), str)  # printed output of a shell is not padded
        if text and style.obfuscation and context.pads_deltas:
            data["obfuscation"] = context.padding(number)
        if style.order == "sorted":
            data = {"type": kind, **dict(sorted(data.items()))}
        yield RawEvent(data=data, name=kind if style.event_lines else None)
    if style.done:
        yield RawEvent(text=DONE)


def scripted_event(event: RawEvent, place: int, dialect: Dialect) -> RawEvent:
    """An event of the scenario, a missing `sequence_number` filled in with its place and a missing
    `event:` line with its type, as the dialect sends them."""
    data = event.data
    if not isinstance(data, dict):
        return event
    if "sequence_number" not in data and "type" in data:
        before: JSONObject = {"type": data["type"]}
        if dialect.responses.order == "sorted":
            before |= {name: value for name, value in data.items() if name < "sequence_number"}
        data = before | {"sequence_number": place} | data
    name, kind = event.name, data.get("type")
    if name is None and dialect.responses.event_lines and isinstance(kind, str):
        name = kind
    return RawEvent(data=data, name=name)


class _EventRenderer(ResponseRenderer):
    streams = True

    def events(self) -> Iterator[JSONObject]:
        yield {"type": "response.created", "response": self.running}
        yield {"type": "response.in_progress", "response": self.running}
        for places in self._groups():
            yield from _interleaved([list(self._item_events(place)) for place in places])
        form = self.failure.form if self.failure is not None else ErrorDelivery.FAILED
        if self.failure is not None and form in (ErrorDelivery.EVENT, ErrorDelivery.BOTH):
            yield self._error_event(self.failure.shape)
        # A cancelled response has no terminal event: its stream just ends.
        if form is not ErrorDelivery.EVENT and self.status in _ENDS:
            yield {"type": f"response.{self.status}", "response": self._terminal}

    @property
    def _terminal(self) -> JSONObject:
        """The final response, with its items as far as the reply repeats them."""
        match self._output.terminal_items:
            case TerminalItems.EMPTY:
                return self.final | {"output": []}
            case TerminalItems.ABSENT:
                return {name: value for name, value in self.final.items() if name != "output"}
            case _:
                return self.final

    def _groups(self) -> list[list[int]]:
        """The places of the items, together what is open at the same time."""
        groups: list[list[int]] = []
        for place, item in enumerate(self.items):
            if groups and item.overlaps:
                groups[-1].append(place)
            else:
                groups.append([place])
        return groups

    def _item_events(self, place: int) -> Iterator[JSONObject]:
        rendered = self.rendered[place]
        index: JSONObject = {"output_index": place}
        yield {"type": "response.output_item.added"} | index | {"item": rendered.added}
        item_id = rendered.final.get("id")
        for event in rendered.events:
            identity = index if event.bare else {"item_id": item_id} | index
            yield {"type": event.type} | identity | event.members
        yield {"type": "response.output_item.done"} | index | {"item": rendered.final}

    def _error_event(self, shape: ErrorShape) -> JSONObject:
        error = self.error
        further = further_members(error, self.error_ref)
        if shape is ErrorShape.FLAT:
            return {"type": "error", "code": error.code, "message": error.message, "param": error.param, **further}
        members: JSONObject = {
            "type": error.type,
            "code": error.code,
            "message": error.message,
            "param": error.param,
            **further,
        }
        return {"type": "error", "error": members}


def _interleaved(lanes: list[list[JSONObject]]) -> Iterator[JSONObject]:
    """The events of items that are open at the same time, as recorded of several tool lists: all
    begin, then all come to their ends, then all are done."""
    if len(lanes) == 1:
        yield from lanes[0]
        return
    for lane in lanes:
        yield from lane[: max(1, len(lane) - 2)]
    for lane in lanes:
        yield from lane[max(1, len(lane) - 2) : -1]
    for lane in lanes:
        yield lane[-1]


@dataclass(slots=True)
class ResponsesLabeller:
    counts: Counter[str] = field(default_factory=Counter)
    wire: Counter[str] = field(default_factory=Counter)
    items: dict[int | None, int] = field(default_factory=dict)
    calls: dict[int | None, int] = field(default_factory=dict)

    def names(self, event: RawEvent) -> tuple[str, str | None]:
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
            item = self.items.setdefault(index_of(data, "output_index"), len(self.items))
            return f"item[{item}].{kind.rpartition('.')[2]}"
        label = registry().labels.get(kind, f"{kind.removeprefix('response.')}[#]")
        if "@" in label:
            call = self.calls.setdefault(index_of(data, "output_index"), len(self.calls))
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
