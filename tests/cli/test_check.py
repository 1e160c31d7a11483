"""`mockserver check`: all that is wrong, each with its place, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import SCENARIOS, Run

Write = Callable[[str, str], Path]


def test_the_shipped_scenarios_are_right(run: Run) -> None:
    result = run("check", SCENARIOS)
    assert (result.status, result.err) == (0, "")
    files = len(list(SCENARIOS.rglob("*.yaml")))
    assert result.out.startswith(f"{files} scenarios, ")
    assert result.out.endswith(" stubs, no problems\n")


def test_one_scenario_of_one_stub_is_counted_in_the_singular(run: Run, write: Write) -> None:
    result = run("check", write("one.yaml", "stubs: [{reply: hi}]"))
    assert result.out == "1 scenario, 1 stub, no problems\n"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("stubs:\n  - name: [\n", "3:1", "not YAML"),
        ("stubs: {\n", "2:1", "not YAML"),
        ("\tstubs: 1", "1:1", "not YAML"),
        ('stubs:\n  - reply: "hi\n', "3:1", "not YAML"),
        ("stubs:\n  - reply: &a hi\n  - reply: *b\n", "3:", "found undefined alias 'b'"),
        ("", "1:1", "empty"),
        ("just text", "1:1", "expected a scenario, which is a mapping"),
        ("[]", "1:1", "expected a scenario, which is a mapping"),
        ("stubs: []", "1:8", "stubs: expected a list of stubs"),
        ("stubs:\n  - {reply: a, reply: b}\n", "2:16", "duplicate"),
        ("stubs:\n  - replay: hi\n", "2:5", "unknown key 'replay'; did you mean 'reply'?"),
        ("stubs:\n  - reply: 3\n", "2:12", "stubs[0].reply: expected a string or a mapping"),
        ("dialect: opnai\nstubs: [{reply: hi}]\n", "1:10", "unknown dialect 'opnai'"),
        ("stubs:\n  - on: chats\n    reply: hi\n", "2:9", "'chats'"),
        ("stubs:\n  - times: none\n    reply: hi\n", "2:12", "times"),
        ("stubs:\n  - reply: {error: rate_limitd}\n", "2:20", "did you mean 'rate_limited'"),
        (
            "stubs:\n  - reply:\n      output: [{text: a}]\n      faults: [{cut: {after: nope}}]\n",
            "4:15",
            "no event 'nope'",
        ),
        ("stubs:\n  - reply:\n      events: [{data: {type: response.created}}]\n", "3:", "[responses."),
    ],
)
def test_problems_are_reported_with_file_line_and_column(
    text: str, place: str, message: str, run: Run, write: Write
) -> None:
    path = write("wrong.yaml", text)
    result = run("check", path)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(f"{path}:{place}")
    assert message in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"\x00\x00", b"stubs:\r\n  - \x80", "stubs: [\u2028".encode(), b"%YAML 9.9\n---"], ids=repr
)
def test_bytes_that_are_not_text_are_recorded(data: bytes, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(data)
    result = run("check", path)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(f"{path}:1:") or result.err.startswith(f"{path}:2:")


def test_everything_that_is_wrong_in_all_files_comes_at_once(run: Run, write: Write) -> None:
    one = write("one.yaml", "about: x\nstubs:\n  - {repl: a, nam: b}\n  - {reply: a, on: b}\n")
    two = write("two.yaml", "stubs: [")
    write("three.yaml", "stubs: [{reply: fine}]")
    result = run("check", one.parent)
    lines = result.err.splitlines()
    assert result.status == 1
    assert [line.partition(": ")[0] for line in lines if line.startswith(str(one))] != []
    assert sum(line.startswith(f"{one}:3:") for line in lines) >= 2
    assert sum(line.startswith(f"{one}:4:") for line in lines) == 1
    assert sum(line.startswith(f"{two}:1:") for line in lines) == 1


def test_a_scenario_that_cannot_be_wrong_by_accident(run: Run, write: Write) -> None:
    broken = "stubs: [{on: chat, reply: {body: {object: chat.completion}}}]"
    result = run("check", write("broken.yaml", broken))
    assert result.status == 1
    assert "[" in result.err


def test_a_path_that_is_not_there_is_no_scenario_error(run: Run, tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere.yaml")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("mockserver: no file or folder ")
    (tmp_path / "folder").mkdir()
    result = run("check", tmp_path / "folder")
    assert result.status == 2
    assert "no scenario in folder" in result.err


def test_two_scenarios_of_one_name_are_reported(run: Run, write: Write) -> None:
    one = write("a/same.yaml", "stubs: [{reply: hi}]")
    two = write("b/same.yaml", "stubs: [{reply: hi}]")
    result = run("check", one, two)
    assert result.status == 1
    assert f"the name 'same' is taken by {one}" in result.err
