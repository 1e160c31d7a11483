"""The ceiling of our stack: aiohttp handlers that answer prebuilt bytes without reading a request.

An asyncio loop, an `Application` with its router, no access log. `/each/…` writes a stream event
by event, as a server would that knows no better.
"""

from __future__ import annotations

import sys

from aiohttp import web

from benchmarks.workload import chat_events, response_events, whole_body

_WHOLE = whole_body(3)
_STREAMS = {"chat": chat_events(), "responses": response_events()}
_HEADERS = {"content-type": "text/event-stream; charset=utf-8"}


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
