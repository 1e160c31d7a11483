"""The base line: aiohttp handlers that answer prebuilt bytes and read no request body.

An asyncio loop, an `Application` with its router, no access log. `/each/…` writes a stream event by
event.
"""

from __future__ import annotations

import json
import sys

from aiohttp import web

from benchmarks.workload import LONG, reply_text

_HEADERS = {"content-type": "text/event-stream; charset=utf-8"}


def _whole_body(stub: int) -> bytes:
    """A chat completion, as large as a real one."""
    return json.dumps(
        {
            "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
            "object": "chat.completion",
            "created": 1767225600,
            "model": "gpt-5.4",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": reply_text(stub), "refusal": None, "annotations": []},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
            "service_tier": "default",
            "system_fingerprint": None,
        },
        separators=(",", ":"),
    ).encode()


def _chunk(delta: dict[str, object], finish: str | None) -> bytes:
    data = {
        "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "gpt-5.4",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def _chat_events() -> list[bytes]:
    """The stream of the long reply, event by event."""
    pieces = reply_text(LONG).split(" ")
    deltas = [f"{piece} " for piece in pieces[:-1]] + pieces[-1:]
    return [
        _chunk({"role": "assistant", "content": "", "refusal": None}, None),
        *(_chunk({"content": delta}, None) for delta in deltas),
        _chunk({}, "stop"),
        b"data: [DONE]\n\n",
    ]


def _response_events() -> list[bytes]:
    """About what the Responses stream of the long reply is."""
    pieces = reply_text(LONG).split(" ")
    deltas = [
        {
            "type": "response.output_text.delta",
            "sequence_number": place,
            "item_id": "msg_" + "0" * 50,
            "output_index": 0,
            "content_index": 0,
            "delta": f"{piece} ",
            "logprobs": [],
        }
        for place, piece in enumerate(pieces)
    ]
    whole = {"id": "resp_" + "0" * 50, "status": "completed", "text": reply_text(LONG) * 3}
    ends: list[dict[str, object]] = [
        {"type": "response.created", "response": whole},
        {"type": "response.in_progress", "response": whole},
    ]
    last: list[dict[str, object]] = [
        {"type": "response.output_text.done", "text": reply_text(LONG)},
        {"type": "response.completed", "response": whole},
    ]
    return [
        f"event: {one['type']}\ndata: {json.dumps(one, separators=(',', ':'))}\n\n".encode()
        for one in (*ends, *deltas, *last)
    ]


_WHOLE = _whole_body(0)
_STREAMS = {"chat": _chat_events(), "responses": _response_events()}


async def whole(_request: web.Request) -> web.Response:
    """Prebuilt bytes."""
    return web.Response(body=_WHOLE, content_type="application/json")


async def each(request: web.Request) -> web.StreamResponse:
    """Prebuilt events, one write for each."""
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    for event in _STREAMS[request.match_info["kind"]]:
        await response.write(event)
    await response.write_eof()
    return response


def main() -> None:
    """Serve on the port given."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", whole)
    app.router.add_post("/each/{kind}", each)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
