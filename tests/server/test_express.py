"""The short way of a call answers like the desk, and leaves alone what is not for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from mockserver.faults.place import AfterCount
from mockserver.model.frames import OutcomeKind, Send
from mockserver.model.request import Head, Request
from mockserver.model.settings import ContractMode, Settings
from mockserver.pipeline.compose import ORDINARY
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_value
from mockserver.server.express import express
from mockserver.server.sandbox import Sandbox

DIALECTS = Dialects()
STUBS = {
    "stubs": [
        {"name": "quotes", "when": {"user": {"contains": "echo"}}, "reply": "{{request.user}}"},
        {"name": "groups", "when": {"user": {"matches": "group (?P<n>.)"}}, "reply": "{{match.n}}"},
        {
            "name": "cut",
            "when": {"user": {"contains": "cut"}},
            "reply": {"output": [{"text": "a b"}], "faults": [{"cut": {"after": 2}}]},
        },
        {
            "name": "slow",
            "when": {"user": {"contains": "slow"}},
            "reply": {"output": [{"text": "a b"}], "pace": {"gap": "1ms"}},
        },
        {
            "name": "turns",
            "when": {"user": {"contains": "turn"}},
            "replies": ["first", "second"],
            "then": "cycle",
        },
        {"name": "long", "when": {"user": {"contains": "long"}}, "reply": "word " * 400},
        {"name": "plain", "when": {"user": {"contains": "hello"}}, "reply": "18 °C"},
    ]
}
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        for data in list_of_data:
            self.write(data)


def head(path: str, *, content_type: str = "application/json", key: str = "Bearer k") -> Head:
    """A head that requests share; what is known of it grows with them."""
    return Head(
        method="POST",
        target=path,
        path=path,
        query=(),
        before=(("authorization", key), ("content-type", content_type)),
        length="content-length",
        behind=(),
    )


def body(path: str, text: str, **members: object) -> bytes:
    said: object = text if path == RESPONSES else [{"role": "user", "content": text}]
    return json.dumps(
        {"model": "m", ("input" if path == RESPONSES else "messages"): said} | members
    ).encode()


def sandbox(**settings: object) -> Sandbox:
    return Sandbox(
        "default",
        DIALECTS.find("openai"),
        scenarios=(load_value(STUBS, "short", DIALECTS),),
        settings=Settings(**settings),  # type: ignore[arg-type]
    )


def by_desk(box: Sandbox, request: Request) -> bytes:
    """What the desk sends, with the record that its player would make."""
    performance = box.exchange(request, now_s=1.0, carrier=ORDINARY)
    frames = performance.script.frames
    return b"".join(frame.data for frame in frames if isinstance(frame, Send))


def hurry(box: Sandbox, request: Request) -> bytes | None:
    """What the short way sends; None where it leaves the request alone."""
    wire = Wire()
    before = (box.calls, len(box.journal), [one.calls for one in box.board.mounted])
    seen = express(box, request, wire, 1.0, lambda: 1.0)
    if seen is None:
        return wire.sent
    assert wire.sent == b""
    assert (box.calls, len(box.journal), [one.calls for one in box.board.mounted]) == before
    return None


WAYS = [
    (CHAT, {}),
    (CHAT, {"stream": True}),
    (CHAT, {"stream": True, "stream_options": {"include_usage": True}}),
    (RESPONSES, {}),
    (RESPONSES, {"stream": True}),
]


@pytest.mark.parametrize("text", ["hello", "say turn", "a long one"])
@pytest.mark.parametrize(("path", "members"), WAYS)
def test_bytes_and_record_are_those_of_the_desk(
    path: str, members: dict[str, object], text: str
) -> None:
    short, desk = sandbox(), sandbox()
    known, also_known = head(path), head(path)
    hurried = 0
    for number in range(40):
        data = body(path, text + "x" * (number * 7), **members)
        told = hurry(short, known.request(data))
        hurried += told is not None
        if told is None:
            told = by_desk(short, known.request(data))
        assert told == by_desk(desk, also_known.request(data)), number
    assert hurried > 20
    assert short.calls == desk.calls == 40
    for one, other in zip(short.journal, desk.journal, strict=True):
        assert replace(one, outcome=None, script=None, call=None) == replace(
            other, outcome=None, script=None, call=None
        )
        assert one.script is not None
        assert other.script is not None
        assert one.script.frames == other.script.frames
        assert one.call is not None
        assert other.call is not None
        assert one.call.body == other.call.body
        if one.outcome is not None:
            assert one.outcome.how is OutcomeKind.COMPLETE
            assert one.outcome.frames == len(other.script.frames)
            assert one.outcome.sent == sum(
                len(frame.data) for frame in other.script.frames if isinstance(frame, Send)
            )


def ready(**settings: object) -> tuple[Sandbox, Head]:
    """A sandbox whose plain reply is prepared for a head."""
    box, known = sandbox(**settings), head(CHAT)
    for _ in range(4):
        by_desk(box, known.request(body(CHAT, "hello")))
    assert hurry(box, known.request(body(CHAT, "hello"))) is not None
    return box, known


@pytest.mark.parametrize("text", ["echo", "group 1", "cut", "slow", "nobody's"])
def test_a_reply_that_takes_more_than_writing_is_left_to_the_desk(text: str) -> None:
    box, known = ready()
    for _ in range(4):
        request = known.request(body(CHAT, text, stream=True))
        assert hurry(box, request) is None
        by_desk(box, request)


@pytest.mark.parametrize("contract", ["enforce", "report", "off"])
def test_the_desk_goes_on_from_what_was_seen_as_from_the_request(contract: str) -> None:
    short, known = ready(contract=ContractMode(contract))
    desk, also_known = ready(contract=ContractMode(contract))
    asked = [
        *(body(CHAT, text, stream=True) for text in ("echo", "group 1", "cut", "slow", "nobody")),
        body(CHAT, "hello", temperature=9),
        body(CHAT, "hello", no_such_member=1),
        b"{",
    ]
    for data in asked * 3:
        request = known.request(data)
        seen = express(short, request, Wire(), 1.0, lambda: 1.0)
        if seen is None:
            hurry(desk, also_known.request(data))
            continue
        told = short.exchange(request, now_s=1.0, carrier=ORDINARY, seen=seen)
        other = desk.exchange(also_known.request(data), now_s=1.0, carrier=ORDINARY)
        assert told.script.frames == other.script.frames
    for one, two in zip(short.journal, desk.journal, strict=True):
        plain = {"call": None, "script": None, "outcome": None}
        assert replace(one, **plain) == replace(two, **plain)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"model":"m"}',
        body(CHAT, "hello", temperature=9),
        body(CHAT, "hello", no_such_member=1),
        b'{"model":"m","model":"m","messages":[{"role":"user","content":"hello"}]}',
        body(CHAT, "hello " + "x" * 4000),
    ],
    ids=["nothing", "array", "cut", "too little", "breach", "notice", "twice", "too large"],
)
def test_a_body_that_is_not_sound_is_left_to_the_desk(data: bytes) -> None:
    box, known = ready(body_limit=4000)
    assert hurry(box, known.request(data)) is None
    assert hurry(box, known.request(body(CHAT, "hello"))) is not None


def test_a_request_whose_head_nobody_knows_is_left_to_the_desk() -> None:
    box, _ = ready()
    alone = Request(method="POST", target=CHAT, path=CHAT, body=body(CHAT, "hello"))
    assert hurry(box, alone) is None
    for other in (head(CHAT, content_type="text/json+json"), head(CHAT, key="")):
        by_desk(box, other.request(body(CHAT, "hello")))
        assert hurry(box, other.request(body(CHAT, "hello"))) is None


def test_what_changes_in_a_sandbox_counts_at_once() -> None:
    box, known = ready()
    gate = box.gates.add("plain", AfterCount(count=1))
    assert hurry(box, known.request(body(CHAT, "hello"))) is None
    box.gates.remove(gate.number)
    assert hurry(box, known.request(body(CHAT, "hello"))) is not None
    box.settings = replace(box.settings, contract=ContractMode.REPORT)
    assert hurry(box, known.request(body(CHAT, "hello"))) is None
    by_desk(box, known.request(body(CHAT, "hello")))
    assert hurry(box, known.request(body(CHAT, "hello"))) is not None
    box.board.load(load_value({"stubs": [{"reply": "other"}]}, "short", DIALECTS))
    assert hurry(box, known.request(body(CHAT, "hello"))) is None


def test_the_limit_of_requests_is_kept() -> None:
    box, known = ready(request_limit=7)
    while box.calls < 7:
        assert hurry(box, known.request(body(CHAT, "hello"))) is not None
    assert hurry(box, known.request(body(CHAT, "hello"))) is None
    assert b" 429 " in by_desk(box, known.request(body(CHAT, "hello")))
