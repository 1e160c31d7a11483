"""Random faults on random replies: only documented errors are raised, and h11 reads the rest."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.samples import faulted_stream, faults_of, seen_by_h11, wire
from tests.faults.strategies import TEXTS, strategies
from tests.kit import JSON, Close, Event, Frame, IdGenerator, JSONObject, Part, PlaceNotFoundError, Send

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAULTS = strategies(["event[0]", "event[1]", "event[2]", "event[3]", "wire[1]", "terminator", "nowhere"])
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
IDS = st.none() | st.builds(
    IdGenerator, seed=st.integers(0, 9), scenario=st.just("s"), stub=st.just("t"), call=st.integers(0, 9)
)


def play(
    events: tuple[Event, ...],
    elements: list[JSON],
    version: tuple[int, int] = (1, 1),
    ids: IdGenerator | None = None,
    gap_s: float = 0.0,
) -> tuple[Frame, ...] | None:
    """The stream with faults; None if it does not have a place, as those in a body are left out."""
    if faults_of(*elements).whole:
        return None
    try:
        return faulted_stream(*elements, events=events, ids=ids, version=version, gap_s=gap_s)
    except PlaceNotFoundError:
        return None


@UNHURRIED
@given(STREAMS, st.lists(FAULTS.reslicings, max_size=3), VERSIONS)
def test_reslicings_and_delays_never_change_a_byte(
    events: tuple[Event, ...], elements: list[JSON], version: tuple[int, int]
) -> None:
    found = play(events, elements, version)
    plain = play(events, [], version)
    if found is not None and plain is not None:
        assert wire(found) == wire(plain)
        assert seen_by_h11(found).error == ""


@UNHURRIED
@given(STREAMS, st.lists(FAULTS.reslicings, max_size=1), FAULTS.places)
def test_h11_finds_a_cut_reply_incomplete(events: tuple[Event, ...], before: list[JSON], place: JSONObject) -> None:
    whole = play(events, [])
    found = play(events, [*before, {"cut": place}])
    if found is not None and whole is not None:
        assert wire(whole).startswith(wire(found))
        assert found[-1] == Close()
        assert seen_by_h11(found).error != ""


@UNHURRIED
@given(STREAMS, st.lists(FAULTS.reslicings, max_size=1), FAULTS.after_head, VERSIONS)
def test_h11_finds_an_ended_reply_complete(
    events: tuple[Event, ...], before: list[JSON], place: JSONObject, version: tuple[int, int]
) -> None:
    whole = play(events, [], version)
    found = play(events, [*before, {"end": place}], version)
    if found is not None and whole is not None:
        seen = seen_by_h11(found)
        assert seen.error == ""
        assert seen_by_h11(whole).body.startswith(seen.body)


@UNHURRIED
@given(STREAMS, st.data())
def test_every_byte_of_a_body_is_a_place(events: tuple[Event, ...], data: st.DataObject) -> None:
    whole = play(events, [])
    assert whole is not None
    body = b"".join(frame.data for frame in whole if isinstance(frame, Send) and frame.part is Part.EVENT)
    count = data.draw(st.integers(0, len(body)))
    found = play(events, [{"cut": {"at_byte": count}}])
    assert found is not None
    assert seen_by_h11(found).body == body[:count]
