"""Requests on a connection that is kept: the same bytes and records as on fresh ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.kit import Call, MockServer, MountedStub, OutcomeKind, Shape, StubIndex
from tests.soak.talking import Talk

STUBS = {
    "scenario": "direct",
    "stubs": [
        {
            "name": "slow",
            "when": {"user": {"contains": "slowly"}},
            "reply": {"output": [{"text": "one two three four"}], "pace": {"gap": "5ms"}},
        },
        {"name": "plain", "reply": "It is 18 °C in Paris."},
    ],
}
CHUNKED = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer any\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
)


@pytest.fixture
def start() -> Iterator[Callable[[], MockServer]]:
    """Servers that know nothing of each other and count alike."""
    running: list[MockServer] = []

    def made() -> MockServer:
        server = MockServer(contract="off", unmatched="allow").start()
        running.append(server)
        server.load(STUBS)
        return server

    yield made
    for server in running:
        server.stop()


@pytest.fixture
def server(start: Callable[[], MockServer]) -> MockServer:
    return start()


def request(text: str, *, stream: bool = False, head: str = "x-trace: a", **members: object) -> bytes:
    body = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream} | members
    ).encode()
    lines = (
        "POST /v1/chat/completions HTTP/1.1",
        "Host: here",
        "Authorization: Bearer any",
        "Content-Type: application/json",
        head,
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


class Line(Talk):
    """One connection, and the raw bytes of each reply on it."""

    def reply(self) -> bytes:
        return self.read_one().data

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.reply()


Dial = Callable[[MockServer], Line]


@pytest.fixture
def dial() -> Iterator[Dial]:
    lines: list[Line] = []

    def dialled(server: MockServer) -> Line:
        lines.append(Line(urlsplit(server.url).port or 0))
        return lines[-1]

    yield dialled
    for line in lines:
        line.close()


TEXTS = [f"question {'x' * number}" for number in (0, 1, 5, 50, 500, 5000, 3, 50, 51)] * 3
WAYS = [
    {},
    {"stream": True},
    {"stream": True, "stream_options": {"include_usage": True}},
    {"temperature": 1},
    {"temperature": 1.0},
]


def test_a_kept_connection_and_fresh_ones_get_the_same_bytes(start: Callable[[], MockServer], dial: Dial) -> None:
    kept, fresh = start(), start()
    line = dial(kept)
    for number, text in enumerate(TEXTS):
        asked = request(text, **WAYS[number % len(WAYS)])  # type: ignore[arg-type]
        assert line.ask(asked) == dial(fresh).ask(asked)


def test_a_kept_connection_and_fresh_ones_are_recorded_alike(start: Callable[[], MockServer], dial: Dial) -> None:
    kept, fresh = start(), start()
    line = dial(kept)
    for number, text in enumerate(TEXTS):
        asked = request(text, head=f"x-trace: {number % 3}")
        line.ask(asked)
        dial(fresh).ask(asked)
    kept.settle()
    fresh.settle()
    for one, other in zip(kept.journal, fresh.journal, strict=True):
        for name in ("request", "match", "findings", "frames", "status", "json"):
            assert one.document[name] == other.document[name]
        assert one.outcome is other.outcome is OutcomeKind.COMPLETE


@pytest.mark.parametrize(
    "odd",
    [b"\r\n", CHUNKED, b"GET /v1/models HTTP/1.1\r\nHost: here\r\n\r\n"],
    ids=["an empty line too many", "chunks", "side traffic"],
)
def test_odd_input_between_requests_does_not_change_the_next_reply(server: MockServer, dial: Dial, odd: bytes) -> None:
    line = dial(server)
    for text in TEXTS[:4]:
        assert b"18 \xc2\xb0C" in line.ask(request(text))
    line.send(odd)
    if odd.strip():
        line.reply()
    for text in TEXTS[:4]:
        assert b"18 \xc2\xb0C" in line.ask(request(text))
    line.send(request("one") + request("two slowly", stream=True) + request("three"))
    assert [b"18" in line.reply() for _ in range(3)] == [True, False, True]
    for text in TEXTS[:4]:
        assert b"18 \xc2\xb0C" in line.ask(request(text))
    sent = [one for one in server.requests if one.body == request("three").partition(b"\r\n\r\n")[2]]
    assert len(sent) == 1


def test_a_length_with_leading_zeros_is_read_and_one_with_a_sign_is_rejected(server: MockServer, dial: Dial) -> None:
    line = dial(server)
    for _ in range(4):
        line.ask(request("hello"))
    asked = request("hello")
    size = len(asked.partition(b"\r\n\r\n")[2])
    assert b"18" in line.ask(asked.replace(b": %d\r\n" % size, b": 00%d\r\n" % size))
    line.send(asked.replace(b": %d\r\n" % size, b": +%d\r\n" % size))
    assert b" 400 Bad Request" in line.reply()


def test_each_sandbox_named_by_a_header_gets_its_own_requests(server: MockServer, dial: Dial) -> None:
    """The sandbox may be named by a header, whose value is then part of what is known."""
    line = dial(server)
    for name in ("a", "b", "a", "b", "a", "b"):
        line.ask(request("hello", head=f"x-mockserver-sandbox: {name}"))
    found = {name: len(server.server.sandbox(name).requests) for name in ("a", "b")}
    assert found == {"a": 3, "b": 3}


def test_a_loaded_scenario_answers_the_next_request_of_a_connection(server: MockServer, dial: Dial) -> None:
    line = dial(server)
    for _ in range(4):
        assert b"18" in line.ask(request("hello"))
    server.load({"scenario": "direct", "stubs": [{"reply": "rain"}]})
    assert b"rain" in line.ask(request("hello"))
    server.load({"scenario": "other", "dialect": "visioncoder", "stubs": [{"reply": "fog"}]})
    assert b"rain" in line.ask(request("hello"))


def test_an_internal_error_is_a_500_and_the_server_goes_on(
    server: MockServer, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong while a request is looked at where it was parsed costs no connection."""
    line = dial(server)
    for _ in range(4):
        line.ask(request("hello"))
    look = StubIndex.find

    def break_down(self: StubIndex, call: Call, shapes: tuple[Shape | None, ...]) -> MountedStub | None:
        if call.user == "break down":
            raise RuntimeError("broken")
        return look(self, call, shapes)

    monkeypatch.setattr(StubIndex, "find", break_down)
    assert b" 500 " in line.ask(request("break down"))
    assert b"18" in dial(server).ask(request("hello"))
