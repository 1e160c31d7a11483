"""Differences between the reply of a scenario and that of an upstream: two replies in, every difference out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit import OPENAI, RecordedExchange, Shape, drift
from tests.recording.replay import completion

JSON_KIND = ("Content-Type", "application/json")
SSE_KIND = ("content-type", "text/event-stream; charset=utf-8")


def body(value: object, *headers: tuple[str, str], status: int = 200) -> RecordedExchange:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return RecordedExchange(origin="test", status=status, reply_headers=(JSON_KIND, *headers), reply_body=data)


def stream(*events: object, done: bool = True, named: bool = False, empty: bool = False) -> RecordedExchange:
    """Events of their data; text stands as it is written."""
    lines = ["event: empty\n\n"] if empty else []
    for event in (*events, *(["[DONE]"] if done else [])):
        word = f"event: {event.get('type')}\n" if named and isinstance(event, dict) else ""
        lines.append(f"{word}data: {event if isinstance(event, str) else json.dumps(event)}\n\n")
    return RecordedExchange(origin="test", reply_headers=(SSE_KIND,), reply_body="".join(lines).encode())


def chunk(finish: str | None = None, **delta: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def response(*output: object, **members: object) -> RecordedExchange:
    return body({"object": "response", "status": "completed", "output": list(output), **members})


ERROR = {"error": {"message": "no", "type": "gone", "code": None}}
SAID, END = chunk(content="Hi"), chunk("stop")
USAGE = {"choices": [], "usage": {"total_tokens": 1}}
CREATED, PROGRESS = {"type": "response.created", "n": 1}, {"type": "response.in_progress"}
DELTA = {"type": "response.output_text.delta", "output_index": 0}
CASES: dict[str, tuple[RecordedExchange, RecordedExchange, Shape]] = {
    "the same": (body(completion()), body(completion(id="chatcmpl-other", created=1)), Shape.CHAT),
    "success status": (body({}), body({}, status=201), Shape.CHAT),
    "error status": (body({}), body(ERROR, status=404), Shape.CHAT),
    "error status without a body": (body({}), body(b"\xff", status=502), Shape.CHAT),
    "a stream for a body": (body(completion()), stream(SAID), Shape.CHAT),
    "a body for a stream": (stream(SAID), body(completion()), Shape.CHAT),
    "no JSON": (body(completion()), body(b"hello"), Shape.CHAT),
    "no JSON in both": (body(b""), body(b"[]"), Shape.CHAT),
    "headers": (
        body({}, ("X-Request-Id", "r"), ("Date", "1")),
        body({}, ("Retry-After", "{1}"), ("openai-request-id", "r"), ("server", "x")),
        Shape.CHAT,
    ),
    "error words": (
        body({"error": {"message": "a", "type": "gone", "code": "x"}}, status=404),
        body({"error": {"message": "b", "type": "lost", "code": "x"}}, status=404),
        Shape.CHAT,
    ),
    "members at the top": (
        response(store=True, gone=1),
        response(background=True, cost=0.5, **{"a.b": 1}),
        Shape.RESPONSES,
    ),
    "a member removed with all that is in it": (response(usage={"a": {"b": 1}}), response(), Shape.RESPONSES),
    "members of members with points in their names": (
        response(**{"x.y": {"z": 1}}),
        response(**{"x.y": {"w": 1}}),
        Shape.RESPONSES,
    ),
    "types": (
        response(created_at=1, temperature=1, a=1, b=None, c="x", d=None),
        response(created_at="today", temperature=0.5, a=None, b=1, c=["x", True], d=None),
        Shape.RESPONSES,
    ),
    "null that is allowed": (response(incomplete_details={}), response(incomplete_details=None), Shape.RESPONSES),
    "value that is allowed": (response(incomplete_details=None), response(incomplete_details={}), Shape.RESPONSES),
    "words": (
        response(service_tier="default"),
        body({"object": "reply", "status": "paused", "output": [], "service_tier": "gold"}),
        Shape.RESPONSES,
    ),
    "words of items": (
        response({"type": "message", "status": "completed"}),
        response({"type": "message", "status": "paused"}),
        Shape.RESPONSES,
    ),
    "items": (response({"type": "message"}, 1), response({"type": "thought"}, {"type": 1}), Shape.RESPONSES),
    "items of a list that was empty": (response(), response(1), Shape.RESPONSES),
    "an object in no contract": (body({"a": {"b": 1}}), body({"a": {"b": "x"}}), Shape.EXACT),
    "done": (stream(SAID, END), stream(SAID, END, done=False), Shape.CHAT),
    "lines": (stream(CREATED, named=True, done=False), stream(CREATED, done=True), Shape.RESPONSES),
    "an event without data": (stream(SAID, END), stream(SAID, END, empty=True), Shape.CHAT),
    "words of chunks": (
        stream({"object": "x"}, {"choices": []}, chunk(role="assistant", content=""), END),
        stream(USAGE, chunk(), {"error": {}}, "{", END),
        Shape.CHAT,
    ),
    "an event that the contract knows": (stream(CREATED), stream(CREATED, PROGRESS), Shape.RESPONSES),
    "an event that it does not know": (
        stream(CREATED),
        stream(CREATED, {"type": "response.note", "n": 1}),
        Shape.RESPONSES,
    ),
    "order": (stream(CREATED, PROGRESS, DELTA), stream(PROGRESS, CREATED, DELTA), Shape.RESPONSES),
    "order after the last": (stream(CREATED, PROGRESS), stream(PROGRESS, CREATED), Shape.RESPONSES),
    "end": (stream(CREATED, DELTA, CREATED), stream(CREATED, DELTA), Shape.RESPONSES),
    "nothing in common": (stream(CREATED), stream(PROGRESS), Shape.RESPONSES),
    "first index": (stream(DELTA), stream(DELTA | {"output_index": 1}), Shape.RESPONSES),
    "members of events": (stream(CREATED), stream({"type": "response.created", "m": 1}), Shape.RESPONSES),
}


AFTER_PROGRESS = (
    "expected keepalive or an event of an item or an event outside of items or error or completed or incomplete "
    "or failed, got created"
)
FOUND: dict[str, list[tuple[Any, ...]]] = {
    "the same": [],
    "success status": [("status", "status", "200", "201", {}, {"reply": {"status": 201}})],
    "error status": [
        ("status", "status", "200", "404", {}, {"reply": {"error": {"status": 404, "type": "gone", "code": None}}})
    ],
    "error status without a body": [("status", "status", "200", "502", {}, {"reply": {"error": {"status": 502}}})],
    "a stream for a body": [
        (
            "header.value",
            "content-type",
            "application/json",
            "text/event-stream",
            {},
            {"reply": {"headers": {"content-type": "text/event-stream"}}},
        ),
        ("form", "body", "body", "event stream", {}, {}),
    ],
    "a body for a stream": [
        (
            "header.value",
            "content-type",
            "text/event-stream",
            "application/json",
            {},
            {"reply": {"headers": {"content-type": "application/json"}}},
        ),
        ("form", "body", "event stream", "body", {}, {}),
    ],
    "no JSON": [("form", "body", "a JSON object", "another body", {}, {})],
    "no JSON in both": [
        (
            "contract",
            "body",
            "chat.schema.type",
            "expected object, got a list of 0",
            {"contract": {"forgives": ["chat.schema.type"]}},
            {},
        )
    ],
    "headers": [
        ("header.added", "retry-after", "absent", "present", {"headers": {"retry-after": "1"}}, {}),
        ("header.removed", "x-request-id", "present", "absent", {"headers": {"x-request-id": None}}, {}),
    ],
    "error words": [("error", "error.type", "gone", "lost", {}, {"reply": {"error": {"type": "lost"}}})],
    "members at the top": [
        (
            "member.removed",
            "store",
            "boolean",
            "absent",
            {"contract": {"kinds": {"response": {"optional": {"store": "boolean"}}}}},
            {},
        ),
        (
            "member.removed",
            "gone",
            "integer",
            "absent",
            {"contract": {"kinds": {"response": {"optional": {"gone": "integer"}}}}},
            {},
        ),
        ("member.added", "background", "absent", "boolean", {}, {"reply": {"fields": {"background": True}}}),
        (
            "member.added",
            "cost",
            "absent",
            "number",
            {"contract": {"kinds": {"response": {"optional": {"cost": "number"}}}}},
            {},
        ),
        (
            "member.added",
            "a.b",
            "absent",
            "integer",
            {"contract": {"kinds": {"response": {"optional": {"a.b": "integer"}}}}},
            {},
        ),
    ],
    "a member removed with all that is in it": [
        (
            "member.removed",
            "usage",
            "object",
            "absent",
            {"contract": {"kinds": {"response": {"optional": {"usage": "object"}}}}},
            {},
        ),
        (
            "usage",
            "usage",
            "responses.usage.set",
            "expected usage, got none",
            {"contract": {"forgives": ["responses.usage.set"]}},
            {},
        ),
    ],
    "members of members with points in their names": [
        ("member.removed", "x.y.z", "integer", "absent", {}, {}),
        ("member.added", "x.y.w", "absent", "integer", {}, {}),
    ],
    "types": [
        (
            "member.type",
            "created_at",
            "number",
            "string",
            {"contract": {"kinds": {"response": {"required": {"created_at": "number|string"}}}}},
            {},
        ),
        (
            "member.null",
            "a",
            "integer",
            "null",
            {"contract": {"kinds": {"response": {"optional": {"a": "integer|null"}}}}},
            {},
        ),
        (
            "member.type",
            "b",
            "null",
            "integer",
            {"contract": {"kinds": {"response": {"required": {"b": "integer|null"}}}}},
            {},
        ),
        (
            "member.type",
            "c",
            "string",
            "list",
            {"contract": {"kinds": {"response": {"required": {"c": "list|string"}}}}},
            {},
        ),
    ],
    "null that is allowed": [("member.null", "incomplete_details", "object", "null", {}, {})],
    "value that is allowed": [
        (
            "contract",
            "incomplete_details",
            "responses.completed.clean",
            "expected null, got an object of 0 members",
            {"contract": {"forgives": ["responses.completed.clean"]}},
            {},
        )
    ],
    "words": [
        ("value", "object", "response", "reply", {}, {"reply": {"fields": {"object": "reply"}}}),
        (
            "finish",
            "status",
            "completed",
            "paused",
            {
                "contract": {
                    "values": {
                        "status.response": [
                            "cancelled",
                            "completed",
                            "failed",
                            "in_progress",
                            "incomplete",
                            "paused",
                            "queued",
                        ]
                    }
                }
            },
            {"reply": {"fields": {"status": "paused"}}},
        ),
    ],
    "words of items": [
        (
            "finish",
            "output[message].status",
            "completed",
            "paused",
            {"contract": {"values": {"status.item": ["completed", "in_progress", "incomplete", "paused"]}}},
            {},
        )
    ],
    "items": [
        ("item.gone", "output[message]", "object", "absent", {}, {}),
        ("member.type", "output[]", "integer", "object", {}, {}),
        ("item.new", "output[thought]", "absent", "object", {}, {}),
        ("member.added", "output[].type", "absent", "integer", {}, {}),
    ],
    "items of a list that was empty": [
        (
            "contract",
            "output[0]",
            "responses.schema.type",
            "expected object, got 1",
            {"contract": {"forgives": ["responses.schema.type"]}},
            {},
        )
    ],
    "an object in no contract": [("member.type", "a.b", "integer", "string", {}, {})],
    "done": [("event.done", "stream", "present", "absent", {"contract": {"chat": {"done": "optional"}}}, {})],
    "lines": [
        (
            "event.done",
            "stream",
            "absent",
            "present",
            {"contract": {"responses": {"done": "required"}}, "responses": {"done": True}},
            {},
        ),
        (
            "event.lines",
            "stream",
            "present",
            "absent",
            {"contract": {"responses": {"event_lines": "optional"}}, "responses": {"event_lines": False}},
            {},
        ),
    ],
    "an event without data": [
        (
            "contract",
            "body",
            "sse.data",
            "the event in line 1 has no data, which most readers ignore",
            {"contract": {"forgives": ["sse.data"]}},
            {},
        )
    ],
    "words of chunks": [
        ("event.gone", "event chunk.role", "present", "absent", {}, {}),
        ("event.new", "event chunk.usage", "absent", "present", {}, {}),
        ("event.new", "event error", "absent", "present", {}, {}),
        ("event.new", "event unreadable", "absent", "present", {}, {}),
        (
            "member.removed",
            "event chunk.empty: object",
            "string",
            "absent",
            {"contract": {"kinds": {"chat.chunk": {"optional": {"object": "string"}}}}},
            {},
        ),
        (
            "contract",
            "event event[0]:",
            "chat.chunk.order",
            "expected a chunk with choices or an error chunk, got a usage chunk",
            {"contract": {"forgives": ["chat.chunk.order"]}},
            {},
        ),
        (
            "contract",
            "event event[1]: choices[0].delta",
            "chat.role.first",
            "expected a chunk with the role, got a chunk that continues the choice",
            {"contract": {"forgives": ["chat.role.first"]}},
            {},
        ),
        (
            "contract",
            "event event[3]:",
            "chat.event.json",
            "'{' is not JSON: expecting property name enclosed in double quotes at line 1 column 2",
            {"contract": {"forgives": ["chat.event.json"]}},
            {},
        ),
        (
            "contract",
            "event event[4]:",
            "chat.error.last",
            "expected [DONE] or the end of the stream, got a chunk with choices",
            {"contract": {"forgives": ["chat.error.last"]}},
            {},
        ),
    ],
    "an event that the contract knows": [("event.new", "event response.in_progress", "absent", "present", {}, {})],
    "an event that it does not know": [
        (
            "event.new",
            "event response.note",
            "absent",
            "present",
            {
                "contract": {
                    "kinds": {
                        "event.response.note": {"only": True, "required": {"type": "=response.note", "n": "integer"}}
                    },
                    "responses": {"extra_events": ["response.note"]},
                }
            },
            {},
        )
    ],
    "order": [
        (
            "event.order",
            "event response.created",
            "response.output_text.delta after response.in_progress",
            "response.created",
            {},
            {},
        ),
        (
            "contract",
            "event response.in_progress[0]:",
            "responses.created.first",
            "expected created, got in_progress",
            {"contract": {"forgives": ["responses.created.first"]}},
            {},
        ),
        (
            "contract",
            "event response.created[0]:",
            "responses.life.order",
            AFTER_PROGRESS,
            {"contract": {"forgives": ["responses.life.order"]}},
            {},
        ),
    ],
    "order after the last": [
        ("event.order", "event response.created", "nothing after response.in_progress", "response.created", {}, {}),
        (
            "contract",
            "event response.in_progress[0]:",
            "responses.created.first",
            "expected created, got in_progress",
            {"contract": {"forgives": ["responses.created.first"]}},
            {},
        ),
        (
            "contract",
            "event response.created[0]:",
            "responses.life.order",
            AFTER_PROGRESS,
            {"contract": {"forgives": ["responses.life.order"]}},
            {},
        ),
    ],
    "end": [
        ("event.end", "event response.output_text.delta", "response.created", "response.output_text.delta", {}, {})
    ],
    "nothing in common": [
        ("event.gone", "event response.created", "present", "absent", {}, {}),
        ("event.new", "event response.in_progress", "absent", "present", {}, {}),
        (
            "contract",
            "event response.in_progress[0]:",
            "responses.created.first",
            "expected created, got in_progress",
            {"contract": {"forgives": ["responses.created.first"]}},
            {},
        ),
    ],
    "first index": [("index.base", "output_index", "0", "1", {}, {})],
    "members of events": [
        (
            "member.removed",
            "event response.created: n",
            "integer",
            "absent",
            {"contract": {"kinds": {"event.response.created": {"optional": {"n": "integer"}}}}},
            {},
        ),
        (
            "member.added",
            "event response.created: m",
            "absent",
            "integer",
            {"contract": {"kinds": {"event.response.created": {"optional": {"m": "integer"}}}}},
            {},
        ),
    ],
}
"""Class, place, expected, got, what is proposed for the dialect, what for the scenario."""


@pytest.mark.parametrize("case", CASES)
def test_differences_are_found(case: str) -> None:
    expected, got, shape = CASES[case]
    found = drift(expected, got, shape=shape, contract=OPENAI)
    assert [(one.kind, one.place, one.expected, one.got, one.dialect, one.scenario) for one in found] == FOUND[case]
