"""The fault `repeat`."""

from __future__ import annotations

from tests.faults.samples import DONE, HEY, ROLE, YOU, faulted_events


def test_the_copy_follows_at_once() -> None:
    assert faulted_events({"repeat": "text.delta[0]"}) == (ROLE, HEY, HEY, YOU, DONE)
    assert faulted_events({"repeat": "role"}, {"repeat": "role"}) == (*(ROLE, ROLE, ROLE), *(HEY, YOU, DONE))


def test_a_pattern_repeats_every_event_that_it_matches() -> None:
    assert faulted_events({"repeat": "text.delta[*]"}) == (ROLE, HEY, HEY, YOU, YOU, DONE)
    assert faulted_events({"repeat": "text.delta[0]"}, {"repeat": "text.*"}) == (ROLE, HEY, HEY, HEY, YOU, YOU, DONE)
