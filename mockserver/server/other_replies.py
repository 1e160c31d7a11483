"""Replies that no stub gives: errors, and requests that are no call of a stub."""

from __future__ import annotations

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Endpoint, RoutingTable, Shape
from mockserver.model.findings import ApiError
from mockserver.model.frames import Part, Script, Send
from mockserver.model.ids import IdGenerator
from mockserver.model.json import write_bytes
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Headers, Request
from mockserver.render.context import RenderContext
from mockserver.render.http1 import frame_body
from mockserver.render.replies import JSON_TYPE, BodyReply, error_reply, identity_headers

NO_RETRY = (("x-should-retry", "false"),)
"""Tells SDKs that a second try would get the same reply."""

_MALFORMED_TYPE = "mockserver_malformed"


def with_identity(dialect: Dialect, *, number: int) -> tuple[Headers, IdGenerator]:
    """The headers that the dialect sends on every reply, and the id generator they came from, for
    a call of that number that no stub answers."""
    ids = IdGenerator(seed=0, scenario="", stub="", call=number)
    no_call = Call(endpoint=Endpoint.CHAT, body={})
    return identity_headers(RenderContext(call=no_call, dialect=dialect, ids=ids)), ids


def error_script(
    error: ApiError, dialect: Dialect, request: Request, *, number: int, shape: Shape = Shape.CHAT
) -> Script:
    """An error in the envelope of the dialect or of the shape."""
    identity, ids = with_identity(dialect, number=number)
    return script_of(error_reply(error, identity, dialect, ids, shape), request)


def malformed(status: int, message: str, dialect: Dialect, request: Request) -> Script:
    """The reply to input that is no HTTP, after which the connection ends. The edge of an upstream
    answers that, so only the envelope is the dialect's."""
    error = ApiError(status=status, type=_MALFORMED_TYPE, code=None, param=None, message=message)
    ids = IdGenerator(seed=0, scenario="", stub="", call=0)
    return script_of(error_reply(error, (), dialect, ids), request)


def script_of(reply: BodyReply, request: Request) -> Script:
    """The script of a reply; to HEAD the head alone, which announces the length of the body."""
    frames = frame_body(reply.status, reply.headers, reply.body, version=request.version, keep_alive=request.keep_alive)
    if request.method == "HEAD":
        frames = tuple(one for one in frames if not (isinstance(one, Send) and one.part is Part.BODY))
    return Script(frames=frames)


# --- requests that are no call ---

# Other offers, such as the h2c that some clients make with every first request, are ignored.
_WEBSOCKET = "websocket"
_READING = ("GET", "HEAD")


def other_reply(
    request: Request, dialect: Dialect, routes: RoutingTable, ids: IdGenerator, headers: Headers
) -> BodyReply:
    """The reply of an endpoint that replies by itself, a refused upgrade, 204, 404 or 405."""
    if (request.header("upgrade") or "").lower() == _WEBSOCKET:
        return _upgrade_refused(headers)
    found = routes.find(request.method, request.path)
    if found is not None:
        route, parameters = found
        call = Call(route.endpoint, request=request, parameters=parameters)
        own = ENDPOINTS[route.endpoint].answer
        assert own is not None  # noqa: S101  # stubs answer the others
        replied = own(call, dialect, ids)
        if isinstance(replied, ErrorRef):
            error = dialect.error(replied, route.shape, call.model)
            return error_reply(error, headers, dialect, ids)
        body = write_bytes(replied)
        return BodyReply(status=200, headers=(("content-type", JSON_TYPE), *headers), body=body, json=replied)
    methods = routes.methods(request.path)
    if request.method == "OPTIONS":
        allow = ", ".join((*(methods or _READING), "OPTIONS"))
        return BodyReply(status=204, headers=(("allow", allow),), body=b"")
    if methods:
        message = (
            f"Not allowed to {request.method} on {request.path}. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"
        )
        return _error("method_not_allowed", message, dialect, ids, headers)
    message = f"Invalid URL ({request.method} {request.path})"
    return _error("not_found", message, dialect, ids, headers)


def _upgrade_refused(headers: Headers) -> BodyReply:
    """426 sends a client that tried a WebSocket back to plain POST."""
    body = b"this upstream supports HTTP/1.1 only\n"
    added = (("content-type", "text/plain; charset=utf-8"), ("upgrade", "HTTP/1.1"), *headers)
    return BodyReply(status=426, headers=added, body=body)


def _error(name: str, message: str, dialect: Dialect, ids: IdGenerator, headers: Headers) -> BodyReply:
    error: ApiError = dialect.error(ErrorRef(name=name, members={"message": message}), Shape.CHAT)
    return error_reply(error, headers, dialect, ids)
