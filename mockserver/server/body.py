"""Reading a request's body to its end, before anything is answered.

Input that stays unread in the kernel turns the FIN of a later close into RST, so this comes before
every reply, broken ones above all.
"""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.http import HttpVersion11

from mockserver.server.protocol import connection_of

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BodyTooLargeError(Exception):
    """The request's body is longer than `limit` bytes; what is left of it was not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the request body is larger than {limit} bytes")
        self.limit = limit


async def read_body(request: web.BaseRequest, *, limit: int) -> bytes:
    """The body as it was sent, transfer coding removed; content codings are left alone.

    Answers `Expect: 100-continue` where the client waits for it.

    Raises:
        BodyTooLargeError: more than `limit` bytes were announced or came.
        MalformedBodyError: the chunked framing is broken; the connection cannot go on.
        SlowBodyError: the body did not come to its end in time; the connection cannot go on.
        ClientDisconnected: the client left before the body's end.
    """
    content = request.content
    if content.is_eof():
        whole = content.read_nowait(-1)
        _check(len(whole), limit)
        return whole
    _check(request.content_length or 0, limit)
    connection = connection_of(request)
    with connection.reading(content):
        if _waits_for_continue(request) and connection.transport is not None:
            connection.transport.write(_CONTINUE)
        body = bytearray()
        while piece := await content.readany():
            body += piece
            _check(len(body), limit)
    return bytes(body)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise BodyTooLargeError(limit)


def _waits_for_continue(request: web.BaseRequest) -> bool:
    return (
        request.version >= HttpVersion11
        and request.headers.get(hdrs.EXPECT, "").lower() == "100-continue"
    )
