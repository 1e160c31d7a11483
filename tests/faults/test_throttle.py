"""The fault `throttle`."""

from __future__ import annotations

import pytest

from tests.faults.samples import error_of, faulted, streamed, whole, wire
from tests.kit import Frame, Wait


@pytest.mark.parametrize("frames", [streamed(), streamed(gap_s=0.5), streamed(version=(1, 0)), whole(first_s=1.0)])
@pytest.mark.parametrize("rate", [7, 100, 2000])
def test_the_rate_is_kept_on_top_of_the_pace(frames: tuple[Frame, ...], rate: int) -> None:
    def seconds(reply: tuple[object, ...]) -> float:
        return sum(frame.seconds for frame in reply if isinstance(frame, Wait))

    found = faulted(frames, {"throttle": rate})
    spent = seconds(found) - seconds(frames)
    slack = max(1, rate // 20)
    assert (len(wire(found)) - slack) / rate - 1e-9 <= spent <= len(wire(found)) / rate + 1e-9


def test_a_rate_of_zero_is_rejected() -> None:
    assert error_of({"throttle": 0}) == ("throttle", "expected a whole number from 1 up, got 0")
