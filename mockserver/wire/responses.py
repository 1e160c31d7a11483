"""Replies in the Responses shape: one response, or its stream of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mockserver.core.apierror import ApiError
from mockserver.core.endpoint import Shape
from mockserver.core.jsontext import JSON, Object
from mockserver.core.reply import (
    ErrorRef,
    ErrorShape,
    Failure,
    FailureForm,
    Finish,
    Item,
    Output,
    WireItem,
)
from mockserver.wire import usage
from mockserver.wire.items import COMPLETED, IN_PROGRESS, INCOMPLETE, Speaker, Spoken
from mockserver.wire.labels import DONE, Unlabelled
from mockserver.wire.occasion import Occasion
from mockserver.wire.response_object import echo, ordered

_STATUSES = {
    Finish.LENGTH: INCOMPLETE,
    Finish.CONTENT_FILTER: INCOMPLETE,
    Finish.FAILED: "failed",
    Finish.CANCELLED: "cancelled",
}
_TERMINALS = frozenset({COMPLETED, INCOMPLETE, "failed"})
_REASONS = {Finish.LENGTH: "max_output_tokens", Finish.CONTENT_FILTER: "content_filter"}
_GENERIC = ErrorRef(name="server_error")


def whole(output: Output, occasion: Occasion) -> Object:
    """The response object of a reply that does not stream."""
    return _Teller(output, occasion).final


def events(output: Output, occasion: Occasion) -> Iterator[Unlabelled]:
    """The events of a stream, in order, numbered from 0."""
    teller = _Teller(output, occasion)
    style = occasion.dialect.responses
    for number, event in enumerate(teller.events()):
        kind = str(event["type"])
        data: Object = {"type": kind, "sequence_number": number, **event}
        if "delta" in event and style.obfuscation and occasion.obfuscates and _padded(kind):
            data["obfuscation"] = occasion.padding(number)
        yield Unlabelled(data=data, name=kind if style.event_lines else None)
    if style.done:
        yield Unlabelled(text=DONE)


def _padded(kind: str) -> bool:
    return not kind.startswith("response.shell_call_output")


def _texts(items: Iterable[Object]) -> Iterator[str]:
    for item in items:
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "output_text":
                text = part.get("text")
                yield text if isinstance(text, str) else ""


def _interleaved(lanes: list[list[Object]]) -> Iterator[Object]:
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


class _Teller:
    """Tells one reply, whole or event by event, from the same spoken items."""

    def __init__(self, output: Output, occasion: Occasion) -> None:
        self._output = output
        self._occasion = occasion
        self._dialect = occasion.dialect
        self._failure = next((item for item in output.items if isinstance(item, Failure)), None)

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return tuple(item for item in self._output.items if not isinstance(item, Failure))

    @cached_property
    def _status(self) -> str:
        if self._failure is not None:
            return "failed"
        return _STATUSES.get(self._output.finish or Finish.STOP, COMPLETED)

    @cached_property
    def _spoken(self) -> tuple[Spoken, ...]:
        speaker = Speaker(
            dialect=self._dialect, mint=self._occasion.mint, chunks=self._output.chunks
        )
        last = INCOMPLETE if self._status == INCOMPLETE else COMPLETED
        return speaker.speak(self._items, last=last)

    @cached_property
    def _base(self) -> Object:
        output, occasion = self._output, self._occasion
        created = occasion.mint.created if output.created is None else output.created
        return echo(occasion.call.body) | {
            "id": output.id or occasion.mint.id("resp_"),
            "object": "response",
            "created_at": created,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": output.model or occasion.model,
            "output": [],
            "service_tier": "auto",
            "usage": None,
        }

    def _response(self, changes: Object) -> Object:
        members = ordered(self._base | changes)
        return self._dialect.keep("response", members) | dict(self._output.fields)

    @property
    def _running(self) -> Object:
        return self._response({"status": IN_PROGRESS, "output_text": ""})

    @cached_property
    def final(self) -> Object:
        finish = self._output.finish
        said: list[JSON] = [spoken.final for spoken in self._spoken]
        changes: Object = {
            "status": self._status,
            "output": said,
            "output_text": "".join(_texts(spoken.final for spoken in self._spoken)),
            "service_tier": "default",
        }
        if self._status == COMPLETED:
            changes["completed_at"] = self._base["created_at"]
        if self._status in (COMPLETED, INCOMPLETE):
            spent = usage.responses_usage(usage.count(self._output, self._occasion))
            changes["usage"] = self._dialect.keep("usage.responses", spent)
        if finish in _REASONS and self._status == INCOMPLETE:
            changes["incomplete_details"] = {"reason": _REASONS[finish]}
        if self._status == "failed":
            error = self._error
            code = error.code or error.type or _GENERIC.name
            changes["error"] = {"code": code, "message": error.message}
        return self._response(changes)

    @property
    def _error(self) -> ApiError:
        ref = self._failure.error if self._failure is not None else _GENERIC
        return self._dialect.error(ref, Shape.RESPONSES, self._occasion.model)

    def events(self) -> Iterator[Object]:
        yield {"type": "response.created", "response": self._running}
        yield {"type": "response.in_progress", "response": self._running}
        for places in self._groups():
            yield from _interleaved([list(self._item_events(place)) for place in places])
        form = self._failure.form if self._failure is not None else FailureForm.FAILED
        if self._failure is not None and form in (FailureForm.EVENT, FailureForm.BOTH):
            yield self._error_event(self._failure.shape)
        # No terminal event tells of a cancellation: such a stream just ends.
        if form is not FailureForm.EVENT and self._status in _TERMINALS:
            yield {"type": f"response.{self._status}", "response": self.final}

    def _groups(self) -> list[list[int]]:
        """The places of the items, together what is open at the same time."""
        groups: list[list[int]] = []
        for place, item in enumerate(self._items):
            if groups and isinstance(item, WireItem) and item.overlaps:
                groups[-1].append(place)
            else:
                groups.append([place])
        return groups

    def _item_events(self, place: int) -> Iterator[Object]:
        spoken = self._spoken[place]
        index: Object = {"output_index": place}
        yield {"type": "response.output_item.added"} | index | {"item": spoken.added}
        item_id = spoken.final.get("id")
        for step in spoken.steps:
            identity = index if step.bare else {"item_id": item_id} | index
            yield {"type": step.type} | identity | step.members
        yield {"type": "response.output_item.done"} | index | {"item": spoken.final}

    def _error_event(self, shape: ErrorShape) -> Object:
        error = self._error
        if shape is ErrorShape.FLAT:
            return {
                "type": "error",
                "code": error.code,
                "message": error.message,
                "param": error.param,
            }
        return {
            "type": "error",
            "error": {
                "type": error.type,
                "code": error.code,
                "message": error.message,
                "param": error.param,
            },
        }
