"""The player by itself: what is written when, on a stage with a clock of its own."""

from __future__ import annotations

import asyncio
import gc

import pytest

from tests.kit import (
    WRITE_SIZE,
    Beat,
    Close,
    EndOfReply,
    Frame,
    GatedAct,
    IdleClose,
    Making,
    Outcome,
    OutcomeKind,
    Part,
    Player,
    ReplySink,
    Reset,
    Script,
    Send,
    Stall,
    Wait,
    Write,
    coalesce,
)
from tests.stage import START, Stage, play

HEAD = Send(data=b"head ", part=Part.HEAD)
LAST = Send(data=b"last", part=Part.LAST_CHUNK)


def event(number: int, size: int = 10) -> tuple[Send, Send, Send]:
    """One event as an HTTP chunk of `size` bytes in all."""
    return (
        Send(data=b"<", part=Part.CHUNK_SIZE, event=number),
        Send(data=b"%d" % (number % 10) * (size - 2), part=Part.EVENT, event=number),
        Send(data=b">", part=Part.CHUNK_END, event=number),
    )


def perform(stage: Stage, *frames: Frame, time_scale: float = 1.0) -> Outcome:
    return play(stage, Script(frames=frames), time_scale=time_scale)


def joined(*frames: Frame) -> list[bytes]:
    return [act.data for act in coalesce(frames) if isinstance(act, Write)]


def test_frames_without_a_wait_between_them_are_one_write() -> None:
    assert joined(HEAD, *event(0), *event(1), LAST, EndOfReply()) == [b"head <00000000><11111111>last"]


def test_any_wait_separates_two_writes() -> None:
    frames = (HEAD, Wait(seconds=0), *event(0), Wait(seconds=1), *event(1), LAST, EndOfReply())
    assert joined(*frames) == [b"head ", b"<00000000>", b"<11111111>last"]


def test_a_wait_inside_an_event_parts_it() -> None:
    size, data, end = event(0)
    assert joined(size, data, Wait(seconds=0), end, EndOfReply()) == [b"<00000000", b">"]


