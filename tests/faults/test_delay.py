"""The fault `delay`."""

from __future__ import annotations

from tests.faults.samples import CHUNKS, HEAD, LAST, ROLE_CHUNK, error_of, faulted, shape, streamed
from tests.kit import EndOfReply, Wait


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
