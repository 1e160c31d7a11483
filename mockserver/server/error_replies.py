"""Replies that no stub scripted: errors of the upstream, of this server, and of the protocol."""

from __future__ import annotations

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.findings import ApiError
from mockserver.model.frames import Part, Script, Send
from mockserver.model.ids import IdGenerator
from mockserver.model.json import write_bytes
from mockserver.model.request import Request
from mockserver.render.context import RenderContext
from mockserver.render.http1 import frame_body
from mockserver.render.replies import JSON_TYPE, BodyReply, envelope, error_reply

NO_RETRY = (("x-should-retry", "false"),)
"""Tells SDKs that a second try would get the same reply."""

_MALFORMED_TYPE = "mockserver_malformed"


def no_stub(dialect: Dialect, *, number: int) -> RenderContext:
    """The context of a reply to a call of that number that no stub answers."""
    ids = IdGenerator(seed=0, scenario="", stub="", call=number)
    return RenderContext(call=Call(endpoint=Endpoint.CHAT, body={}), dialect=dialect, ids=ids)


def error_script(
    error: ApiError, dialect: Dialect, request: Request, *, number: int, shape: Shape = Shape.CHAT
) -> Script:
    """An error in the envelope of the dialect or of the shape."""
    return script_of(error_reply(error, no_stub(dialect, number=number), shape), request)


def malformed(status: int, message: str, dialect: Dialect, request: Request) -> Script:
    """The reply to input that is no HTTP, after which the connection ends. The edge of an upstream
    answers that, so only the envelope is the dialect's."""
    error = ApiError(status=status, type=_MALFORMED_TYPE, code=None, param=None, message=message)
    body = envelope(error, no_stub(dialect, number=0))
    reply = BodyReply(status=status, headers=(("content-type", JSON_TYPE),), body=write_bytes(body), json=body)
    return script_of(reply, request)


def script_of(reply: BodyReply, request: Request) -> Script:
    """The script of a reply; to HEAD the head alone, which announces the length of the body."""
    frames = frame_body(reply.status, reply.headers, reply.body, version=request.version, keep_alive=request.keep_alive)
    if request.method == "HEAD":
        frames = tuple(one for one in frames if not (isinstance(one, Send) and one.part is Part.BODY))
    return Script(frames=frames)
