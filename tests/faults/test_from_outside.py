"""A fault from outside the package with a new ending: a scenario loads it, `explain` and the format
schema show it, sweeps try it at every place, and a server performs it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

import mockserver
from mockserver.cli import main
from mockserver.faults import FAULTS, find_conflicts, read_fault
from mockserver.faults.cut import STOPS_ONCE
from mockserver.faults.place import PlacedFault, at_place
from mockserver.faults.position import find, split
from mockserver.faults.syntax import FaultSpec
from mockserver.model.fault import Effect, FaultContext
from mockserver.model.frames import Ending, Frame, OutcomeKind, ReplySink

SCENARIO = """
stubs:
  - name: greets
    on: chat
    reply: {output: [{text: Hello there}], faults: [{babble: {after: "text.delta[0]"}}]}
"""


@dataclass(frozen=True, slots=True)
class Babble(Ending):
    """Bytes that are not HTTP, then FIN."""

    @property
    def title(self) -> str:
        return "babble"

    @property
    def description(self) -> str:
        return "bytes that are not HTTP, then FIN"

    async def perform(self, sink: ReplySink) -> OutcomeKind:
        await sink.send(b"bla bla")
        await sink.close()
        return OutcomeKind.CUT


@dataclass(frozen=True, slots=True, kw_only=True)
class BabbleFault(PlacedFault):
    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS, "babbles"})
    conflicts: ClassVar[Mapping[str, str]] = {Effect.STOPS: STOPS_ONCE}

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, context))
        return (*before, Babble())


SPEC = FaultSpec(
    name="babble",
    example="babble: PLACE",
    about="stop at the place and send bytes that are not HTTP",
    syntax=at_place(lambda place: BabbleFault(place=place)),
    truncates=True,
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAULTS, SPEC.name, SPEC)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "babble.yaml"
    file.write_text(SCENARIO, "utf-8")
    return file


def test_a_scenario_with_the_fault_is_checked(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(scenario)]) == 0
    scenario.write_text(SCENARIO.replace("delta[0]", "delta[9]"), "utf-8")
    assert main(["check", str(scenario)]) == 1
    assert "no event 'text.delta[9]' in this stream" in capsys.readouterr().err


def test_conflicts_are_declared_with_the_fault() -> None:
    faults = [read_fault({name: {"after": 1}}) for name in ("babble", "cut", "babble")]
    assert [found.index for found in find_conflicts(faults)] == [1, 2]


def test_explain_shows_the_ending(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(scenario), "--on", "chat", "--stream"]) == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert last.split(maxsplit=3)[2:] == ["babble", "bytes that are not HTTP, then FIN"]


def test_the_format_schema_has_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    fault = json.loads(capsys.readouterr().out)["$defs"]["fault"]
    schema = Draft202012Validator(fault)
    assert schema.is_valid({"babble": {"after": 1}})
    assert not schema.is_valid({"babble": 1})


def test_sweeps_try_the_fault_at_every_place() -> None:
    source = {"stubs": [{"name": "greets", "on": "chat", "reply": "Hello there"}]}
    cases = mockserver.cuts(source, kinds="babble")
    assert [case.id for case in cases][:4] == [
        "head/babble",
        "status-line/babble",
        "headers/babble",
        "after-head/babble",
    ]
    assert {case.id for case in cases} < {case.id for case in mockserver.cuts(source)}


def test_a_server_performs_the_ending(scenario: Path) -> None:
    body = b'{"model": "m", "stream": true, "messages": [{"role": "user", "content": "hi"}]}'
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    )
    with mockserver.MockServer(scenario) as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(head + body)
            received = b"".join(iter(lambda: client.recv(65536), b""))
        [request] = server.requests
        assert request.outcome == "cut"
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\nbla bla")
