"""The forms a request body can have; compact has two, told apart by what the body carries."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, TypeAlias

from mockserver.contract.error_messages import INVALID_REQUEST, clipped, quoted, type_named
from mockserver.model.dialect import Rejection
from mockserver.model.findings import ApiError, Finding, Rule
from mockserver.model.json import JSON, JSONObject, JSONReadError, JSONReadErrorKind, read
from mockserver.model.request import Headers


class BodyKind(StrEnum):
    """`compact` takes `input`, `compact-messages` takes `messages` on the same route."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPACT = "compact"
    COMPACT_MESSAGES = "compact-messages"


DEEPEST = 128
"""Levels of nesting that are read, as many as strict JSON readers take."""

_SOURCE = "official API, 400 and 415 replies"
_OWN = "JSON text (RFC 8259); the upstream calls all of these one fault"


def _rule(name: str, meaning: str, source: str = _SOURCE) -> Rule:
    return Rule(id=f"body.{name}", meaning=meaning, source=source)


_MEDIA_TYPE = _rule("media_type", "the content type, where given, is JSON")
_CODING = _rule("coding", "the content codings are ones that can be read here")
_PACKED = _rule("packed", "a coded body can be unpacked")
_SIZE = _rule("size", "a body unpacks to no more than the server's limit", "edge servers, 413")
_OBJECT = _rule("object", "the body is a JSON object")
_DEPTH = _rule("depth", f"the body is nested at most {DEEPEST} deep", "this server's own limit")
_BY_JSON_FAULT: Mapping[JSONReadErrorKind, Rule] = {
    JSONReadErrorKind.EMPTY: _rule("present", "there is a body"),
    JSONReadErrorKind.NOT_UTF8: _rule("utf8", "the body is UTF-8", _OWN),
    JSONReadErrorKind.SYNTAX: _rule("json", "the body is JSON"),
    JSONReadErrorKind.DUPLICATE: _rule("members", "no object names a member twice", _OWN),
    JSONReadErrorKind.NOT_A_NUMBER: _rule("numbers", "no NaN and no Infinity", _OWN),
    JSONReadErrorKind.TOO_DEEP: _DEPTH,
}
BODY_RULES: tuple[Rule, ...] = (
    _MEDIA_TYPE,
    _CODING,
    _PACKED,
    _SIZE,
    *_BY_JSON_FAULT.values(),
    _OBJECT,
)

