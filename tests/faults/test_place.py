"""Places as a scenario writes them."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from mockserver.faults.landmarks import Landmark
from mockserver.faults.parsing import FaultValueError
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
    NamedPlace,
    Place,
    Unit,
    is_in_head,
    is_streamed,
    place_schema,
    read_place,
)
from mockserver.model.json import JSON

GOOD: list[tuple[JSON, Place, str]] = [
    ({"after": 0}, AfterCount(count=0), "among events"),
    ({"after": 3}, AfterCount(count=3), "among events"),
    ({"after": "role"}, AfterEvent(label="role"), "among events"),
    ({"before": "role"}, BeforeEvent(label="role"), "among events"),
    (
        {"inside": {"event": "role", "byte": 9}},
        InsideEvent(label="role", count=9, unit=Unit.BYTE),
        "among events",
    ),
    (
        {"inside": {"event": "role", "char": 4}},
        InsideEvent(label="role", count=4, unit=Unit.CHAR),
        "among events",
    ),
    (
        {"inside": {"chunk_size": "role", "byte": 1}},
        InsideChunkSize(label="role", byte=1),
        "among events",
    ),
    (
        {"inside": {"part": "status_line", "byte": 9}},
        InsideHead(part=HeadPart.STATUS_LINE, byte=9),
        "in head",
    ),
    (
        {"inside": {"part": "headers", "byte": 0}},
        InsideHead(part=HeadPart.HEADERS, byte=0),
        "in head",
    ),
    (
        {"inside": {"event": "role", "at": "escape"}},
        InsideKind(label="role", kind=Landmark.ESCAPE),
        "among events",
    ),
    ({"inside": {"part": "body", "at": "key"}}, InsideKind(kind=Landmark.KEY), "in body"),
    ({"at": "head"}, At(spot=NamedPlace.HEAD), "in head"),
    ({"at": "last_chunk"}, At(spot=NamedPlace.LAST_CHUNK), "among events"),
    ({"at_byte": 120}, AtByte(byte=120), "in body"),
    ({"at_byte": "50%"}, AtShare(percent=50.0), "in body"),
    ({"at_byte": "12.5 %"}, AtShare(percent=12.5), "in body"),
]
SCHEMA = Draft202012Validator(place_schema())


@pytest.mark.parametrize(("value", "place", "where"), GOOD)
def test_a_place_reads_as_it_is_written(value: JSON, place: Place, where: str) -> None:
    assert read_place(value, "cut") == place
    assert SCHEMA.is_valid(value)
    assert (is_streamed(place), is_in_head(place)) == (where == "among events", where == "in head")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (AfterCount(count=3), "after: 3"),
        (AfterEvent(label="role"), "after: role"),
        (BeforeEvent(label="role"), "before: role"),
        (InsideEvent(label="role", count=9), "inside: {event: role, byte: 9}"),
        (
            InsideKind(label="role", kind=Landmark.CR_LF),
            "inside: {event: role, at: cr-lf}",
        ),
        (InsideKind(kind=Landmark.KEY), "inside: {part: body, at: key}"),
        (InsideChunkSize(label="role", byte=1), "inside: {chunk_size: role, byte: 1}"),
        (InsideHead(part=HeadPart.HEADERS, byte=2), "inside: {part: headers, byte: 2}"),
        (At(spot=NamedPlace.LAST_CHUNK), "at: last_chunk"),
        (AtByte(byte=120), "at_byte: 120"),
        (AtShare(percent=12.5), "at_byte: 12.5%"),
    ],
)
def test_a_place_is_told_as_it_is_written(place: Place, said: str) -> None:
    assert str(place) == said


KINDS = ", ".join(repr(kind.value) for kind in Landmark)
INSIDE = "{event: LABEL, byte: 9}, {chunk_size: LABEL, byte: 1} or {part: headers, byte: 9}"


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        (3, "cut", "3 is no mapping; write a place, such as {after: 3}"),
        (
            {},
            "cut",
            "no place where one is wanted: one of 'after', 'before', 'inside', 'at', 'at_byte'",
        ),
        (
            {"after": 1, "at": "head"},
            "cut",
            "2 places where one is wanted: one of 'after', 'before', 'inside', 'at', 'at_byte'",
        ),
        ({"afer": 1}, "cut.afer", "unknown key 'afer'; the nearest is 'after'"),
        (
            {"xyz": 1},
            "cut.xyz",
            "unknown key 'xyz'; there are 'after', 'before', 'inside', 'at', 'at_byte'",
        ),
        (
            {"after": 1, "chance": 0.1},
            "cut.chance",
            "'chance' stands beside the fault's name, not inside its value",
        ),
        ({"after": -1}, "cut.after", "-1 is no whole number from 0 up"),
        ({"after": True}, "cut.after", "true is no whole number from 0 up"),
        ({"after": 1.5}, "cut.after", "1.5 is no whole number from 0 up"),
        ({"after": ""}, "cut.after", "\"\" is no label of an event, such as 'text.delta[1]'"),
        ({"before": 3}, "cut.before", "3 is no label of an event, such as 'text.delta[1]'"),
        ({"inside": "role"}, "cut.inside", f'"role" is no mapping; write {INSIDE}'),
        (
            {"inside": {"event": "role"}},
            "cut.inside",
            f'{{"event":"role"}} is no place inside; write {INSIDE}',
        ),
        (
            {"inside": {"byte": 1}},
            "cut.inside",
            f'{{"byte":1}} is no place inside; write {INSIDE}',
        ),
        (
            {"inside": {"event": "role", "byte": 1, "char": 1}},
            "cut.inside",
            f'{{"event":"role","byte":1,"char":1}} is no place inside; write {INSIDE}',
        ),
        (
            {"inside": {"event": "role", "bytes": 1}},
            "cut.inside.bytes",
            "unknown key 'bytes'; the nearest is 'byte'",
        ),
        (
            {"inside": {"chunk_size": "role", "char": 1}},
            "cut.inside.char",
            "only an event has characters; write 'byte' for chunk_size",
        ),
        (
            {"inside": {"chunk_size": "role", "at": "key"}},
            "cut.inside.at",
            "only an event or the body has kinds of places; write 'byte' for chunk_size",
        ),
        (
            {"inside": {"event": "role", "at": "value"}},
            "cut.inside.at",
            f'"value" is none of {KINDS}',
        ),
        (
            {"inside": {"part": "headers", "at": "key"}},
            "cut.inside.part",
            "\"headers\" is none of 'body'",
        ),
        (
            {"inside": {"part": "body", "byte": 1}},
            "cut.inside.part",
            "\"body\" is none of 'status_line', 'headers'",
        ),
        (
            {"inside": {"event": "role", "byte": -1}},
            "cut.inside.byte",
            "-1 is no whole number from 0 up",
        ),
        ({"at": "tail"}, "cut.at", "\"tail\" is none of 'head', 'last_chunk'"),
        ({"at_byte": -1}, "cut.at_byte", "-1 is no whole number from 0 up"),
        (
            {"at_byte": "half"},
            "cut.at_byte",
            "\"half\" is neither a number of bytes nor a share such as '50%'",
        ),
        (
            {"at_byte": "101%"},
            "cut.at_byte",
            "\"101%\" is neither a number of bytes nor a share such as '50%'",
        ),
    ],
)
def test_a_place_that_is_written_wrongly_is_told(value: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_place(value, "cut")
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
    assert str(caught.value) == f"{key_path}: {message}"
    if value != {"at_byte": "101%"}:  # a pattern cannot count
        assert not SCHEMA.is_valid(value)
