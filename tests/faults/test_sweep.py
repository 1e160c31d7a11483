"""Systematic faults of one reply: truncations, other writes, and violations of each rule."""

from __future__ import annotations

import dataclasses

from tests.faults.samples import BODY, EVENTS, SSE, faulted_events, shape, streamed, whole, wire, writes
from tests.kit import (
    JSON,
    Case,
    Close,
    EndOfReply,
    Event,
    FaultContext,
    Frame,
    Reset,
    Script,
    Send,
    SseFormat,
    Stall,
    Violation,
    altered,
    context_of,
    frame_events,
    frame_raw,
    mutations,
    places,
    reslicings,
    sample,
    truncations,
    violations,
)

STREAM = Script(frames=streamed())
WHOLE = Script(frames=whole())
CONTEXT = context_of(STREAM)


def after(script: Script, case: Case) -> tuple[Frame, ...]:
    found = altered(script, case.fault)
    assert found is not None
    return found


def test_places_are_listed_in_the_order_of_the_wire() -> None:
    assert [slug for slug, _ in places(STREAM)] == [
        "head", "status-line", "headers", "after-head", "role/chunk-size", "role/before-data", "role/key",
        "role/string", "role/before-blank-line", "after-role", "text.delta[0]/chunk-size", "text.delta[0]/event-line",
        "text.delta[0]/before-data", "text.delta[0]/key", "text.delta[0]/string", "text.delta[0]/character",
        "text.delta[0]/before-blank-line", "after-text.delta[0]", "text.delta[1]/chunk-size",
        "text.delta[1]/before-data", "text.delta[1]/key", "text.delta[1]/escape", "text.delta[1]/string",
        "text.delta[1]/before-blank-line", "after-text.delta[1]", "terminator/chunk-size", "terminator/before-data",
        "terminator/text", "terminator/before-blank-line", "after-terminator",
    ]  # fmt: skip


def test_every_truncation_of_a_stream_is_distinct_and_stops_short() -> None:
    cases = truncations(STREAM)
    found = [after(STREAM, case) for case in cases]
    assert len({case.id for case in cases}) == len(cases)
    assert len({(wire(frames), *map(type, frames[-2:])) for frames in found}) == len(cases)
    for frames in found:
        # The complete reply is never among them.
        assert wire(frames) != STREAM.wire
    endings = {case.id.rpartition("/")[2]: type(frames[-1]) for case, frames in zip(cases, found, strict=True)}
    assert endings == {"cut": Close, "reset": Reset, "stall": Close, "end": EndOfReply}


def test_each_fault_is_tried_at_each_place_where_it_makes_a_difference() -> None:
    cases = [case.id for case in truncations(STREAM)]
    slugs = [slug for slug, _ in places(STREAM)]
    for kind in ("cut", "reset", "stall"):
        assert [case for case in cases if case.endswith(f"/{kind}")] == [f"{slug}/{kind}" for slug in slugs]
    in_head = {"head", "status-line", "headers"}
    same_as_the_boundary_before = {f"{event.label}/chunk-size" for event in EVENTS}
    complete = {"after-terminator"}
    left_out = in_head | same_as_the_boundary_before | complete
    assert [case for case in cases if case.endswith("/end")] == [
        f"{slug}/end" for slug in slugs if slug not in left_out
    ]


def test_a_place_inside_an_event_is_a_landmark() -> None:
    inside = {case.id: case.fault for case in truncations(STREAM, ["cut"]) if "/" in case.id}
    assert inside["text.delta[1]/escape/cut"] == {"cut": {"inside": {"event": "text.delta[1]", "at": "escape"}}}


def test_the_faults_and_the_length_of_a_stall_can_be_chosen() -> None:
    cases = truncations(STREAM, ["stall"], stall_for="2s")
    assert {next(iter(case.fault)) for case in cases} == {"stall"}
    assert cases[0] == Case(id="head/stall", fault={"stall": {"at": "head", "for": "2s"}})
    assert after(STREAM, cases[0]) == (Stall(seconds=2.0), Close())
    assert str(cases[0]) == "head/stall"


def test_a_non_streaming_reply_is_truncated_at_bytes_and_landmarks() -> None:
    cases = truncations(WHOLE, ["cut"])
    assert [case.id for case in cases] == [
        "head/cut", "status-line/cut", "headers/cut", "after-head/cut", "body/key/cut", "body/string/cut",
        "body/escape/cut", "body/character/cut", "body/half/cut", "body/all-but-one/cut",
    ]  # fmt: skip
    assert cases[5].fault == {"cut": {"inside": {"part": "body", "at": "string"}}}
    assert shape(after(WHOLE, cases[5]))[0] == wire(whole())[: -len(BODY)] + BODY[:8]


