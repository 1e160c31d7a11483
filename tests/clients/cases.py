"""What every real client is put through: turns that go well, and each way in which one goes wrong.

A case is data: the stubs that a sandbox holds, and which ways of asking it concerns. What each
client makes of it is recorded beside, in `recorded/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from tests.kit import JSON, JSONObject

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


@dataclass(frozen=True, slots=True)
class Way:
    """One of a client's doors to an endpoint."""

    name: str
    on: str = "chat"
    streamed: bool = False
    sampled: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
            self.name, self.about, (stub,), self.asked, on=self.on, timeout_s=self.timeout_s, tells_end=self.tells_end
        )


_stream_fault = partial(_Fault, asked=Asked.STREAM)
_whole_fault = partial(_Fault, asked=Asked.WHOLE)


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
    Case("plain", "a text", ({"name": "says", "times": 1, "reply": TEXT},), Asked.EVERY),
    Case("tool", "a function call, its result sent back, a text", (_ASKS, _TELLS), Asked.EVERY, task="tool", says=TOLD),
    Case(
        "structured",
        "an answer that a JSON Schema shapes",
        ({"name": "fills the form", "times": 1, "reply": '{"city": "Paris", "celsius": 18}'},),
        Asked.EVERY,
        task="structured",
    ),
    Case(
        "title",
        "a second request at the same time, to a small model",
        (
            {"name": "title", "when": {"model": SMALL_MODEL}, "times": 1, "reply": TITLE},
            {"name": "says", "when": {"model": MODEL}, "times": 1, "reply": TEXT},
        ),
        Asked.EVERY,
        task="title",
        says=f"{TEXT} / {TITLE}",
    ),
    Case(
        "leave",
        "the client leaves in the middle of a stream and asks again",
        (
            {
                "name": "says",
                "times": 2,
                "replies": [{"output": [{"text": TEXT}], "pace": {"gap": "100ms"}}, {"output": [{"text": TOLD}]}],
            },
        ),
        Asked.STREAM,
        task="leave",
        says=TOLD,
    ),
    Case(
        "compact",
        "a compaction asked for by its own endpoint",
        ({"name": "compacts", "on": "compact", "times": 1, "reply": {"output": [{"compaction": SEALED}]}},),
        Asked.EVERY,
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
    *(_Fault(f"status-{status}", f"{status}", _status(status, message)) for status, message in _PLAIN_STATUSES),
    _Fault("status-502-html", "502 with an HTML page", {"error": "bad_gateway", "headers": _NO_PAUSE}),
    _Fault("status-429-retry-after", "429, `retry-after: 1`", _status(429, "too many requests", retry_after="1")),
    _Fault(
        "status-429-retry-after-ms", "429, `retry-after-ms: 50`", _status(429, "too many requests", retry_after_ms="50")
    ),
    _Fault(
        "status-429-should-not-retry",
        "429, `x-should-retry: false`",
        _status(429, "too many requests", x_should_retry="false"),
    ),
    _Fault(
        "status-500-should-not-retry",
        "500, `x-should-retry: false`",
        _status(500, "the upstream failed", x_should_retry="false"),
    ),
    _Fault(
        "status-400-should-retry",
        "400, `x-should-retry: true`",
        _status(400, "the request is bad", x_should_retry="true"),
    ),
    _Fault("insufficient-quota", "429, code insufficient_quota", {"error": "insufficient_quota", "headers": _NO_PAUSE}),
)

# --- errors inside a stream that began with 200 ---

_MIDDLE: JSONObject = {"after": "text.delta[2]"}
_HALF = "Rain in the "


def _breaks_down(error: str, **more: str) -> JSONObject:
    return {"output": [{"text": _HALF}, {"error": error, **more}]}


