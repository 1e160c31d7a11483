"""Reading of request bodies: content type, content codings, JSON.

gzip and deflate come with Python; brotli and zstd are read if their libraries are installed. Every
decoder stops as soon as its result exceeds the limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from mockserver.contract.error_messages import clipped, quoted, rejection, type_named
from mockserver.model.dialect import Rejection
from mockserver.model.findings import Rule
from mockserver.model.json import JSON, JSONObject, JSONReadError, JSONReadErrorKind, read
from mockserver.model.request import Request

MAX_DEPTH = 128
"""Levels of nesting that are accepted, as many as strict JSON readers accept."""

_SOURCE = "official API, 400 and 415 replies"
_OWN = "JSON text (RFC 8259); the upstream reports all of these as one error"


def _rule(name: str, meaning: str, source: str = _SOURCE) -> Rule:
    return Rule(id=f"body.{name}", meaning=meaning, source=source)


_MEDIA_TYPE = _rule("media_type", "the content type, where given, is JSON")
_CODING = _rule("coding", "the content codings are known and installed")
_PACKED = _rule("packed", "an encoded body can be decoded")
_SIZE = _rule("size", "the decoded body is within the server's limit", "edge servers, 413")
_OBJECT = _rule("object", "the body is a JSON object")
_DEPTH = _rule("depth", f"the body is nested at most {MAX_DEPTH} deep", "this server's own limit")
_BY_JSON_FAULT: Mapping[JSONReadErrorKind, Rule] = {
    JSONReadErrorKind.EMPTY: _rule("present", "there is a body"),
    JSONReadErrorKind.NOT_UTF8: _rule("utf8", "the body is UTF-8", _OWN),
    JSONReadErrorKind.SYNTAX: _rule("json", "the body is JSON"),
    JSONReadErrorKind.DUPLICATE: _rule("members", "no object names a member twice", _OWN),
    JSONReadErrorKind.NOT_A_NUMBER: _rule("numbers", "no NaN and no Infinity", _OWN),
    JSONReadErrorKind.TOO_DEEP: _DEPTH,
}
BODY_RULES: tuple[Rule, ...] = (_MEDIA_TYPE, _CODING, _PACKED, _SIZE, *_BY_JSON_FAULT.values(), _OBJECT)

_TOO_LARGE_PAGE = (
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>413 Request Entity Too Large</h1></center>\r\n</body>\r\n</html>\r\n"
)


def read_body(request: Request, *, limit: int) -> JSONObject | Rejection:
    """The JSON object in the body of a request, or the rejection.

    `limit` bounds the decoded size of a body with a content coding. The connection bounds what is
    received, and marks a longer body as oversize."""
    if request.oversize:
        return too_large(limit)
    headers = request.header_map
    if len(headers) == len(request.headers):
        media_type, coding = headers.get("content-type", ""), headers.get("content-encoding", "")
    else:  # the last of several content types, all content codings
        media_type = "".join(request.header_all("content-type")[-1:])
        coding = ",".join(request.header_all("content-encoding"))
    if media_type != _JSON:
        media_type = media_type.partition(";")[0].strip().lower()
        if not _is_json(media_type):
            message = (
                f"Unsupported content type: {quoted(media_type)}. This API method only accepts "
                "'application/json' requests. Please try again with a supported content type."
            )
            return _reject(_MEDIA_TYPE, message, status=415, code="unsupported_content_type")
    data = request.body
    if coding:
        decoded = unpack(data, coding, limit)
        if isinstance(decoded, Rejection):
            return decoded
        data = decoded
    return _object(read(data), data)


def too_large(limit: int) -> Rejection:
    return _too_large(f"Request body is larger than {limit} bytes.")


def _too_large(message: str) -> Rejection:
    return _reject(_SIZE, message, status=413, html=_TOO_LARGE_PAGE)


_JSON = "application/json"


def _is_json(media_type: str) -> bool:
    return media_type in ("", _JSON) or (media_type.startswith("application/") and media_type.endswith("+json"))


def _object(value: JSON | JSONReadError, data: bytes) -> JSONObject | Rejection:
    failed = "We could not parse the JSON body of your request:"
    if isinstance(value, dict):
        # Counting brackets is cheap and sufficient for most bodies.
        shallow = data.count(b"[") + data.count(b"{") <= MAX_DEPTH
        if shallow or not _is_deeper(value, MAX_DEPTH):
            return value
        return _reject(_DEPTH, f"{failed} nested too deeply.")
    if isinstance(value, JSONReadError):
        return _reject(_BY_JSON_FAULT[value.kind], f"{failed} {clipped(value.message)}.")
    message = f"Invalid type for the request body: expected an object, but got {type_named(value)} instead."
    return _reject(_OBJECT, message, code="invalid_type")


def _is_deeper(value: JSON, levels: int) -> bool:
    """Whether containers are nested more than `levels` deep; iterative, level by level."""
    level: list[JSON] = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[union-attr]
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _reject(
    rule: Rule, message: str, *, status: int = 400, code: str | None = None, html: str | None = None
) -> Rejection:
    return rejection(rule.id, "", message, code=code, param=None, status=status, html=html)


MAX_CODINGS = 4
"""Content codings applied to one body that are decoded; more indicate a decompression bomb."""

# RFC 9659: the largest window that a sender of the coding may use.
_ZSTD_WINDOW_LOG = 23
_SLICE = 65536


class _TooLargeError(Exception):
    pass


class _DamagedError(Exception):
    pass


_Unpack: TypeAlias = Callable[[bytes, int], bytes]


def unpack(data: bytes, header: str, limit: int) -> bytes | Rejection:
    """Undo all codings of a `content-encoding` header, which has them in the order in which they
    were applied; the result has at most `limit` bytes after every step."""
    names = (name.strip().lower() for name in header.split(","))
    codings = [name for name in names if name and name != "identity"]
    if len(codings) > MAX_CODINGS:
        problem = f"{len(codings)} content codings; at most {MAX_CODINGS} are read"
        return _unsupported(", ".join(codings[:5]), problem)
    for coding in reversed(codings):
        found = _unpack_one(data, coding, limit)
        if isinstance(found, Rejection):
            return found
        data = found
    return data


def _unpack_one(data: bytes, coding: str, limit: int) -> bytes | Rejection:
    make = _READERS.get(coding)
    if make is None:
        return _unsupported(coding, f"one of {', '.join(_READERS)} is read")
    reader = make()
    if isinstance(reader, str):
        return _unsupported(coding, f"this server reads it once {reader} is installed")
    try:
        return reader(data, limit)
    except _TooLargeError:
        return _too_large(f"Request body in {quoted(coding)} unpacks to more than {limit} bytes.")
    except _DamagedError as fault:
        return _reject(_PACKED, f"We could not unpack the {quoted(coding)} body of your request: damaged: {fault}.")


def _unsupported(coding: str, problem: str) -> Rejection:
    message = f"Unsupported content encoding: {quoted(coding)}; {problem}."
    return _reject(_CODING, message, status=415, code="unsupported_content_encoding")


def _frames(data: bytes, limit: int, make: Callable[[], Any], broken: type[Exception]) -> bytes:
    """Decode consecutive frames with decompressors that have the standard library's interface."""
    out = bytearray()
    while data:
        decompressor = make()
        try:
            out += decompressor.decompress(data, limit + 1 - len(out))
        except broken as fault:
            raise _DamagedError(str(fault)) from None
        if len(out) > limit:
            raise _TooLargeError
        if not decompressor.eof:
            raise _DamagedError("it ends too early")
        data = decompressor.unused_data
    return bytes(out)


