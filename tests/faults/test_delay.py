"""The fault `delay`."""

from __future__ import annotations

import re

import pytest

from tests.faults.samples import (
    CHUNKS,
    DONE,
    DONE_CHUNK,
    HEAD,
    HEY,
    HEY_CHUNK,
    LAST,
    ROLE,
    ROLE_CHUNK,
    YOU,
    YOU_CHUNK,
    error_of,
    faulted,
    shape,
    streamed,
    wire,
)
from tests.kit import JSON, EndOfReply, PlaceNotFoundError, PlaceRemovedError, Wait


def test_the_reply_waits_before_the_place() -> None:
    found = faulted(streamed(), {"delay": {"after": 1, "for": "200ms"}})
    rest = CHUNKS[len(ROLE_CHUNK) :] + LAST
    assert shape(found) == [HEAD + ROLE_CHUNK, Wait(seconds=0.2), rest, EndOfReply()]


def test_at_the_head_the_whole_reply_waits() -> None:
    found = faulted(streamed(), {"delay": {"at": "head", "for": "1m"}})
    assert found == (Wait(seconds=60.0), *streamed())


def test_the_length_of_the_delay_is_required() -> None:
    message = "'for' is missing; expected a duration such as '200ms' or '1.5s'"
    assert error_of({"delay": {"after": 1}}) == ("delay", message)


def test_a_pattern_waits_at_each_place() -> None:
    found = faulted(streamed(), {"delay": {"inside": {"event": "text.delta[*]", "at": "string"}, "for": "1s"}})
    hey, you = HEY_CHUNK.partition(b"h"), YOU_CHUNK.partition(b'\\"')
    wait = Wait(seconds=1.0)
    expected = [HEAD + ROLE_CHUNK + hey[0] + hey[1], wait, hey[2] + you[0] + you[1], wait, you[2] + DONE_CHUNK + LAST]
    assert shape(found) == [*expected, EndOfReply()]


def test_a_pattern_waits_where_an_event_has_the_place() -> None:
    place: JSON = {"inside": {"event": "*", "at": "escape"}}
    assert faulted(streamed(), {"cut": place}) == faulted(
        streamed(), {"cut": {"inside": {"event": "text.delta[1]", "at": "escape"}}}
    )
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted(streamed(), {"cut": {"inside": {"event": "text.delta[*]", "byte": 900}}})
    assert str(caught.value) == "inside: {event: text.delta[0], byte: 900}: the event has 40 bytes"


def test_a_fault_that_stops_the_reply_strikes_at_the_first_place_of_a_pattern() -> None:
    swapped = streamed((ROLE, YOU, HEY, DONE))
    assert wire(faulted(swapped, {"cut": {"after": "text.delta[*]"}})) == HEAD + ROLE_CHUNK + YOU_CHUNK
    with pytest.raises(PlaceRemovedError, match=re.escape("an earlier fault removes event 'role'")):
        faulted(streamed((DONE,)), {"cut": {"after": "rol*"}})
