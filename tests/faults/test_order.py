"""Orders of faults that have no meaning."""

from __future__ import annotations

import pytest

from mockserver.faults.conflicts import Conflict, find_conflicts
from mockserver.faults.registry import read_fault
from mockserver.model.json import JSON

AFTER: JSON = {"after": 3}
STOPS_AT = "the reply stops at faults[0] ({!r}) already; leave one of them out or give one a chance"

LINGERS = (
    "'linger' needs a whole reply, which faults[0] ('cut') does not leave; use 'stall' with 'for'"
)
CLOSES_ONCE = (
    "when the connection closes is told by faults[0] ('linger') already; leave one of them out"
)


def problems(*elements: JSON) -> tuple[Conflict, ...]:
    return find_conflicts([read_fault(element).written for element in elements])


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"cut": AFTER}, {"cut": {"after": 1}}, STOPS_AT.format("cut")),
        ({"end": AFTER}, {"reset": {"after": 1}}, STOPS_AT.format("end")),
        ({"stall": AFTER}, {"end": {"after": 1}}, STOPS_AT.format("stall")),
        (
            {"cut": AFTER},
            {"linger": "1s"},
            LINGERS,
        ),
        (
            {"linger": {"until": "next"}},
            {"linger": "1s"},
            CLOSES_ONCE,
        ),
        (
            {"throttle": 20},
            {"dribble": {"coalesce": True}},
            "one write for everything undoes faults[0] ('throttle'); leave one of them out",
        ),
        (
            {"dribble": {"bytes": 1}},
            {"dribble": {"coalesce": True}},
            "one write for everything undoes faults[0] ('dribble'); leave one of them out",
        ),
        (
            {"garble": {"content_length": "+1"}},
            {"end": AFTER},
            "'end' tells the true length and so undoes faults[0] ('garble'); write it before",
        ),
        (
            {"garble": {"content_length": "+1"}},
            {"stall": {"after": 3, "for": "1s", "then": "end"}},
            "'end' tells the true length and so undoes faults[0] ('garble'); write it before",
        ),
        (
            {"garble": {"content_length": "+1"}},
            {"garble": {"chunk_size": "role"}},
            "faults[0] ('garble') does away with chunks, so that none has a size to garble",
        ),
        (
            {"garble": {"chunk_size": "role"}},
            {"garble": {"content_length": "+1"}},
            "a content length does away with chunks and so undoes faults[0] ('garble')",
        ),
    ],
)
def test_two_that_stand_in_each_other_s_way_are_told(
    one: dict[str, JSON], other: dict[str, JSON], message: str
) -> None:
    assert problems(one, other) == (Conflict(index=1, message=message),)
    assert problems({**one, "chance": 0.5}, other) == ()
    assert problems(one, {**other, "chance": 0.5}) == ()


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [{"cut": AFTER}],
        [{"end": AFTER}, {"linger": "1s"}],
        [{"end": AFTER}, {"garble": {"content_length": "+1"}}],
        [{"garble": {"content_length": "+1"}}, {"stall": AFTER}],
        [{"dribble": {"coalesce": True}}, {"dribble": {"bytes": 1}}],
        [{"delay": {"after": 1, "for": "1s"}}, {"cut": AFTER}, {"throttle": 20}],
        [{"cut": AFTER}, {"omit": "role"}, {"framing": {"id": True}}],
        [{"garble": {"chunk_size": "role"}}, {"garble": {"chunk_size": "finish"}}],
    ],
)
def test_what_has_a_meaning_is_let_pass(elements: list[JSON]) -> None:
    assert problems(*elements) == ()


def test_each_later_one_is_told_once_and_of_the_first_in_its_way() -> None:
    found = problems({"omit": "role"}, {"cut": AFTER}, {"end": AFTER}, {"reset": AFTER})
    said = STOPS_AT.replace("faults[0]", "faults[1]").format("cut")
    assert found == (Conflict(index=2, message=said), Conflict(index=3, message=said))
