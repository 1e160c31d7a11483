"""When the player writes what, and in which portions: on a stage with a clock of its own, and as
far as a socket can show it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    NO_FAULTS,
    Dialects,
    Frame,
    IdGenerator,
    JSONObject,
    Output,
    Pace,
    RenderContext,
    Reply,
    Script,
    Send,
    Stall,
    Text,
    Wait,
    compose,
    read_fault,
    sample_calls,
)
from tests.stage import Stage, play
from tests.wire.faults.conftest import Stage as WireStage

# How long an example takes is the machine's matter.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OPENAI = Dialects().find("openai")
AT_ONCE = Pace()
SECONDS = st.integers(0, 2000).map(lambda ms: ms / 1000)
PACES = st.builds(
    Pace, first_s=SECONDS, gap_s=SECONDS, jitter_s=SECONDS, per_event_s=st.lists(SECONDS, max_size=3).map(tuple)
)


def recorded(script: Script, *, cost_s: float = 0.0, scale: float = 1.0) -> Stage:
    stage = Stage(cost_s=cost_s)
    play(stage, script, time_scale=scale)
    return stage


def times(stage: Stage) -> list[float]:
    return [at for at, what in stage.done if isinstance(what, bytes)]


def writes(stage: Stage) -> list[bytes]:
    return [what for _, what in stage.done if isinstance(what, bytes)]


def script_of(*faults: JSONObject, text: str = 'Hé "you" over there', pace: Pace = AT_ONCE) -> Script:
    reply = Reply(
        content=Output(choices=((Text(text=text),),)),
        pace=pace,
        faults=sum((read_fault(fault).faults for fault in faults), start=NO_FAULTS),
    )
    route = OPENAI.routes[0]
    _, call, *_ = sample_calls(route, route.shape)
    ids = IdGenerator(seed=0, scenario="s", stub="t", call=0)
    return compose(reply, RenderContext(call=call, dialect=OPENAI, ids=ids), route.shape).script


def due(frames: tuple[Frame, ...], scale: float) -> list[tuple[float, bytes]]:
    """Each write with its time: waits add up from the start."""
    at, found = 0.0, list[tuple[float, bytes]]()
    held = b""
    for frame in frames:
        if isinstance(frame, Send):
            held += frame.data
            continue
        if held:
            found.append((at * scale, held))
            held = b""
        if isinstance(frame, Wait | Stall):
            at += frame.seconds or 0.0
    return found


@UNHURRIED
@given(PACES, st.sampled_from([1.0, 10.0, 0.1]))
def test_every_event_is_sent_at_the_sum_of_its_waits(pace: Pace, scale: float) -> None:
    script = script_of(pace=pace)
    stage = recorded(script, scale=scale)
    expected = due(script.frames, scale)
    assert writes(stage) == [data for _, data in expected]
    assert times(stage) == pytest.approx([at for at, _ in expected], abs=1e-5)


@pytest.mark.parametrize(
    "fault",
    [
        {"dribble": {"bytes": 150, "gap": "8ms"}},
        {"dribble": {"sizes": [40, 300], "gap": "8ms"}},
        {"delay": {"inside": {"event": "text.delta[1]", "at": "escape"}, "for": "30ms"}},
    ],
    ids=str,
)
def test_a_reader_finds_only_boundaries_of_writes(stage: WireStage, fault: JSON) -> None:
    """Portions may meet on the way, so that some boundaries get lost; none is new."""
    stage.says(fault)
    script = stage.expected()
    written = {*accumulate(len(data) for _, data in due(script.frames, 1.0))}
    peer = stage.dial()
    peer.send(stage.question())
    read = [peer.socket.recv(2**16)]
    while sum(map(len, read)) < len(script.wire):
        read.append(peer.socket.recv(2**16))
    assert b"".join(read) == script.wire
    assert {*accumulate(map(len, read))} <= written


def test_paced_events_arrive_one_by_one(staged: Callable[..., WireStage]) -> None:
    stage = staged()
    stage.says(pace={"gap": "15ms"}, output=[{"text": "a b c d e f"}])
    script = stage.expected()
    peer = stage.dial()
    peer.send(stage.question())
    read: list[bytes] = []
    while sum(map(len, read)) < len(script.wire):
        read.append(peer.socket.recv(2**16))
    assert b"".join(read) == script.wire
    assert all(data.endswith(b"\r\n") for data in read)
    assert len(read) > 1
