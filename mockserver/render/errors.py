"""Errors as bodies: the dialect's envelope filled in, or the page of an edge."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.findings import ApiError
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, write_bytes
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Headers
from mockserver.render.context import RenderContext
from mockserver.render.headers import merged
from mockserver.render.rendered import BodyReply

JSON_TYPE = "application/json"
HTML_TYPE = "text/html"

_BLANK = re.compile(r"\$(?:message|type|param|code|status|request_id)\b")


def envelope(error: ApiError, occasion: RenderContext) -> JSONObject:
    """The error body of the occasion's dialect."""
    return fill(occasion.dialect.envelope, error, occasion.mint)


def fill(template: JSON, error: ApiError, mint: IdGenerator) -> JSONObject:
    """A template with its `$` names replaced; a text that is only a name takes the value's type."""
    values: Mapping[str, JSON] = {
        "$message": error.message,
        "$type": error.type,
        "$param": error.param,
        "$code": error.code,
        "$status": error.status,
        "$request_id": mint.id("req_"),
    }
    filled = _filled(template, values)
    body: JSONObject = filled if isinstance(filled, dict) else {"error": filled}
    inner = body.get("error")
    if error.extra and isinstance(inner, dict):
        body["error"] = inner | error.extra
    return body


def _filled(template: JSON, values: Mapping[str, JSON]) -> JSON:
    match template:
        case str():
            if template in values:
                return values[template]
            return _BLANK.sub(lambda found: _shown(values[found[0]]), template)
        case dict():
            return {name: _filled(value, values) for name, value in template.items()}
        case list():
            return [_filled(value, values) for value in template]
        case _:
            return template


def _shown(value: JSON) -> str:
    return "" if value is None else str(value)


def whole(
    error: ApiError,
    headers: Headers,
    dialect: Dialect,
    mint: IdGenerator,
    shape: Shape = Shape.CHAT,
) -> BodyReply:
    """The HTTP reply that reports an error in place of a reply of that shape; `headers` are the
    dialect's, those of the error override them."""
    if error.html is not None:
        page = merged((("content-type", HTML_TYPE), *headers), error.headers)
        return BodyReply(status=error.status, headers=page, body=error.html.encode())
    own = SHAPES[shape].envelope
    body = fill(dialect.envelope if own is None else own, error, mint)
    head = merged((("content-type", JSON_TYPE), *headers), error.headers)
    return BodyReply(status=error.status, headers=head, body=write_bytes(body), json=body)


def resolve(ref: ErrorRef, shape: Shape, occasion: RenderContext) -> ApiError:
    """The error for this shape and model."""
    return occasion.dialect.error(ref, shape, occasion.model)
