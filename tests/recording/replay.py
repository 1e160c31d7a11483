"""Recorded exchanges written as a scenario, and sent to it again without a socket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from tests.kit import (
    JSON,
    Dialects,
    Part,
    RecordedExchange,
    ReplyWriter,
    Request,
    Sandbox,
    ScenarioText,
    Send,
    load_text,
    read_event,
    scenario_text,
    split_events,
)

DIALECTS = Dialects()
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "compact": "/v1/responses/compact"}
URL = "https://api.openai.com/v1/chat/completions"


class Answer(NamedTuple):
    status: int
    head: str
    body: bytes


def written(exchanges: Sequence[RecordedExchange], *, all_headers: bool = False, paced: bool = True) -> ScenarioText:
    writer = ReplyWriter(dialects=DIALECTS, all_headers=all_headers, paced=paced)
    return scenario_text(exchanges, name="recorded", writer=writer)


def replayed(text: str, requests: Sequence[RecordedExchange]) -> list[Answer]:
    """What a fresh sandbox with the scenario answers, one request after the other."""
    scenario = load_text(text, "recorded.yaml", DIALECTS)
    sandbox = Sandbox("default", DIALECTS.find("openai"), scenarios=(scenario,))
    return [_answer(sandbox, one) for one in requests]


def _answer(sandbox: Sandbox, exchange: RecordedExchange) -> Answer:
    path = PATHS[str(exchange.endpoint)]
    headers = (("authorization", "Bearer any"), ("content-type", "application/json"))
    request = Request(method="POST", target=path, path=path, headers=headers, body=exchange.request_body)
    _, decision = sandbox.exchange(request, now_s=0.0)
    sends = [frame for frame in decision.script.frames if isinstance(frame, Send)]
    head = b"".join(one.data for one in sends if one.part is Part.HEAD).decode("latin-1")
    body = b"".join(one.data for one in sends if one.part in (Part.BODY, Part.EVENT))
    return Answer(decision.status, head, body)


def said(body: bytes) -> list[tuple[str | None, JSON]]:
    """The events of a stream, with the value of their data."""
    found = [read_event(part) for part in split_events(body.decode())]
    return [(name, _value(data or "")) for name, data in found]


def _value(text: str) -> JSON:
    try:
        value: JSON = json.loads(text)
    except ValueError:
        return text
    return value


def asked(text: str = "hi", **members: JSON) -> bytes:
    body: dict[str, JSON] = {"model": "gpt-5.4", "messages": [{"role": "user", "content": text}], "stream": False}
    return json.dumps(body | members).encode()


def completion(**members: JSON) -> dict[str, JSON]:
    """A completion as the API sends it, with members that a rendered one has not by itself."""
    message: JSON = {"role": "assistant", "content": "Hello.", "refusal": None, "annotations": []}
    details: dict[str, JSON] = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    details["prompt_tokens_details"] = {"cached_tokens": 0, "audio_tokens": 0}
    details["completion_tokens_details"] = {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    return {
        "id": "chatcmpl-Recorded1",
        "object": "chat.completion",
        "created": 1770000000,
        "model": "gpt-5.4-2026-03-05",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": details,
        "service_tier": "default",
        "system_fingerprint": None,
        **members,
    }


def exchange(request: bytes, reply: bytes, **options: object) -> RecordedExchange:
    kind = "text/event-stream; charset=utf-8" if reply.startswith((b"data:", b":", b"event:")) else "application/json"
    given: dict[str, object] = {
        "origin": "test",
        "url": URL,
        "request_body": request,
        "reply_headers": (("content-type", kind),),
        "reply_body": reply,
    }
    return RecordedExchange(**given | options)  # type: ignore[arg-type]  # names of the test's own
