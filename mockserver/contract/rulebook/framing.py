"""Rules about what carries a captured reply: HTTP/1.1, the event stream, JSON."""

from __future__ import annotations

from typing import Final

from mockserver.contract.rule import Rule, tabulate
from mockserver.core.finding import Grade

_SSE: Final = "WHATWG HTML, server-sent events"
_HTTP: Final = "RFC 9112, HTTP/1.1"

FRAMING_RULES: Final[tuple[Rule, ...]] = (
    *tabulate(
        _HTTP,
        {
            "http.head": "the status line and the header lines are well formed and end",
            "http.body.short": "the body has as many bytes as Content-Length says",
            "http.body.long": "nothing follows the body",
            "http.chunk": "every chunk has its size, its bytes and its line end",
            "http.chunk.last": "a chunked body ends with the last chunk",
            "http.coding": "the body is not compressed, so that it can be judged",
        },
    ),
    *tabulate(
        "OpenAI API reference",
        {
            "http.content_type": "a stream is text/event-stream, everything else application/json",
            "http.status": "an error envelope has an error status, everything else a status of 2xx",
            "reply.shape": "the reply is a chat completion, a response, a compaction or an error",
        },
    ),
    *tabulate(
        "RFC 8259, JSON",
        {"reply.json": "a reply that is not a stream is one JSON text without duplicate names"},
    ),
    *tabulate(
        _SSE,
        {
            "sse.utf8": "the stream is UTF-8",
            "sse.final_blank": "a blank line ends the last event, or it is lost",
            "sse.data": "every event has data",
        },
    ),
    *tabulate(
        _SSE,
        {
            "sse.bom": "no byte order mark stands before the stream",
            "sse.field": "every field is event, data, id or retry",
            "sse.id": "an id has no NUL",
            "sse.retry": "retry is a number of milliseconds",
        },
        Grade.NOTICE,
    ),
)