INSIDE = (
    _stream_fault("response-failed", "`response.failed`", _breaks_down("server_error"), on="responses"),
    *(
        _stream_fault(
            f"failed-{error.replace('_', '-')}",
            f"`response.failed`, {error.replace('_', ' ')}",
            _breaks_down(error),
            on="responses",
        )
        for error in ("context_length_exceeded", "insufficient_quota", "invalid_prompt", "overloaded", "rate_limited")
    ),
    _stream_fault(
        "error-event-flat",
        "an `error` event, code and message flat in it",
        _breaks_down("server_error", **{"as": "event", "shape": "flat"}),
        on="responses",
    ),
    _stream_fault(
        "error-event-nested",
        "an `error` event with a nested `error` object",
        _breaks_down("server_error", **{"as": "event", "shape": "nested"}),
        on="responses",
    ),
    _stream_fault(
        "error-then-failed",
        "an `error` event, then `response.failed`",
        _breaks_down("server_error", **{"as": "both"}),
        on="responses",
    ),
    _stream_fault("error-line", 'a line `{"error": …}`, then the end', _breaks_down("server_error"), on="chat"),
    _stream_fault("finish-length", "cut short by the token limit", {"output": [{"text": TEXT}], "finish": "length"}),
    _stream_fault(
        "finish-content-filter",
        "cut short by the content filter",
        {"output": [{"text": TEXT}], "finish": "content_filter"},
    ),
    _stream_fault("garbled-json", "one data line that is no JSON", _said({"garble": {"json": "text.delta[2]"}})),
)

# --- transport ---

_SSE_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
_CHAT_START = (
    'data: {"id":"c1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5.4",'
    '"choices":[{"index":0,"delta":{"role":"assistant","content":"Rain in the "},'
    '"finish_reason":null}]}\n\n'
)

TRANSPORT = (
    _Fault("reset-head", "RST before the headers", _said({"reset": {"at": "head"}})),
    _Fault("cut-head", "FIN before the headers", _said({"cut": {"at": "head"}})),
    _Fault(
        "stall-head",
        "silence before the headers for 8 s, client's time-out 1.5 s",
        _said({"stall": {"at": "head", "for": "8s"}}),
        timeout_s=HASTY_S,
        tells_end=True,
    ),
    _stream_fault("reset-stream", "RST mid-stream", _said({"reset": _MIDDLE})),
    _stream_fault("cut-stream", "FIN inside the chunked body", _said({"cut": _MIDDLE})),
    _stream_fault(
        "content-length-stream", "content-length longer than the stream", _said({"garble": {"content_length": "+20"}})
    ),
    _stream_fault(
        "content-length-cut",
        "content-length longer than a stream that breaks off",
        _said({"end": _MIDDLE}, {"garble": {"content_length": "+20"}}),
    ),
    _stream_fault(
        "chunk-size", "an invalid chunk size", _said({"garble": {"chunk_size": "text.delta[3]"}}), timeout_s=HASTY_S
    ),
    _stream_fault("clean-end", "a clean end without the terminal event", _said({"end": _MIDDLE})),
    _stream_fault(
        "half-line",
        "a clean end in the middle of a data line",
        _said({"end": {"inside": {"event": "text.delta[3]", "byte": 40}}}),
    ),
    _stream_fault(
        "close-delimited",
        "a body that the close delimits, without the terminal event",
        {"raw": _SSE_HEAD + _CHAT_START},
        on="chat",
    ),
    _stream_fault("no-finish", "all of the text and `[DONE]`, no finish chunk", _said({"omit": "finish"}), on="chat"),
    _stream_fault("no-terminator", "all but the terminal event", _said({"omit": "terminator"})),
    _stream_fault(
        "stall-stream",
        "silence mid-stream for 8 s, then FIN; client's time-out 1.5 s",
        _said({"stall": {**_MIDDLE, "for": "8s"}}),
        timeout_s=HASTY_S,
        tells_end=True,
    ),
    _stream_fault("empty-200", "200 with an empty body instead of a stream", _text_body("", "text/event-stream")),
    _stream_fault(
        "html-200", "200 with HTML instead of a stream", _text_body("<html><body>a portal</body></html>", "text/html")
    ),
    _stream_fault(
        "json-200",
        "200 with JSON instead of a stream",
        _text_body('{"object": "something", "text": "else"}', "application/json"),
    ),
    _whole_fault("reset-whole", "RST in the middle of a JSON body", _said({"reset": {"at_byte": 40}})),
    _whole_fault("cut-whole", "FIN in the middle of a JSON body", _said({"cut": {"at_byte": 40}})),
    _whole_fault(
        "content-length-whole", "content-length longer than the JSON body", _said({"garble": {"content_length": "+20"}})
    ),
    _whole_fault(
        "half-json",
        "half of a JSON body, properly ended",
        _text_body('{"id": "x", "object": "chat.comp', "application/json"),
    ),
    _whole_fault(
        "error-in-200",
        "an error object under 200",
        _text_body(
            '{"error": {"message": "not today", "type": "server_error", "code": "e", "param": null}}',
            "application/json",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
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
