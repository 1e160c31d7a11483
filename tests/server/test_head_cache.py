"""Heads that are found again by their bytes mean what they meant, and nothing else."""

from __future__ import annotations

import pytest

from tests.kit import HeadCache, Request, head_cache, parse_target

TARGET = parse_target("/v1/responses?a=b", None)


def head(length: int, more: str = "") -> bytes:
    return f"POST /v1/responses?a=b HTTP/1.1\r\nhost: x\r\n{more}content-length: {length}\r\n\r\n".encode()


def parsed(body: bytes, **members: object) -> Request:
    return Request(
        method="POST",
        target="/v1/responses?a=b",
        path="/v1/responses",
        query=(("a", "b"),),
        headers=(("host", "x"), ("content-length", str(len(body)))),
        body=body,
        **members,  # type: ignore[arg-type]
    )


def test_a_known_head_gives_the_request_with_another_body() -> None:
    heads = HeadCache()
    heads.add(head(2) + b"{}", parsed(b"{}"), TARGET)
    for sent in (b"[]", b"", b'{"model": "m"}', b"x" * 1000):
        found = heads.find(head(len(sent)) + sent)
        assert found is not None
        known, body = found
        request = known.request(body)
        assert (request, known.target) == (parsed(sent), TARGET)
        assert (request.header("host"), request.header("content-length")) == ("x", str(len(sent)))
        assert request.size_bytes == parsed(sent).size_bytes
    assert heads.find(head(2) + b"{}") is not None


@pytest.mark.parametrize(
    "data",
    [
        *(b"", head(2), head(2) + b"{", head(2) + b"{}x", head(2, "a: b\r\n") + b"{}"),
        head(2).replace(b": 2", b": 02") + b"{}",
        head(2).replace(b": 2", b": +2") + b"{}",
        head(2).replace(b"content-length: 2", b"content-length:2") + b"{}",
        head(2).replace(b"content-length", b"Content-length") + b"{}",
        head(2).replace(b"\r\n\r\n", b"\r\ncontent-length: 3\r\n\r\n") + b"{}",
    ],
    ids=[
        *("nothing", "no body", "part of it", "more than it", "another head"),
        *("a leading zero", "a sign", "no space", "another case", "two lengths"),
    ],
)
def test_anything_but_one_whole_request_with_that_head_is_not_found(data: bytes) -> None:
    heads = HeadCache()
    heads.add(head(2) + b"{}", parsed(b"{}"), TARGET)
    assert heads.find(data) is None


@pytest.mark.parametrize(
    ("data", "request_"),
    [
        (head(2) + b"{}", parsed(b"{}", keep_alive=False)),
        (head(2) + b"{}", parsed(b"{}", version=(1, 0))),
        (head(5) + b"0\r\n\r\n", parsed(b"")),
        (head(2, f"a: {'b' * 5000}\r\n") + b"{}", parsed(b"{}")),
    ],
    ids=["the last request", "HTTP/1.0", "a body in chunks", "a long head"],
)
def test_some_heads_are_not_kept(data: bytes, request_: Request) -> None:
    heads = HeadCache()
    heads.add(data, request_, TARGET)
    assert heads.find(data) is None


def test_the_number_of_heads_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_cache, "_MOST", 2)
    heads = HeadCache()
    others = ["", "a: 1\r\n", "a: 2\r\n"]
    for other in others:
        request = parsed(b"{}")
        heads.add(head(2, other) + b"{}", request, TARGET)
    assert [heads.find(head(2, other) + b"{}") is None for other in others] == [True, True, False]
