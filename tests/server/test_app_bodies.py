"""Request bodies as clients really send them: coded, chunked, large, too large."""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from collections.abc import Callable

import pytest

from tests.kit import SandboxClient
from tests.server.end_to_end import KEY, asking, post

MIB = 2**20
BODY = json.dumps(asking("hello")).encode()


def zstd(data: bytes) -> bytes:
    module = pytest.importorskip("backports.zstd")
    coded: bytes = module.compress(data)
    return coded


def brotli(data: bytes) -> bytes:
    coded: bytes = pytest.importorskip("brotli").compress(data)
    return coded


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd,
    "br": brotli,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_body_is_read_and_kept_as_it_came(coding: str, mockserver: SandboxClient) -> None:
    mockserver.expect(when={"user": "hello"}, reply="hi")
    coded = CODINGS[coding](BODY)
    headers = {**KEY, "content-encoding": coding, "content-type": "application/json"}
    assert post(mockserver.url, body=coded, headers=headers).status == 200
    assert (mockserver.last.body, mockserver.last.json) == (coded, json.loads(BODY))


@pytest.mark.mockserver(allow=["findings"])
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("bzip2", bz2.compress(BODY)),
        ("gzip", b"this is no gzip"),
        ("gzip", gzip.compress(BODY)[:-9]),
        ("zstd", b"this is no zstd"),
    ],
    ids=["unknown", "not gzip", "gzip cut short", "not zstd"],
)
def test_a_body_that_cannot_be_decoded_is_refused(coding: str, body: bytes, mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, body=body, headers={**KEY, "content-encoding": coding})
    assert answer.status in (400, 415)
    assert answer.error["type"] == "invalid_request_error"
    assert not mockserver.last.matched
    assert mockserver.last.body == body


@pytest.mark.parametrize("coding", [None, "gzip", "zstd"])
def test_a_body_of_twenty_mebibytes_is_read(coding: str | None, mockserver: SandboxClient) -> None:
    mockserver.expect(when={"user": {"contains": "needle"}}, reply="hi")
    text = "hay " * (5 * MIB) + "needle"
    body = json.dumps(asking(text)).encode()
    headers = dict(KEY)
    if coding is not None:
        body = CODINGS[coding](body)
        headers["content-encoding"] = coding
    assert post(mockserver.url, body=body, headers=headers).status == 200
    assert len(mockserver.last.body) == len(body)


@pytest.mark.mockserver(body_limit=1000, allow=["findings"])
def test_a_body_that_unpacks_beyond_the_limit_is_refused(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    bomb = gzip.compress(json.dumps(asking("x" * 5000)).encode())
    assert len(bomb) < 1000
    answer = post(mockserver.url, body=bomb, headers={**KEY, "content-encoding": "gzip"})
    assert answer.status == 413
    assert not mockserver.last.matched
    assert post(mockserver.url).status == 200


def test_headers_of_many_kilobytes_are_read(mockserver: SandboxClient) -> None:
    mockserver.expect(when={"header": {"x-turn": {"contains": "end"}}}, reply="hi")
    value = "x" * 20_000 + "end"
    assert post(mockserver.url, headers={**KEY, "x-turn": value}).status == 200
    assert mockserver.last.headers["x-turn"] == value


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", None])
def test_a_body_with_the_json_media_type_or_none_is_read(kind: str | None, mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    headers = KEY if kind is None else {**KEY, "content-type": kind}
    assert post(mockserver.url, body=BODY, headers=headers).status == 200


@pytest.mark.mockserver(allow=["findings"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_with_another_media_type_is_rejected(kind: str, mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, body=BODY, headers={**KEY, "content-type": kind})
    assert (answer.status, answer.error["code"]) == (415, "unsupported_content_type")
    assert kind in answer.error["message"]
