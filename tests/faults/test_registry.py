"""The registry of faults, one element of a list of them, and orders that have no meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from tests.faults.strategies import strategies
from tests.kit import (
    FAULTS,
    JSON,
    Conflict,
    FaultValueError,
    JSONObject,
    fault_schema,
    find_conflicts,
    read_fault,
    truncating_faults,
)

SCHEMA = Draft202012Validator(fault_schema())
NAMES = [
    "cut", "end", "reset", "stall", "delay", "dribble", "throttle", "linger", "omit", "repeat", "swap", "rewrite",
    "garble", "insert", "framing",
]  # fmt: skip

INVALID: list[JSON] = [
    None, {}, {"chance": 0.2}, {"cut": {"after": 1}, "end": {"after": 1}}, {"cutt": {"after": 1}},
    {"stall": {"for": "5s"}}, {"delay": {"after": 1}}, {"linger": {"then": "reset"}},
    {"cut": {"after": 1}, "chance": 0}, {"cut": {"after": 1}, "chance": 1.5}, {"cut": {"after": 1}, "chance": "0.5"},
    {"cut": {"after": 1}, "chance": True},
]  # fmt: skip


def test_the_registry_describes_every_fault() -> None:
    assert list(FAULTS) == NAMES
    for name, spec in FAULTS.items():
        assert spec.name == name
        assert spec.example.startswith(f"{name}: ")
        assert spec.about
        Draft202012Validator.check_schema(spec.syntax.schema)


def test_the_truncating_faults_begin_with_end() -> None:
    assert truncating_faults() == ("end", "cut", "reset", "stall")


@given(strategies(["role", "text.delta[1]"]).stacks)
def test_a_valid_fault_is_read_into_one_stage_and_fits_the_schema(elements: list[JSONObject]) -> None:
    for element in elements:
        assert len(list(read_fault(element).faults)) == 1
        assert SCHEMA.is_valid(element)


@pytest.mark.parametrize("element", INVALID)
def test_the_reader_and_the_schema_reject_an_invalid_fault(element: JSON) -> None:
    with pytest.raises(FaultValueError):
        read_fault(element)
    assert not SCHEMA.is_valid(element)


@pytest.mark.parametrize(
    ("element", "key_path", "message"),
    [
        ("cut", "", 'expected a fault such as {cut: {after: 3}}, got "cut"'),
        ({"rest": 1}, "rest", "unknown fault 'rest'; the nearest is 'reset'"),
        ({"xyz": 1}, "xyz", "unknown fault 'xyz'; expected one of " + ", ".join(repr(name) for name in NAMES)),
        ({}, "", "expected exactly one fault in an element, got none"),
        ({"omit": "a", "repeat": "b"}, "", "expected exactly one fault in an element, got 'omit', 'repeat'"),
        ({"omit": "a", "chance": 2}, "chance", "expected a number above 0 and up to 1, got 2"),
        (
            {"cut": {"after": 1, "chance": 0.5}},
            "cut.chance",
            "'chance' belongs next to the name of the fault, not inside its value",
        ),
    ],
)
def test_an_error_states_what_was_found_where_and_what_is_right(element: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault(element)
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
    assert str(caught.value) == (f"{key_path}: {message}" if key_path else message)


def test_a_chance_of_one_is_a_fault_that_always_applies() -> None:
    [fault] = read_fault({"omit": "role", "chance": 0.25}).faults
    assert not fault.always
    assert fault.streamed
    assert read_fault({"omit": "role", "chance": 1}) == read_fault({"omit": "role"})


AFTER: JSON = {"after": 3}
STOPS = "faults[0] ({!r}) stops the reply already; leave one of them out or give one a chance"
LINGERS = "'linger' needs a complete reply, but faults[0] ('cut') cuts it short; use 'stall' with 'for'"
TRUE_LENGTH = "'end' states the true length and so undoes faults[0] ('garble'); list it first"


def conflicts(*elements: JSON) -> tuple[Conflict, ...]:
    return find_conflicts([read_fault(element) for element in elements])


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"cut": AFTER}, {"cut": {"after": 1}}, STOPS.format("cut")),
        ({"end": AFTER}, {"reset": {"after": 1}}, STOPS.format("end")),
        ({"reset": AFTER}, {"stall": {"after": 1}}, STOPS.format("reset")),
        ({"stall": AFTER}, {"end": {"after": 1}}, STOPS.format("stall")),
        ({"cut": AFTER}, {"linger": "1s"}, LINGERS),
        ({"linger": {"until": "next"}}, {"linger": "1s"},
            "faults[0] ('linger') decides when the connection closes; leave one of them out"),
        ({"throttle": 20}, {"dribble": {"coalesce": True}},
            "'coalesce' undoes faults[0] ('throttle'); leave one of them out"),
        ({"dribble": {"bytes": 1}}, {"dribble": {"coalesce": True}},
            "'coalesce' undoes faults[0] ('dribble'); leave one of them out"),
        ({"delay": {"after": 1, "for": 0}}, {"dribble": {"coalesce": True}},
            "'coalesce' undoes faults[0] ('delay'); leave one of them out"),
        ({"garble": {"content_length": "+1"}}, {"end": AFTER}, TRUE_LENGTH),
        ({"garble": {"content_length": "+1"}}, {"stall": {"after": 3, "for": "1s", "then": "end"}}, TRUE_LENGTH),
        ({"garble": {"content_length": "+1"}}, {"garble": {"chunk_size": "role"}},
            "faults[0] ('garble') removes the chunks, so that none has a size"),
        ({"garble": {"chunk_size": "role"}}, {"garble": {"content_length": "+1"}},
            "a content length replaces the chunks and so undoes faults[0] ('garble')"),
    ],
)  # fmt: skip
def test_the_later_of_two_faults_that_conflict_is_reported_unless_one_has_a_chance(
    one: dict[str, JSON], other: dict[str, JSON], message: str
) -> None:
    assert conflicts(one, other) == (Conflict(index=1, message=message),)
    assert conflicts({**one, "chance": 0.5}, other) == ()
    assert conflicts(one, {**other, "chance": 0.5}) == ()


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
def test_faults_that_do_not_conflict(elements: list[JSON]) -> None:
    assert conflicts(*elements) == ()


def test_each_later_fault_is_reported_once_with_the_first_that_it_conflicts_with() -> None:
    found = conflicts({"omit": "role"}, {"cut": AFTER}, {"end": AFTER}, {"reset": AFTER})
    message = STOPS.replace("faults[0]", "faults[1]").format("cut")
    assert found == (Conflict(index=2, message=message), Conflict(index=3, message=message))
