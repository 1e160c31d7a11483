"""HTTP replies before framing: their types, the head beyond the framing, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.findings import ApiError
from mockserver.model.frames import Event
from mockserver.model.ids import IdGenerator
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


def identity_headers(context: RenderContext) -> Headers:
    """The headers that the dialect sends on every reply, its placeholders filled in."""
    ids = context.ids
    values = {"{request_id}": ids.id("req_"), "{processing_ms}": ids.processing_ms, "{model}": context.model}
    return tuple((name, _header(value, values)) for name, value in context.dialect.headers)


def _header(value: str, values: dict[str, str]) -> str:
    for name, text in values.items():
        if name in value:
            value = value.replace(name, text)
    return value


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
    error: ApiError, headers: Headers, dialect: Dialect, ids: IdGenerator, shape: Shape = Shape.CHAT
) -> BodyReply:
    """The HTTP reply that reports an error in place of a reply of that shape; `headers` are the
    dialect's, those of the error override them."""
    if error.html is not None:
        page = merged_headers((("content-type", HTML_TYPE), *headers), error.headers)
        return BodyReply(status=error.status, headers=page, body=error.html.encode())
    own = SHAPES[shape].envelope
    body = fill_envelope(dialect.envelope if own is None else own, error, ids)
    head = merged_headers((("content-type", JSON_TYPE), *headers), error.headers)
    return BodyReply(status=error.status, headers=head, body=write_bytes(body), json=body)