_TOO_LARGE_PAGE = (
    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    "<center><h1>413 Request Entity Too Large</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the upstream says beyond the sentence."""

    status: int = 400
    code: str | None = None
    html: str | None = None


def read_body(data: bytes, headers: Headers, *, limit: int) -> JSONObject | Rejection:
    """Read the object in a body as it came off the wire; `limit` bounds its unpacked size."""
    media_type, coding = _described(headers)
    return read_described_body(data, media_type, coding, limit=limit)


def read_described_body(
    data: bytes, content_type: str, coding: str, *, limit: int
) -> JSONObject | Rejection:
    """The same for whoever has found the two headers that describe a body, empty where absent."""
    media_type = content_type
    if content_type != _JSON:
        media_type = content_type.partition(";")[0].strip().lower()
    if not _is_json(media_type):
        return _refused(_MEDIA_TYPE, _media_type_sentence(media_type), _UNSUPPORTED)
    if coding:
        unpacked = unpack(data, codings_of(coding), limit)
        if isinstance(unpacked, EncodingError):
            return _coding_refused(unpacked)
        data = unpacked
    return read_plain_body(data, limit=limit)


def read_plain_body(data: bytes, *, limit: int) -> JSONObject | Rejection:
    """The same for a body that is known to be JSON without a coding."""
    if len(data) > limit:
        return too_large(limit)
    return _object(read(data), data)


def sound_body(data: bytes, *, limit: int) -> JSONObject | None:
    """The object in such a body; None where there is something to be said of it, or might be."""
    value = read(data)
    if (
        isinstance(value, dict)
        and data.count(b"[") + data.count(b"{") <= DEEPEST
        and len(data) <= limit
    ):
        return value
    return None


def too_large(limit: int) -> Rejection:
    """What is said of a body of more than `limit` bytes, read or not."""
    return _refused(_SIZE, f"Request body is larger than {limit} bytes.", _LARGE)


_UNSUPPORTED = _Answer(status=415, code="unsupported_content_type")
_UNREADABLE = _Answer(status=415, code="unsupported_content_encoding")
_LARGE = _Answer(status=413, html=_TOO_LARGE_PAGE)
_MALFORMED = _Answer()
_WRONG_TYPE = _Answer(code="invalid_type")


_JSON = "application/json"
_TYPE = "content-type"
_TYPE_SIZE = len(_TYPE)
_CODING_HEADER = "content-encoding"
_CODING_SIZE = len(_CODING_HEADER)


def _described(headers: Headers) -> tuple[str, str]:
    """The content type, the last where there are several, and every content coding in one list."""
    media_type = ""
    codings: list[str] = []
    for name, value in headers:
        # The length tells most names apart, at less than lowering them all.
        size = len(name)
        if size == _TYPE_SIZE and name.lower() == _TYPE:
            media_type = value
        elif size == _CODING_SIZE and name.lower() == _CODING_HEADER:
            codings.append(value)
    return media_type, ",".join(codings)


def _is_json(media_type: str) -> bool:
    return media_type in ("", _JSON) or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


def _media_type_sentence(media_type: str) -> str:
    return (
        f"Unsupported content type: {quoted(media_type)}. This API method only accepts "
        "'application/json' requests. Please try again with a supported content type."
    )


def _coding_refused(fault: EncodingError) -> Rejection:
    coding = quoted(fault.coding)
    if fault.kind is EncodingErrorKind.TOO_LARGE:
        return _refused(_SIZE, f"Request body in {coding} {fault.message}.", _LARGE)
    if fault.kind is EncodingErrorKind.DAMAGED:
        sentence = f"We could not unpack the {coding} body of your request: {fault.message}."
        return _refused(_PACKED, sentence, _MALFORMED)
    sentence = f"Unsupported content encoding: {coding}; {fault.message}."
    return _refused(_CODING, sentence, _UNREADABLE)


def _object(value: JSON | JSONReadError, data: bytes) -> JSONObject | Rejection:
    if isinstance(value, dict):
        # Counting brackets is nearly free and settles it for most bodies.
        if data.count(b"[") + data.count(b"{") <= DEEPEST or not _deeper(value, DEEPEST):
            return value
        sentence = "We could not parse the JSON body of your request: nested too deeply."
        return _refused(_DEPTH, sentence, _MALFORMED)
    if isinstance(value, JSONReadError):
        sentence = f"We could not parse the JSON body of your request: {clipped(value.message)}."
        return _refused(_BY_JSON_FAULT[value.kind], sentence, _MALFORMED)
    sentence = (
        f"Invalid type for the request body: expected an object, but got {type_named(value)} "
        "instead."
    )
    return _refused(_OBJECT, sentence, _WRONG_TYPE)


def _deeper(value: JSON, levels: int) -> bool:
    """Whether containers lie inside each other more than `levels` deep; level by level."""
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


def _refused(rule: Rule, sentence: str, answer: _Answer) -> Rejection:
    return Rejection(
        finding=Finding(rule=rule.id, path="", message=sentence),
        error=ApiError(
            status=answer.status,
            type=INVALID_REQUEST,
            code=answer.code,
            param=None,
            message=sentence,
            html=answer.html,
        ),
    )


MOST_CODINGS = 4
"""Codings on top of each other that are taken off; more are a bomb rather than a body."""

# RFC 9659: the largest window that a sender of the coding may use.
_ZSTD_WINDOW_LOG = 23
_SLICE = 65536


class EncodingErrorKind(StrEnum):
    """Why a coding could not be taken off."""

    UNKNOWN = "unknown"
    NOT_INSTALLED = "not_installed"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingError:
    """`coding` is the one at fault, `message` one sentence about it."""

    kind: EncodingErrorKind
    coding: str
    message: str


class _TooLargeError(Exception):
    pass


class _DamagedError(Exception):
    pass


Unpack: TypeAlias = Callable[[bytes, int], bytes]


def codings_of(header: str) -> tuple[str, ...]:
    """The codings a `content-encoding` header lists, in the order they were applied."""
    names = (name.strip().lower() for name in header.split(","))
    return tuple(name for name in names if name and name != "identity")


def unpack(data: bytes, codings: tuple[str, ...], limit: int) -> bytes | EncodingError:
    """Take all codings off; at most `limit` bytes come out, at every step."""
    if len(codings) > MOST_CODINGS:
        message = f"{len(codings)} codings on top of each other; at most {MOST_CODINGS} are read"
        return EncodingError(
            kind=EncodingErrorKind.UNKNOWN, coding=", ".join(codings[:5]), message=message
        )
    for coding in reversed(codings):
        found = _unpack_one(data, coding, limit)
        if isinstance(found, EncodingError):
            return found
        data = found
    return data


def _unpack_one(data: bytes, coding: str, limit: int) -> bytes | EncodingError:
    made = _READERS.get(coding)
    if made is None:
        message = f"one of {', '.join(_READERS)} is read"
        return EncodingError(kind=EncodingErrorKind.UNKNOWN, coding=coding, message=message)
    reader = made()
    if isinstance(reader, str):
        message = f"this server reads it once {reader} is installed"
        return EncodingError(kind=EncodingErrorKind.NOT_INSTALLED, coding=coding, message=message)
    try:
        return reader(data, limit)
    except _TooLargeError:
        message = f"unpacks to more than {limit} bytes"
        return EncodingError(kind=EncodingErrorKind.TOO_LARGE, coding=coding, message=message)
    except _DamagedError as fault:
        message = f"damaged: {fault}"
        return EncodingError(kind=EncodingErrorKind.DAMAGED, coding=coding, message=message)


def _frames(data: bytes, limit: int, make: Callable[[], Any], broken: type[Exception]) -> bytes:
    """Read frames one after another with decompressors of the standard library's kind."""
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
    """As RFC 9110 has it, inside zlib, or bare as some clients send it."""
    framed = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    wbits = 15 if framed else -15
    return _frames(data, limit, lambda: zlib.decompressobj(wbits=wbits), zlib.error)


def _brotli() -> Unpack | str:
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


def _zstd() -> Unpack | str:
    library = _imported("compression.zstd") or _imported("backports.zstd")
    if library is None:
        return "backports.zstd"
    options = {library.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}

    def read(data: bytes, limit: int) -> bytes:
        return _frames(
            data, limit, lambda: library.ZstdDecompressor(options=options), library.ZstdError
        )

    return read


def _imported(name: str) -> Any | None:
    try:
        return import_module(name)
    except ImportError:
        return None


_READERS: Mapping[str, Callable[[], Unpack | str]] = {
    "gzip": lambda: _gzip,
    "x-gzip": lambda: _gzip,
    "deflate": lambda: _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
