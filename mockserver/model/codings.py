"""Content codings of replies: gzip and deflate, br and zstd if their libraries are installed.

A compressor gives what can be decoded so far after each piece, so that an event that is sent can be read."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

from mockserver.model.request import Headers

CONTENT_ENCODING: Final = "content-encoding"
IDENTITY: Final = "identity"


class Compressor(NamedTuple):
    """`piece` compresses and flushes, `end` gives what ends the compressed data."""

    piece: Callable[[bytes], bytes]
    end: Callable[[], bytes]


def _zlib(wbits: int) -> Compressor:
    made = zlib.compressobj(wbits=wbits)
    return Compressor(lambda data: made.compress(data) + made.flush(zlib.Z_SYNC_FLUSH), made.flush)


def _brotli() -> Compressor:
    made: Any = _library("br").Compressor()
    return Compressor(lambda data: made.process(data) + made.flush(), made.finish)


def _zstd() -> Compressor:
    made: Any = _library("zstd").ZstdCompressor()
    return Compressor(lambda data: made.compress(data, made.FLUSH_BLOCK), made.flush)


_MAKERS: Final[Mapping[str, Callable[[], Compressor]]] = {
    "gzip": lambda: _zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _zlib(zlib.MAX_WBITS),
    "br": _brotli,
    "zstd": _zstd,
}
# The first that is installed; newer versions of Python have zstd.
_LIBRARIES: Final = {"br": ("brotli",), "zstd": ("compression.zstd", "backports.zstd")}


def coding_problem(coding: str) -> str | None:
    """Why a body cannot be sent in a coding; None when it can."""
    name = coding.strip().lower()
    if name not in (*_MAKERS, IDENTITY, ""):
        return f"expected one of {', '.join(_MAKERS)}, got {coding!r}"
    if name in _LIBRARIES and _library(name) is None:
        return f"the coding {name} needs a library that is not installed: pip install 'llm-mockserver[codings]'"
    return None


def _library(coding: str) -> Any:
    """The library of a coding, None where none is installed."""
    for name in _LIBRARIES[coding]:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def coding_of(headers: Headers) -> str:
    """The coding that the headers state, empty for none."""
    stated = next((value.strip().lower() for name, value in headers if name.lower() == CONTENT_ENCODING), "")
    return stated if stated in _MAKERS else ""


def compressed(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The pieces of a body in a coding, each with all of it; the last one ends the compressed data."""
    compressor = _MAKERS[coding]()
    before: bytes | None = None
    for piece in pieces:
        if before is not None:
            yield before
        before = compressor.piece(piece)
    if before is not None:
        yield before + compressor.end()
