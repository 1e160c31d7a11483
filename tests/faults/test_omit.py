"""The fault `omit`, and what all faults on events have in common."""

from __future__ import annotations

import pytest

from tests.faults.samples import DONE, HEY, ROLE, YOU, error_of, faulted_events, faults_of
from tests.kit import JSON, Event, PlaceRemovedError


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([{"omit": "text.delta[0]"}], (ROLE, YOU, DONE)),
        ([{"omit": "wire.delta"}], (ROLE, HEY, DONE)),
        ([{"repeat": "role"}, {"omit": "role"}], (HEY, YOU, DONE)),
        ([{"omit": "role"}, {"omit": "text.delta[0]"}], (YOU, DONE)),
    ],
)
def test_every_copy_of_the_event_is_omitted(faults: list[JSON], expected: tuple[Event, ...]) -> None:
    assert faulted_events(*faults) == expected


@pytest.mark.parametrize(
    "fault",
    [
        {"omit": "role"}, {"repeat": "role"}, {"swap": ["role", "terminator"]}, {"swap": ["terminator", "role"]},
        {"rewrite": {"event": "role", "remove": ["n"]}}, {"garble": {"json": "role"}},
    ],
)  # fmt: skip
def test_a_later_fault_on_an_omitted_event_is_reported(fault: JSON) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        faulted_events({"omit": "role"}, fault)
    assert str(caught.value) == "an earlier fault removes event 'role'"
    assert all(one.streamed and one.always for one in faults_of(fault))


@pytest.mark.parametrize("name", ["omit", "repeat"])
def test_the_value_is_a_label(name: str) -> None:
    message = "expected the label of an event, such as 'text.delta[1]', got 3"
    assert error_of({name: 3}) == (name, message)


def test_a_pattern_omits_every_event_that_it_matches() -> None:
    assert faulted_events({"omit": "text.delta[*]"}) == (ROLE, DONE)
    assert faulted_events({"omit": "*"}) == ()
