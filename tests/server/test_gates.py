"""Gates as values: where they stand, whom they hold, whom they let go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mockserver.faults.place import (
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    BeforeEvent,
    InsideEvent,
    NamedPlace,
    Place,
)
from mockserver.model.fault import FaultContext
from mockserver.model.findings import Finding
from mockserver.model.frames import (
    ClientDisconnected,
    Close,
    EndOfReply,
    Frame,
    IdleClose,
    OutcomeKind,
    Part,
    Script,
    Send,
)
from mockserver.server.gates import Gates, Hold, stretches
from mockserver.server.held import play_held

HEAD = Send(data=b"HTTP/1.1 200 OK\r\n\r\n", part=Part.HEAD)
FIRST = Send(data=b"data: 1\n\n", part=Part.EVENT, event=0, nth=0, label="one")
SECOND = Send(data=b"data: 2\n\n", part=Part.EVENT, event=1, nth=1, label="two")
SCRIPT = Script(frames=(HEAD, FIRST, SECOND, EndOfReply()))
SCENE = FaultContext(labels=("one", "two"), wire_labels=(None, None))
BEGIN = At(name=NamedPlace.HEAD)


class Recorder:
    """A stage that notes what it is sent, and leaves when told to."""

    def __init__(self) -> None:
        self.sent = 0
        self.data: list[bytes] = []
        self.gone = False

    async def send(self, data: bytes) -> None:
        if self.gone:
            raise ClientDisconnected
        self.data.append(data)
        self.sent += len(data)

    async def sleep(self, seconds: float | None) -> None:
        del seconds

    async def rest_until(self, released: asyncio.Future[None]) -> None:
        await released
        if self.gone:
            raise ClientDisconnected

    async def close(self) -> None:
        self.data.append(b"FIN")

    async def reset(self) -> None:
        self.data.append(b"RST")

    async def close_on_next_request(self, how: IdleClose) -> None:
        self.data.append(how.encode())


class Play:
    """The performance of a script that gates hold up."""

    def __init__(self, gates: Gates, script: Script = SCRIPT) -> None:
        self.stage = Recorder()
        self.noticed: list[str] = []
        holds, findings = gates.holds("talks", script, SCENE)
        assert findings == ()
        self.task = asyncio.ensure_future(
            play_held(
                self.stage,
                script,
                holds,
                exchange=7,
                notice=lambda hold: self.noticed.append(str(hold.gate.place)),
                time_scale=1.0,
                clock=lambda: 0.0,
            )
        )

    async def goes_on(self) -> list[bytes]:
        """What has been sent when nothing more happens by itself."""
        for _ in range(20):
            await asyncio.sleep(0)
        return self.stage.data


def frames_between(script: Script, holds: Sequence[Hold]) -> list[tuple[Frame, ...]]:
    return [stretch.frames for _, stretch in stretches(script, holds)]


STRETCHES: list[tuple[list[Place], list[tuple[Frame, ...]]]] = [
    ([], [SCRIPT.frames]),
    ([BEGIN], [(EndOfReply(),), SCRIPT.frames]),
    ([AfterCount(count=0)], [(HEAD, EndOfReply()), (FIRST, SECOND, EndOfReply())]),
    ([AfterEvent(label="one")], [(HEAD, FIRST, EndOfReply()), (SECOND, EndOfReply())]),
    ([AfterEvent(label="two")], [(HEAD, FIRST, SECOND, EndOfReply()), (EndOfReply(),)]),
    (
        [AfterEvent(label="one"), BEGIN],
        [(EndOfReply(),), (HEAD, FIRST, EndOfReply()), (SECOND, EndOfReply())],
    ),
    (
        [BeforeEvent(label="two"), AfterEvent(label="one")],
        [(HEAD, FIRST, EndOfReply()), (EndOfReply(),), (SECOND, EndOfReply())],
    ),
]


@pytest.mark.parametrize(("places", "expected"), STRETCHES, ids=lambda value: repr(value)[:40])
def test_a_script_is_divided_where_its_gates_stand(
    places: list[Place], expected: list[tuple[Frame, ...]]
) -> None:
    gates = Gates()
    for place in places:
        gates.add("talks", place)
    holds, findings = gates.holds("talks", SCRIPT, SCENE)
    assert findings == ()
    assert frames_between(SCRIPT, holds) == expected


def test_an_event_may_be_divided_more_than_once() -> None:
    gates = Gates()
    for byte in (6, 2, 6):
        gates.add("talks", InsideEvent(label="one", count=byte))
    holds, _ = gates.holds("talks", SCRIPT, SCENE)
    wires = [stretch.wire for _, stretch in stretches(SCRIPT, holds)]
    assert wires == [HEAD.data + b"da", b"ta: ", b"", b"1\n\n" + SECOND.data]


def test_other_stubs_and_open_gates_hold_nothing() -> None:
    gates = Gates()
    gates.add("listens", BEGIN)
    gates.add("talks", BEGIN).release_all()
    assert gates.holds("talks", SCRIPT, SCENE) == ((), ())


def test_a_place_that_the_reply_lacks_is_a_finding() -> None:
    gates = Gates()
    gates.add("talks", AfterEvent(label="tow"))
    gate = gates.add("talks", AtByte(byte=3))
    holds, findings = gates.holds("talks", SCRIPT, SCENE)
    assert [hold.gate for hold in holds] == [gate]
    assert findings == (
        Finding(
            rule="gate.place",
            path="after: tow",
            message=(
                "no event 'tow' in this stream; the nearest is 'two'; its events are 'one', 'two'"
            ),
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


async def _held_at_each_gate() -> None:
    gates = Gates()
    begin, middle = gates.add("talks", BEGIN), gates.add("talks", AfterEvent(label="one"))
    play = Play(gates)
    assert await play.goes_on() == []
    assert (begin.held, middle.held, play.noticed) == ((7,), (), ["at: head"])
    assert not begin.release(8)
    assert begin.release(7)
    assert await play.goes_on() == [HEAD.data + FIRST.data]
    assert (begin.held, middle.held) == ((), (7,))
    assert play.noticed == ["at: head", "after: one"]
    assert middle.release_all() == (7,)
    outcome = await play.task
    assert play.stage.data == [HEAD.data + FIRST.data, SECOND.data]
    assert (outcome.how, outcome.frames, outcome.sent) == (
        OutcomeKind.COMPLETE,
        4,
        len(SCRIPT.wire),
    )


async def _opened_before() -> None:
    gates = Gates()
    gate = gates.add("talks", AfterEvent(label="one"))
    play = Play(gates)
    gate.release_all()
    outcome = await play.task
    assert (outcome.how, outcome.frames, play.noticed) == (OutcomeKind.COMPLETE, 4, [])


async def _left_while_held() -> None:
    gates = Gates()
    gate = gates.add("talks", AfterEvent(label="one"))
    play = Play(gates)
    await play.goes_on()
    play.stage.gone = True
    gate.release(7)
    outcome = await play.task
    assert (outcome.how, outcome.frames) == (OutcomeKind.CLIENT_LEFT, 2)
    assert outcome.sent == len(HEAD.data + FIRST.data)
    assert gate.held == ()


async def _cut_before_the_next_gate() -> None:
    script = Script(frames=(HEAD, FIRST, Close()))
    gates = Gates()
    begin = gates.add("talks", BEGIN)
    gates.add("talks", AfterEvent(label="one"))
    play = Play(gates, script)
    await play.goes_on()
    begin.release(7)
    await play.goes_on()
    assert play.noticed == ["at: head", "after: one"]
    gates.clear()
    outcome = await play.task
    assert (outcome.how, outcome.frames) == (OutcomeKind.CUT, 3)
    assert play.stage.data == [HEAD.data + FIRST.data, b"FIN"]


async def _cancelled_while_held() -> None:
    gates = Gates()
    gate = gates.add("talks", BEGIN)
    play = Play(gates)
    await play.goes_on()
    play.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await play.task
    assert gate.held == ()


@pytest.mark.parametrize(
    "story",
    [
        _held_at_each_gate,
        _opened_before,
        _left_while_held,
        _cut_before_the_next_gate,
        _cancelled_while_held,
    ],
    ids=lambda story: story.__name__.strip("_"),
)
def test_a_held_reply(story: object) -> None:
    assert callable(story)
    asyncio.run(story())
