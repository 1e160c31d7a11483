"""The fault `reset`."""

from __future__ import annotations

from tests.faults.samples import HEAD, ROLE_CHUNK, Seen, faulted, seen_by_h11, shape, streamed
from tests.kit import Reset


def test_everything_before_the_place_arrives_then_rst() -> None:
    found = faulted(streamed(), {"reset": {"after": 1}})
    assert shape(found) == [HEAD + ROLE_CHUNK, Reset()]
    assert seen_by_h11(found) == Seen(200, ROLE_CHUNK[4:-2], "nothing more")


def test_at_the_head_no_byte_is_sent() -> None:
    assert faulted(streamed(), {"reset": {"at": "head"}}) == (Reset(),)
