"""Walking all the places where a reply may break."""

from __future__ import annotations

import dataclasses

import pytest

from mockserver.faults.landmarks import Landmark, places_in_event, places_in_json
from mockserver.faults.sweep import (
    Case,
    TruncationKind,
    places,
    reslicings,
    sample,
    scene_of,
    truncations,
)
from mockserver.model.events import Event, SseFormat
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Close, EndOfReply, Frame, Reset, Script, Send, Stall
from mockserver.render.http1 import frame_events
from tests.faults.samples import (
    BODY,
    EVENTS,
    SSE,
    raw,
    shape,
    streamed,
    struck,
    whole,
    wire,
    writes,
)

STREAM = Script(frames=streamed())
WHOLE = Script(frames=whole())
SCENE = scene_of(STREAM)


def after(script: Script, case: Case) -> tuple[Frame, ...]:
    return struck(script.frames, case.fault, scene=scene_of(script))


def around(text: bytes, places: dict[Landmark, int]) -> dict[str, tuple[bytes, bytes]]:
    """The bytes on both sides of each place."""
    return {kind.value: (text[:byte][-3:], text[byte:][:3]) for kind, byte in places.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b'event: say\ndata: {"id":"a\\nb","delta":"h\xc3\xa9"}\n\n',
            {
                "event-line": (b"nt:", b" sa"),
                "before-data": (b"a: ", b'{"i'),
                "key": (b'{"i', b'd":'),
                "string": (b':"h', b'\xc3\xa9"'),
                "escape": (b'"a\\', b'nb"'),
                "character": (b'"h\xc3', b'\xa9"}'),
                "before-blank-line": (b'"}\n', b"\n"),
            },
        ),
        (
            b"data: [DONE]\r\n\r\n",
            {
                "before-data": (b"a: ", b"[DO"),
                "text": (b"[DO", b"NE]"),
                "cr-lf": (b"E]\r", b"\n\r\n"),
                "before-blank-line": (b"]\r\n", b"\r\n"),
            },
        ),
        (
            b': keep-alive\r\rdata:{"a":1}\r\r',
            {
                "before-data": (b"ta:", b'{"a'),
                "key": (b'{"a', b'":1'),
                "before-blank-line": (b"1}\r", b"\r"),
            },
        ),
        (
            b'data: {"":"","a":"\\u00e9"}',
            {
                "before-data": (b"a: ", b'{""'),
                "key": (b',"a', b'":"'),
                "string": (b"0e9", b'"}'),
                "escape": (b':"\\', b"u00"),
            },
        ),
        (b"data: 12", {"before-data": (b"a: ", b"12")}),
        (b": only a comment\n\n", {"before-blank-line": (b"nt\n", b"\n")}),
        (b"", {}),
    ],
)
def test_an_event_has_one_place_of_each_kind(
    text: bytes, expected: dict[str, tuple[bytes, bytes]]
) -> None:
    assert around(text, places_in_event(text)) == expected


def test_a_body_has_one_place_of_each_kind() -> None:
    assert around(BODY, places_in_json(BODY)) == {
        "key": (b'{"i', b'd":'),
        "string": (b':"a', b'\\n"'),
        "escape": (b'"a\\', b'n",'),
        "character": (b':"\xc3', b'\xa9"}'),
    }


def test_the_text_that_a_client_shows_is_preferred() -> None:
    text = b'data: {"id":"long-id","choices":[{"delta":{"content":"Hi"}}]}\n\n'
    byte = places_in_event(text)[Landmark.STRING]
    assert text[:byte].endswith(b'"content":"H')


def test_places_are_named_in_the_order_of_the_wire() -> None:
    assert [slug for slug, _ in places(STREAM)] == [
        "head",
        "status-line",
        "headers",
        "after-head",
        "role/chunk-size",
        "role/before-data",
        "role/key",
        "role/string",
        "role/before-blank-line",
        "after-role",
        "text.delta[0]/chunk-size",
        "text.delta[0]/event-line",
        "text.delta[0]/before-data",
        "text.delta[0]/key",
        "text.delta[0]/string",
        "text.delta[0]/character",
        "text.delta[0]/before-blank-line",
        "after-text.delta[0]",
        "text.delta[1]/chunk-size",
        "text.delta[1]/before-data",
        "text.delta[1]/key",
        "text.delta[1]/escape",
        "text.delta[1]/string",
        "text.delta[1]/before-blank-line",
        "after-text.delta[1]",
        "terminator/chunk-size",
        "terminator/before-data",
        "terminator/text",
        "terminator/before-blank-line",
        "after-terminator",
    ]


def test_every_truncation_of_a_stream_is_distinct_and_stops_short() -> None:
    cases = truncations(STREAM)
    found = [after(STREAM, case) for case in cases]
    assert len({case.id for case in cases}) == len(cases)
    assert len({(wire(frames), *map(type, frames[-2:])) for frames in found}) == len(cases)
    for frames in found:
        # The whole reply is never among them: either bytes lack or the connection does not live on.
        assert wire(frames) != STREAM.wire
    endings = {
        case.id.rpartition("/")[2]: type(frames[-1])
        for case, frames in zip(cases, found, strict=True)
    }
    assert endings == {"cut": Close, "reset": Reset, "stall": Close, "end": EndOfReply}


