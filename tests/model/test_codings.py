"""Content codings of replies: each piece can be decoded when it has arrived."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from backports import zstd

from tests.kit import coding_of, coding_problem, compressed

PIECES = [b"one ", b"", b"two " * 50, b"three"]


def _zlib(wbits: int) -> Callable[[bytes], bytes]:
    return zlib.decompressobj(wbits).decompress


READERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "gzip": lambda: _zlib(31),
    "deflate": lambda: _zlib(15),
    "br": lambda: brotli.Decompressor().process,
    "zstd": lambda: zstd.ZstdDecompressor().decompress,
}


@pytest.mark.parametrize("coding", READERS)
def test_each_piece_can_be_decoded_when_it_has_arrived(coding: str) -> None:
    read = READERS[coding]()
    assert [read(piece) for piece in compressed(PIECES, coding)] == PIECES
    assert [*compressed([], coding)] == []


@pytest.mark.parametrize("coding", READERS)
def test_the_same_pieces_have_the_same_bytes(coding: str) -> None:
    assert [*compressed(PIECES, coding)] == [*compressed(PIECES, coding)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("gzip", None),
        (" GZIP ", None),
        ("identity", None),
        ("", None),
        ("br", None),
        ("zstd", None),
        ("gzip, br", "expected one of gzip, deflate, br, zstd, got 'gzip, br'"),
        ("compress", "expected one of gzip, deflate, br, zstd, got 'compress'"),
        ("{model}", "expected one of gzip, deflate, br, zstd, got '{model}'"),
    ],
)
def test_a_coding_is_one_that_can_be_written(value: str, problem: str | None) -> None:
    assert coding_problem(value) == problem


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_library_that_is_missing_is_named_with_its_extra(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> Any:
        raise ImportError

    monkeypatch.setattr("mockserver.model.codings.import_module", missing)
    assert coding_problem(coding) == (
        f"the coding {coding} needs a library that is not installed: pip install 'llm-mockserver[codings]'"
    )
    assert coding_problem("gzip") is None


def test_the_coding_is_that_of_the_headers() -> None:
    assert coding_of((("a", "b"), ("Content-Encoding", "GZip"))) == "gzip"
    assert coding_of((("content-encoding", "identity"),)) == ""
    assert coding_of(()) == ""
