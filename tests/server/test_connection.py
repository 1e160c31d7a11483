"""Requests answered where they were parsed: the same bytes, the same record as the long way."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from mockserver.client import MockServer
from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.frames import OutcomeKind
from mockserver.model.stub_index import MountedStub, StubIndex

NET_S = 60.0
STUBS = {
    "scenario": "direct",
    "stubs": [
        {
            "name": "slow",
            "when": {"user": {"contains": "slowly"}},
            "reply": {"output": [{"text": "one two three four"}], "pace": {"gap": "5ms"}},
        },
        {
            "name": "long",
            "when": {"user": {"contains": "endless"}},
            "reply": {"output": [{"text": "one two three four"}], "pace": {"gap": "60m"}},
        },
        {
            "name": "cut",
            "when": {"user": {"contains": "break"}},
            "reply": {"output": [{"text": "one two three"}], "faults": [{"cut": {"after": 2}}]},
        },
        {"name": "plain", "reply": "It is 18 °C in Paris."},
    ],
}
CHUNKED = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer any\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
)
Server = MockServer


@pytest.fixture
def start() -> Iterator[Callable[[], Server]]:
    """Servers that know nothing of each other and count alike."""
    running: list[Server] = []

    def made() -> Server:
        server = MockServer(contract="off", unmatched="allow").start()
        running.append(server)
        server.load(STUBS)
        return server

    yield made
    for server in running:
        server.stop()


@pytest.fixture
def server(start: Callable[[], Server]) -> Server:
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


class Line:
    """One connection, and the raw bytes of each reply on it."""

    def __init__(self, server: Server) -> None:
        host, port = server.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=NET_S)
        self.pending = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> bytes:
        """The next reply, whole or in chunks, to its last byte."""
        while b"\r\n\r\n" not in self.pending:
            self.more()
        head, _, rest = self.pending.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        if b"content-length" in fields:
            size = len(head) + 4 + int(fields[b"content-length"])
            while len(self.pending) < size:
                self.more()
        else:
            while b"\r\n0\r\n\r\n" not in self.pending:
                self.more()
            size = self.pending.index(b"\r\n0\r\n\r\n") + 7
        told, self.pending = self.pending[:size], self.pending[size:]
        del rest
        return told

    def more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(self.pending)
        self.pending += data

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.reply()


Dial = Callable[[Server], Line]


@pytest.fixture
def dial() -> Iterator[Dial]:
    lines: list[Line] = []

    def dialled(server: Server) -> Line:
        lines.append(Line(server))
        return lines[-1]

    yield dialled
    for line in lines:
        line.socket.close()


TEXTS = [f"question {'x' * number}" for number in (0, 1, 5, 50, 500, 5000, 3, 50, 51)] * 3
WAYS = [
    {},
    {"stream": True},
    {"stream": True, "stream_options": {"include_usage": True}},
    {"temperature": 1},
    {"temperature": 1.0},
]


def test_a_kept_connection_and_fresh_ones_get_the_same_bytes(start: Callable[[], Server], dial: Dial) -> None:
    kept, fresh = start(), start()
    line = dial(kept)
    for number, text in enumerate(TEXTS):
        asked = request(text, **WAYS[number % len(WAYS)])  # type: ignore[arg-type]
        assert line.ask(asked) == dial(fresh).ask(asked)


def test_the_journal_holds_the_same_whatever_way_a_request_took(start: Callable[[], Server], dial: Dial) -> None:
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
def test_odd_input_between_requests_changes_nothing_for_the_next(server: Server, dial: Dial, odd: bytes) -> None:
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


def test_a_length_in_other_digits_is_left_to_the_parser(server: Server, dial: Dial) -> None:
    line = dial(server)
    for _ in range(4):
        line.ask(request("hello"))
    asked = request("hello")
    size = len(asked.partition(b"\r\n\r\n")[2])
    assert b"18" in line.ask(asked.replace(b": %d\r\n" % size, b": 00%d\r\n" % size))
    line.send(asked.replace(b": %d\r\n" % size, b": +%d\r\n" % size))
    assert b" 400 Bad Request" in line.reply()


def test_every_sandbox_answers_its_own_behind_one_head(server: Server, dial: Dial) -> None:
    """The sandbox may be named by a header, whose value is then part of what is known."""
    line = dial(server)
    for name in ("a", "b", "a", "b", "a", "b"):
        line.ask(request("hello", head=f"x-mockserver-sandbox: {name}"))
    told = {name: len(server.server.sandbox(name).requests) for name in ("a", "b")}
    assert told == {"a": 3, "b": 3}


def test_other_scenarios_answer_at_once_behind_a_known_head(server: Server, dial: Dial) -> None:
    line = dial(server)
    for _ in range(4):
        assert b"18" in line.ask(request("hello"))
    server.load({"scenario": "direct", "stubs": [{"reply": "rain"}]})
    assert b"rain" in line.ask(request("hello"))
    server.load({"scenario": "other", "dialect": "visioncoder", "stubs": [{"reply": "fog"}]})
    assert b"rain" in line.ask(request("hello"))


def test_a_fault_of_ours_is_an_answer_on_either_way(
    server: Server, dial: Dial, monkeypatch: pytest.MonkeyPatch
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
