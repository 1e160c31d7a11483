"""From a reply to what goes on the wire: status, headers, errors, exact bodies and events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import (
    DEFAULT_MODEL,
    JSON,
    SHAPES,
    ApiError,
    Audio,
    BodyReply,
    Compaction,
    Content,
    CustomCall,
    Dialect,
    ErrorDelivery,
    ErrorRef,
    ErrorReply,
    Event,
    EventStream,
    ExactBody,
    ExactEvents,
    FinishReason,
    FunctionCall,
    Headers,
    JSONObject,
    Output,
    RawBytes,
    RawItem,
    RawReply,
    Reasoning,
    Refusal,
    RenderContext,
    Rendered,
    Reply,
    ScriptedEvent,
    Shape,
    StreamError,
    Text,
    fill_envelope,
    merged_headers,
    render,
    unsupported_reason,
)
from tests.kit import replies_head as head
from tests.render import stage
from tests.render.stage import DIALECTS, IDS, OPENAI, occasion, output

CHAT, RESPONSES, COMPACTION = Shape.CHAT, Shape.RESPONSES, Shape.COMPACTION
BARE = replace(OPENAI, headers=(("x-request-id", "{request_id}"),))
BASE: Headers = (("x-request-id", IDS.id("req_")),)
JSON_HEAD: Headers = (("content-type", "application/json"), *BASE)
TEXT_HEAD: Headers = (("content-type", "text/plain; charset=utf-8"), *BASE)
STREAM_HEAD: Headers = (("content-type", "text/event-stream; charset=utf-8"), *BASE)


def rendered(
    content: Content,
    shape: Shape = CHAT,
    *,
    stream: bool = False,
    dialect: Dialect = BARE,
    status: int | None = None,
    headers: Headers = (),
) -> Rendered:
    reply = Reply(content=content, status=status, headers=headers)
    return render(reply, occasion(shape, dialect), shape, stream=stream)


EXACT: dict[str, tuple[Rendered, Rendered]] = {
    "raw bytes": (rendered(RawBytes(data=b"HTTP/1.1 200\r\n\r\n")), RawReply(data=b"HTTP/1.1 200\r\n\r\n")),
    "JSON": (
        rendered(ExactBody(json={"a": "°"})),
        BodyReply(status=200, headers=JSON_HEAD, body='{\n  "a": "°"\n}\n'.encode(), json={"a": "°"}),
    ),
    "null": (rendered(ExactBody()), BodyReply(status=200, headers=JSON_HEAD, body=b"null\n")),
    "text": (
        rendered(ExactBody(text="<°\ud800>"), status=201, headers=(("X-A", "1"),)),
        BodyReply(status=201, headers=(*TEXT_HEAD, ("X-A", "1")), body=b"<\xc2\xb0\xed\xa0\x80>"),
    ),
    "no text": (
        rendered(ExactBody(text=""), headers=(("Content-Type", "text/html"),)),
        BodyReply(status=200, headers=(("Content-Type", "text/html"), *BASE), body=b""),
    ),
}


@pytest.mark.parametrize(("found", "expected"), EXACT.values(), ids=EXACT)
def test_exact_replies(found: Rendered, expected: Rendered) -> None:
    assert found == expected


def test_an_exact_body_never_streams() -> None:
    assert rendered(ExactBody(json={}), stream=True) == rendered(ExactBody(json={}))


CREATED: JSONObject = {"type": "response.created", "response": {}}
EVENTS: dict[str, tuple[Shape, Dialect, ScriptedEvent, tuple[JSON, str | None, str | None]]] = {
    "a response's event is numbered and named": (
        RESPONSES,
        BARE,
        ScriptedEvent(json=CREATED),
        ({"type": "response.created", "sequence_number": 1, "response": {}}, None, "response.created"),
    ),
    "a number that is written stays": (
        RESPONSES,
        BARE,
        ScriptedEvent(json=CREATED | {"sequence_number": 9}),
        (CREATED | {"sequence_number": 9}, None, "response.created"),
    ),
    "a name that is written stays": (
        RESPONSES,
        BARE,
        ScriptedEvent(json=CREATED | {"sequence_number": 9}, name="other"),
        (CREATED | {"sequence_number": 9}, None, "other"),
    ),
    "no name asked for": (
        RESPONSES,
        BARE,
        ScriptedEvent(json={"type": 7, "sequence_number": 0}, name=""),
        ({"type": 7, "sequence_number": 0}, None, None),
    ),
    "a dialect without event lines": (
        RESPONSES,
        replace(BARE, responses=replace(BARE.responses, event_lines=False)),
        ScriptedEvent(json=CREATED | {"sequence_number": 9}),
        (CREATED | {"sequence_number": 9}, None, None),
    ),
    "an event without type": (RESPONSES, BARE, ScriptedEvent(json={"a": 1}), ({"a": 1}, None, None)),
    "a type that is no text": (
        RESPONSES,
        BARE,
        ScriptedEvent(json={"type": 7}),
        ({"type": 7, "sequence_number": 1}, None, None),
    ),
    "a chunk": (CHAT, BARE, ScriptedEvent(json={"choices": []}), ({"choices": []}, None, None)),
    "a text": (CHAT, BARE, ScriptedEvent(text="{"), (None, "{", None)),
    "a text with a name": (RESPONSES, BARE, ScriptedEvent(text="{", name="x"), (None, "{", "x")),
}


@pytest.mark.parametrize(("shape", "dialect", "scripted", "expected"), EVENTS.values(), ids=EVENTS)
def test_exact_events(
    shape: Shape, dialect: Dialect, scripted: ScriptedEvent, expected: tuple[JSON, str | None, str | None]
) -> None:
    content = ExactEvents(events=(ScriptedEvent(text="x"), scripted))
    stream = rendered(content, shape, dialect=dialect, status=202)
    assert isinstance(stream, EventStream)
    assert (stream.status, stream.headers, stream.closes) == (202, STREAM_HEAD, False)
    event = stream.events[1]
    assert isinstance(event, Event)
    assert (event.data, event.text, event.name) == expected


def test_exact_events_stream_without_stream_true_and_stay_connected_after_an_error() -> None:
    content = ExactEvents(events=(ScriptedEvent(json={"error": {}}),))
    stream = rendered(content)
    assert isinstance(stream, EventStream)
    assert stream.events[0].label == "error"
    assert not stream.closes


def test_status_and_headers_of_a_stream() -> None:
    stream = rendered(output(), stream=True, status=207, headers=(("x-request-id", ""), ("X-A", "1")))
    assert isinstance(stream, EventStream)
    assert (stream.status, stream.headers) == (207, (STREAM_HEAD[0], ("X-A", "1")))


def test_the_comment_is_for_chat_streams() -> None:
    dialect = stage.styled(BARE, comment="wait")
    found = [rendered(output(), shape, stream=True, dialect=dialect) for shape in (CHAT, RESPONSES)]
    assert [one.comment for one in found if isinstance(one, EventStream)] == ["wait", ""]


# --- errors ------------------------------------------------------------------------------------

TEAPOT = ErrorRef(members={"status": 418, "type": "tea", "code": "pot", "message": "short"})
TEAPOT_BODY: JSONObject = {"error": {"message": "short", "type": "tea", "param": None, "code": "pot"}}
TEAPOT_TEXT = b"""{
  "error": {
    "message": "short",
    "type": "tea",
    "param": null,
    "code": "pot"
  }
}"""


def teapot(shape: Shape) -> BodyReply:
    end = b"\n" if shape == CHAT else b""
    return BodyReply(status=418, headers=JSON_HEAD, body=TEAPOT_TEXT + end, json=TEAPOT_BODY)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("shape", SHAPES.names)
def test_an_error_never_streams(shape: Shape, stream: bool) -> None:
    assert rendered(ErrorReply(error=TEAPOT), shape, stream=stream) == teapot(shape)


def test_headers_of_an_error_can_be_overridden_by_the_reply() -> None:
    limited = ErrorReply(error=ErrorRef(name="usage_limit_reached"))
    whole = rendered(limited, status=420, headers=(("X-Request-Id", "mine"),))
    assert isinstance(whole, BodyReply)
    assert (whole.status, whole.headers[1]) == (420, ("X-Request-Id", "mine"))
    assert stage.dig(whole.json, "error")["resets_at"] == 1767229200
    by_name = rendered(ErrorReply(error=ErrorRef(name="rate_limited")), dialect=OPENAI)
    assert isinstance(by_name, BodyReply)
    head = dict(by_name.headers)
    assert (head["retry-after"], head["x-ratelimit-remaining-tokens"]) == ("1", "300")
    assert len(head) == len(by_name.headers)


def test_an_error_can_be_an_html_page() -> None:
    page = OPENAI.catalogue["bad_gateway"].html
    assert page is not None
    assert rendered(ErrorReply(error=ErrorRef(name="bad_gateway"))) == BodyReply(
        status=502, headers=(("content-type", "text/html"), *BASE), body=page.encode()
    )


@pytest.mark.parametrize(("shape", "status"), [(CHAT, 404), (RESPONSES, 400), (COMPACTION, 400)])
def test_errors_differ_by_shape(shape: Shape, status: int) -> None:
    whole = rendered(ErrorReply(error=ErrorRef(name="model_not_found")), shape)
    assert isinstance(whole, BodyReply)
    assert whole.status == status
    assert "my-model" in str(stage.dig(whole.json, "error")["message"])


FAILING: dict[str, tuple[Shape, ErrorDelivery, int]] = {
    "in chat": (CHAT, ErrorDelivery.FAILED, 418),
    "in a compaction": (COMPACTION, ErrorDelivery.BOTH, 418),
    "as an event": (RESPONSES, ErrorDelivery.EVENT, 418),
    "as failed": (RESPONSES, ErrorDelivery.FAILED, 200),
    "as both": (RESPONSES, ErrorDelivery.BOTH, 200),
}


@pytest.mark.parametrize(("shape", "form", "status"), FAILING.values(), ids=FAILING)
def test_a_failure_that_is_not_streamed(shape: Shape, form: ErrorDelivery, status: int) -> None:
    whole = rendered(output(Text(text="a"), StreamError(error=TEAPOT, form=form)), shape)
    assert isinstance(whole, BodyReply)
    assert whole.status == status
    if status == 418:
        assert whole == teapot(shape)
    else:
        assert stage.dig(whole.json)["error"] == {"code": "pot", "message": "short"}


ERROR = ApiError(status=418, type="tea", code=None, param=7, message="$code is $status", extra={"plan": "x"})
ENVELOPES: dict[str, tuple[JSON, JSONObject]] = {
    "values keep their type": (
        {"error": {"m": "$message", "c": "$code", "p": "$param", "s": "$status"}},
        {"error": {"m": "$code is $status", "c": None, "p": 7, "s": 418, "plan": "x"}},
    ),
    "inside a text": (
        {"detail": ["$message ($type, $code, id $request_id)", "$types", True]},
        {"detail": [f"$code is $status (tea, , id {IDS.id('req_')})", "$types", True]},
    ),
    "no mapping": ("$message", {"error": "$code is $status"}),
    "a text for an error": ({"error": "$message"}, {"error": "$code is $status"}),
}


@pytest.mark.parametrize(("template", "body"), ENVELOPES.values(), ids=ENVELOPES)
def test_envelopes(template: JSON, body: JSONObject) -> None:
    assert fill_envelope(template, ERROR, IDS) == body


# --- headers -----------------------------------------------------------------------------------

MERGED: dict[str, tuple[Headers, Headers, Headers]] = {
    "new names follow": ((("a", "1"),), (("b", "2"), ("c", "3")), (("a", "1"), ("b", "2"), ("c", "3"))),
    "replaced in place": ((("a", "1"), ("b", "2")), (("A", "3"),), (("A", "3"), ("b", "2"))),
    "every one of an equal name is replaced": (
        (("a", "1"), ("b", "2"), ("A", "3")),
        (("a", "4"), ("a", "5")),
        (("a", "4"), ("a", "5"), ("b", "2")),
    ),
    "taken away": ((("a", "1"), ("b", "2")), (("a", ""), ("c", "")), (("b", "2"),)),
}


@pytest.mark.parametrize(("base", "over", "found"), MERGED.values(), ids=MERGED)
def test_headers_are_merged(base: Headers, over: Headers, found: Headers) -> None:
    assert merged_headers(base, over) == found


def test_placeholders_in_headers_are_filled_in() -> None:
    lines: Headers = (("a", "{request_id}/{model}"), ("b", "{processing_ms}"), ("c", "{other}"))
    assert head("text/plain", occasion(CHAT, replace(OPENAI, headers=lines)), CHAT, 200) == (
        ("content-type", "text/plain"),
        ("a", f"{IDS.id('req_')}/my-model"),
        ("b", str(100 + IDS.number("processing_ms", 400))),
        ("c", "{other}"),
    )


def test_two_calls_differ_in_bytes_and_in_no_length() -> None:
    said = Reply(content=output(Text(text="one two three"), FunctionCall(name="f", arguments="{}")))
    for shape in (CHAT, RESPONSES):
        where = occasion(shape, OPENAI)
        found = []
        for call in range(30):
            there = replace(where, ids=replace(IDS, call=call))
            rendered = render(said, there, shape, stream=True)
            assert isinstance(rendered, EventStream)
            found.append(
                ([len(value) for _, value in rendered.headers], [len(str(event.data)) for event in rendered.events])
            )
            assert rendered != render(said, where, shape, stream=True) or call == 0
        assert all(one == found[0] for one in found)


def test_a_request_without_a_model_gets_the_default_model() -> None:
    where = occasion(CHAT, OPENAI, model=None)
    assert isinstance(where, RenderContext)
    assert where.model == DEFAULT_MODEL
    assert where.pads_deltas


# --- what a shape can say ----------------------------------------------------------------------

CALL = FunctionCall(name="f", arguments="{}")
TYPED = ExactEvents(events=(ScriptedEvent(json={"type": "response.created"}),))
CHUNKY = ExactEvents(events=(ScriptedEvent(text="x"), ScriptedEvent(json={"choices": []})))
PLAIN_EVENTS = ExactEvents(events=(ScriptedEvent(text="x"),))
ITEM = RawItem(item={"type": "web_search_call"})
MANY = Output(choices=((), ()))
SPEECH = Audio(data=(), transcript="")
TWICE = "a message has place for one audio"
NO_STREAM = "a compaction has no stream"
OWN_SHAPE = "a raw item"
# Why not as chat, as a response, as a compaction.
SAYABLE: dict[str, tuple[Content, tuple[str | None, str | None, str | None]]] = {
    "text": (output(Text(text="a")), (None, None, None)),
    "a file citation": (
        output(Text(text="a", annotations=({"type": "file_citation"},))),
        ("chat cannot express a file_citation", None, None),
    ),
    "a failure": (output(StreamError(error=TEAPOT)), (None, None, None)),
    "a refusal": (output(Refusal(text="a")), (None, None, "compaction cannot express a refusal")),
    "reasoning": (output(Reasoning()), (None, None, "compaction cannot express reasoning")),
    "a call": (output(CALL), (None, None, "compaction cannot express a call")),
    "a custom call": (output(CustomCall(name="p", input="")), (None, None, "compaction cannot express a custom_call")),
    "a compaction": (output(Compaction(encrypted="x")), ("chat cannot express compaction", None, None)),
    "audio": (output(SPEECH), (None, "responses cannot express audio", "compaction cannot express audio")),
    "audio twice": (output(SPEECH, SPEECH), (TWICE, TWICE, TWICE)),
    "an item": (output(ITEM), (f"chat cannot express {OWN_SHAPE}", None, f"compaction cannot express {OWN_SHAPE}")),
    "several choices": (MANY, (None, "only chat has several choices", "only chat has several choices")),
    "an item in a second choice": (
        Output(choices=((), (ITEM,))),
        (f"chat cannot express {OWN_SHAPE}", "only chat has several choices", "only chat has several choices"),
    ),
    "stop": (output(finish=FinishReason.STOP), (None, None, None)),
    "length": (output(finish=FinishReason.LENGTH), (None, None, "compaction cannot finish with 'length'")),
    "failed": (
        output(finish=FinishReason.FAILED),
        ("chat cannot finish with 'failed'", None, "compaction cannot finish with 'failed'"),
    ),
    "cancelled": (
        output(finish=FinishReason.CANCELLED),
        ("chat cannot finish with 'cancelled'", None, "compaction cannot finish with 'cancelled'"),
    ),
    "an error": (ErrorReply(error=TEAPOT), (None, None, None)),
    "raw bytes": (RawBytes(data=b""), (None, None, None)),
    "a text body": (ExactBody(text="x"), (None, None, None)),
    "a body of no known object": (ExactBody(json={"a": 1}), (None, None, None)),
    "a body that is a list": (ExactBody(json=[]), (None, None, None)),
    "a completion": (
        ExactBody(json={"object": "chat.completion"}),
        (None, "its body is that of chat", "its body is that of chat"),
    ),
    "a response": (
        ExactBody(json={"object": "response"}),
        ("its body is that of responses", None, "its body is that of responses"),
    ),
    "a compacted response": (
        ExactBody(json={"object": "response.compaction"}),
        ("its body is that of compaction", "its body is that of compaction", None),
    ),
    "events of a response": (TYPED, ("its events have a type, as those of a response", None, NO_STREAM)),
    "chunks": (CHUNKY, (None, "its events have choices, as chat chunks", NO_STREAM)),
    "events of no kind": (PLAIN_EVENTS, (None, None, NO_STREAM)),
}


@pytest.mark.parametrize(("content", "reasons"), SAYABLE.values(), ids=SAYABLE)
def test_reasons_why_a_shape_cannot_express_a_reply(
    content: Content, reasons: tuple[str | None, str | None, str | None]
) -> None:
    rendered_shapes = (Shape.CHAT, Shape.RESPONSES, Shape.COMPACTION)
    assert tuple(unsupported_reason(Reply(content=content), shape) for shape in rendered_shapes) == reasons


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_error_of_every_dialect_renders(dialect: Dialect) -> None:
    for name in dialect.catalogue:
        for shape in SHAPES.names:
            whole = rendered(ErrorReply(error=ErrorRef(name=name)), shape, dialect=dialect)
            assert isinstance(whole, BodyReply)
            assert 400 <= whole.status < 600
            if whole.json is not None:
                own = dialect.catalogue[name].envelope
                expected = {"message", "type", "param", "code"} if own is None else set(stage.dig(own, "error"))
                assert expected <= set(stage.dig(whole.json, "error"))
