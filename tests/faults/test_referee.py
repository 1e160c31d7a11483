"""Random faults on random replies: nothing raises but what is foretold, and h11 judges the rest."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.faults.apply import FaultPipeline
from mockserver.faults.conflicts import find_conflicts
from mockserver.faults.parsing import PlaceNotFoundError
from mockserver.faults.registry import read_fault
from mockserver.model.events import PLAIN, Event
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Reset, Send
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.render.http1 import frame_body, frame_events
from tests.faults.samples import SSE, seen_by_h11, wire
from tests.faults.stacks import TEXTS, faulting

# How long an example takes is the machine's matter.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAULTING = faulting(
    ["event[0]", "event[1]", "event[2]", "event[3]", "wire[1]", "terminator", "nowhere"]
)
STREAMS = st.lists(TEXTS, max_size=4).map(
    lambda texts: (
        *(
            Event(
                label=f"event[{place}]",
                ordinal=place,
                data={"x": text},
                wire_label=f"wire[{place}]",
                name="n" if place % 2 else None,
            )
            for place, text in enumerate(texts)
        ),
        Event(label="terminator", ordinal=len(texts), data=None, text="[DONE]"),
    )
)
VERSIONS = st.sampled_from([(1, 0), (1, 1)])
MINTS = st.none() | st.builds(
    IdGenerator,
    seed=st.integers(0, 9),
    scenario=st.just("s"),
    stub=st.just("t"),
    call=st.integers(0, 9),
)


def play(
    events: tuple[Event, ...],
    elements: list[JSON],
    version: tuple[int, int],
    mint: IdGenerator | None,
    gap_s: float = 0.0,
) -> tuple[Frame, ...] | None:
    """The struck stream; None where a place is unknown."""
    faults = sum((read_fault(element).faults for element in elements), start=Faults())
    strike = FaultPipeline(faults=faults, scene=FaultContext.of(events), mint=mint)
    try:
        left = strike.events(events)
        spelling = strike.spelling(PLAIN)
        frames = frame_events(
            200, SSE, [(gap_s, event) for event in left], spelling, version=version
        )
        return strike.frames(frames, streamed=True)
    except PlaceNotFoundError:
        return None


def assert_is_a_script(frames: tuple[Frame, ...]) -> None:
    endings = [isinstance(frame, EndOfReply | Close | Reset) for frame in frames]
    assert endings == [False] * (len(frames) - 1) + [True]
    assert all(frame.data for frame in frames if isinstance(frame, Send))


@UNHURRIED
@given(STREAMS, FAULTING.stacks, VERSIONS, MINTS, st.sampled_from([0.0, 0.5]))
def test_any_stack_of_faults_gives_a_script_or_says_what_place_is_unknown(
    events: tuple[Event, ...],
    elements: list[JSON],
    version: tuple[int, int],
    mint: IdGenerator | None,
    gap_s: float,
) -> None:
    found = play(events, elements, version, mint, gap_s)
    if found is not None:
        assert_is_a_script(found)
        assert found == play(events, elements, version, mint, gap_s)
    find_conflicts([read_fault(element).written for element in elements])


@UNHURRIED
@given(st.binary(max_size=40), FAULTING.stacks, VERSIONS, MINTS)
def test_any_stack_of_faults_on_a_whole_reply(
    body: bytes, elements: list[JSON], version: tuple[int, int], mint: IdGenerator | None
) -> None:
    frames = frame_body(200, (), body, version=version, first_s=1.0)
    faults = sum((read_fault(element).faults for element in elements), start=Faults())
    try:
        found = FaultPipeline(faults=faults, scene=FaultContext(), mint=mint).frames(
            frames, streamed=False
        )
    except PlaceNotFoundError:
        return
    assert_is_a_script(found)


@UNHURRIED
@given(STREAMS, st.lists(FAULTING.reslicings, max_size=3), VERSIONS)
def test_reslicing_and_delays_never_change_a_byte(
    events: tuple[Event, ...], elements: list[JSON], version: tuple[int, int]
) -> None:
    found = play(events, elements, version, None)
    plain = play(events, [], version, None)
    if found is not None and plain is not None:
        assert wire(found) == wire(plain)
        assert seen_by_h11(found).error == ""


@UNHURRIED
@given(STREAMS, st.lists(FAULTING.reslicings, max_size=1), FAULTING.places)
def test_what_is_cut_is_a_beginning_that_h11_finds_incomplete(
    events: tuple[Event, ...], before: list[JSON], place: JSONObject
) -> None:
    whole = play(events, [], (1, 1), None)
    found = play(events, [*before, {"cut": place}], (1, 1), None)
    if found is not None and whole is not None:
        assert wire(whole).startswith(wire(found))
        assert found[-1] == Close()
        assert seen_by_h11(found).error != ""


@UNHURRIED
@given(STREAMS, st.lists(FAULTING.reslicings, max_size=1), FAULTING.behind_head, VERSIONS)
def test_what_is_ended_is_whole_for_h11_and_a_beginning_of_the_body(
    events: tuple[Event, ...], before: list[JSON], place: JSONObject, version: tuple[int, int]
) -> None:
    whole = play(events, [], version, None)
    found = play(events, [*before, {"end": place}], version, None)
    if found is not None and whole is not None:
        seen = seen_by_h11(found)
        assert seen.error == ""
        assert seen_by_h11(whole).body.startswith(seen.body)


@UNHURRIED
@given(STREAMS, st.data())
def test_every_byte_of_a_body_is_a_place(events: tuple[Event, ...], data: st.DataObject) -> None:
    whole = play(events, [], (1, 1), None)
    assert whole is not None
    body = b"".join(
        frame.data for frame in whole if isinstance(frame, Send) and frame.part is Part.EVENT
    )
    count = data.draw(st.integers(0, len(body)))
    found = play(events, [{"cut": {"at_byte": count}}], (1, 1), None)
    assert found is not None
    assert seen_by_h11(found).body == body[:count]
