"""Places as a scenario writes them."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tests.kit import (
    JSON,
    PLACE,
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    AtShare,
    BeforeEvent,
    FaultValueError,
    HeadPart,
    InsideChunkSize,
    InsideEvent,
    InsideHead,
    InsideLandmark,
    Landmark,
    NamedPlace,
    PlacedFault,
    Unit,
    is_in_head,
    is_streamed,
)
from tests.kit import PlacePlace as Place

GOOD: list[tuple[JSON, Place, str]] = [
    ({"after": 0}, AfterCount(count=0), "among events"),
    ({"after": 3}, AfterCount(count=3), "among events"),
    ({"after": "role"}, AfterEvent(label="role"), "among events"),
    ({"before": "role"}, BeforeEvent(label="role"), "among events"),
    ({"inside": {"event": "role", "byte": 9}}, InsideEvent(label="role", count=9, unit=Unit.BYTE), "among events"),
    ({"inside": {"event": "role", "char": 4}}, InsideEvent(label="role", count=4, unit=Unit.CHAR), "among events"),
    ({"inside": {"chunk_size": "role", "byte": 1}}, InsideChunkSize(label="role", byte=1), "among events"),
    ({"inside": {"part": "status_line", "byte": 9}}, InsideHead(part=HeadPart.STATUS_LINE, byte=9), "in head"),
    ({"inside": {"part": "headers", "byte": 0}}, InsideHead(part=HeadPart.HEADERS, byte=0), "in head"),
    ({"inside": {"event": "role", "at": "escape"}}, InsideLandmark(label="role", kind=Landmark.ESCAPE), "among events"),
    ({"inside": {"part": "body", "at": "key"}}, InsideLandmark(kind=Landmark.KEY), "in body"),
    ({"at": "head"}, At(name=NamedPlace.HEAD), "in head"),
    ({"at": "last_chunk"}, At(name=NamedPlace.LAST_CHUNK), "among events"),
    ({"at_byte": 120}, AtByte(byte=120), "in body"),
    ({"at_byte": "50%"}, AtShare(percent=50.0), "in body"),
    ({"at_byte": "12.5 %"}, AtShare(percent=12.5), "in body"),
]
SCHEMA = Draft202012Validator(PLACE.schema)


@pytest.mark.parametrize(("value", "place", "where"), GOOD)
def test_a_place_is_read(value: JSON, place: Place, where: str) -> None:
    assert PLACE.read(value, "cut") == place
    assert SCHEMA.is_valid(value)
    assert (is_streamed(place), is_in_head(place)) == (where == "among events", where == "in head")
    assert PlacedFault(place=place).streamed == is_streamed(place)


@pytest.mark.parametrize(
    ("place", "written"),
    [
        (AfterCount(count=3), "after: 3"),
        (AfterEvent(label="role"), "after: role"),
        (BeforeEvent(label="role"), "before: role"),
        (InsideEvent(label="role", count=9), "inside: {event: role, byte: 9}"),
        (InsideLandmark(label="role", kind=Landmark.CR_LF), "inside: {event: role, at: cr-lf}"),
        (InsideLandmark(kind=Landmark.KEY), "inside: {part: body, at: key}"),
        (InsideChunkSize(label="role", byte=1), "inside: {chunk_size: role, byte: 1}"),
        (InsideHead(part=HeadPart.HEADERS, byte=2), "inside: {part: headers, byte: 2}"),
        (At(name=NamedPlace.LAST_CHUNK), "at: last_chunk"),
        (AtByte(byte=120), "at_byte: 120"),
        (AtShare(percent=12.5), "at_byte: 12.5%"),
    ],
)
def test_a_place_is_shown_as_a_scenario_writes_it(place: Place, written: str) -> None:
    assert str(place) == written


PLACES = "'after', 'before', 'inside', 'at', 'at_byte'"
COUNT = "expected a whole number from 0 up, got -1"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (3, "cut: expected a mapping such as {after: 3}, got 3"),
        ({}, f"cut: expected exactly one of {PLACES}, got none"),
        ({"after": 1, "at": "head"}, f"cut: expected exactly one of {PLACES}, got 'after', 'at'"),
        ({"afer": 1}, "cut.afer: unknown key 'afer'; the nearest is 'after'"),
        ({"after": -1}, f"cut.after: {COUNT}"),
        ({"after": ""}, "cut.after: expected the label of an event, such as 'text.delta[1]', got \"\""),
        ({"inside": {"event": "role"}}, "cut.inside: expected exactly one of 'byte', 'char', 'at', got none"),
        ({"inside": {"event": "role", "byte": 1, "char": 1}},
            "cut.inside: expected exactly one of 'byte', 'char', 'at', got 'byte', 'char'"),
        ({"inside": {"event": "role", "bytes": 1}}, "cut.inside.bytes: unknown key 'bytes'; the nearest is 'byte'"),
        ({"inside": {"event": "role", "at": "txt"}},
            "cut.inside.at: expected one of " + ", ".join(map(repr, map(str, Landmark)))),
        ({"inside": {"chunk_size": "role", "byte": 1, "char": 1}},
            "cut.inside.char: unknown key 'char'; expected one of 'chunk_size', 'byte'"),
        ({"inside": {"event": "role", "byte": -1}}, f"cut.inside.byte: {COUNT}"),
        ({"inside": {"part": "tail", "byte": 1}},
            "cut.inside.part: expected one of 'status_line', 'headers', got \"tail\""),
        ({"inside": {"byte": 1}}, "cut.inside: expected a mapping such as {event: LABEL, byte: 9}"),
        ({"at": "tail"}, "cut.at: expected one of 'head', 'last_chunk', got \"tail\""),
        ({"at_byte": -1}, f"cut.at_byte: {COUNT}"),
        ({"at_byte": "half"}, "cut.at_byte: expected a share such as '50%', got \"half\""),
        ({"at_byte": "101%"}, "cut.at_byte: expected a share such as '50%', got \"101%\""),
    ],
)  # fmt: skip
def test_an_invalid_place_is_rejected(value: JSON, error: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        PLACE.read(value, "cut")
    assert str(caught.value).startswith(error)
    if value != {"at_byte": "101%"}:  # a pattern cannot count
        assert not SCHEMA.is_valid(value)
