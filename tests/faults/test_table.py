"""The table of faults as a whole, and one element of a list of them."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from mockserver.faults.conflicts import FaultDecl
from mockserver.faults.parsing import FaultValueError
from mockserver.faults.registry import FAULTS, fault_schema, read_fault
from mockserver.faults.spec import Stage
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.json import JSON

SCHEMA = Draft202012Validator(fault_schema())
NAMES = [
    "cut",
    "end",
    "reset",
    "stall",
    "delay",
    "dribble",
    "throttle",
    "linger",
    "omit",
    "repeat",
    "swap",
    "rewrite",
    "garble",
    "framing",
]

GOOD: list[JSON] = [
    {"cut": {"after": "text.delta[1]"}},
    {"cut": {"inside": {"event": "role", "byte": 9}}},
    {"end": {"at_byte": "50%"}},
    {"reset": {"at": "head"}},
    {"stall": {"before": "role"}},
    {"stall": {"after": 1, "for": "5s", "then": "end"}},
    {"delay": {"after": 1, "for": "200ms"}},
    {"delay": {"after": 1, "for": 0}},
    {"dribble": {"bytes": 1, "gap": "1ms"}},
    {"dribble": {"sizes": [3, 7]}},
    {"dribble": {"split_utf8": True}},
    {"dribble": {"coalesce": True}},
    {"throttle": 2000},
    {"linger": "1s"},
    {"linger": {"until": "next", "then": "reset"}},
    {"omit": "role"},
    {"repeat": "role"},
    {"swap": ["role", "finish"]},
    {"rewrite": {"event": "role", "set": {"sequence_number": 7, "choices.0.index": 3}}},
    {"rewrite": {"event": "role", "remove": ["id"]}},
    {"garble": {"json": "role"}},
    {"garble": {"utf8": "role"}},
    {"garble": {"chunk_size": "role"}},
    {"garble": {"content_length": "+20"}},
    {"garble": {"content_length": 20}},
    {"garble": {"content_type": "text/html"}},
    {"garble": {"bom": True}},
    {"framing": {"newline": "crlf"}},
    {"framing": {"comment": "keep-alive", "id": True, "retry": 1000, "split_data": True}},
    {"framing": {"space": False, "final_blank": False, "event_lines": False}},
    {"cut": {"after": 1}, "chance": 0.2},
    {"omit": "role", "chance": 1},
]
BAD: list[JSON] = [
    None,
    "cut",
    {},
    {"chance": 0.2},
    {"cut": {"after": 1}, "end": {"after": 1}},
    {"cutt": {"after": 1}},
    {"cut": {}},
    {"cut": {"after": 1, "before": "role"}},
    {"cut": {"inside": {"event": "role"}}},
    {"cut": {"inside": {"event": "role", "byte": 1, "char": 1}}},
    {"stall": {"for": "5s"}},
    {"stall": {"after": 1, "for": "5 seconds"}},
    {"stall": {"after": 1, "for": "5s", "then": "finish"}},
    {"delay": {"after": 1}},
    {"dribble": {}},
    {"dribble": {"bytes": 1, "sizes": [1]}},
    {"dribble": {"sizes": []}},
    {"throttle": 0},
    {"linger": 1},
    {"linger": {"then": "reset"}},
    {"omit": ""},
    {"swap": ["role"]},
    {"rewrite": {"event": "role"}},
    {"rewrite": {"set": {"a": 1}}},
    {"garble": {}},
    {"garble": {"content_length": "20"}},
    {"garble": {"bom": False}},
    {"framing": {}},
    {"framing": {"newline": "lfcr"}},
    {"cut": {"after": 1}, "chance": 0},
    {"cut": {"after": 1}, "chance": 1.5},
    {"cut": {"after": 1}, "chance": "0.5"},
    {"cut": {"after": 1}, "chance": True},
]


def test_the_table_has_every_fault_and_tells_of_each() -> None:
    assert list(FAULTS) == NAMES
    for name, spec in FAULTS.items():
        assert spec.name == name
        assert spec.written.startswith(f"{name}: ")
        assert spec.about
        Draft202012Validator.check_schema(spec.schema)


@pytest.mark.parametrize("element", GOOD)
def test_what_is_right_is_read_and_fits_the_schema(element: JSON) -> None:
    read = read_fault(element)
    assert bool(read.faults)
    assert SCHEMA.is_valid(element)
    stages = {
        Stage.EVENTS: read.faults.events,
        Stage.SPELLING: read.faults.spelling,
        Stage.FRAMES: read.faults.frames,
    }
    struck = {stage for stage, faults in stages.items() if faults}
    assert len(struck) == 1
    assert struck <= set(FAULTS[read.written.name].stages)


@pytest.mark.parametrize("element", BAD)
def test_what_is_wrong_is_refused_by_the_reader_and_by_the_schema(element: JSON) -> None:
    with pytest.raises(FaultValueError):
        read_fault(element)
    assert not SCHEMA.is_valid(element)


@pytest.mark.parametrize(
    ("element", "key_path", "message"),
    [
        ("cut", "", '"cut" is no fault; write a mapping such as {cut: {after: 3}}'),
        ({"rest": 1}, "rest", "unknown fault 'rest'; the nearest is 'reset'"),
        (
            {"xyz": 1},
            "xyz",
            "unknown fault 'xyz'; there are " + ", ".join(repr(name) for name in NAMES),
        ),
        ({}, "", "0 faults where one is wanted; each is an element of the list"),
        (
            {"omit": "a", "repeat": "b"},
            "",
            "2 faults where one is wanted; each is an element of the list",
        ),
        ({"omit": "a", "chance": 2}, "chance", "2 is no share above 0 and up to 1"),
        (
            {"cut": {"after": 1, "chance": 0.5}},
            "cut.chance",
            "'chance' stands beside the fault's name, not inside its value",
        ),
    ],
)
def test_what_is_wrong_is_told(element: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault(element)
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
    assert str(caught.value) == (f"{key_path}: {message}" if key_path else message)


def test_a_fault_with_a_chance_is_not_certain() -> None:
    read = read_fault({"omit": "role", "chance": 0.25})
    assert read.written == FaultDecl(name="omit", value="role", always=False)
    [fault] = read.faults.events
    assert not fault.always
    assert fault.streamed
    certain = read_fault({"omit": "role", "chance": 1})
    assert certain == read_fault({"omit": "role"})


def test_faults_add_up_by_stage() -> None:
    one = read_fault({"omit": "role"}).faults
    other = read_fault({"cut": {"at": "head"}}).faults
    third = read_fault({"framing": {"id": True}}).faults
    assert one + other + third == Faults(
        events=one.events, spelling=third.spelling, frames=other.frames
    )
    assert not NO_FAULTS
    assert not NO_FAULTS.streamed
