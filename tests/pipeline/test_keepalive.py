"""Keepalives of a pace: where they are planned, how they are numbered, and what repeats them without end."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import (
    Beat,
    ComposedReply,
    Dialects,
    HttpContext,
    IdGenerator,
    JSONObject,
    Part,
    RenderContext,
    Send,
    Shape,
    Stall,
    Wait,
    compose,
    judge_judge,
    load_value,
    sample_calls,
)

HI: JSONObject = {"output": [{"text": "Hi there"}]}
EVERY: JSONObject = {"keepalive": "10s"}
DIALECTS = Dialects()


def composed(
    on: Shape,
    pace: JSONObject,
    *faults: JSONObject,
    said: JSONObject = HI,
    http: HttpContext | None = None,
    comment: str = "",
) -> ComposedReply:
    """The reply of a scenario, streaming."""
    reply = {**said, "pace": EVERY | pace, "faults": list(faults)}
    scenario = load_value({"stubs": [{"name": "a", "on": on.value, "reply": reply}]}, "a", DIALECTS)
    [stub] = scenario.stubs
    route = scenario.dialect.route(stub.on[0])
    assert route is not None
    call = next(call for call in sample_calls(route, on) if call.stream)
    dialect = replace(scenario.dialect, chat=replace(scenario.dialect.chat, comment=comment))
    context = RenderContext(call=call, dialect=dialect, ids=IdGenerator(seed=0, scenario="a", stub="a", call=0))
    return compose(stub.replies[0], context, on, http=http or HttpContext())


def times(reply: ComposedReply) -> list[str]:
    """The seconds and labels of the events and keepalives from the first keepalive on."""
    at_s, found = 0.0, []
    for frame in reply.script.frames:
        if isinstance(frame, Wait | Stall):
            at_s += frame.seconds or 0.0
        elif isinstance(frame, Send) and frame.part is Part.EVENT:
            found.append(f"{at_s:g} {frame.label}")
    kept = [place for place, one in enumerate(found) if one.endswith(" keepalive")]
    return found[kept[0] : kept[-1] + 2] if kept else []


def data(reply: ComposedReply) -> list[JSONObject]:
    """The data of the events."""
    body = reply.script.wire.partition(b"\r\n\r\n")[2]
    return [json.loads(line[6:]) for line in re.findall(rb"data: {.*(?=\n)", body)]


def numbers(reply: ComposedReply) -> list[object]:
    return [one.get("sequence_number") for one in data(reply)]


CHAT, RESPONSES = Shape.CHAT, Shape.RESPONSES
PLANNED: dict[str, tuple[Shape, JSONObject, list[JSONObject], list[str]]] = {
    "no wait is long enough": (CHAT, {"gap": "10s"}, [], []),
    "never": (CHAT, {"gap": "60s", "keepalive": 0}, [], []),
    "before the first event of chat": (CHAT, {"first": "25s"}, [], ["10 keepalive", "20 keepalive", "25 role"]),
    "not before in_progress": (RESPONSES, {"per_event": ["25s", "25s", "25s"]}, [],
        ["60 keepalive", "70 keepalive", "75 item[0].added"]),
    "in gaps": (CHAT, {"per_event": [0, 0, "15s", "15s"]}, [],
        ["10 keepalive", "15 text.delta[1]", "25 keepalive", "30 finish"]),
    "waits add up": (CHAT, {"gap": "6s"}, [{"delay": {"before": "text.delta[0]", "for": "6s"}}],
        ["10 keepalive", "12 text.delta[0]"]),
    "in a delay": (CHAT, {}, [{"delay": {"before": "text.delta[1]", "for": "25s"}}],
        ["10 keepalive", "20 keepalive", "25 text.delta[1]"]),
    "in a stall": (CHAT, {}, [{"stall": {"after": "text.delta[0]", "for": "25s"}}], ["10 keepalive", "20 keepalive"]),
    "not inside an event": (CHAT, {}, [{"delay": {"inside": {"event": "text.delta[1]", "byte": 9}, "for": "25s"}}], []),
    "not inside the head": (CHAT, {}, [{"delay": {"inside": {"part": "headers", "byte": 9}, "for": "25s"}}], []),
    "not before the head": (CHAT, {}, [{"delay": {"at": "head", "for": "25s"}}], []),
    "not behind the end": (RESPONSES, {}, [{"delay": {"after": "terminator", "for": "25s"}}], []),
    "not behind [DONE]": (CHAT, {}, [{"linger": "25s"}], []),
    "not where a length is stated": (CHAT, {"gap": "25s"}, [{"garble": {"content_length": "+20"}}], []),
    "not while in_progress is left out": (RESPONSES, {},
        [{"omit": "in_progress"}, {"delay": {"after": 1, "for": "25s"}}], []),
    "not where bytes come": (CHAT, {}, [{"dribble": {"bytes": 100, "gap": "9s"}}], []),
    "of one write": (CHAT, {"gap": "12s"}, [{"dribble": {"coalesce": True}}], []),
}  # fmt: skip


@pytest.mark.parametrize(("on", "pace", "faults", "expected"), PLANNED.values(), ids=PLANNED)
def test_keepalives_are_planned_from_the_waits(
    on: Shape, pace: JSONObject, faults: list[JSONObject], expected: list[str]
) -> None:
    assert times(composed(on, pace, *faults)) == expected


LONG: JSONObject = {"output": [{"text": "one two three four"}]}
NUMBERED: dict[str, list[JSONObject]] = {
    "as they are": [],
    "written in pieces": [{"dribble": {"bytes": 1}}],
    "in another format": [
        {"framing": {"newline": "crlf", "id": True, "split_data": True, "comment": '"sequence_number":'}}
    ],
}


@pytest.mark.parametrize("faults", NUMBERED.values(), ids=NUMBERED)
def test_events_behind_keepalives_move_on(faults: list[JSONObject]) -> None:
    reply = composed(RESPONSES, {"gap": "25s"}, *faults, said=LONG)
    text = reply.script.wire.decode()
    assert [int(one) for one in re.findall(r'"sequence_number":(\d+)', text)] == list(range(32))
    if not faults:
        assert [one["type"] for one in data(reply)].count("keepalive") == 20
    assert judge_judge(reply.script.wire).findings == ()


def test_keepalives_of_chat_are_comments_and_change_no_event() -> None:
    plain, kept = composed(CHAT, {"gap": "25s", "keepalive": 0}), composed(CHAT, {"gap": "25s"})
    assert kept.script.wire.replace(b"d\r\n: keepalive\n\n\r\n", b"") == plain.script.wire
    assert kept.script.wire.count(b": keepalive\n\n") == 8


def test_a_stream_that_ends_with_the_connection_is_kept_alive() -> None:
    old = HttpContext(version=(1, 0), keep_alive=False)
    wire = composed(CHAT, {"first": "15s"}, http=old).script.wire
    assert b"\r\n\r\n: keepalive\n\ndata: {" in wire
    wire = composed(RESPONSES, {"gap": "25s"}, http=old).script.wire
    assert re.findall(rb'"sequence_number":(\d+)', wire) == [b"%d" % number for number in range(26)]


LEFT: dict[str, tuple[JSONObject, list[JSONObject], list[object]]] = {
    "a number that a fault wrote": (HI, [{"rewrite": {"event": "text.delta[1]", "set": {"sequence_number": 99}}}],
        [0, 1, 2, 3, 4, 5, 6, 99, 8, 9, 10, 11]),
    "an event that is sent twice": (HI, [{"repeat": "text.delta[1]"}], [0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11]),
    "an event that is left out": (HI, [{"omit": "text.delta[1]"}], [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]),
    "a number that a fault took away": (HI, [{"rewrite": {"event": "text.delta[1]", "remove": ["sequence_number"]}}],
        [0, 1, 2, 3, 4, 5, 6, None, 8, 9, 10, 11]),
    "its name in a string": ({"output": [{"text": "sequence_number"}], "chunks": 15}, [],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
}  # fmt: skip


@pytest.mark.parametrize(("said", "faults", "expected"), LEFT.values(), ids=LEFT)
def test_what_a_fault_did_to_numbers_stays(said: JSONObject, faults: list[JSONObject], expected: list[object]) -> None:
    pause: JSONObject = {"delay": {"before": "text.delta[0]", "for": "25s"}}
    assert numbers(composed(RESPONSES, {}, *faults, pause, said=said)) == expected


def test_the_member_of_an_inner_object_is_no_number_of_the_event() -> None:
    item: JSONObject = {"item": {"type": "dream", "sequence_number": 4}}
    reply = composed(RESPONSES, {"per_event": [0, 0, "15s"]}, said={"output": [item]})
    assert numbers(reply) == [0, 1, 2, 3, 4, 5]
    inner = [one["item"] for one in data(reply) if "item" in one]
    assert [one["sequence_number"] for one in inner if isinstance(one, dict)] == [4, 4]


def stall_of(reply: ComposedReply) -> Stall:
    [stall] = [frame for frame in reply.script.frames if isinstance(frame, Stall)]
    return stall


def test_a_stall_without_end_repeats_them() -> None:
    faults: list[JSONObject] = [
        {"delay": {"before": "text.delta[0]", "for": "25s"}},
        {"stall": {"after": "text.delta[0]"}},
    ]
    beat = stall_of(composed(RESPONSES, {}, *faults)).beat
    assert beat is not None
    assert [beat.data(nth) for nth in (0, 3)] == [
        b'41\r\nevent: keepalive\ndata: {"type":"keepalive","sequence_number":7}\n\n\r\n',
        b'42\r\nevent: keepalive\ndata: {"type":"keepalive","sequence_number":10}\n\n\r\n',
    ]
    assert (beat.every_s, beat.first_s) == (10, 10)
    waited: list[JSONObject] = [
        {"delay": {"after": "text.delta[0]", "for": "4s"}},
        {"stall": {"after": "text.delta[0]"}},
    ]
    assert stall_of(composed(CHAT, {}, *reversed(waited))).beat is not None
    comment = stall_of(composed(CHAT, {}, {"stall": {"after": 0}})).beat
    assert comment == Beat(every_s=10, first_s=10, before=b": keepalive\n\n", chunked=True)


def test_a_stall_without_end_has_none_inside_an_event_and_keeps_its_own() -> None:
    inside: JSONObject = {"stall": {"inside": {"event": "role", "byte": 3}}}
    assert stall_of(composed(CHAT, {}, inside)).beat is None
    own: JSONObject = {"stall": {"after": "role", "keepalive": {"comment": "mine", "every": "1s"}}}
    beat = stall_of(composed(CHAT, {}, own)).beat
    assert beat is not None
    assert b": mine" in beat.before


def test_a_dialect_that_has_a_comment_is_kept_alive_by_it() -> None:
    beat = stall_of(composed(CHAT, {}, {"stall": {"after": 0}}, comment="GATEWAY PROCESSING")).beat
    assert beat is not None
    assert beat.before == b": GATEWAY PROCESSING\n\n"


def test_a_gate_has_the_beat_of_its_place() -> None:
    pause: JSONObject = {"delay": {"before": "text.delta[0]", "for": "13s"}}
    planned = composed(RESPONSES, {}, pause).planned
    assert planned is not None
    index = next(place for place, frame in enumerate(planned.frames) if isinstance(frame, Send) and frame.event == 4)
    found = planned.beat_at(index, ((3, 2),))
    assert found is not None
    assert (found.number, found.first_s) == (7, 7)
    assert [planned.beat_at(place) for place in (0, index + 1)] == [None, None]


def test_a_long_wait_has_a_bounded_number_of_keepalives() -> None:
    reply = composed(CHAT, {"first": "999m", "keepalive": "1ms"})
    assert reply.script.wire.count(b": keepalive") == 10_000


@settings(max_examples=40, deadline=None)
@given(
    waits=st.lists(st.sampled_from([0, 1, 9, 10, 11, 25, 40]), max_size=14),
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=3),
)
def test_any_waits_give_a_stream_that_keeps_the_contract(waits: list[int], sizes: list[int]) -> None:
    pace: JSONObject = {"per_event": [f"{wait}s" for wait in waits] or [0]}
    reply = composed(RESPONSES, pace, {"dribble": {"sizes": [*sizes]}}, said=LONG)
    assert numbers(reply) == list(range(len(data(reply))))
    assert judge_judge(reply.script.wire).findings == ()
