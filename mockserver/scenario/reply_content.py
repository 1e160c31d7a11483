"""What a reply says: an output, an error, or exact bytes of some kind."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping

from mockserver.items import RawItem
from mockserver.items.message import structured_text
from mockserver.model.reply import (
    Content,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Output,
    RawBytes,
    ScriptedEvent,
)
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.messages import quoted
from mockserver.scenario.output_items import read_output
from mockserver.scenario.reply_parts import read_error

_NOTHING = Output(choices=((),))
_WHITE = re.compile(r"\s+")


def read_content(spot: Cursor) -> Content:
    """What a reply says; an empty output where nothing of it is sound."""
    for key, inner in spot.members():
        if key in CONTENTS:
            content = CONTENTS[key](inner)
            if isinstance(content, Output):
                _check(spot, content)
            return content
    return _NOTHING


def _output(spot: Cursor) -> Content:
    return Output(choices=(read_output(spot),))


def _json(spot: Cursor) -> Content:
    return Output(choices=((structured_text(spot.value),),))


def _choices(spot: Cursor) -> Content:
    return Output(choices=tuple(read_output(inner) for inner in spot.elements()) or ((),))


def _error(spot: Cursor) -> Content:
    return ErrorReply(error=read_error(spot))


def _body(spot: Cursor) -> Content:
    if isinstance(spot.value, str):
        return ExactBody(text=spot.value)
    return ExactBody(json=spot.value)


def _events(spot: Cursor) -> Content:
    return ExactEvents(events=tuple(_event(inner) for inner in spot.elements()))


def _event(spot: Cursor) -> ScriptedEvent:
    if isinstance(spot.value, str):
        return ScriptedEvent(text=spot.value)
    data, event = spot.get("data"), spot.get("event")
    name = None if event is None else event.text
    match None if data is None else data.value:
        case dict() as value:
            return ScriptedEvent(json=value, name=name)
        case str() as text:
            return ScriptedEvent(text=text, name=name)
        case _:
            return ScriptedEvent(text="", name=name)


def _raw(spot: Cursor) -> Content:
    if isinstance(spot.value, str):
        return RawBytes(data=spot.value.encode("utf-8", "surrogatepass"))
    encoded = spot.get("base64")
    text = "" if encoded is None else _WHITE.sub("", encoded.text)
    try:
        return RawBytes(data=b64decode(text, validate=True))
    except (Base64Error, ValueError) as error:
        spot.refuse(f"{quoted(text)} is no base64: {str(error).lower()}", "base64")
        return RawBytes(data=b"")


CONTENTS: Mapping[str, Callable[[Cursor], Content]] = {
    "output": _output,
    "json": _json,
    "choices": _choices,
    "error": _error,
    "body": _body,
    "events": _events,
    "raw": _raw,
}
"""The keys that say what a reply says, of which it has one."""


def _check(spot: Cursor, output: Output) -> None:
    """What the keys beside an output may not say of it."""
    items = [item for choice in output.choices for item in choice]
    finish, chunks = spot.get("finish"), spot.get("chunks")
    if finish is not None and output.failure is not None:
        finish.refuse("an error ends this reply; leave 'finish' out", key=True)
    wired = any(isinstance(item, RawItem) for item in items)
    if chunks is not None and isinstance(chunks.value, list) and not wired:
        pieces = "".join(chunks.texts)
        if pieces not in [text for item in items for text in item.texts]:
            chunks.refuse(f"the pieces make {quoted(pieces)}, which is the text of no item")
