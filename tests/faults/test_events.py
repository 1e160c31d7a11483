"""The faults on events: omit, repeat, swap, rewrite, and garbled JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.faults.parsing import FaultValueError, PlaceNotFoundError, PlaceRemovedError
from mockserver.faults.registry import read_fault
from mockserver.model.events import Event
from mockserver.model.json import JSON
from tests.faults.samples import DONE, EVENTS, HEY, ROLE, YOU, struck_events


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([{"omit": "text.delta[0]"}], (ROLE, YOU, DONE)),
        ([{"omit": "wire.delta"}], (ROLE, HEY, DONE)),
        ([{"repeat": "text.delta[0]"}], (ROLE, HEY, HEY, YOU, DONE)),
        ([{"swap": ["text.delta[0]", "terminator"]}], (ROLE, DONE, YOU, HEY)),
        ([{"swap": ["terminator", "text.delta[0]"]}], (ROLE, DONE, YOU, HEY)),
        ([{"repeat": "role"}, {"omit": "role"}], (HEY, YOU, DONE)),
        ([{"omit": "role"}, {"omit": "text.delta[0]"}], (YOU, DONE)),
        ([{"repeat": "role"}, {"swap": ["role", "terminator"]}], (DONE, ROLE, HEY, YOU, ROLE)),
    ],
)
def test_events_leave_out_twice_or_elsewhere(
    faults: list[JSON], expected: tuple[Event, ...]
) -> None:
    assert struck_events(*faults) == expected


@pytest.mark.parametrize(
    ("change", "data"),
    [
        ({"set": {"n": 7}}, {"n": 7, "delta": {"role": "assistant"}}),
        ({"set": {"delta.role": None}}, {"n": 0, "delta": {"role": None}}),
        ({"set": {"delta.new": [1]}}, {"n": 0, "delta": {"role": "assistant", "new": [1]}}),
        (
            {"set": {"new": {"a": 1}, "new.b": 2}},
            {"n": 0, "delta": {"role": "assistant"}, "new": {"a": 1, "b": 2}},
        ),
        ({"remove": ["n"]}, {"delta": {"role": "assistant"}}),
        ({"remove": ["delta.role", "n"]}, {"delta": {}}),
        ({"set": {"n": 1}, "remove": ["delta"]}, {"n": 1}),
    ],
)
def test_rewrite_changes_members(change: dict[str, JSON], data: JSON) -> None:
    found = struck_events({"rewrite": {"event": "role", **change}})
    assert found == (replace(ROLE, data=data), HEY, YOU, DONE)


LISTS = (Event(label="a", ordinal=0, data={"list": [{"x": 1}, 2]}),)


@pytest.mark.parametrize(
    ("change", "data"),
    [
        ({"set": {"list.0.x": 3}}, {"list": [{"x": 3}, 2]}),
        ({"set": {"list.1": None}}, {"list": [{"x": 1}, None]}),
        ({"remove": ["list.0"]}, {"list": [2]}),
    ],
)
def test_a_number_in_a_path_chooses_an_element(change: dict[str, JSON], data: JSON) -> None:
    found = struck_events({"rewrite": {"event": "a", **change}}, events=LISTS)
    assert found == (replace(LISTS[0], data=data),)
    assert LISTS[0].data == {"list": [{"x": 1}, 2]}


def test_rewrite_reaches_every_copy() -> None:
    found = struck_events(
        {"repeat": "role"}, {"rewrite": {"event": "role", "set": {"n": 9}, "remove": ["delta"]}}
    )
    changed = replace(ROLE, data={"n": 9})
    assert found == (changed, changed, HEY, YOU, DONE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"set": {"delt.role": 1}}, "member 'delt.role': no 'delt'; the nearest is 'delta'"),
        ({"set": {"zzz.role": 1}}, "member 'zzz.role': no 'zzz'; there are 'n', 'delta'"),
        ({"set": {"n.x": 1}}, "member 'n.x': 0 has no members"),
        ({"set": {"n.x.y": 1}}, "member 'n.x.y': 0 has no members"),
        ({"remove": ["delta.rol"]}, "member 'delta.rol': no 'rol'; the nearest is 'role'"),
    ],
)
def test_a_member_that_is_not_there_is_told(change: dict[str, JSON], message: str) -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        struck_events({"rewrite": {"event": "role", **change}})
    assert str(caught.value) == message


@pytest.mark.parametrize("step", ["2", "-1", "x", "²"])
@pytest.mark.parametrize("change", ["set", "remove"])
def test_an_element_that_is_not_there_is_told(step: str, change: str) -> None:
    path = f"list.{step}"
    value: JSON = {path: 1} if change == "set" else [path]
    with pytest.raises(PlaceNotFoundError) as caught:
        struck_events({"rewrite": {"event": "a", change: value}}, events=LISTS)
    assert str(caught.value) == f"member {path!r}: no element {step!r} in a list of 2"


def test_a_text_has_no_members() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        struck_events({"rewrite": {"event": "terminator", "set": {"a": 1}}})
    assert str(caught.value) == "event 'terminator' is the text '[DONE]', without members"


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("role", '{"n":0,"delta":{"role":"assistant"}'),
        ("terminator", "[DONE"),
    ],
)
def test_garbled_json_is_left_open(label: str, text: str) -> None:
    found = struck_events({"garble": {"json": label}})
    assert found == tuple(
        replace(event, text=text) if event.label == label else event for event in EVENTS
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"omit": "role"},
        {"repeat": "role"},
        {"swap": ["role", "terminator"]},
        {"swap": ["terminator", "role"]},
        {"rewrite": {"event": "role", "remove": ["n"]}},
        {"garble": {"json": "role"}},
    ],
)
def test_an_omitted_event_is_told(fault: JSON) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        struck_events({"omit": "role"}, fault)
    assert str(caught.value) == "event 'role' does not leave: an earlier fault omits it"
    assert all(one.streamed and one.always for one in read_fault(fault).faults.events)


EXAMPLE = "{event: LABEL, set: {sequence_number: 7}} or {event: LABEL, remove: [id]}"


@pytest.mark.parametrize(
    ("fault", "key_path", "message"),
    [
        ({"omit": 3}, "omit", "3 is no label of an event, such as 'text.delta[1]'"),
        ({"repeat": None}, "repeat", "null is no label of an event, such as 'text.delta[1]'"),
        ({"swap": "role"}, "swap", '"role" is no list of two labels'),
        ({"swap": ["role"]}, "swap", '["role"] is no list of two labels'),
        ({"swap": ["role", 1]}, "swap[1]", "1 is no label of an event, such as 'text.delta[1]'"),
        ({"swap": ["role", "role"]}, "swap", "'role' cannot change places with itself"),
        ({"rewrite": "role"}, "rewrite", f'"role" is no mapping; write {EXAMPLE}'),
        (
            {"rewrite": {"set": {"a": 1}}},
            "rewrite.event",
            "null is no label of an event, such as 'text.delta[1]'",
        ),
        ({"rewrite": {"event": "role"}}, "rewrite", f"nothing to change; write {EXAMPLE}"),
        (
            {"rewrite": {"event": "role", "set": [1]}},
            "rewrite.set",
            "[1] is no mapping of member paths",
        ),
        (
            {"rewrite": {"event": "role", "remove": "id"}},
            "rewrite.remove",
            '"id" is no list of member paths',
        ),
        (
            {"rewrite": {"event": "role", "remove": [""]}},
            "rewrite.remove[0]",
            '"" is no path of a member',
        ),
    ],
)
def test_what_is_written_wrongly_is_told(fault: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault(fault)
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