def _gzip(data: bytes, limit: int) -> bytes:
    return _frames(data, limit, lambda: zlib.decompressobj(wbits=31), zlib.error)


def _deflate(data: bytes, limit: int) -> bytes:
    """In the zlib format (RFC 9110), or raw as some clients send it."""
    framed = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    wbits = 15 if framed else -15
    return _frames(data, limit, lambda: zlib.decompressobj(wbits=wbits), zlib.error)


def _brotli() -> _Unpack | str:
    library = _imported("brotli")
    if library is None or not hasattr(library.Decompressor, "can_accept_more_data"):
        return "brotli 1.2 or newer"

    def read(data: bytes, limit: int) -> bytes:
        decompressor = library.Decompressor()
        out = bytearray()
        rest = data
        try:
            while len(out) <= limit and not decompressor.is_finished():
                accepts = decompressor.can_accept_more_data()
                piece, rest = (rest[:_SLICE], rest[_SLICE:]) if accepts else (b"", rest)
                if accepts and not piece:
                    raise _DamagedError("it ends too early")
                out += decompressor.process(piece, output_buffer_limit=limit + 1 - len(out))
        except library.error as fault:
            raise _DamagedError(str(fault)) from None
        if len(out) > limit:
            raise _TooLargeError
        return bytes(out)

    return read


def _zstd() -> _Unpack | str:
    library = _imported("compression.zstd") or _imported("backports.zstd")
    if library is None:
        return "backports.zstd"
    options = {library.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}

    def read(data: bytes, limit: int) -> bytes:
        return _frames(data, limit, lambda: library.ZstdDecompressor(options=options), library.ZstdError)

    return read


def _imported(name: str) -> Any | None:
    try:
        return import_module(name)
    except ImportError:
        return None


_READERS: Mapping[str, Callable[[], _Unpack | str]] = {
    "gzip": lambda: _gzip,
    "x-gzip": lambda: _gzip,
    "deflate": lambda: _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
