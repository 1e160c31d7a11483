"""The fault `garble`: damage of a named kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.core.fault import Faults
from mockserver.core.jsontext import JSON, Object, write
from mockserver.faults.garbled_framing import (
    GarbleChunkSize,
    GarbleContentLength,
    GarbleContentType,
)
from mockserver.faults.garbled_text import Bom, GarbleJson, GarbleUtf8
from mockserver.faults.reading import (
    FaultValueError,
    read_label,
    read_number,
    read_single,
    read_text,
    read_true,
)
from mockserver.faults.spec import FaultSpec, Stage

_OFFSET = re.compile(r"[+-]\d+")


def _json(value: JSON, path: str) -> Faults:
    return Faults(events=(GarbleJson(label=read_label(value, path)),))


def _utf8(value: JSON, path: str) -> Faults:
    return Faults(frames=(GarbleUtf8(label=read_label(value, path)),))


def _chunk_size(value: JSON, path: str) -> Faults:
    return Faults(frames=(GarbleChunkSize(label=read_label(value, path)),))


def _content_length(value: JSON, path: str) -> Faults:
    if not isinstance(value, str):
        told = read_number(value, path, least=0)
        return Faults(frames=(GarbleContentLength(told=told),))
    if not _OFFSET.fullmatch(value):
        message = f"{write(value)} is neither a number nor a quoted offset such as '+20'"
        raise FaultValueError(path, message)
    return Faults(frames=(GarbleContentLength(told=int(value), is_offset=True),))


def _content_type(value: JSON, path: str) -> Faults:
    said = read_text(value, path, "content type, such as 'text/html'")
    if not (said.isascii() and said.isprintable()):
        raise FaultValueError(path, f"{write(value)} does not fit into a header line")
    return Faults(frames=(GarbleContentType(type=said),))


def _bom(value: JSON, path: str) -> Faults:
    read_true(value, path)
    return Faults(frames=(Bom(),))


_KINDS: Mapping[str, Callable[[JSON, str], Faults]] = {
    "json": _json,
    "utf8": _utf8,
    "chunk_size": _chunk_size,
    "content_length": _content_length,
    "content_type": _content_type,
    "bom": _bom,
}


def _build(value: JSON) -> Faults:
    kind, said = read_single(value, "garble", _KINDS, "{json: LABEL}")
    return _KINDS[kind](said, f"garble.{kind}")


_LABEL: Object = {"type": "string", "minLength": 1}
_LENGTH: Object = {
    "oneOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^[+-]\d+$"},
    ]
}

SPEC = FaultSpec(
    name="garble",
    stages=(Stage.EVENTS, Stage.FRAMES),
    written='garble: {json: LABEL} | {utf8: LABEL} | {chunk_size: LABEL} | {content_length: "+20"}'
    " | {content_type: text/html} | {bom: true}",
    about="damage of that kind",
    schema={
        "type": "object",
        "properties": {
            "json": _LABEL,
            "utf8": _LABEL,
            "chunk_size": _LABEL,
            "content_length": _LENGTH,
            "content_type": _LABEL,
            "bom": {"const": True},
        },
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    },
    build=_build,
)
