"""What TLS adds to a connection: `close_notify` or none before FIN, RST below it, and handshakes that fail."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from tests.kit import Close, Ending, LimitsLimits, Listening, OutcomeKind, Part, Reset, Script, Send, Tls, read_tls
from tests.wire.conftest import NET_S, Dial, Peer, Seen, Upstream, _new_loop, whole
from tests.wire.tls_socket import TlsSocket

pytest.importorskip("cryptography", reason="the extra tls is not installed")

BEGUN = Send(data=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel", part=Part.BODY)
FAULTS = ("no.localhost=refused", "old.localhost=expired", "other.localhost=wrong-name")


@pytest.fixture(scope="module")
def faulty() -> Tls:
    tls = read_tls(Listening(tls="self-signed", tls_faults=FAULTS))
    assert tls is not None
    return tls


@pytest.fixture(params=["asyncio", "uvloop"])
def upstream(request: pytest.FixtureRequest, faulty: Tls) -> Iterator[Upstream]:
    server = Upstream(_new_loop(request.param), faulty)
    yield server
    server.stop()


def tls_of(peer: Peer) -> TlsSocket:
    assert isinstance(peer.socket, TlsSocket)
    return peer.socket


@pytest.mark.parametrize(
    ("ending", "seen", "notified", "how"),
    [
        (Close(), Seen.FIN, True, OutcomeKind.CUT),
        (Close(close_notify=False), Seen.FIN, False, OutcomeKind.CUT),
        (Reset(), Seen.RST, False, OutcomeKind.RESET),
    ],
    ids=["close_notify", "no close_notify", "reset"],
)
@pytest.mark.parametrize("size", [0, 2**20])
def test_each_ending_is_seen_behind_everything_before_it(
    upstream: Upstream, dial: Dial, ending: Ending, seen: Seen, notified: bool, how: OutcomeKind, size: int
) -> None:
    data = BEGUN.data + b"x" * size
    upstream.scripts["/"] = Script(frames=(Send(data=data, part=Part.BODY), ending))
    peer = dial(receive_buffer=16 * 1024)
    peer.post()
    assert peer.rest() == (data, seen)
    assert tls_of(peer).notified is notified
    assert upstream.outcome().how is how


def test_a_client_that_takes_its_leave_by_close_notify_gets_its_reply_and_ours(upstream: Upstream, peer: Peer) -> None:
    peer.post()
    tls_of(peer).notify()
    reply, seen = peer.rest()
    assert (reply.endswith(b"hello"), seen, tls_of(peer).notified) == (True, Seen.FIN, True)
    peer.socket.close()
    upstream.wait_until_deserted()


def test_requests_that_wait_while_a_reply_is_written_are_answered_in_turn(upstream: Upstream, dial: Dial) -> None:
    large = b"0123456789abcdef" * 2**16
    upstream.scripts["/large"] = whole(large)
    peer = dial(receive_buffer=16 * 1024)
    for _ in range(3):
        peer.post("/large", b"y" * 400_000)
    peer.post("/")
    tls_of(peer).shutdown(socket.SHUT_WR)
    reply, seen = peer.rest()
    assert (reply.count(large), reply.endswith(b"hello"), seen) == (3, True, Seen.FIN)


def test_what_is_no_record_ends_the_connection(upstream: Upstream, peer: Peer) -> None:
    peer.post()
    peer.until(b"hello")
    tls_of(peer).raw.sendall(b"no TLS at all, but some bytes")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        assert peer.rest() is None
    upstream.wait_until_deserted()


def told(upstream: Upstream) -> str:
    until = time.monotonic() + NET_S
    while not upstream.failed_handshakes:
        assert time.monotonic() < until
        time.sleep(0.005)
    [reason] = upstream.failed_handshakes
    return reason


@pytest.mark.parametrize(
    ("name", "message", "reason"),
    [
        ("no.localhost", "handshake failure", "refused on purpose"),
        ("old.localhost", "certificate has expired", "for the client the certificate has expired"),
        ("other.localhost", "Hostname mismatch", "the client does not accept the certificate"),
        ("example.org", "Hostname mismatch", "the client does not accept the certificate"),
    ],
)
def test_a_handshake_fails_as_its_server_name_says(upstream: Upstream, name: str, message: str, reason: str) -> None:
    assert upstream.tls is not None
    context = ssl.create_default_context(cadata=upstream.tls.ca)
    with (
        socket.create_connection(("127.0.0.1", upstream.port), NET_S) as raw,
        pytest.raises(ssl.SSLError, match=message),
    ):
        context.wrap_socket(raw, server_hostname=name)
    assert told(upstream) == reason
    upstream.wait_until_deserted()


def test_a_name_below_localhost_has_a_certificate(upstream: Upstream) -> None:
    assert upstream.tls is not None
    for name in ("localhost", "any.name.localhost", "127.0.0.1", "any.name.localhost"):
        with socket.create_connection(("127.0.0.1", upstream.port), NET_S) as raw:
            line = TlsSocket(raw, upstream.tls.ca, name)
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert line.recv(8) == b"HTTP/1.0"


@pytest.mark.parametrize(
    ("sent", "answer", "reason"),
    [
        (
            b"GET / HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            "a plain HTTP request on a port that speaks TLS: use https://",
        ),
        (b"", b"", "the client left"),
        (b"\x16\x03\x01", b"", "the client left"),
    ],
    ids=["plain HTTP", "nothing", "a part of a handshake"],
)
def test_what_is_no_handshake_is_told(upstream: Upstream, sent: bytes, answer: bytes, reason: str) -> None:
    with socket.create_connection(("127.0.0.1", upstream.port), NET_S) as raw:
        raw.sendall(sent)
        if not answer:
            raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1000).startswith(answer)
    assert told(upstream) == reason


def test_a_handshake_has_its_time(upstream: Upstream) -> None:
    upstream.limits = LimitsLimits(head_timeout_s=0.05)
    with socket.create_connection(("127.0.0.1", upstream.port), NET_S) as raw:
        assert raw.recv(1) == b""
    assert told(upstream) == "it took longer than 0.05 s"


def test_a_handshake_in_progress_ends_with_the_server(faulty: Tls) -> None:
    server = Upstream(_new_loop("asyncio"), faulty)
    with socket.create_connection(("127.0.0.1", server.port), NET_S) as raw:
        while not server.call(lambda: len(server.connections)):
            time.sleep(0.005)
        [one] = server.connections
        assert one.activity is None
        server.stop()
        assert raw.recv(1) == b""
    assert server.failed_handshakes == []