def test_each_place_is_stopped_at_in_each_way_that_differs_there() -> None:
    cases = [case.id for case in truncations(STREAM)]
    slugs = [slug for slug, _ in places(STREAM)]
    for kind in (TruncationKind.CUT, TruncationKind.RESET, TruncationKind.STALL):
        assert [case for case in cases if case.endswith(f"/{kind}")] == [
            f"{slug}/{kind}" for slug in slugs
        ]
    in_head = {"head", "status-line", "headers"}
    same_as_the_boundary_before = {f"{event.label}/chunk-size" for event in EVENTS}
    the_whole_reply = {"after-terminator"}
    left_out = in_head | same_as_the_boundary_before | the_whole_reply
    assert [case for case in cases if case.endswith("/end")] == [
        f"{slug}/end" for slug in slugs if slug not in left_out
    ]


def test_what_surrounds_a_place_is_named_so_that_other_bytes_have_it_too() -> None:
    inside = {
        case.id: case.fault for case in truncations(STREAM, [TruncationKind.CUT]) if "/" in case.id
    }
    assert inside["text.delta[1]/escape/cut"] == {
        "cut": {"inside": {"event": "text.delta[1]", "at": "escape"}}
    }


def test_kinds_and_the_length_of_a_stall_can_be_chosen() -> None:
    cases = truncations(STREAM, [TruncationKind.STALL], stall_for="2s")
    assert {next(iter(case.fault)) for case in cases} == {"stall"}
    assert cases[0] == Case(id="head/stall", fault={"stall": {"at": "head", "for": "2s"}})
    assert after(STREAM, cases[0]) == (Stall(seconds=2.0), Close())
    assert str(cases[0]) == "head/stall"


def test_a_whole_reply_is_truncated_by_bytes() -> None:
    cases = truncations(WHOLE, [TruncationKind.CUT])
    assert [case.id for case in cases] == [
        "head/cut",
        "status-line/cut",
        "headers/cut",
        "after-head/cut",
        "body/key/cut",
        "body/string/cut",
        "body/escape/cut",
        "body/character/cut",
        "body/half/cut",
        "body/all-but-one/cut",
    ]
    assert cases[5].fault == {"cut": {"inside": {"part": "body", "at": "string"}}}
    assert shape(after(WHOLE, cases[5]))[0] == wire(whole())[: -len(BODY)] + BODY[:8]


def test_crlf_spelling_has_a_place_between_the_two() -> None:
    events = [(0.0, event) for event in EVENTS]
    script = Script(frames=frame_events(200, SSE, events, SseFormat(newline="\r\n")))
    found = [case for case in truncations(script, [TruncationKind.CUT]) if "cr-lf" in case.id]
    assert len(found) == len(EVENTS)
    assert all(wire(after(script, case)).endswith(b"\r") for case in found)


def test_a_close_delimited_stream_that_is_cut_at_its_end_is_whole() -> None:
    script = Script(frames=streamed(version=(1, 0)))
    ids = [case.id for case in truncations(script)]
    assert "after-terminator/cut" not in ids
    assert "after-terminator/reset" in ids
    assert not any("chunk-size" in found for found in ids)


def test_exact_bytes_can_be_truncated_too() -> None:
    script = Script(frames=raw(b"junk"))
    assert [case.id for case in truncations(script)] == ["head/cut", "head/reset", "head/stall"]


def test_reslicings_keep_the_bytes_and_differ_in_writes() -> None:
    cases = reslicings(STREAM)
    found = [after(STREAM, case) for case in cases]
    assert {wire(frames) for frames in found} == {STREAM.wire}
    assert len({tuple(writes(frames)) for frames in found}) == len(cases)
    assert tuple(writes(STREAM.frames)) not in {tuple(writes(frames)) for frames in found}
    assert [case.id for case in cases][:4] == ["bytes-1", "bytes-2", "bytes-3", "bytes-5"]
    assert {"sizes-3-7", "split-utf8", "divide-text.delta[1]/escape"} <= {case.id for case in cases}


def test_a_paced_stream_can_be_coalesced() -> None:
    script = Script(frames=streamed(gap_s=0.5))
    [coalesced] = [case for case in reslicings(script) if case.id == "coalesce"]
    assert writes(after(script, coalesced)) == [script.wire]


def test_a_sample_is_repeatable_and_keeps_the_order() -> None:
    cases = truncations(STREAM)
    chosen = sample(cases, 10, seed=1)
    assert len(chosen) == 10
    assert chosen == sample(cases, 10, seed=1)
    assert chosen != sample(cases, 10, seed=2)
    assert list(chosen) == [case for case in cases if case in chosen]
    assert sample(cases, None) == cases
    assert sample(cases, len(cases)) == cases
    assert sample(cases, 0) == ()


def test_a_sample_grows_with_its_limit() -> None:
    cases = truncations(STREAM)
    ids = [{case.id for case in sample(cases, limit)} for limit in (5, 10, 20)]
    assert ids[0] < ids[1] < ids[2]


def test_the_scene_is_read_from_the_frames() -> None:
    assert FaultContext(labels=tuple(event.label for event in EVENTS)) == SCENE
    assert scene_of(WHOLE) == FaultContext()


def test_frames_without_a_label_are_no_events() -> None:
    bare = tuple(
        dataclasses.replace(frame, label=None) if isinstance(frame, Send) else frame
        for frame in streamed((Event(label="a", ordinal=0, data=1),))
    )
    assert [slug for slug, _ in places(Script(frames=bare))] == [
        "head",
        "status-line",
        "headers",
        "after-head",
    ]