def test_events_with_crlf_are_truncated_between_the_two() -> None:
    events = [(0.0, event) for event in EVENTS]
    script = Script(frames=frame_events(200, SSE, events, SseFormat(newline="\r\n")))
    found = [case for case in truncations(script, ["cut"]) if "cr-lf" in case.id]
    assert len(found) == len(EVENTS)
    assert all(wire(after(script, case)).endswith(b"\r") for case in found)


def test_a_close_delimited_stream_that_is_cut_at_its_end_is_complete() -> None:
    script = Script(frames=streamed(version=(1, 0)))
    ids = [case.id for case in truncations(script)]
    assert "after-terminator/cut" not in ids
    assert "after-terminator/reset" in ids
    assert not any("chunk-size" in found for found in ids)


def test_exact_bytes_can_be_truncated_too() -> None:
    script = Script(frames=frame_raw(b"junk"))
    assert [case.id for case in truncations(script)] == ["head/cut", "head/reset", "head/stall"]


def test_reslicings_have_the_same_bytes_and_different_writes() -> None:
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


def test_the_context_is_read_from_the_frames() -> None:
    assert FaultContext(labels=tuple(event.label for event in EVENTS)) == CONTEXT
    assert context_of(WHOLE) == FaultContext()


def test_frames_without_a_label_have_no_places_of_events() -> None:
    bare = tuple(
        dataclasses.replace(frame, label=None) if isinstance(frame, Send) else frame
        for frame in streamed((Event(label="a", ordinal=0, data=1),))
    )
    assert [slug for slug, _ in places(Script(frames=bare))] == ["head", "status-line", "headers", "after-head"]


def delta(number: int) -> Event:
    return Event(label=f"delta[{number}]", ordinal=number + 1, data={"n": number + 1, "t": "x"})


START = Event(label="start", ordinal=0, data={"n": 0, "ok": True, "of": [None], "a.b": 1, "": 2})
TERMINATOR = Event(label="terminator", ordinal=4, data=None, text="[TERMINATOR]")
COUNTED = (START, delta(0), delta(1), delta(2), TERMINATOR)


def broken_rules(events: tuple[Event, ...]) -> frozenset[str]:
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


def test_each_rule_is_broken_once_with_the_fewest_others() -> None:
    assert broken_rules(COUNTED) == frozenset()
    assert violations(COUNTED, broken_rules) == (
        Violation(rule="numbers.count", case=Case(id="repeat-start", fault={"repeat": "start"})),
        Violation(
            rule="start.first", case=Case(id="omit-start", fault={"omit": "start"}), also=frozenset({"numbers.count"})
        ),
        Violation(rule="terminator.last", case=Case(id="omit-terminator", fault={"omit": "terminator"})),
        Violation(
            rule="text.type",
            case=Case(id="alter-delta[0]-t", fault={"rewrite": {"event": "delta[0]", "set": {"t": "xx"}}}),
        ),
    )


def test_the_first_and_last_event_of_each_kind_are_changed() -> None:
    ids = [case.id for case in mutations(COUNTED)]
    assert ids == [
        "omit-start", "repeat-start", "omit-delta[0]", "repeat-delta[0]", "omit-delta[2]", "repeat-delta[2]",
        "omit-terminator", "repeat-terminator", "swap-start-delta[0]", "swap-delta[0]-delta[1]",
        "swap-delta[1]-delta[2]", "swap-delta[2]-terminator", "remove-start-n", "next-start-n", "null-start-n",
        "retype-start-n", "remove-start-ok", "flip-start-ok", "null-start-ok", "retype-start-ok", "remove-start-of",
        "null-start-of", "retype-start-of", "remove-start-of.0", "retype-start-of.0", "remove-delta[0]-n",
        "next-delta[0]-n", "null-delta[0]-n", "retype-delta[0]-n", "remove-delta[0]-t", "alter-delta[0]-t",
        "null-delta[0]-t", "retype-delta[0]-t", "remove-delta[2]-n", "next-delta[2]-n", "null-delta[2]-n",
        "retype-delta[2]-n", "remove-delta[2]-t", "alter-delta[2]-t", "null-delta[2]-t", "retype-delta[2]-t",
    ]  # fmt: skip


def test_every_change_changes_something() -> None:
    found = [faulted_events(case.fault, events=COUNTED) for case in mutations(COUNTED)]
    assert COUNTED not in found
    values: list[JSON] = [events[0].data for events in found if events[0].label == "start"]
    assert {"n": "7", "ok": True, "of": [None], "a.b": 1, "": 2} in values


def test_neighbours_in_the_middle_of_a_kind_are_not_swapped() -> None:
    many = (START, *(delta(number) for number in range(6)), dataclasses.replace(TERMINATOR, ordinal=7))
    ids = [case.id for case in mutations(many) if case.id.startswith("swap-delta")]
    assert ids == ["swap-delta[0]-delta[1]", "swap-delta[4]-delta[5]", "swap-delta[5]-terminator"]


def test_no_events_have_no_changes() -> None:
    assert list(mutations(())) == []
    assert violations((), broken_rules) == ()
