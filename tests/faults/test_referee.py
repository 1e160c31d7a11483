"""Random faults on random replies: nothing raises but what is foretold, and h11 judges the rest."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.core.event import Event
from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Close, Finish, Frame, Part, Reset, Send
from mockserver.core.jsontext import JSON, Object
from mockserver.core.minted import Mint
from mockserver.core.spelling import PLAIN
from mockserver.faults.anatomy import Inside
from mockserver.faults.order import check_order
from mockserver.faults.place import UnknownPlace
from mockserver.faults.strike import Strike
from mockserver.faults.table import read_fault
from mockserver.wire.http1 import frames_of_body, frames_of_events
from tests.faults.samples import SSE, seen_by_h11, wire

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LABELS = ["event[0]", "event[1]", "event[2]", "event[3]", "wire[1]", "terminator", "nowhere"]
COUNTS = st.integers(0, 60)
SECONDS = st.sampled_from([0, "1ms", "5s"])

PLACES: st.SearchStrategy[Object] = st.one_of(
    st.builds(lambda n: {"after": n}, st.integers(0, 6)),
    st.builds(lambda label: {"after": label}, st.sampled_from(LABELS)),
    st.builds(lambda label: {"before": label}, st.sampled_from(LABELS)),
    st.builds(
        lambda label, n, unit: {"inside": {"event": label, unit: n}},
        st.sampled_from(LABELS),
        COUNTS,
        st.sampled_from(["byte", "char"]),
    ),
    st.builds(
        lambda label, n: {"inside": {"chunk_size": label, "byte": n}},
        st.sampled_from(LABELS),
        st.integers(0, 5),
    ),
    st.builds(
        lambda part, n: {"inside": {"part": part, "byte": n}},
        st.sampled_from(["status_line", "headers"]),
        COUNTS,
    ),
    st.builds(
        lambda where, kind: {"inside": {**where, "at": kind}},
        st.sampled_from([{"part": "body"}, *({"event": label} for label in LABELS)]),
        st.sampled_from([kind.value for kind in Inside]),
    ),
    st.builds(lambda spot: {"at": spot}, st.sampled_from(["head", "last_chunk"])),
    st.builds(lambda n: {"at_byte": n}, st.integers(0, 300)),
    st.builds(lambda n: {"at_byte": f"{n}%"}, st.integers(0, 100)),
)
IN_HEAD = ("status_line", "headers")
BEHIND_HEAD = PLACES.filter(
    lambda place: place.get("at") != "head" and not any(part in str(place) for part in IN_HEAD)
)
RESLICINGS: st.SearchStrategy[Object] = st.one_of(
    st.builds(lambda n, gap: {"dribble": {"bytes": n, "gap": gap}}, st.integers(1, 50), SECONDS),
    st.builds(
        lambda sizes: {"dribble": {"sizes": sizes}},
        st.lists(st.integers(1, 30), min_size=1, max_size=3),
    ),
    st.just({"dribble": {"split_utf8": True}}),
    st.just({"dribble": {"coalesce": True}}),
    st.builds(lambda rate: {"throttle": rate}, st.integers(1, 5000)),
    st.builds(lambda place, gap: {"delay": {**place, "for": gap}}, PLACES, SECONDS),
)
STOPS: st.SearchStrategy[Object] = st.one_of(
    st.builds(lambda place: {"cut": place}, PLACES),
    st.builds(lambda place: {"reset": place}, PLACES),
    st.builds(lambda place: {"end": place}, BEHIND_HEAD),
    st.builds(lambda place: {"stall": place}, PLACES),
    st.builds(
        lambda place, then: {"stall": {**place, "for": "1s", "then": then}},
        BEHIND_HEAD,
        st.sampled_from(["cut", "reset", "end"]),
    ),
)
OTHERS: st.SearchStrategy[Object] = st.one_of(
    st.builds(lambda label: {"omit": label}, st.sampled_from(LABELS)),
    st.builds(lambda label: {"repeat": label}, st.sampled_from(LABELS)),
    st.builds(
        lambda labels: {"swap": labels},
        st.lists(st.sampled_from(LABELS), min_size=2, max_size=2, unique=True),
    ),
    st.builds(
        lambda label, value: {"rewrite": {"event": label, "set": {"x": value}}},
        st.sampled_from(LABELS),
        TEXTS,
    ),
    st.builds(
        lambda label: {"rewrite": {"event": label, "remove": ["x"]}}, st.sampled_from(LABELS)
    ),
    st.builds(
        lambda kind, label: {"garble": {kind: label}},
        st.sampled_from(["json", "utf8", "chunk_size"]),
        st.sampled_from(LABELS),
    ),
    st.sampled_from(
        [
            {"garble": {"content_length": "+20"}},
            {"garble": {"content_length": 5}},
            {"garble": {"content_type": "text/html"}},
            {"garble": {"bom": True}},
            {"framing": {"newline": "crlf", "comment": "c"}},
            {"framing": {"split_data": True, "id": True}},
            {"framing": {"final_blank": False}},
            {"linger": "1s"},
            {"linger": {"until": "next"}},
        ]
    ),
)
FAULTS = st.one_of(RESLICINGS, STOPS, OTHERS)
STACKS = st.lists(
    st.one_of(FAULTS, st.builds(lambda fault: {**fault, "chance": 0.5}, FAULTS)), max_size=6
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
    Mint, seed=st.integers(0, 9), scenario=st.just("s"), stub=st.just("t"), call=st.integers(0, 9)
)


def play(
    events: tuple[Event, ...],
    elements: list[JSON],
    version: tuple[int, int],
    mint: Mint | None,
    gap_s: float = 0.0,
) -> tuple[Frame, ...] | None:
    """The struck stream; None where a place is unknown."""
    faults = sum((read_fault(element).faults for element in elements), start=Faults())
    strike = Strike(faults=faults, scene=Scene.of(events), mint=mint)
    try:
        left = strike.events(events)
        spelling = strike.spelling(PLAIN)
        frames = frames_of_events(
            200, SSE, [(gap_s, event) for event in left], spelling, version=version
        )
        return strike.frames(frames, streamed=True)
    except UnknownPlace:
        return None


def assert_is_a_script(frames: tuple[Frame, ...]) -> None:
    endings = [isinstance(frame, Finish | Close | Reset) for frame in frames]
    assert endings == [False] * (len(frames) - 1) + [True]
    assert all(frame.data for frame in frames if isinstance(frame, Send))


@given(STREAMS, STACKS, VERSIONS, MINTS, st.sampled_from([0.0, 0.5]))
def test_any_stack_of_faults_gives_a_script_or_says_what_place_is_unknown(
    events: tuple[Event, ...],
    elements: list[JSON],
    version: tuple[int, int],
    mint: Mint | None,
    gap_s: float,
) -> None:
    found = play(events, elements, version, mint, gap_s)
    if found is not None:
        assert_is_a_script(found)
        assert found == play(events, elements, version, mint, gap_s)
    check_order([read_fault(element).written for element in elements])


@given(st.binary(max_size=40), STACKS, VERSIONS, MINTS)
def test_any_stack_of_faults_on_a_whole_reply(
    body: bytes, elements: list[JSON], version: tuple[int, int], mint: Mint | None
) -> None:
    frames = frames_of_body(200, (), body, version=version, first_s=1.0)
    faults = sum((read_fault(element).faults for element in elements), start=Faults())
    try:
        found = Strike(faults=faults, scene=Scene(), mint=mint).frames(frames, streamed=False)
    except UnknownPlace:
        return
    assert_is_a_script(found)


@given(STREAMS, st.lists(RESLICINGS, max_size=3), VERSIONS)
def test_reslicing_and_delays_never_change_a_byte(
    events: tuple[Event, ...], elements: list[JSON], version: tuple[int, int]
) -> None:
    found = play(events, elements, version, None)
    plain = play(events, [], version, None)
    if found is not None and plain is not None:
        assert wire(found) == wire(plain)
        assert seen_by_h11(found).error == ""


@given(STREAMS, st.lists(RESLICINGS, max_size=1), PLACES)
def test_what_is_cut_is_a_beginning_that_h11_finds_incomplete(
    events: tuple[Event, ...], before: list[JSON], place: Object
) -> None:
    whole = play(events, [], (1, 1), None)
    found = play(events, [*before, {"cut": place}], (1, 1), None)
    if found is not None and whole is not None:
        assert wire(whole).startswith(wire(found))
        assert found[-1] == Close()
        assert seen_by_h11(found).error != ""


@given(STREAMS, st.lists(RESLICINGS, max_size=1), BEHIND_HEAD, VERSIONS)
def test_what_is_ended_is_whole_for_h11_and_a_beginning_of_the_body(
    events: tuple[Event, ...], before: list[JSON], place: Object, version: tuple[int, int]
) -> None:
    whole = play(events, [], version, None)
    found = play(events, [*before, {"end": place}], version, None)
    if found is not None and whole is not None:
        seen = seen_by_h11(found)
        assert seen.error == ""
        assert seen_by_h11(whole).body.startswith(seen.body)


@settings(max_examples=50)
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
