"""What every real client is put through: turns that go well, and each way in which one goes wrong.

A case is data: the stubs that a sandbox holds, and which ways of asking it concerns. What each
client makes of it is recorded beside, in `recorded/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mockserver.model.json import JSON, JSONObject

MODEL = "gpt-5.4"
SMALL_MODEL = "gpt-5.4-mini"

TEXT = "Rain in the morning, sun in the afternoon."
TOLD = "It is 18 °C in Paris."
TITLE = "Weather in Paris"
SEALED = "gAAAAABzZWFsZWQgbWVtb3J5"
DATA: JSONObject = {"city": "Paris", "celsius": 18}

PATIENT_S = 30.0
HASTY_S = 1.5
"""The client's own time-out where nothing is slow, and where it may have to wait in vain."""


class Asked(StrEnum):
    """Which ways of asking a case concerns. HTTP answers are alike for all, so one whole and one
    streamed way stand for them."""

    EVERY = "every"
    SAMPLE = "sample"
    WHOLE = "whole"
    STREAM = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One of a client's doors to an endpoint."""

    name: str
    on: str = "chat"
    streamed: bool = False
    sampled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`task` is what the client is to do; `on` the only endpoint where this can happen."""

    name: str
    about: str
    stubs: Sequence[JSONObject]
    asked: Asked
    task: str = "plain"
    on: str | None = None
    says: str = TEXT
    timeout_s: float = PATIENT_S
    tells_end: bool = False

    def concerns(self, way: Way) -> bool:
        if way.on != self.on and (self.on is not None or way.on == "compact"):
            return False
        return {
            Asked.EVERY: True,
            Asked.SAMPLE: way.sampled,
            Asked.WHOLE: not way.streamed,
            Asked.STREAM: way.streamed,
        }[self.asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    name: str
    about: str
    reply: JSONObject
    asked: Asked = Asked.SAMPLE
    on: str | None = None
    timeout_s: float = PATIENT_S
    tells_end: bool = False

    def case(self) -> Case:
        stub: dict[str, JSON] = {"name": self.name, "reply": self.reply}
        if self.on is not None:
            stub["on"] = self.on
        return Case(
            name=self.name,
            about=self.about,
            stubs=(stub,),
            asked=self.asked,
            on=self.on,
            timeout_s=self.timeout_s,
            tells_end=self.tells_end,
        )


def _said(*faults: JSONObject) -> JSONObject:
    # Apart in time, so that no client reads the damage together with what came before it.
    return {"output": [{"text": TEXT}], "pace": {"gap": "20ms"}, "faults": [*faults]}


# Real upstreams name a pause with each of these; without one the client's own back-off is seen.
_NO_PAUSE: JSONObject = {"retry-after": "", "retry-after-ms": ""}


def _status(status: int, message: str, **headers: str) -> JSONObject:
    return {
        "error": {"status": status, "type": "upstream_error", "code": f"e{status}", "message": message},
        "headers": {**_NO_PAUSE, **{name.replace("_", "-"): text for name, text in headers.items()}},
    }


def _text_body(text: str, content_type: str) -> JSONObject:
    return {"body": text, "headers": {"content-type": content_type}}


# --- turns ---

_ASKS: JSONObject = {
    "name": "asks for the weather",
    "when": {"tool": "get_weather", "tool_result": False},
    "times": 1,
    "reply": {"output": [{"call": "get_weather", "arguments": {"city": "Paris"}}], "chunks": 6},
}
_TELLS: JSONObject = {
    "name": "tells the weather",
    "when": {"tool_result": {"of": "get_weather", "text": {"contains": "18"}}},
    "times": 1,
    "reply": TOLD,
}

TURNS = (
    Case(name="plain", about="a text", stubs=({"name": "says", "times": 1, "reply": TEXT},), asked=Asked.EVERY),
    Case(
        name="tool",
        about="a function call, its result sent back, a text",
        stubs=(_ASKS, _TELLS),
        asked=Asked.EVERY,
        task="tool",
        says=TOLD,
    ),
    Case(
        name="structured",
        about="an answer that a JSON Schema shapes",
        stubs=({"name": "fills the form", "times": 1, "reply": '{"city": "Paris", "celsius": 18}'},),
        asked=Asked.EVERY,
        task="structured",
    ),
    Case(
        name="title",
        about="a second request at the same time, to a small model",
        stubs=(
            {"name": "title", "when": {"model": SMALL_MODEL}, "times": 1, "reply": TITLE},
            {"name": "says", "when": {"model": MODEL}, "times": 1, "reply": TEXT},
        ),
        asked=Asked.EVERY,
        task="title",
        says=f"{TEXT} / {TITLE}",
    ),
    Case(
        name="leave",
        about="the client leaves in the middle of a stream and asks again",
        stubs=(
            {
                "name": "says",
                "times": 2,
                "replies": [{"output": [{"text": TEXT}], "pace": {"gap": "100ms"}}, {"output": [{"text": TOLD}]}],
            },
        ),
        asked=Asked.STREAM,
        task="leave",
        says=TOLD,
    ),
    Case(
        name="compact",
        about="a compaction asked for by its own endpoint",
        stubs=({"name": "compacts", "on": "compact", "times": 1, "reply": {"output": [{"compaction": SEALED}]}},),
        asked=Asked.EVERY,
        task="compact",
        on="compact",
        says=SEALED,
    ),
)

# --- HTTP answers ---

_PLAIN_STATUSES = (
    (400, "the request is bad"),
    (401, "the key is not known"),
    (403, "not for this project"),
    (404, "no such model"),
    (408, "the request took too long"),
    (409, "the conversation is in use"),
    (413, "the request is too large"),
    (422, "the request cannot be processed"),
    (429, "too many requests"),
    (500, "the upstream failed"),
    (503, "the upstream is overloaded"),
    (504, "the upstream's upstream is slow"),
    (529, "the upstream is overloaded, in another's words"),
)

HTTP = (
    *(
        _Fault(name=f"status-{status}", about=f"{status}", reply=_status(status, message))
        for status, message in _PLAIN_STATUSES
    ),
    _Fault(name="status-502-html", about="502 with an HTML page", reply={"error": "bad_gateway", "headers": _NO_PAUSE}),
    _Fault(
        name="status-429-retry-after",
        about="429, `retry-after: 1`",
        reply=_status(429, "too many requests", retry_after="1"),
    ),
    _Fault(
        name="status-429-retry-after-ms",
        about="429, `retry-after-ms: 50`",
        reply=_status(429, "too many requests", retry_after_ms="50"),
    ),
    _Fault(
        name="status-429-should-not-retry",
        about="429, `x-should-retry: false`",
        reply=_status(429, "too many requests", x_should_retry="false"),
    ),
    _Fault(
        name="status-500-should-not-retry",
        about="500, `x-should-retry: false`",
        reply=_status(500, "the upstream failed", x_should_retry="false"),
    ),
    _Fault(
        name="status-400-should-retry",
        about="400, `x-should-retry: true`",
        reply=_status(400, "the request is bad", x_should_retry="true"),
    ),
    _Fault(
        name="insufficient-quota",
        about="429, code insufficient_quota",
        reply={"error": "insufficient_quota", "headers": _NO_PAUSE},
    ),
)

# --- errors inside a stream that began with 200 ---

_STREAM = Asked.STREAM
_MIDDLE: JSONObject = {"after": "text.delta[2]"}
_HALF = "Rain in the "


def _breaks_down(error: str, **told: str) -> JSONObject:
    return {"output": [{"text": _HALF}, {"error": error, **told}]}


INSIDE = (
    _Fault(
        name="response-failed",
        about="`response.failed`",
        reply=_breaks_down("server_error"),
        asked=_STREAM,
        on="responses",
    ),
    *(
        _Fault(
            name=f"failed-{error.replace('_', '-')}",
            about=f"`response.failed`, {error.replace('_', ' ')}",
            reply=_breaks_down(error),
            asked=_STREAM,
            on="responses",
        )
        for error in ("context_length_exceeded", "insufficient_quota", "invalid_prompt", "overloaded", "rate_limited")
    ),
    _Fault(
        name="error-event-flat",
        about="an `error` event, code and message flat in it",
        reply=_breaks_down("server_error", **{"as": "event", "shape": "flat"}),
        asked=_STREAM,
        on="responses",
    ),
    _Fault(
        name="error-event-nested",
        about="an `error` event with a nested `error` object",
        reply=_breaks_down("server_error", **{"as": "event", "shape": "nested"}),
        asked=_STREAM,
        on="responses",
    ),
    _Fault(
        name="error-then-failed",
        about="an `error` event, then `response.failed`",
        reply=_breaks_down("server_error", **{"as": "both"}),
        asked=_STREAM,
        on="responses",
    ),
    _Fault(
        name="error-line",
        about='a line `{"error": …}`, then the end',
        reply=_breaks_down("server_error"),
        asked=_STREAM,
        on="chat",
    ),
    _Fault(
        name="finish-length",
        about="cut short by the token limit",
        reply={"output": [{"text": TEXT}], "finish": "length"},
        asked=_STREAM,
    ),
    _Fault(
        name="finish-content-filter",
        about="cut short by the content filter",
        reply={"output": [{"text": TEXT}], "finish": "content_filter"},
        asked=_STREAM,
    ),
    _Fault(
        name="garbled-json",
        about="one data line that is no JSON",
        reply=_said({"garble": {"json": "text.delta[2]"}}),
        asked=_STREAM,
    ),
)

# --- transport ---

_SSE_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
_CHAT_START = (
    'data: {"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5.4",'
    '"choices":[{"index":0,"delta":{"role":"assistant","content":"Rain in the "},'
    '"finish_reason":null}]}\n\n'
)

TRANSPORT = (
    _Fault(name="reset-head", about="RST before the headers", reply=_said({"reset": {"at": "head"}})),
    _Fault(name="cut-head", about="FIN before the headers", reply=_said({"cut": {"at": "head"}})),
    _Fault(
        name="stall-head",
        about="silence before the headers for 8 s, client's time-out 1.5 s",
        reply=_said({"stall": {"at": "head", "for": "8s"}}),
        timeout_s=HASTY_S,
        tells_end=True,
    ),
    _Fault(name="reset-stream", about="RST mid-stream", reply=_said({"reset": _MIDDLE}), asked=_STREAM),
    _Fault(name="cut-stream", about="FIN inside the chunked body", reply=_said({"cut": _MIDDLE}), asked=_STREAM),
    _Fault(
        name="content-length-stream",
        about="content-length longer than the stream",
        reply=_said({"garble": {"content_length": "+20"}}),
        asked=_STREAM,
    ),
    _Fault(
        name="content-length-cut",
        about="content-length longer than a stream that breaks off",
        reply=_said({"end": _MIDDLE}, {"garble": {"content_length": "+20"}}),
        asked=_STREAM,
    ),
    _Fault(
        name="chunk-size",
        about="an invalid chunk size",
        reply=_said({"garble": {"chunk_size": "text.delta[3]"}}),
        asked=_STREAM,
        timeout_s=HASTY_S,
    ),
    _Fault(
        name="clean-end", about="a clean end without the terminal event", reply=_said({"end": _MIDDLE}), asked=_STREAM
    ),
    _Fault(
        name="half-line",
        about="a clean end in the middle of a data line",
        reply=_said({"end": {"inside": {"event": "text.delta[3]", "byte": 40}}}),
        asked=_STREAM,
    ),
    _Fault(
        name="close-delimited",
        about="a body that the close delimits, without the terminal event",
        reply={"raw": _SSE_HEAD + _CHAT_START},
        asked=_STREAM,
        on="chat",
    ),
    _Fault(
        name="no-finish",
        about="all of the text and `[DONE]`, no finish chunk",
        reply=_said({"omit": "finish"}),
        asked=_STREAM,
        on="chat",
    ),
    _Fault(
        name="no-terminator", about="all but the terminal event", reply=_said({"omit": "terminator"}), asked=_STREAM
    ),
    _Fault(
        name="stall-stream",
        about="silence mid-stream for 8 s, then FIN; client's time-out 1.5 s",
        reply=_said({"stall": {**_MIDDLE, "for": "8s"}}),
        asked=_STREAM,
        timeout_s=HASTY_S,
        tells_end=True,
    ),
    _Fault(
        name="empty-200",
        about="200 with an empty body instead of a stream",
        reply=_text_body("", "text/event-stream"),
        asked=_STREAM,
    ),
    _Fault(
        name="html-200",
        about="200 with HTML instead of a stream",
        reply=_text_body("<html><body>a portal</body></html>", "text/html"),
        asked=_STREAM,
    ),
    _Fault(
        name="json-200",
        about="200 with JSON instead of a stream",
        reply=_text_body('{"object": "something", "text": "else"}', "application/json"),
        asked=_STREAM,
    ),
    _Fault(
        name="reset-whole",
        about="RST in the middle of a JSON body",
        reply=_said({"reset": {"at_byte": 40}}),
        asked=Asked.WHOLE,
    ),
    _Fault(
        name="cut-whole",
        about="FIN in the middle of a JSON body",
        reply=_said({"cut": {"at_byte": 40}}),
        asked=Asked.WHOLE,
    ),
    _Fault(
        name="content-length-whole",
        about="content-length longer than the JSON body",
        reply=_said({"garble": {"content_length": "+20"}}),
        asked=Asked.WHOLE,
    ),
    _Fault(
        name="half-json",
        about="half of a JSON body, properly ended",
        reply=_text_body('{"id": "x", "object": "chat.comp', "application/json"),
        asked=Asked.WHOLE,
    ),
    _Fault(
        name="error-in-200",
        about="an error object under 200",
        reply=_text_body(
            '{"error": {"message": "not today", "type": "server_error", "code": "e", "param": null}}',
            "application/json",
        ),
        asked=Asked.WHOLE,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cases under one heading of the page."""

    title: str
    cases: tuple[Case, ...] = field(default=())


GROUPS = (
    Group(title="Turns", cases=TURNS),
    Group(title="HTTP answers", cases=tuple(one.case() for one in HTTP)),
    Group(title="Errors inside a 200 stream", cases=tuple(one.case() for one in INSIDE)),
    Group(title="Transport", cases=tuple(one.case() for one in TRANSPORT)),
)
CASES = {case.name: case for group in GROUPS for case in group.cases}
