"""Compressed bodies that unpack to far more than they are."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest

from tests.hostile.watched import CHAT, Asker, Watched

MIB = 2**20


@pytest.fixture
def asker(impatient: Watched) -> Iterator[Asker]:
    with Asker(impatient) as asker:
        yield asker


def deflated(data: bytes) -> bytes:
    bare = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return bare.compress(data) + bare.flush()


def brotli(data: bytes) -> bytes:
    coded: bytes = pytest.importorskip("brotli").compress(data, quality=5)
    return coded


def zstd(data: bytes) -> bytes:
    coded: bytes = pytest.importorskip("backports.zstd").compress(data)
    return coded


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip in gzip": ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
    "many members": ("gzip", lambda data: gzip.compress(data[: len(data) // 64]) * 65),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", deflated),
    "brotli": ("br", brotli),
    "zstd": ("zstd", zstd),
}


@pytest.mark.parametrize("name", CODINGS)
def test_compression_bombs_are_rejected_before_they_are_unpacked(name: str, impatient: Watched, asker: Asker) -> None:
    coding, pack = CODINGS[name]
    bomb = pack(b" " * 64 * MIB)
    assert len(bomb) < MIB
    before = impatient.census().resident
    status, kind, _ = asker.ask("POST", CHAT, bomb, content_encoding=coding)
    assert (status, kind) == (413, "text/html")
    assert impatient.census().resident - before < 40 * MIB


def test_thousands_of_content_codings_are_rejected(asker: Asker) -> None:
    found = asker.ask("POST", CHAT, b"x", content_encoding=",".join(["gzip"] * 5000))
    assert found[0] == 415


def test_compressed_bodies_leave_only_bytes_behind(impatient: Watched, asker: Asker) -> None:
    """Each is a few kilobytes, a megabyte unpacked, and twenty megabytes of values."""
    before = impatient.census().resident
    text = b'{"model":"m","input":[' + b",".join([b"[]"] * 300_000) + b"]}"
    packed = gzip.compress(text)
    for _ in range(6):
        asker.ask("POST", f"/sandbox/packed{CHAT}", packed, content_encoding="gzip")
        asker.ask("GET", "/sandbox/packed/__admin/journal?limit=1")
    assert impatient.census().resident - before < 200 * MIB
    assert asker.ask("DELETE", "/sandbox/packed/__admin/sandboxes")[0] == 200
