"""Replies that no stub gives: errors, and requests that are no call of a stub."""

from __future__ import annotations

from mockserver.model.budget import Refusal
from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Answering, Endpoint, Shape
from mockserver.model.findings import ApiError
from mockserver.model.frames import Part, Script, Send
from mockserver.model.ids import EPOCH, IdGenerator
from mockserver.model.json import JSONObject, write_bytes
from mockserver.model.reply import ErrorRef, ExactEvents, Reply
from mockserver.model.request import Headers, Request
from mockserver.model.route import RoutingTable
from mockserver.model.store import Store
from mockserver.render.context import RenderContext
from mockserver.render.cors import preflight_headers, with_headers
from mockserver.render.http1 import frame_body
from mockserver.render.replies import JSON_TYPE, BodyReply, error_reply, fill_envelope, head, json_reply

NO_RETRY = (("x-should-retry", "false"),)
"""Tells SDKs that a second try would get the same reply."""

_MALFORMED_TYPE = "mockserver_malformed"


def no_stub(dialect: Dialect, *, number: int, epoch: int = EPOCH) -> RenderContext:
    """The context of a reply to a call of that number that no stub answers."""
    ids = IdGenerator(seed=0, scenario="", stub="", call=number, epoch=epoch)
    return RenderContext(call=Call(endpoint=Endpoint.CHAT, body={}), dialect=dialect, ids=ids)


def error_script(
    error: ApiError, dialect: Dialect, request: Request, *, number: int, shape: Shape = Shape.CHAT, added: Headers = ()
) -> Script:
    """An error in the envelope of the dialect or of the shape, with headers `added`."""
    return script_of(error_reply(error, no_stub(dialect, number=number), shape), request, added)


_LIMITED = {"requests": "requests_limited", "tokens": "rate_limited"}
_TOO_LARGE = "request_too_large"


def limit_error(refusal: Refusal, dialect: Dialect, shape: Shape, model: str | None) -> ApiError:
    """The error of the dialect for a request that has no room in a budget."""
    name = _LIMITED[refusal.kind] if refusal.wait_s is not None else _TOO_LARGE
    entry = dialect.catalogue.get(name)
    message = "" if entry is None else entry.limit_message or str(entry.members.get("message"))
    members: JSONObject = {"message": refusal.fill(message)}
    return dialect.error(ErrorRef(name=None if entry is None else name, members=members), shape, model)


def malformed(status: int, message: str, dialect: Dialect, request: Request) -> Script:
    """The reply to input that is no HTTP, after which the connection ends. The edge of an upstream
    answers that, so only the envelope is the dialect's."""
    error = ApiError(status=status, type=_MALFORMED_TYPE, code=None, param=None, message=message)
    body = fill_envelope(dialect.envelope, error, no_stub(dialect, number=0).ids)
    reply = BodyReply(status=status, headers=(("content-type", JSON_TYPE),), body=write_bytes(body), json=body)
    return script_of(reply, request)


def script_of(reply: BodyReply, request: Request, added: Headers = ()) -> Script:
    """The script of a reply with headers `added`; to HEAD the head alone, which announces the length of the body."""
    headers = with_headers(reply.headers, added)
    frames = frame_body(reply.status, headers, reply.body, version=request.version, keep_alive=request.keep_alive)
    if request.method == "HEAD":
        frames = tuple(one for one in frames if not (isinstance(one, Send) and one.part is Part.BODY))
    return Script(frames=frames)


# --- requests that are no call ---

# Other offers, such as the h2c that some clients make with every first request, are ignored.
_WEBSOCKET = "websocket"
_READING = ("GET", "HEAD")


def other_reply(
    request: Request, routes: RoutingTable, context: RenderContext, store: Store, *, shared: bool = False
) -> BodyReply | Reply:
    """The reply of an endpoint that replies by itself, a refused upgrade, 204, 404 or 405; `shared` with the page
    of another origin that asks."""
    if (request.header("upgrade") or "").lower() == _WEBSOCKET:
        return _upgrade_refused(context)
    found = routes.find(request.method, request.path)
    if found is not None:
        route, parameters = found
        call = Call(route.endpoint, request=request, parameters=parameters)
        own = ENDPOINTS[route.endpoint].answer
        assert own is not None  # noqa: S101  # stubs answer the others
        replied = own(call, Answering(context.dialect, context.ids, store))
        if isinstance(replied, ExactEvents):
            return Reply(content=replied)
        if isinstance(replied, ErrorRef):
            return error_reply(context.dialect.error(replied, route.shape, call.model), context)
        return json_reply(replied, context, route.shape, 200)
    methods = routes.methods(request.path)
    if request.method == "OPTIONS":
        allowed = (*(methods or _READING), "OPTIONS")
        asked = preflight_headers(request, allowed) if shared else ()
        return BodyReply(status=204, headers=(("allow", ", ".join(allowed)), *asked), body=b"")
    if methods:
        message = (
            f"Not allowed to {request.method} on {request.path}. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"
        )
        return _error("method_not_allowed", message, context)
    message = f"Invalid URL ({request.method} {request.path})"
    return _error("not_found", message, context)


def _upgrade_refused(context: RenderContext) -> BodyReply:
    """426 sends a client that tried a WebSocket back to plain POST."""
    body = b"this upstream supports HTTP/1.1 only\n"
    content_type, *others = head("text/plain; charset=utf-8", context, Shape.RESPONSES, None)
    return BodyReply(status=426, headers=(content_type, ("upgrade", "HTTP/1.1"), *others), body=body)


def _error(name: str, message: str, context: RenderContext) -> BodyReply:
    error: ApiError = context.dialect.error(ErrorRef(name=name, members={"message": message}), Shape.CHAT)
    return error_reply(error, context)
