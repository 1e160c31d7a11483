"""Content codings of request bodies, taken off with a bound on what comes out.

gzip and deflate come with Python; brotli and zstd are read where their libraries are installed.
Every reader stops as soon as the result would be larger than asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, TypeAlias

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
