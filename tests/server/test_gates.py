"""Gates as values: where they stand, whom they hold, whom they let go."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.kit import (
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    BeforeEvent,
    Close,
    EndOfReply,
    FaultContext,
    Finding,
    GatePoint,
    Gates,
    InsideEvent,
    NamedPlace,
    OutcomeKind,
    Part,
    Script,
    Send,
    Wait,
    Write,
    segments,
)
from tests.kit import PlacePlace as Place
from tests.stage import FOREVER, Stage, start

HEAD = Send(data=b"HTTP/1.1 200 OK\r\n\r\n", part=Part.HEAD)
FIRST = Send(data=b"data: 1\n\n", part=Part.EVENT, event=0, nth=0, label="one")
SECOND = Send(data=b"data: 2\n\n", part=Part.EVENT, event=1, nth=1, label="two")
SCRIPT = Script(frames=(HEAD, FIRST, SECOND, EndOfReply()))
SCENE = FaultContext(labels=("one", "two"), wire_labels=(None, None))
BEGIN = At(name=NamedPlace.HEAD)


def run(gates: Gates, script: Script = SCRIPT, *, leaves_at: float = FOREVER) -> Stage:
    """The reply of the stub that talks, as far as it comes by itself."""
    points, findings = gates.points("talks", script, SCENE)
    assert findings == ()
    stage = Stage(leaves_at=leaves_at)
    start(stage, segments(script, points))
    return stage


def written(stage: Stage) -> list[object]:
    return [what for _, what in stage.done]


def parts(places: Sequence[Place]) -> list[bytes]:
    """What is written before the first gate, between two, and behind the last."""
    gates = Gates()
    for place in places:
        gates.add("talks", place)
    points, findings = gates.points("talks", SCRIPT, SCENE)
    assert findings == ()
    found = [b""]
    for act in segments(SCRIPT, points):
        if isinstance(act, Write):
            found[-1] += act.data
        elif isinstance(act, GatePoint):
            found.append(b"")
    return found


ONE, TWO, TOP = FIRST.data, SECOND.data, HEAD.data
PARTS: list[tuple[list[Place], list[bytes]]] = [
    ([], [TOP + ONE + TWO]),
    ([BEGIN], [b"", TOP + ONE + TWO]),
    ([AfterCount(count=0)], [TOP, ONE + TWO]),
    ([AfterEvent(label="one")], [TOP + ONE, TWO]),
    ([AfterEvent(label="two")], [TOP + ONE + TWO, b""]),
    ([AfterEvent(label="one"), BEGIN], [b"", TOP + ONE, TWO]),
    ([BeforeEvent(label="two"), AfterEvent(label="one")], [TOP + ONE, b"", TWO]),
    ([InsideEvent(label="one", count=byte) for byte in (6, 2, 6)], [TOP + b"da", b"ta: ", b"", b"1\n\n" + TWO]),
]


@pytest.mark.parametrize(("places", "expected"), PARTS, ids=lambda value: repr(value)[:40])
def test_a_script_is_divided_at_its_gates(places: list[Place], expected: list[bytes]) -> None:
    assert parts(places) == expected


def test_other_stubs_and_open_gates_hold_nothing() -> None:
    gates = Gates()
    gates.add("listens", BEGIN)
    gates.add("talks", BEGIN).release_all()
    assert gates.points("talks", SCRIPT, SCENE) == ((), ())


def test_a_place_that_the_reply_lacks_is_a_finding() -> None:
    gates = Gates()
    gates.add("talks", AfterEvent(label="tow"))
    gate = gates.add("talks", AtByte(byte=3))
    points, findings = gates.points("talks", SCRIPT, SCENE)
    assert [point.gate for point in points] == [gate]
    assert findings == (
        Finding(
            rule="gate.place",
            path="after: tow",
            message=("no event 'tow' in this stream; the nearest is 'two'; its events are 'one', 'two'"),
        ),
    )


def test_gates_are_numbered_and_forgotten() -> None:
    gates = Gates()
    first, second = gates.add("a", BEGIN), gates.add("b", BEGIN)
    assert [first.number, second.number, len(gates)] == [1, 2, 2]
    assert (gates.get(2), gates.get(3)) == (second, None)
    assert (gates.remove(1), gates.remove(1)) == ((), None)
    assert first.open
    assert gates.clear() == ()
    assert second.open
    assert not gates
    assert gates.add("c", BEGIN).number == 3


def test_a_reply_is_held_at_each_closed_gate() -> None:
    gates = Gates()
    begin, middle = gates.add("talks", BEGIN), gates.add("talks", AfterEvent(label="one"))
    stage = run(gates)
    assert (written(stage), begin.held, middle.held, stage.held) == ([], (7,), (), ["at: head"])
    assert not begin.release(8)
    assert begin.release(7)
    stage.run()
    assert written(stage) == [TOP + ONE]
    assert (begin.held, middle.held, stage.held) == ((), (7,), ["at: head", "after: one"])
    assert middle.release_all() == (7,)
    stage.run()
    assert written(stage) == [TOP + ONE, TWO]
    outcome = stage.outcome
    assert outcome is not None
    assert (outcome.how, outcome.frames, outcome.sent) == (OutcomeKind.COMPLETE, 4, len(SCRIPT.wire))


def test_a_gate_that_was_opened_before_holds_nothing() -> None:
    gates = Gates()
    gate = gates.add("talks", AfterEvent(label="one"))
    points, _ = gates.points("talks", SCRIPT, SCENE)
    gate.release_all()
    stage = Stage()
    start(stage, segments(SCRIPT, points))
    assert stage.outcome is not None
    assert (stage.outcome.how, stage.outcome.frames, stage.held) == (OutcomeKind.COMPLETE, 4, [])


def test_a_client_that_leaves_while_held_ends_the_reply() -> None:
    gates = Gates()
    gate = gates.add("talks", AfterEvent(label="one"))
    stage = run(gates, leaves_at=1.0)
    outcome = stage.outcome
    assert outcome is not None
    assert (outcome.how, outcome.frames) == (OutcomeKind.CLIENT_LEFT, 2)
    assert outcome.sent == len(TOP + ONE)
    assert gate.held == ()


def test_a_reply_that_is_cut_behind_a_gate_ends_there() -> None:
    gates = Gates()
    begin = gates.add("talks", BEGIN)
    gates.add("talks", AfterEvent(label="one"))
    stage = run(gates, Script(frames=(HEAD, FIRST, Close())))
    begin.release(7)
    stage.run()
    assert stage.held == ["at: head", "after: one"]
    gates.clear()
    stage.run()
    outcome = stage.outcome
    assert outcome is not None
    assert (outcome.how, outcome.frames) == (OutcomeKind.CUT, 3)
    assert written(stage) == [TOP + ONE, "close"]


def test_waits_behind_a_gate_count_from_where_the_reply_went_on() -> None:
    gates = Gates()
    gate = gates.add("talks", AfterCount(count=0))
    stage = run(gates, Script(frames=(HEAD, Wait(seconds=1), FIRST, SECOND, EndOfReply())))
    stage.now += 5
    gate.release(7)
    stage.run()
    assert stage.done == [(0, TOP), (6, ONE + TWO)]


def test_a_server_that_stops_ends_a_held_reply() -> None:
    gates = Gates()
    gate = gates.add("talks", BEGIN)
    stage = run(gates)
    assert stage.player is not None
    stage.player.abort()
    assert stage.outcome is not None
    assert stage.outcome.how is OutcomeKind.CUT
    assert gate.held == ()


def test_a_gate_at_a_pattern_holds_a_reply_at_each_place() -> None:
    assert parts([BeforeEvent(label="*")]) == [HEAD.data, FIRST.data, SECOND.data]
    gates = Gates()
    gate = gates.add("talks", AfterEvent(label="*"))
    stage = run(gates)
    assert (written(stage), gate.held) == ([HEAD.data + FIRST.data], (7,))
    assert gate.release(7)
    stage.run()
    assert (written(stage), gate.held) == ([HEAD.data + FIRST.data, SECOND.data], (7,))
