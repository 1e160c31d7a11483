"""Replies whose body or events the scenario wrote out itself."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.json import JSONObject
from mockserver.model.reply import ExactEvents, ScriptedEvent
from mockserver.render.labels import RawEvent


def scripted_events(content: ExactEvents, shape: Shape, dialect: Dialect) -> Iterator[RawEvent]:
    """The scripted events; in the Responses shape a missing `sequence_number` is filled in with
    the event's place and the `event:` line with its type, as the dialect does."""
    for place, event in enumerate(content.events):
        if event.json is None:
            yield RawEvent(text=event.text, name=event.name or None)
            continue
        data = event.json
        if shape is Shape.RESPONSES and "sequence_number" not in data and "type" in data:
            data = {"type": data["type"], "sequence_number": place} | data
        yield RawEvent(data=data, name=_name(event, data, shape, dialect))


def _name(event: ScriptedEvent, data: JSONObject, shape: Shape, dialect: Dialect) -> str | None:
    if event.name is not None:
        return event.name or None
    kind = data.get("type")
    habit = shape is Shape.RESPONSES and dialect.responses.event_lines
    return kind if habit and isinstance(kind, str) else None
