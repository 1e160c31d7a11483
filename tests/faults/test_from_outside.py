"""The fault of `docs/adding-a-fault.md`, from outside the package and with a new ending: a scenario
loads it, `explain` and the format schema show it, sweeps apply it, and a server performs it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

import mockserver
from tests.kit import FAULTS, FaultSpec, find_conflicts, main, read_fault

SCENARIO = """
stubs:
  - name: greets
    on: chat
    reply: {output: [{text: Hello there}], faults: [{babble: {after: "text.delta[0]"}}]}
"""


PAGE = Path(__file__).parents[2] / "docs" / "adding-a-fault.md"


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    code = PAGE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    module: dict[str, object] = {"__name__": "babble"}
    exec(compile(code, str(PAGE), "exec", dont_inherit=True), module)  # the example of our own page
    spec = module["SPEC"]
    assert isinstance(spec, FaultSpec)
    monkeypatch.setitem(FAULTS, spec.name, spec)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "babble.yaml"
    file.write_text(SCENARIO, "utf-8")
    return file


def test_a_scenario_with_the_fault_is_checked(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
