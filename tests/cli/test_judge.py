"""`mockserver judge`: anyone's captured reply, read against the rules."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import MockServer
from tests.cli.conftest import Result, Run
from tests.server.end_to_end import CHAT, COMPACT, RESPONSES, asking, post

Write = Callable[[str, str], Path]

SHAPES = {CHAT: "chat", RESPONSES: "responses", COMPACT: "compaction"}


def _streaming(path: str, stream: bool) -> dict[str, object]:
    return {} if path == COMPACT else {"stream": stream}


@pytest.fixture(scope="module")
def captured() -> dict[tuple[str, bool], str]:
    """Replies as a client would save them."""
    with MockServer() as server:
        server.stub(reply={"output": [{"text": "one two"}]})
        return {
            (path, stream): post(server.url, path, asking("x", path, **_streaming(path, stream))).body.decode()
            for path in SHAPES
            for stream in (False, True)
        }


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", SHAPES)
def test_what_the_server_sends_keeps_the_contract(
    path: str, stream: bool, captured: dict[tuple[str, bool], str], run: Run, write: Write
) -> None:
    file = write("reply", captured[path, stream])
    result = run("judge", file)
    assert (result.status, result.err) == (0, "")
    assert f", {SHAPES[path]}" in result.out
    assert result.out.endswith(": keeps the contract\n")
    assert run("judge", file, "--shape", SHAPES[path]) == result


def test_a_stream_is_reported_with_the_number_of_its_events(
    captured: dict[tuple[str, bool], str], run: Run, write: Write
) -> None:
    result = run("judge", write("reply", captured[CHAT, True]))
    assert result.out == "stream, chat, 5 events: keeps the contract\n"


def test_a_contract_violation_names_its_rule(captured: dict[tuple[str, bool], str], run: Run, write: Write) -> None:
    blocks = captured[RESPONSES, True].split("\n\n")
    result = run("judge", write("reply", "\n\n".join([blocks[0], *blocks[2:]])))
    assert result.status == 1
    assert result.out.endswith(": violates the contract\n")
    rules = {one["id"] for one in json.loads(run("rules", "--json").out)}
    broken = [line.split()[1] for line in result.out.splitlines() if line.startswith("breaks")]
    assert broken
    assert set(broken) <= rules


def test_a_reply_may_come_by_standard_input(
    captured: dict[tuple[str, bool], str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = io.BytesIO(captured[CHAT, False].encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data, "utf-8"))
    assert run("judge", "-").status == 0


def test_a_reply_of_a_gateway_is_read_in_its_dialect(run: Run, write: Write) -> None:
    with MockServer("scenarios/visioncoder/responses.yaml") as server:
        body = {"model": "gpt-5.5", "input": "Hello"}
        file = write("reply", post(server.url, RESPONSES, body).body.decode())
    assert run("judge", file, "--dialect", "visioncoder").status == 0
    assert run("judge", file).status == 1


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "data: {\n\n", "{}"], ids=repr)
def test_what_is_no_reply_breaks_the_contract(text: str, run: Run, write: Write) -> None:
    result = run("judge", write("reply", text))
    assert (result.status, result.err) == (1, "")
    assert result.out.endswith(": violates the contract\n")


REFUSED = '{"error": {"message": "No key.", "type": "invalid_request_error", "param": null, "code": null}}'
HEAD = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n\r\n"


@pytest.mark.parametrize("head", ["", HEAD])
def test_an_error_response_fails_unless_it_is_expected(head: str, run: Run, write: Write) -> None:
    file = write("reply", head + REFUSED)
    status = " 401," if head else ""
    line = f"error, unknown shape: expected no error response, got an error response:{status} 'No key.'"
    assert run("judge", file) == Result(status=1, out=f"{line}; --shape error accepts one\n", err="")
    assert run("judge", file, "--shape", "chat").status == 1
    assert run("judge", file, "--shape", "error").out == "error, unknown shape: keeps the contract\n"


def test_a_reply_where_an_error_is_expected_fails(
    captured: dict[tuple[str, bool], str], run: Run, write: Write
) -> None:
    result = run("judge", write("reply", captured[CHAT, True]), "--shape", "error")
    assert (result.status, result.out) == (1, "stream, chat, 5 events: expected an error response, got a stream\n")


def test_validating_a_missing_file_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("judge", tmp_path / "nowhere")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("mockserver: cannot read ")


def test_validating_with_a_missing_dialect_is_an_error(run: Run, write: Write) -> None:
    result = run("judge", write("reply", "{}"), "--dialect", "nonsense")
    assert (result.status, result.out) == (2, "")
    assert "unknown dialect 'nonsense'" in result.err
