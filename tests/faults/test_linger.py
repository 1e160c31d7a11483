"""The fault `linger`."""

from __future__ import annotations

import pytest

from tests.faults.samples import error_of, faulted, streamed, whole
from tests.kit import JSON, Close, EndOfReply, IdleClose, Reset, Wait


def test_the_connection_closes_late_unless_it_is_reset() -> None:
    late = Wait(seconds=1.5)
    assert faulted(whole(), {"linger": "1.5s"}) == (*whole()[:-1], late, Close(complete=True))
    reset = faulted(streamed(), {"reset": {"after": 1}})
    assert faulted(reset, {"linger": "1.5s"}) == (*reset[:-1], late, Reset())


@pytest.mark.parametrize(
    ("value", "how"),
    [
        ({"until": "next"}, IdleClose.FIN),
        ({"until": "next", "then": "cut"}, IdleClose.FIN),
        ({"until": "next", "then": "reset"}, IdleClose.RST),
    ],
)
def test_the_connection_ends_when_the_next_request_begins(value: JSON, how: IdleClose) -> None:
    assert faulted(whole(), {"linger": value}) == (*whole()[:-1], EndOfReply(hang_up=how))
    closed = streamed(version=(1, 0))
    assert faulted(closed, {"linger": value}) == closed


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1, ("linger", "expected a duration such as '200ms' or '1.5s', got 1")),
        ({"until": "1s"}, ("linger.until", "expected 'next', got \"1s\"")),
        ({"until": "next", "then": "end"}, ("linger.then", "expected one of 'cut', 'reset', got \"end\"")),
    ],
)
def test_an_invalid_linger_is_rejected(value: JSON, error: tuple[str, str]) -> None:
    assert error_of({"linger": value}) == error
