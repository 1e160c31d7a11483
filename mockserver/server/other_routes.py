"""Requests that no stub answers: they are answered, recorded, and use up nothing."""

from __future__ import annotations

from mockserver.model.call import Call
from mockserver.model.endpoint import ENDPOINTS, RoutingTable, Shape
from mockserver.model.findings import ApiError
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Request
from mockserver.render.context import RenderContext
from mockserver.render.replies import BodyReply, error_reply, head, json_reply

# Other offers, such as the h2c that some clients make with every first request, are ignored.
_WEBSOCKET = "websocket"
_READING = ("GET", "HEAD")


def answer(request: Request, routes: RoutingTable, context: RenderContext) -> BodyReply:
    """The reply of an endpoint that replies by itself, a refused upgrade, 204, 404 or 405."""
    if (request.header("upgrade") or "").lower() == _WEBSOCKET:
        return _upgrade_refused(context)
    found = routes.find(request.method, request.path)
    if found is not None:
        route, parameters = found
        call = Call(route.endpoint, request=request, parameters=parameters)
        own = ENDPOINTS[route.endpoint].answer
        assert own is not None  # noqa: S101  # stubs answer the others
        replied = own(call, context.dialect, context.ids)
        if isinstance(replied, ErrorRef):
            return error_reply(context.dialect.error(replied, route.shape, call.model), context)
        return json_reply(replied, context, route.shape, 200)
    methods = routes.methods(request.path)
    if request.method == "OPTIONS":
        allow = ", ".join((*(methods or _READING), "OPTIONS"))
        return BodyReply(status=204, headers=(("allow", allow),), body=b"")
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
    body = b"this upstream speaks HTTP/1.1 only\n"
    content_type, *others = head("text/plain; charset=utf-8", context, Shape.RESPONSES, None)
    return BodyReply(status=426, headers=(content_type, ("upgrade", "HTTP/1.1"), *others), body=body)


def _error(name: str, message: str, context: RenderContext) -> BodyReply:
    error: ApiError = context.dialect.error(ErrorRef(name=name, members={"message": message}), Shape.CHAT)
    return error_reply(error, context)
