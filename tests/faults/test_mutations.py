"""Breaking each rule once, with a small contract to break."""

from __future__ import annotations

from dataclasses import replace

from mockserver.faults.minimal_violations import Violation, mutations, violations
from mockserver.faults.sweep import Case
from mockserver.model.events import Event
from mockserver.model.json import JSON
from tests.faults.samples import struck_events


def delta(number: int) -> Event:
    return Event(label=f"delta[{number}]", ordinal=number + 1, data={"n": number + 1, "t": "x"})


START = Event(label="start", ordinal=0, data={"n": 0, "ok": True, "of": [None], "a.b": 1, "": 2})
DONE = Event(label="terminator", ordinal=4, data=None, text="[DONE]")
EVENTS = (START, delta(0), delta(1), delta(2), DONE)


def judge(events: tuple[Event, ...]) -> frozenset[str]:
    found: set[str] = set()
    if not events or events[0].label != "start":
        found.add("start.first")
    if not events or events[-1].label != "terminator":
        found.add("terminator.last")
    numbers = [event.data.get("n") for event in events if isinstance(event.data, dict)]
    if numbers != list(range(len(numbers))):
        found.add("numbers.count")
    if any(isinstance(event.data, dict) and event.data.get("t", "x") != "x" for event in events):
        found.add("text.type")
    return frozenset(found)


def test_each_rule_is_broken_once_with_the_least_beside_it() -> None:
    assert judge(EVENTS) == frozenset()
    assert violations(EVENTS, judge) == (
        Violation(
            rule="numbers.count",
            case=Case(id="repeat-start", fault={"repeat": "start"}),
        ),
        Violation(
            rule="start.first",
            case=Case(id="omit-start", fault={"omit": "start"}),
            also=frozenset({"numbers.count"}),
        ),
        Violation(
            rule="terminator.last",
            case=Case(id="omit-terminator", fault={"omit": "terminator"}),
        ),
        Violation(
            rule="text.type",
            case=Case(
                id="alter-delta[0]-t", fault={"rewrite": {"event": "delta[0]", "set": {"t": "xx"}}}
            ),
        ),
    )


def test_changes_are_made_to_the_first_and_last_of_each_kind() -> None:
    ids = [case.id for case in mutations(EVENTS)]
    assert ids == [
        "omit-start",
        "repeat-start",
        "omit-delta[0]",
        "repeat-delta[0]",
        "omit-delta[2]",
        "repeat-delta[2]",
        "omit-terminator",
        "repeat-terminator",
        "swap-start-delta[0]",
        "swap-delta[0]-delta[1]",
        "swap-delta[1]-delta[2]",
        "swap-delta[2]-terminator",
        "remove-start-n",
        "next-start-n",
        "null-start-n",
        "retype-start-n",
        "remove-start-ok",
        "flip-start-ok",
        "null-start-ok",
        "retype-start-ok",
        "remove-start-of",
        "null-start-of",
        "retype-start-of",
        "remove-start-of.0",
        "retype-start-of.0",
        "remove-delta[0]-n",
        "next-delta[0]-n",
        "null-delta[0]-n",
        "retype-delta[0]-n",
        "remove-delta[0]-t",
        "alter-delta[0]-t",
        "null-delta[0]-t",
        "retype-delta[0]-t",
        "remove-delta[2]-n",
        "next-delta[2]-n",
        "null-delta[2]-n",
        "retype-delta[2]-n",
        "remove-delta[2]-t",
        "alter-delta[2]-t",
        "null-delta[2]-t",
        "retype-delta[2]-t",
    ]


def test_every_change_changes_something() -> None:
    found = [struck_events(case.fault, events=EVENTS) for case in mutations(EVENTS)]
    assert EVENTS not in found
    values: list[JSON] = [events[0].data for events in found if events[0].label == "start"]
    assert {"n": "7", "ok": True, "of": [None], "a.b": 1, "": 2} in values


def test_neighbours_in_the_middle_of_a_kind_are_left_alone() -> None:
    many = (START, *(delta(number) for number in range(6)), replace(DONE, ordinal=7))
    ids = [case.id for case in mutations(many) if case.id.startswith("swap-delta")]
    assert ids == [
        "swap-delta[0]-delta[1]",
        "swap-delta[4]-delta[5]",
        "swap-delta[5]-terminator",
    ]


def test_no_events_have_no_changes() -> None:
    assert list(mutations(())) == []
    assert violations((), judge) == ()
