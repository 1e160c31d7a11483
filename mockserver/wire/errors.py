"""Errors as bodies: the dialect's envelope filled in, or the page of an edge."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.core.apierror import ApiError
from mockserver.core.dialect import Dialect
from mockserver.core.endpoint import Shape
from mockserver.core.jsontext import JSON, Object, write_bytes
from mockserver.core.minted import Mint
from mockserver.core.reply import ErrorRef
from mockserver.core.request import Headers
from mockserver.wire.headers import merged
from mockserver.wire.occasion import Occasion
from mockserver.wire.rendered import Whole

JSON_TYPE = "application/json"
HTML_TYPE = "text/html"

_BLANK = re.compile(r"\$(?:message|type|param|code|status|request_id)\b")


def envelope(error: ApiError, occasion: Occasion) -> Object:
    """The error body of the occasion's dialect."""
    return fill(occasion.dialect.envelope, error, occasion.mint)


def fill(template: JSON, error: ApiError, mint: Mint) -> Object:
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
    body: Object = filled if isinstance(filled, dict) else {"error": filled}
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


def whole(error: ApiError, headers: Headers, dialect: Dialect, mint: Mint) -> Whole:
    """The HTTP reply that tells an error; `headers` are the dialect's, the error's own come over
    them."""
    if error.html is not None:
        page = merged((("content-type", HTML_TYPE), *headers), error.headers)
        return Whole(status=error.status, headers=page, body=error.html.encode())
    body = fill(dialect.envelope, error, mint)
    head = merged((("content-type", JSON_TYPE), *headers), error.headers)
    return Whole(status=error.status, headers=head, body=write_bytes(body), json=body)


def resolve(ref: ErrorRef, shape: Shape, occasion: Occasion) -> ApiError:
    """The error for this shape and model."""
    return occasion.dialect.error(ref, shape, occasion.model)