@pytest.mark.parametrize(
    ("sizes", "writes"),
    [
        ([WRITE_SIZE], [1]),
        ([WRITE_SIZE - 10, 10], [2]),
        ([WRITE_SIZE - 10, 11], [1, 1]),
        ([10, WRITE_SIZE + 1, 10, 10], [1, 1, 2]),
        ([WRITE_SIZE * 5], [1]),
        ([4000] * 9, [4, 4, 1]),
    ],
)
def test_a_write_is_cut_where_an_event_ends(sizes: list[int], writes: list[int]) -> None:
    frames = [frame for number, size in enumerate(sizes) for frame in event(number, size)]
    found = list(coalesce(frames))
    assert [act.frames // 3 for act in found if isinstance(act, Write)] == writes
    assert [act.frames % 3 for act in found if isinstance(act, Write)] == [0] * len(writes)
    assert b"".join(joined(*frames)) == Script(frames=tuple(frames)).wire


def test_events_without_chunk_framing_are_distinguished_by_their_number() -> None:
    frames = [Send(data=b"%d" % number * 5000, part=Part.EVENT, event=number) for number in range(5)]
    assert [len(write) for write in joined(*frames)] == [15000, 10000]


def test_two_parts_of_one_event_stay_together() -> None:
    frames = [Send(data=b"x" * 10_000, part=Part.EVENT, event=0) for _ in range(3)]
    assert [len(write) for write in joined(*frames)] == [30_000]


@pytest.mark.parametrize(
    ("frames", "did", "how", "took"),
    [
        ([HEAD, EndOfReply()], [(0, b"head ")], OutcomeKind.COMPLETE, 0),
        ([HEAD, EndOfReply(hang_up=IdleClose.FIN)], [(0, b"head "), (0, "fin")], OutcomeKind.COMPLETE, 0),
        ([HEAD, Close()], [(0, b"head "), (0, "close")], OutcomeKind.CUT, 0),
        ([HEAD, Reset()], [(0, b"head "), (0, "reset")], OutcomeKind.RESET, 0),
        ([Close()], [(0, "close")], OutcomeKind.CUT, 0),
        ([Wait(seconds=2), HEAD, EndOfReply()], [(2, b"head ")], OutcomeKind.COMPLETE, 2),
        (
            [HEAD, Stall(seconds=3), Wait(seconds=1), LAST, Close()],
            [(0, b"head "), (4, b"last"), (4, "close")],
            OutcomeKind.CUT,
            4,
        ),
    ],
)
def test_a_script_is_performed_to_its_end(
    frames: list[Frame], did: list[tuple[float, object]], how: OutcomeKind, took: float
) -> None:
    stage = Stage()
    outcome = perform(stage, *frames)
    assert stage.done == did
    assert outcome == Outcome(how=how, frames=len(frames), sent=stage.sent, started_s=START, ended_s=START + took)


def test_a_late_write_does_not_delay_the_ones_behind_it() -> None:
    stage = Stage(cost_s=0.03)
    paced = [frame for number in range(4) for frame in (Wait(seconds=0.1), *event(number))]
    perform(stage, *paced, EndOfReply())
    assert [at for at, _ in stage.done] == [0.1, 0.2, 0.3, 0.4]


def test_writes_that_take_longer_than_their_gap_follow_at_once() -> None:
    stage = Stage(cost_s=0.25)
    paced = [frame for number in range(4) for frame in (Wait(seconds=0.1), *event(number))]
    perform(stage, *paced, EndOfReply())
    assert [at for at, _ in stage.done] == [0.1, 0.35, 0.6, 0.85]


@pytest.mark.parametrize(("time_scale", "times"), [(0.5, [0, 1, 3]), (2, [0, 4, 12]), (0, [0] * 3)])
def test_the_time_scale_stretches_waits_and_stalls(time_scale: float, times: list[float]) -> None:
    stage = Stage()
    frames = (HEAD, Wait(seconds=2), *event(0), Stall(seconds=4), LAST, EndOfReply())
    perform(stage, *frames, time_scale=time_scale)
    assert stage.done == list(zip(times, [b"head ", b"<00000000>", b"last"], strict=True))


@pytest.mark.parametrize(
    ("frames", "how", "performed"),
    [
        ([HEAD, Wait(seconds=2), LAST, EndOfReply()], OutcomeKind.CLIENT_LEFT, 1),
        ([HEAD, Wait(seconds=0.5), Wait(seconds=2), LAST, EndOfReply()], OutcomeKind.CLIENT_LEFT, 2),
        ([HEAD, Stall(seconds=2), Close()], OutcomeKind.CLIENT_LEFT, 1),
        ([HEAD, Stall(), Close()], OutcomeKind.STALLED, 1),
        ([HEAD, Stall(), LAST, EndOfReply()], OutcomeKind.STALLED, 1),
        ([HEAD, Wait(seconds=2), Close()], OutcomeKind.CLIENT_LEFT, 1),
        ([HEAD, Wait(seconds=2), Reset()], OutcomeKind.CLIENT_LEFT, 1),
        ([HEAD, Wait(seconds=2), EndOfReply()], OutcomeKind.COMPLETE, 1),
    ],
)
def test_a_client_that_disconnects_ends_the_script(frames: list[Frame], how: OutcomeKind, performed: int) -> None:
    stage = Stage(leaves_at=1)
    assert perform(stage, *frames) == Outcome(
        how=how, frames=performed, sent=len(HEAD.data), started_s=START, ended_s=START + 1
    )


def test_a_stall_without_end_repeats_its_beat_until_the_client_disconnects() -> None:
    stage = Stage(leaves_at=7)
    outcome = perform(stage, HEAD, Stall(beat=Beat(every_s=2, first_s=2, before=b"ping")), Close())
    assert stage.done == [(0, b"head "), (2, b"ping"), (4, b"ping"), (6, b"ping")]
    assert (outcome.how, outcome.sent, outcome.frames) == (OutcomeKind.STALLED, 17, 1)


def test_no_beat_is_sent_where_time_does_not_pass() -> None:
    stage = Stage(leaves_at=7)
    perform(stage, HEAD, Stall(beat=Beat(every_s=2, first_s=2, before=b"ping")), Close(), time_scale=0)
    assert stage.done == [(0, b"head ")]


def test_a_beat_that_meets_a_client_that_is_gone_ends_the_stall() -> None:
    stage = Stage(cost_s=3, leaves_at=5)
    outcome = perform(stage, HEAD, Stall(beat=Beat(every_s=1, first_s=1, before=b"ping")), Close())
    assert outcome.how is OutcomeKind.STALLED


def test_a_client_that_left_before_the_reply_gets_nothing() -> None:
    stage = Stage(leaves_at=0)
    outcome = perform(stage, HEAD, *event(0), EndOfReply())
    assert (outcome.how, outcome.frames, outcome.sent) == (OutcomeKind.CLIENT_LEFT, 0, 0)
    assert stage.done == []


def test_the_outcome_is_recorded_in_the_step_that_ends_the_reply() -> None:
    outcomes: list[Outcome] = []
    recorded: list[int] = []

    class Observed(Close):
        async def perform(self, sink: ReplySink) -> OutcomeKind:
            await sink.close()
            asyncio.get_running_loop().call_soon(lambda: recorded.append(len(outcomes)))
            return OutcomeKind.CUT

    async def played() -> None:
        stage = Stage()
        Player(stage, (Observed(),), outcomes.append, clock=stage.clock, loop=asyncio.get_running_loop()).play()
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(played())
    assert recorded == [1]


def test_a_reply_whose_making_fails_is_cut() -> None:
    outcomes: list[Outcome] = []
    failures: list[object] = []

    async def make() -> tuple[GatedAct, ...]:
        raise ZeroDivisionError

    async def played() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
        stage = Stage()
        Player(stage, (Making(make),), outcomes.append, clock=stage.clock, loop=loop).play()
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect()

    asyncio.run(played())
    assert [one.how for one in outcomes] == [OutcomeKind.CUT]
    assert [type(one) for one in failures] == [ZeroDivisionError]
