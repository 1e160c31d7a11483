"""Any reply is validated without an exception, in time linear in its size."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contract import bodies, chat_cases, framing_cases, responses_cases
from tests.contract.chat_streams import events as chat_events
from tests.contract.chat_streams import text
from tests.contract.responses_streams import live, message, stream
from tests.kit import JSON, OPENAI, SHAPES, Event, ReplyContract, Shape, judge_body, judge_stream
from tests.kit import judge_judge as judge
from tests.model.test_json_difference import VALUES

ODD: st.SearchStrategy[JSON] = VALUES | st.sampled_from(
    [10**5000, -(10**5000), float("nan"), float("inf"), "\ud800", True, -1, "[DONE]", "response.created"]
)
ANY_SHAPE = st.sampled_from(SHAPES.names)
LENIENT = ReplyContract.from_data(
    {
        "responses": {"done": "optional", "event_lines": "optional", "sequence": "forbidden"},
        "chat": {
            "done": "optional", "usage_on": ["own", "finish", "every"], "usage_null": "optional",
            "role_again": "optional", "tool_identity": "optional", "empty_chunks": "anywhere",
        },
    },
    OPENAI,
)  # fmt: skip


def _places(value: JSON) -> list[tuple[JSON, str | int]]:
    """Every member and element in a value, with what holds it."""
    found: list[tuple[JSON, str | int]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        steps: list[str | int] = []
        if isinstance(holder, dict):
            steps, inner = [*holder], [*holder.values()]
        elif isinstance(holder, list):
            steps, inner = [*range(len(holder))], holder
        else:
            continue
        found += [(holder, step) for step in steps]
        waiting += inner
    return found


def _mutate(value: JSON, data: st.DataObject) -> None:
    """Put anything anywhere, or take something away."""
    holder, step = data.draw(st.sampled_from(_places(value)))
    new = data.draw(ODD)
    match holder, step:
        case dict(), str():
            if data.draw(st.booleans()):
                holder[step] = new
            else:
                del holder[step]
        case list(), int():
            holder[step] = new


@pytest.mark.parametrize("shape", [Shape.RESPONSES, Shape.CHAT])
@given(data=st.data())
def test_a_stream_changed_anywhere_is_validated(data: st.DataObject, shape: Shape) -> None:
    contract = OPENAI
    if shape == Shape.CHAT:
        legal = data.draw(st.sampled_from(sorted(chat_cases.LEGAL)))
        made, contract = chat_cases.LEGAL[legal]
    else:
        made = responses_cases.LEGAL[data.draw(st.sampled_from(sorted(responses_cases.LEGAL)))]
    datas: JSON = [deepcopy(one) for one in made()]
    for _ in range(data.draw(st.integers(1, 3))):
        _mutate(datas, data)
    assert isinstance(datas, list)
    events = [Event(label=str(place), ordinal=place, data=one) for place, one in enumerate(datas)]
    judge_stream(events, shape=shape, contract=data.draw(st.sampled_from([contract, LENIENT])))


@given(st.lists(ODD, max_size=6), ANY_SHAPE, st.sampled_from([OPENAI, LENIENT]))
def test_a_stream_of_any_values_is_validated(values: list[JSON], shape: Shape, contract: ReplyContract) -> None:
    events = [Event(label="x", ordinal=place, data=value) for place, value in enumerate(values)]
    judge_stream(events, shape=shape, contract=contract)


@given(st.data())
def test_events_in_any_order_are_validated(data: st.DataObject) -> None:
    legal = data.draw(st.sampled_from(sorted(responses_cases.LEGAL)))
    events = stream(*responses_cases.LEGAL[legal]())
    judge_stream(data.draw(st.lists(st.sampled_from(events), max_size=20)), shape=Shape.RESPONSES, contract=OPENAI)


@given(st.data())
def test_a_body_changed_anywhere_is_validated(data: st.DataObject) -> None:
    made, shape = data.draw(
        st.sampled_from(
            [
                (bodies.response, Shape.RESPONSES),
                (bodies.incomplete, Shape.RESPONSES),
                (bodies.failed, Shape.RESPONSES),
                (bodies.queued, Shape.RESPONSES),
                (bodies.completion, Shape.CHAT),
                (lambda: bodies.called("call_1", "call_2"), Shape.CHAT),
                (bodies.compacted, Shape.COMPACTION),
                (lambda: deepcopy(bodies.ERROR), Shape.CHAT),
            ]
        )
    )
    body = made()
    _mutate(body, data)
    judge_body(body, shape=shape, contract=OPENAI)


@given(ODD, ANY_SHAPE)
@example({"choices": [None]}, Shape.CHAT)
@example({"output": [{"type": []}]}, Shape.RESPONSES)
@example({"usage": {"total_tokens": 10**5000}}, Shape.CHAT)
@example({"error": {"code": float("nan")}}, Shape.RESPONSES)
def test_a_body_of_any_value_is_validated(body: JSON, shape: Shape) -> None:
    judge_body(body, shape=shape, contract=OPENAI)


@given(st.binary())
@example(b"")
@example(b"HTTP/1.1 200 OK\r\n\r\n")
@example(b"ffffffffffffffffff\r\n")
@example(b"-1\r\nx\r\n0\r\n\r\n")
@example(b"1;" + b"x" * 10_000 + b"\r\na\r\n0\r\n\r\n")
@example(b"0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
def test_arbitrary_bytes_are_validated(capture: bytes) -> None:
    judge(capture)
    judge(framing_cases.head(Transfer_Encoding="chunked") + capture)


# What streams are made of, and what readers have stumbled over.
SCRAPS = [
    *("data:", "data: ", "data", "event:", "event: error\n", "id:", "retry:", ":", ": x\n"),
    *("\n", "\r", "\r\n", "\n\n", "\ufeff", "\0", "\x85", "\u2028", "\ud800"),
    *("[DONE]", "[DONE]\n\n", "{", "}", "[", '"', "{}", "null", "NaN", "1e999", "9" * 5000),
    *('{"choices":[]}', '{"choices":[{"index":-1,"delta":null}]}', '{"error":{}}'),
    '{"object":"chat.completion.chunk"}',
    '{"type":"response.created","sequence_number":0,"response":{}}',
    '{"type":"response.completed","sequence_number":1e3,"response":[]}',
    '{"type":"response.output_text.delta","delta":7,"output_index":10}',
]
SSE = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=4), max_size=20).map("".join)


@settings(deadline=None)
@given(SSE)
@example("")
@example("\ufeffdata: [DONE]\n\n")
@example("\ufeff\ufeffdata: {}\n\n")
@example("data: {}\r\rdata: {}\r\n\r\ndata: {}\n\r")
@example("data\ndata:\ndata: [DONE]\n\n")
@example("data: [DONE]\n\ndata: [DONE]\n\n")
@example("event: response.created\n\n" * 3)
@example('data: {"type":"response.created","sequence_number":0,"response":{}}\n\n' * 2)
@example('data: {"choices":[{"index":-1,"delta":null}]}\n\ndata: [DONE]\n\n')
@example("data: " + "9" * 5000 + "\n\n")
@example("data: " + "[" * 100_000 + "\n\n")
@example("data: {}\x85data: {}\u2028\n\n")
@example("data: \ud800\n\n")
@example("id: \0\nretry: -1\nretry: 9e9\n\n")
def test_a_stream_of_any_lines_is_validated_in_any_framing(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    given = [
        judge(framing_cases.head(Content_Length=len(body)) + body),
        judge(framing_cases.head(Transfer_Encoding="chunked") + framing_cases.chunked(body, 7)),
        judge(framing_cases.head() + body),
    ]
    # None of these is a whole stream of any shape.
    assert [one.good for one in given] == [False] * len(given)


@given(st.data())
def test_a_capture_cut_or_damaged_anywhere_is_validated(data: st.DataObject) -> None:
    capture = bytearray(
        data.draw(
            st.sampled_from(
                [
                    framing_cases.wire_sse(),
                    framing_cases.wire_sse(framing_cases.chat_sse()),
                    framing_cases.wire_json(),
                    framing_cases.wire_error(),
                ]
            )
        )
    )
    capture[data.draw(st.integers(0, len(capture) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(capture[: data.draw(st.integers(0, len(capture)))]))


@given(st.integers(0, 10_000))
def test_a_good_capture_that_is_cut_is_never_good(at: int) -> None:
    whole = framing_cases.wire_sse()
    assert not judge(whole[: at % len(whole)]).good


def _deep(depth: int) -> JSON:
    value: JSON = []
    for _ in range(depth):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize("steps", [("response", "metadata"), ("response", "output")])
def test_a_value_of_any_depth_is_validated(steps: tuple[str, str]) -> None:
    datas = live(message("Hi"))
    for data in datas:
        holder = data.get(steps[0])
        if isinstance(holder, dict):
            holder[steps[1]] = _deep(50_000)
    events = [Event(label=str(place), ordinal=place, data=one) for place, one in enumerate(datas)]
    assert judge_stream(events, shape=Shape.RESPONSES, contract=OPENAI)


def _many_deltas(count: int) -> list[Event]:
    return stream(*live(message(*["x"] * count)))


def _many_items(count: int) -> list[Event]:
    return stream(*live(*(message("x", index=index) for index in range(count))))


def _many_open_items(count: int) -> list[Event]:
    return stream(*(message("x", index=index)[0] for index in range(count)))


def _many_choices(count: int) -> list[Event]:
    return chat_events(*(one for index in range(count) for one in text("x", index=index)))


def _calls_in(judged: Callable[[], object]) -> int:
    """How many calls a call makes: a measure of work that no other process disturbs."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        judged()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("made", "shape"),
    [
        (_many_deltas, Shape.RESPONSES),
        (_many_items, Shape.RESPONSES),
        (_many_open_items, Shape.RESPONSES),
        (_many_choices, Shape.CHAT),
    ],
)
def test_twice_the_events_are_twice_the_work(made: Callable[[int], list[Event]], shape: Shape) -> None:
    small, large = made(100), made(200)
    once = _calls_in(lambda: judge_stream(small, shape=shape, contract=OPENAI))
    twice = _calls_in(lambda: judge_stream(large, shape=shape, contract=OPENAI))
    assert twice < 2.2 * once
