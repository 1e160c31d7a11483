"""The fault `rewrite`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.samples import DONE, HEY, ROLE, YOU, error_of, faulted_events
from tests.kit import JSON, Event, PlaceNotFoundError


@pytest.mark.parametrize(
    ("change", "data"),
    [
        ({"set": {"n": 7}}, {"n": 7, "delta": {"role": "assistant"}}),
        ({"set": {"delta.role": None}}, {"n": 0, "delta": {"role": None}}),
        ({"set": {"delta.new": [1]}}, {"n": 0, "delta": {"role": "assistant", "new": [1]}}),
        ({"set": {"new": {"a": 1}, "new.b": 2}}, {"n": 0, "delta": {"role": "assistant"}, "new": {"a": 1, "b": 2}}),
        ({"remove": ["n"]}, {"delta": {"role": "assistant"}}),
        ({"remove": ["delta.role", "n"]}, {"delta": {}}),
        ({"set": {"n": 1}, "remove": ["delta"]}, {"n": 1}),
    ],
)
def test_members_are_set_and_removed(change: dict[str, JSON], data: JSON) -> None:
    found = faulted_events({"rewrite": {"event": "role", **change}})
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
def test_a_number_in_a_path_is_an_element_of_a_list(change: dict[str, JSON], data: JSON) -> None:
    found = faulted_events({"rewrite": {"event": "a", **change}}, events=LISTS)
    assert found == (replace(LISTS[0], data=data),)
    assert LISTS[0].data == {"list": [{"x": 1}, 2]}


def test_every_copy_is_rewritten() -> None:
    found = faulted_events({"repeat": "role"}, {"rewrite": {"event": "role", "set": {"n": 9}, "remove": ["delta"]}})
    changed = replace(ROLE, data={"n": 9})
    assert found == (changed, changed, HEY, YOU, DONE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"set": {"delt.role": 1}}, "member 'delt.role': no 'delt'; the nearest is 'delta'"),
        ({"set": {"zzz.role": 1}}, "member 'zzz.role': no 'zzz'; its members are 'n', 'delta'"),
        ({"set": {"n.x": 1}}, "member 'n.x': 0 has no members"),
        ({"set": {"n.x.y": 1}}, "member 'n.x.y': 0 has no members"),
        ({"remove": ["delta.rol"]}, "member 'delta.rol': no 'rol'; the nearest is 'role'"),
    ],
)
def test_a_missing_member_is_reported(change: dict[str, JSON], message: str) -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_events({"rewrite": {"event": "role", **change}})
    assert str(caught.value) == message


@pytest.mark.parametrize("step", ["2", "-1", "x", "²"])
@pytest.mark.parametrize("change", ["set", "remove"])
def test_a_missing_element_is_reported(step: str, change: str) -> None:
    path = f"list.{step}"
    value: JSON = {path: 1} if change == "set" else [path]
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_events({"rewrite": {"event": "a", change: value}}, events=LISTS)
    assert str(caught.value) == f"member {path!r}: no element {step!r} in a list of 2"


def test_a_text_has_no_members() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_events({"rewrite": {"event": "terminator", "set": {"a": 1}}})
    assert str(caught.value) == "event 'terminator' is the text '[DONE]', which has no members"


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ({"set": {"a": 1}}, "rewrite", "'event' is missing; expected the label of an event, such as 'text.delta[1]'"),
        ({"event": "role"}, "rewrite", "expected at least one of 'set', 'remove', got none"),
        ({"event": "role", "set": [1]}, "rewrite.set", "expected a mapping from paths of members to values, got [1]"),
        ({"event": "role", "remove": "id"}, "rewrite.remove", 'expected a list of paths of members, got "id"'),
        ({"event": "role", "remove": [""]}, "rewrite.remove[0]", 'expected the path of a member, got ""'),
    ],
)
def test_an_invalid_rewrite_is_rejected(value: JSON, key_path: str, message: str) -> None:
    assert error_of({"rewrite": value}) == (key_path, message)
