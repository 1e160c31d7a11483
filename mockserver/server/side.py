"""Side traffic: everything that is no POST. It is answered, recorded, and uses up no stub."""

from __future__ import annotations

from urllib.parse import unquote

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.findings import ApiError
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, write_bytes
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Headers, Request
from mockserver.render import errors
from mockserver.render.errors import JSON_TYPE
from mockserver.render.rendered import BodyReply
from mockserver.server.routes import MODELS, canonical, routes

_READING = ("GET", "HEAD")
# Other offers, such as the h2c that some clients make with every first request, are ignored.
_WEBSOCKET = "websocket"


def answer(request: Request, dialect: Dialect, mint: IdGenerator, headers: Headers) -> BodyReply:
    """The reply to a request that is no POST: the model list, an upgrade refused, 404 or 405."""
    path = canonical(request.path)
    if (request.header("upgrade") or "").lower() == _WEBSOCKET:
        return _upgrade_refused(headers)
    if request.method in _READING and path == MODELS:
        listed: list[JSON] = list(dialect.models)
        return _json(200, {"object": "list", "data": listed}, headers)
    if request.method in _READING and path.startswith(f"{MODELS}/"):
        return _model(unquote(path.removeprefix(f"{MODELS}/")), dialect, mint, headers)
    if request.method == "OPTIONS":
        return BodyReply(status=204, headers=(("allow", _allowed(path, dialect)),), body=b"")
    if path in routes((dialect,)) or path == MODELS:
        message = (
            f"Not allowed to {request.method} on {request.path}. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"
        )
        return _error("method_not_allowed", message, dialect, mint, headers)
    message = f"Invalid URL ({request.method} {request.path})"
    return _error("not_found", message, dialect, mint, headers)


def _model(name: str, dialect: Dialect, mint: IdGenerator, headers: Headers) -> BodyReply:
    for model in dialect.models:
        if model.get("id") == name:
            return _json(200, model, headers)
    if dialect.models_closed:
        error = dialect.error(ErrorRef(name="model_not_found"), Shape.CHAT, name)
        return errors.whole(error, headers, dialect, mint)
    open_model: JSONObject = {
        "id": name,
        "object": "model",
        "created": mint.created,
        "owned_by": "mockserver",
    }
    return _json(200, open_model, headers)


def _allowed(path: str, dialect: Dialect) -> str:
    return "POST, OPTIONS" if path in routes((dialect,)) else "GET, HEAD, OPTIONS"


def _upgrade_refused(headers: Headers) -> BodyReply:
    """426 sends a client that tried a WebSocket back to plain POST."""
    body = b"this upstream speaks HTTP/1.1 only\n"
    told = (("content-type", "text/plain; charset=utf-8"), ("upgrade", "HTTP/1.1"), *headers)
    return BodyReply(status=426, headers=told, body=body)


def _json(status: int, body: JSONObject, headers: Headers) -> BodyReply:
    told = (("content-type", JSON_TYPE), *headers)
    return BodyReply(status=status, headers=told, body=write_bytes(body), json=body)


def _error(
    name: str, message: str, dialect: Dialect, mint: IdGenerator, headers: Headers
) -> BodyReply:
    error: ApiError = dialect.error(ErrorRef(name=name, members={"message": message}), Shape.CHAT)
    return errors.whole(error, headers, dialect, mint)
