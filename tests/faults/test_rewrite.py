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
        ({"set": {"a": 1}}, "rewrite", "expected exactly one of 'event', 'part', got none"),
        (
            {"event": "role", "part": "body", "set": {"a": 1}},
            "rewrite",
            "expected exactly one of 'event', 'part', got 'event', 'part'",
        ),
        ({"part": "head", "set": {"a": 1}}, "rewrite.part", "expected 'body', got \"head\""),
        ({"event": "role"}, "rewrite", "expected at least one of 'set', 'remove', got none"),
        ({"event": "role", "set": [1]}, "rewrite.set", "expected a mapping from paths of members to values, got [1]"),
        ({"event": "role", "remove": "id"}, "rewrite.remove", 'expected a list of paths of members, got "id"'),
        ({"event": "role", "remove": [""]}, "rewrite.remove[0]", 'expected the path of a member, got ""'),
    ],
)
def test_an_invalid_rewrite_is_rejected(value: JSON, key_path: str, message: str) -> None:
    assert error_of({"rewrite": value}) == (key_path, message)


@pytest.mark.parametrize(
    ("pattern", "change", "data"),
    [
        ("text.delta[*]", {"set": {"n": 7}}, [None, {"n": 7, "delta": "hé"}, {"n": 7, "delta": '"'}]),
        ("wire.*", {"remove": ["n"]}, [None, None, {"delta": '"'}]),
        ("*", {"set": {"a": 1}}, [{"n": 0, "delta": {"role": "assistant"}, "a": 1}, {"n": 1, "delta": "hé", "a": 1},
            {"n": 2, "delta": '"', "a": 1}]),
        # Where there is no such member, an event stays as it is.
        ("*", {"set": {"delta.role": None}}, [{"n": 0, "delta": {"role": None}}, None, None]),
        ("*", {"set": {"n": 9}, "remove": ["delta.role"]}, [{"n": 9, "delta": {}}, {"n": 9, "delta": "hé"},
            {"n": 9, "delta": '"'}]),
    ],
)  # fmt: skip
def test_a_pattern_changes_each_event_that_has_the_member(
    pattern: str, change: dict[str, JSON], data: list[JSON]
) -> None:
    found = faulted_events({"rewrite": {"event": pattern, **change}})
    expected = [
        event if to is None else replace(event, data=to) for event, to in zip((ROLE, HEY, YOU), data, strict=False)
    ]
    assert found == (*expected, DONE)


def test_a_member_that_no_event_of_a_pattern_has_is_reported() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_events({"rewrite": {"event": "*", "set": {"delta.role": 1}, "remove": ["delt"]}})
    assert str(caught.value) == "member 'delt': no 'delt'; the nearest is 'delta'"


def test_a_pattern_without_events_is_reported_with_the_labels_that_exist() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_events({"rewrite": {"event": "text.detla[*]", "set": {"a": 1}}})
    assert str(caught.value) == (
        "no event 'text.detla[*]' in this stream; the nearest is 'text.delta[1]'; its events are 'role', "
        "'text.delta[0]', 'text.delta[1]', 'terminator'"
    )
    assert caught.value.labels == ("role", "text.delta[0]", "text.delta[1]", "terminator")
