"""Reading a place as a scenario writes it; the table of what can be written is in `place.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.core.jsontext import JSON, Object, write
from mockserver.faults.anatomy import Inside
from mockserver.faults.place import (
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    AtShare,
    BeforeEvent,
    HeadPart,
    InsideChunkSize,
    InsideEvent,
    InsideHead,
    InsideKind,
    Place,
    Spot,
    Unit,
)
from mockserver.faults.reading import (
    FaultValueError,
    listed,
    read_choice,
    read_label,
    read_number,
    read_object,
)

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_AT = "at"
_BODY = "body"


def read_place(value: JSON, path: str, others: tuple[str, ...] = ()) -> Place:
    """The place of a mapping that may have `others` beside it; raises FaultValueError."""
    mapping = read_object(value, path, (*_READERS, *others), "a place, such as {after: 3}")
    found = [key for key in mapping if key in _READERS]
    if len(found) != 1:
        count = "no place" if not found else f"{len(found)} places"
        raise FaultValueError(path, f"{count} where one is wanted: one of {listed(_READERS)}")
    return _READERS[found[0]](mapping[found[0]], f"{path}.{found[0]}")


def _after(value: JSON, path: str) -> Place:
    if isinstance(value, str):
        return AfterEvent(label=read_label(value, path))
    return AfterCount(count=read_number(value, path, least=0))


def _before(value: JSON, path: str) -> Place:
    return BeforeEvent(label=read_label(value, path))


def _inside(value: JSON, path: str) -> Place:
    mapping = read_object(value, path, (*_WHERE, *_HOW), _EXAMPLE)
    where = [key for key in mapping if key in _WHERE]
    how = [key for key in mapping if key in _HOW]
    if len(where) != 1 or len(how) != 1:
        raise FaultValueError(path, f"{write(value)} is no place inside; write {_EXAMPLE}")
    [key], [by] = where, how
    if (key, by) not in _INSIDE_READERS:
        raise FaultValueError(
            f"{path}.{by}", f"only {_HAS[by]} has {_HOW[by]}; write 'byte' for {key}"
        )
    return _INSIDE_READERS[key, by](mapping, path)


def _count(mapping: Object, path: str, unit: Unit) -> int:
    return read_number(mapping[unit], f"{path}.{unit}", least=0)


def _inside_event(unit: Unit) -> Callable[[Object, str], Place]:
    def read(mapping: Object, path: str) -> Place:
        label = read_label(mapping["event"], f"{path}.event")
        return InsideEvent(label=label, count=_count(mapping, path, unit), unit=unit)

    return read


def _inside_event_kind(mapping: Object, path: str) -> Place:
    label = read_label(mapping["event"], f"{path}.event")
    return InsideKind(label=label, kind=_kind(mapping, path))


def _inside_chunk_size(mapping: Object, path: str) -> Place:
    label = read_label(mapping["chunk_size"], f"{path}.chunk_size")
    return InsideChunkSize(label=label, byte=_count(mapping, path, Unit.BYTE))


def _inside_head(mapping: Object, path: str) -> Place:
    part = HeadPart(read_choice(mapping["part"], f"{path}.part", HeadPart))
    return InsideHead(part=part, byte=_count(mapping, path, Unit.BYTE))


def _inside_body_kind(mapping: Object, path: str) -> Place:
    read_choice(mapping["part"], f"{path}.part", [_BODY])
    return InsideKind(kind=_kind(mapping, path))


def _kind(mapping: Object, path: str) -> Inside:
    return Inside(read_choice(mapping[_AT], f"{path}.{_AT}", Inside))


def _at(value: JSON, path: str) -> Place:
    return At(spot=Spot(read_choice(value, path, Spot)))


def _at_byte(value: JSON, path: str) -> Place:
    if not isinstance(value, str):
        return AtByte(byte=read_number(value, path, least=0))
    share = _SHARE.fullmatch(value)
    if share is None or (percent := float(share[1])) > 100:
        message = f"{write(value)} is neither a number of bytes nor a share such as '50%'"
        raise FaultValueError(path, message)
    return AtShare(percent=percent)


_READERS: Mapping[str, Callable[[JSON, str], Place]] = {
    "after": _after,
    "before": _before,
    "inside": _inside,
    "at": _at,
    "at_byte": _at_byte,
}
_WHERE = ("event", "chunk_size", "part")
_HOW = {Unit.BYTE.value: "bytes", Unit.CHAR.value: "characters", _AT: "kinds of places"}
_HAS = {Unit.CHAR.value: "an event", _AT: "an event or the body"}
_EXAMPLE = "{event: LABEL, byte: 9}, {chunk_size: LABEL, byte: 1} or {part: headers, byte: 9}"
_INSIDE_READERS: Mapping[tuple[str, str], Callable[[Object, str], Place]] = {
    ("event", Unit.BYTE): _inside_event(Unit.BYTE),
    ("event", Unit.CHAR): _inside_event(Unit.CHAR),
    ("event", _AT): _inside_event_kind,
    ("chunk_size", Unit.BYTE): _inside_chunk_size,
    ("part", Unit.BYTE): _inside_head,
    ("part", _AT): _inside_body_kind,
}

_COUNT: Object = {"type": "integer", "minimum": 0}
_LABEL: Object = {"type": "string", "minLength": 1}
_KIND: Object = {"enum": [kind.value for kind in Inside]}


def _inside_schema(key: str, value: Object, how: Mapping[str, Object]) -> Object:
    return {
        "type": "object",
        "properties": {key: value, **how},
        "required": [key],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": False,
    }


_INSIDE_SCHEMA: Object = {
    "oneOf": [
        _inside_schema(
            "event", _LABEL, {Unit.BYTE.value: _COUNT, Unit.CHAR.value: _COUNT, _AT: _KIND}
        ),
        _inside_schema("chunk_size", _LABEL, {Unit.BYTE.value: _COUNT}),
        _inside_schema(
            "part", {"enum": [part.value for part in HeadPart]}, {Unit.BYTE.value: _COUNT}
        ),
        _inside_schema("part", {"const": _BODY}, {_AT: _KIND}),
    ]
}
_KEYS: Mapping[str, Object] = {
    "after": {"oneOf": [_COUNT, _LABEL]},
    "before": _LABEL,
    "inside": _INSIDE_SCHEMA,
    "at": {"enum": [spot.value for spot in Spot]},
    "at_byte": {"oneOf": [_COUNT, {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}]},
}


def place_schema(others: Mapping[str, Object] | None = None) -> Object:
    """The JSON Schema of a mapping that holds one place and, where given, `others` beside it."""
    return {
        "type": "object",
        "properties": {**_KEYS, **(others or {})},
        "oneOf": [{"required": [key]} for key in _KEYS],
        "additionalProperties": False,
    }
