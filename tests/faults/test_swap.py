"""The fault `swap`."""

from __future__ import annotations

import pytest

from tests.faults.samples import DONE, HEY, ROLE, YOU, error_of, faulted_events
from tests.kit import JSON, Event


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([{"swap": ["text.delta[0]", "terminator"]}], (ROLE, DONE, YOU, HEY)),
        ([{"swap": ["terminator", "text.delta[0]"]}], (ROLE, DONE, YOU, HEY)),
        ([{"repeat": "role"}, {"swap": ["role", "terminator"]}], (DONE, ROLE, HEY, YOU, ROLE)),
    ],
)
def test_the_first_copies_of_two_events_change_places(faults: list[JSON], expected: tuple[Event, ...]) -> None:
    assert faulted_events(*faults) == expected


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (["role"], ("swap", 'expected a list of two labels, got ["role"]')),
        (["role", "role"], ("swap", "expected two different labels, got 'role' twice")),
    ],
)
def test_an_invalid_swap_is_rejected(value: JSON, error: tuple[str, str]) -> None:
    assert error_of({"swap": value}) == error


def test_a_pattern_cannot_change_places() -> None:
    message = "two events change places; expected their labels, got the pattern 'text.*'"
    assert error_of({"swap": ["role", "text.*"]}) == ("swap", message)
