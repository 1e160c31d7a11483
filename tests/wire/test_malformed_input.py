"""What is no HTTP gets bytes of ours from a whole server: the envelope, no clock, no other name."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from mockserver import MockServer
from tests.wire.conftest import Peer

POST = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
# Input, the status it gets, and how the message begins.
INPUT = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400, "malformed request"),
    "prose": (b"hello there, is this HTTP?\r\n\r\n", 400, "malformed request"),
    "a header of nothing": (POST + b"nothing\r\n\r\n", 400, "malformed request"),
    "a target of a broken host": (b"GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n", 400, "malformed request"),
    "another version": (
        POST.replace(b"1.1", b"2.0") + b"\r\n",
        400,
        "malformed request: expected HTTP/1.1 or HTTP/1.0, got HTTP/2.0",
    ),
    "a head that takes too long": (POST, 408, "malformed request: its head took longer than 0.2 s"),
    "a head that is too long": (
        POST + b"x: y\r\n" * 2000 + b"\r\n",
        431,
        "malformed request: its head is longer than 8192 bytes",
    ),
    "a chunk of no size": (CHUNKED + b"size\r\n", 400, "malformed "),
    "a body that takes too long": (CHUNKED + b"1\r\nx\r\n", 408, "malformed body: it took longer than 0.2 s"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(head_limit=8192, head_timeout=0.2, body_timeout=0.2) as server:
        yield server


@pytest.mark.parametrize("name", INPUT)
def test_malformed_input_is_rejected_in_the_envelope_without_a_date(name: str, server: MockServer) -> None:
    sent, status, message = INPUT[name]
    peer = Peer(urlsplit(server.url).port or 0)
    with peer.socket:
        peer.send(sent)
        reply, end = peer.rest()
    head, _, body = reply.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert (first.split()[:2], end) == (["HTTP/1.1", str(status)], "fin")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers == {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    error = json.loads(body)["error"]
    assert error.pop("message").startswith(message)
    assert error == {"type": "mockserver_malformed", "param": None, "code": None}
    entry = server.journal[-1]
    assert (entry.document["kind"], entry.status) == ("garbage", status)
    outcome = entry.document["outcome"]
    assert isinstance(outcome, dict)
    assert (outcome["how"], outcome["sent"]) == ("complete", len(reply))


OFFER = b"connection: upgrade\r\nupgrade: h2c\r\n"
OFFERS = {
    "no body": b"GET /v1/models HTTP/1.1\r\nhost: x\r\n" + OFFER + b"\r\n",
    "empty lines before it": b"\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: x\r\n" + OFFER + b"\r\n",
    "a body": POST + OFFER + b"content-length: 6\r\n\r\n\r\n\r\n{}",
}
BEHIND = {
    "garbage": (b"\0\0\0\0\r\n\r\n", [400]),
    "a request": (b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", [200]),
    "a request in two pieces": (b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection:|close\r\n\r\n", [200]),
    "two requests": (
        b"".join(
            (
                b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n",
                b"GET /v1/nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            )
        ),
        [200, 404],
    ),
}


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("offer", OFFERS)
def test_requests_after_an_upgrade_offer_are_answered(offer: str, behind: str, server: MockServer) -> None:
    """Some clients offer HTTP/2 with every first request."""
    then, statuses = BEHIND[behind]
    first, *more = (OFFERS[offer] + then).split(b"|")
    peer = Peer(urlsplit(server.url).port or 0)
    with peer.socket:
        peer.send(first)
        for piece in more:
            time.sleep(0.02)
            peer.send(piece)
        reply, end = peer.rest()
    found = [int(one) for one in re.findall(rb"HTTP/1\.1 (\d+)", reply)]
    assert (found[0] in (200, 401), found[1:], end) == (True, statuses, "fin")
