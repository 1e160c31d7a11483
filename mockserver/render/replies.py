"""HTTP replies before framing: their types, the head beyond the framing, errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.fault import PlaceNotFoundError
from mockserver.model.findings import ApiError
from mockserver.model.frames import Event
from mockserver.model.headers import as_line
from mockserver.model.ids import RAY, IdGenerator
from mockserver.model.json import JSON, JSONObject, write_bytes
from mockserver.model.request import Headers
from mockserver.render.context import RenderContext

JSON_TYPE = "application/json"
HTML_TYPE = "text/html"

_NAME = re.compile(r"\$(?:message|type|param|code|status|request_id)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyReply:
    """`json` is the body's value where it is JSON to be validated, else None."""

    status: int
    headers: Headers
    body: bytes
    json: JSON = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """`comment` is a comment block before each event; `closes` ends the connection with the reply,
    as after an error in a chat stream."""

    status: int
    headers: Headers
    events: tuple[Event, ...]
    comment: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """Exact bytes from the status line on."""

    data: bytes


Rendered: TypeAlias = BodyReply | EventStream | RawReply


def head(content_type: str, context: RenderContext, shape: Shape, status: int | None, error: Headers = ()) -> Headers:
    """The headers of a reply before those of its scenario: the content type, the dialect's, those of
    its `error`, what the dialect's HTTP rules make of them. Status None is for a reply that is no
    JSON of the API."""
    found = merged_headers((("content-type", content_type), *_filled_headers(context.dialect.headers, context)), error)
    for rule in context.dialect.http_rules(shape, status):
        if rule.headers:
            found = merged_headers(found, _filled_headers(rule.headers, context))
    return found


_HEADER_VALUES: Mapping[str, Callable[[RenderContext], str]] = {
    "{request_id}": lambda context: context.ids.id("req_"),
    "{processing_ms}": lambda context: context.ids.processing_ms,
    "{model}": lambda context: context.model,
    "{ray}": lambda context: context.ids.id(RAY),
}


def _filled_headers(headers: Headers, context: RenderContext) -> Headers:
    return tuple((name, _header(value, context)) for name, value in headers)


def _header(value: str, context: RenderContext) -> str:
    if "{" in value:
        for name, text in _HEADER_VALUES.items():
            if name in value:
                value = value.replace(name, as_line(text(context)))
    return value


def json_bytes(value: JSON, dialect: Dialect, shape: Shape, status: int) -> bytes:
    """A body as the dialect writes it for that shape and status."""
    indent, newline = 0, False
    for rule in dialect.http_rules(shape, status):
        indent = indent if rule.indent is None else rule.indent
        newline = newline if rule.newline is None else rule.newline
    return write_bytes(value, indent=indent) + (b"\n" if newline else b"")


def json_reply(
    value: JSON, context: RenderContext, shape: Shape, status: int, *, error: Headers = (), over: Headers = ()
) -> BodyReply:
    """A body of JSON with its head; the headers of `over` take precedence."""
    return BodyReply(
        status=status,
        headers=merged_headers(head(JSON_TYPE, context, shape, status, error), over),
        body=json_bytes(value, context.dialect, shape, status),
        json=value,
    )


def rewritten(reply: BodyReply | RawReply, change: Callable[[JSON], JSON], dialect: Dialect, shape: Shape) -> BodyReply:
    """The reply with another body, written as the dialect does. Raises PlaceNotFoundError if it is no JSON."""
    if isinstance(reply, RawReply) or reply.json is None:
        raise PlaceNotFoundError("this reply has no JSON body")
    value = change(reply.json)
    return replace(reply, json=value, body=json_bytes(value, dialect, shape, reply.status))


def merged_headers(base: Headers, over: Headers) -> Headers:
    """`base` with the headers of `over`: an equal name (case-insensitive) is replaced in its place,
    or removed where the new value is empty; new names follow in their order."""
    replaced = {name.lower() for name, _ in over}
    found: list[tuple[str, str]] = []
    placed: set[str] = set()
    for name, value in base:
        key = name.lower()
        if key not in replaced:
            found.append((name, value))
        elif key not in placed:
            placed.add(key)
            found.extend(pair for pair in over if pair[0].lower() == key)
    found.extend(pair for pair in over if pair[0].lower() not in placed)
    return tuple((name, value) for name, value in found if value != "")


def fill_envelope(template: JSON, error: ApiError, ids: IdGenerator) -> JSONObject:
    """A template with its `$` names replaced; a text that is only a name takes the value's type."""
    values: Mapping[str, JSON] = {
        "$message": error.message,
        "$type": error.type,
        "$param": error.param,
        "$code": error.code,
        "$status": error.status,
        "$request_id": ids.id("req_"),
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
            return _NAME.sub(lambda found: _text(values[found[0]]), template)
        case dict():
            return {name: _filled(value, values) for name, value in template.items()}
        case list():
            return [_filled(value, values) for value in template]
        case _:
            return template


def _text(value: JSON) -> str:
    return "" if value is None else str(value)


def error_reply(
    error: ApiError, context: RenderContext, shape: Shape = Shape.CHAT, *, status: int | None = None, over: Headers = ()
) -> BodyReply:
    """The HTTP reply that reports an error in place of a reply of that shape; `status` and the
    headers of `over` override its own."""
    final = status or error.status
    if error.html is not None:
        page = merged_headers(head(HTML_TYPE, context, shape, None, error.headers), over)
        return BodyReply(status=final, headers=page, body=error.html.encode())
    own = SHAPES[shape].envelope if error.envelope is None else error.envelope
    body = fill_envelope(context.dialect.envelope if own is None else own, error, context.ids)
    return json_reply(body, context, shape, final, error=error.headers, over=over)
