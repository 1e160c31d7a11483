"""Whole captures judged: the shape found out, the form given, the findings in order."""

from __future__ import annotations

import pytest

from tests.contract.bodies import ERROR, compacted, completion, response
from tests.contract.framing_cases import chat_sse, head, responses_sse, wire_error, wire_json, wire_sse
from tests.kit import JSON, OPENAI, CaptureKind, Finding, Judgement, ReplyContract, Shape, write_bytes
from tests.kit import judge_judge as judge

OUTPUT: JSON = {"output": []}


@pytest.mark.parametrize(
    ("capture", "form", "shape", "status", "events"),
    [
        (responses_sse(), CaptureKind.STREAM, Shape.RESPONSES, None, 10),
        (responses_sse(b"\r\n"), CaptureKind.STREAM, Shape.RESPONSES, None, 10),
        (chat_sse(), CaptureKind.STREAM, Shape.CHAT, None, 5),
        (b": hello\n\n" + chat_sse(), CaptureKind.STREAM, Shape.CHAT, None, 5),
        (b"retry: 5\n\n" + chat_sse(), CaptureKind.STREAM, Shape.CHAT, None, 5),
        (wire_sse(), CaptureKind.STREAM, Shape.RESPONSES, 200, 10),
        (wire_json(), CaptureKind.BODY, Shape.RESPONSES, 200, 0),
        (write_bytes(completion()), CaptureKind.BODY, Shape.CHAT, None, 0),
        (write_bytes(compacted()), CaptureKind.BODY, Shape.COMPACTION, None, 0),
        (b"\n  " + write_bytes(response()), CaptureKind.BODY, Shape.RESPONSES, None, 0),
        (write_bytes(ERROR), CaptureKind.ERROR, None, None, 0),
        (wire_error(429), CaptureKind.ERROR, None, 429, 0),
    ],
)
def test_the_kind_of_a_good_capture_is_detected(
    capture: bytes, form: CaptureKind, shape: Shape | None, status: int | None, events: int
) -> None:
    message = "Missing required parameter: 'input'." if form is CaptureKind.ERROR else ""
    expected = Judgement(form=form, shape=shape, status=status, events=events, findings=(), message=message)
    assert judge(capture) == expected
    assert expected.good


@pytest.mark.parametrize(
    ("capture", "form", "shape", "first"),
    [
        (b"", CaptureKind.BODY, None, "reply.json"),
        (b"<html>", CaptureKind.BODY, None, "reply.json"),
        (b"[]", CaptureKind.BODY, None, "reply.shape"),
        (b'{"detail":"no"}', CaptureKind.BODY, None, "reply.shape"),
        (b'{"object":"list"}', CaptureKind.BODY, None, "reply.shape"),
        (b'{"object":7,"choices":[]}', CaptureKind.BODY, Shape.CHAT, "chat.schema.required"),
        (write_bytes(OUTPUT), CaptureKind.BODY, Shape.RESPONSES, "responses.schema.required"),
        (b"data: [DONE]\n\n", CaptureKind.STREAM, None, "reply.shape"),
        (b'data: {"type":7}\n\n', CaptureKind.STREAM, None, "reply.shape"),
        (b'data: 7\n\ndata: {"type":"error"}\n\n', CaptureKind.STREAM, Shape.RESPONSES, "responses.event.object"),
        (b'data: {"error":{}}\n\n', CaptureKind.STREAM, Shape.CHAT, "error.schema.required"),
        (head() + b"foo: bar\n\n", CaptureKind.STREAM, None, "sse.field"),
        (head(), CaptureKind.STREAM, None, "reply.shape"),
        (head() + write_bytes(ERROR), CaptureKind.ERROR, None, "http.content_type"),
        (head() + b"<html>", CaptureKind.BODY, None, "http.content_type"),
    ],
)
def test_the_kind_of_a_bad_capture_is_detected(
    capture: bytes, form: CaptureKind, shape: Shape | None, first: str
) -> None:
    judgement = judge(capture)
    assert (judgement.form, judgement.shape, judgement.findings[0].rule) == (form, shape, first)
    assert not judgement.good or first == "sse.field"


def test_a_shape_that_is_given_is_not_found_out() -> None:
    judgement = judge(write_bytes(response()), shape=Shape.CHAT)
    assert judgement.shape == Shape.CHAT
    assert judgement.findings[0].rule == "chat.schema.value"


def test_events_are_labelled_by_their_wire_names() -> None:
    captured = responses_sse().replace(b'"delta":"lo"', b'"delta":"p"')
    assert [(one.event, one.rule, one.path) for one in judge(captured).findings] == [
        ("response.output_text.done[0]", "responses.text.same", "text")
    ]
    chat = chat_sse().replace(b"assistant", b"user")
    assert judge(chat).findings == (
        Finding(
            rule="chat.schema.value",
            path="choices[0].delta.role",
            message="expected 'assistant', got 'user'",
            event="event[0]",
        ),
    )
    doubled = chat_sse() + b"data: [DONE]\n\n"
    assert [(one.event, one.rule) for one in judge(doubled).findings] == [("terminator", "chat.done.once")]


def test_broken_json_in_a_stream_is_reported_with_its_event() -> None:
    captured = chat_sse().replace(b'{"id"', b'{"id', 1)
    found = judge(captured).findings
    assert [(one.event, one.rule) for one in found][:1] == [("event[0]", "chat.event.json")]


def test_a_good_reply_may_have_notices() -> None:
    captured = b"\xef\xbb\xbf" + chat_sse()
    judgement = judge(captured)
    assert [one.rule for one in judgement.findings] == ["sse.bom"]
    assert judgement.good


def test_ignored_rules_are_not_reported() -> None:
    contract = ReplyContract.from_data({"forgives": ["sse.bom", "http.content_type"]}, OPENAI)
    captured = head("text/plain") + b"\xef\xbb\xbf" + chat_sse()
    assert judge(captured, contract=contract).findings == ()


def test_a_mistake_in_every_event_is_reported_twenty_times() -> None:
    captured = responses_sse().replace(b"event: ", b"id: ") + b"data: {}\n\n" * 30
    found = [one for one in judge(captured).findings if one.rule == "responses.event.type"]
    assert len(found) == 20
    more = "expected the event's type, got null"
    assert found[18].message == more
    assert found[19].message == f"{more} (further findings of this rule are not listed)"
