"""The fault `stall`."""

from __future__ import annotations

import pytest

from tests.faults.samples import (
    HEAD,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    ROLE_TEXT,
    Seen,
    chunk,
    error_of,
    faulted,
    seen_by_h11,
    shape,
    streamed,
)
from tests.kit import JSON, Close, EndOfReply, Frame, JSONObject, Reset, Stall

PLACE: JSONObject = {"inside": {"event": "text.delta[0]", "byte": 12}}
BEGUN = HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:12]
ENDED = HEAD + ROLE_CHUNK + chunk(HEY_TEXT[:12])


@pytest.mark.parametrize(
    ("options", "expected", "error"),
    [
        ({}, [BEGUN, Stall(seconds=None), Close()], "nothing more"),
        ({"for": "5s"}, [BEGUN, Stall(seconds=5.0), Close()], "nothing more"),
        ({"for": "5s", "then": "cut"}, [BEGUN, Stall(seconds=5.0), Close()], "nothing more"),
        ({"for": "5s", "then": "reset"}, [BEGUN, Stall(seconds=5.0), Reset()], "nothing more"),
        ({"for": "5s", "then": "end"}, [ENDED, Stall(seconds=5.0), LAST, EndOfReply()], ""),
    ],
)
def test_nothing_is_sent_after_the_place(options: JSONObject, expected: list[bytes | Frame], error: str) -> None:
    found = faulted(streamed(), {"stall": PLACE | options})
    assert shape(found) == expected
    assert seen_by_h11(found) == Seen(200, ROLE_TEXT + HEY_TEXT[:12], error)


def test_at_the_head_no_byte_is_sent() -> None:
    assert faulted(streamed(), {"stall": {"at": "head"}}) == (Stall(seconds=None), Close())


IN_HEAD = "a reply cannot end properly inside its head; expected a place after it"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"at": "head", "for": "1s", "then": "end"}, ("stall.then", f"at: head: {IN_HEAD}")),
        ({"after": 1, "then": "reset"}, ("stall.then", "a stall without 'for' has no end; add 'for' to use 'then'")),
        (
            {"after": 1, "for": "1s", "then": "close"},
            ("stall.then", "expected one of 'cut', 'reset', 'end', got \"close\""),
        ),
        (
            {"after": 1, "close_notify": False},
            ("stall.close_notify", "only a stall with 'for' that ends in 'cut' closes the connection"),
        ),
        (
            {"after": 1, "for": "1s", "then": "reset", "close_notify": False},
            ("stall.close_notify", "only a stall with 'for' that ends in 'cut' closes the connection"),
        ),
        ({"after": 1, "fr": "1s"}, ("stall.fr", "unknown key 'fr'; the nearest is 'for'")),
    ],
)
def test_an_invalid_stall_is_rejected(value: JSON, error: tuple[str, str]) -> None:
    assert error_of({"stall": value}) == error


def test_it_ends_without_close_notify_where_that_is_wanted() -> None:
    found = faulted(streamed(), {"stall": {"at": "head", "for": "1s", "close_notify": False}})
    assert found == (Stall(seconds=1.0), Close(close_notify=False))
    assert found[-1].description == "FIN, after everything above was delivered; over TLS without close_notify"
