"""`mockserver new`: what it writes is right, and nothing is overwritten."""

from __future__ import annotations

from contextlib import suppress
from http.client import IncompleteRead
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.kit import Dialects, MockServer, SandboxClient, load_paths
from tests.server.end_to_end import asking, post

NAMES = [
    ("weather", "weather.yaml", "weather"),
    ("weather.yaml", "weather.yaml", "weather"),
    ("weather.yml", "weather.yml", "weather"),
    ("two words", "two words.yaml", "two words"),
    ("v1.2", "v1.2.yaml", "v1.2"),
    ("true", "true.yaml", "true"),
    ("123", "123.yaml", "123"),
    ('it\'s "so"', 'it\'s "so".yaml', 'it\'s "so"'),
    ("Zürich", "Zürich.yaml", "Zürich"),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "file", "scenario"), NAMES)
def test_a_scenario_is_written_that_is_right(name: str, file: str, scenario: str, run: Run, elsewhere: Path) -> None:
    result = run("new", name)
    assert (result.status, result.out, result.err) == (0, f"wrote {file}; now: mockserver serve {file} --reload\n", "")
    assert run("check", file).out == "1 scenario, 5 stubs, no problems\n"
    [loaded] = load_paths([file], Dialects())
    assert loaded.name == scenario
    assert "$" not in (elsewhere / file).read_text("utf-8")


def test_every_stub_of_it_answers() -> None:
    from tests.kit import main

    assert main(["new", "mine"]) == 0
    tools = [{"type": "function", "function": {"name": "get_weather"}}]
    with MockServer("mine.yaml", time_scale=0) as server:
        for text, more in (
            ("the weather?", {"tools": tools}),
            ("be patient", {}),
            ("be patient", {}),
            ("break", {"stream": True}),
            ("anything", {}),
        ):
            with suppress(IncompleteRead):
                post(server.url, body=asking(text, **more))
        names = [request.stub for request in server.requests]
    assert names == ["asks for the weather", "busy at first", "busy at first", "breaks off", "anything else"]


@pytest.mark.parametrize("name", ["weather", "weather.yaml"])
def test_what_is_there_stays(name: str, run: Run, elsewhere: Path) -> None:
    file = elsewhere / "weather.yaml"
    file.write_text("mine\n")
    result = run("new", name)
    assert (result.status, result.out) == (2, "")
    assert result.err == "mockserver: there is a file 'weather.yaml' already; take another name\n"
    assert file.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("none/weather", "cannot write 'none/weather.yaml': No such file or directory"),
        ("", "expected the name of a scenario, got ''"),
        ("/", "expected the name of a scenario, got '/'"),
    ],
)
def test_a_file_that_cannot_be_written_is_reported(name: str, error: str, run: Run) -> None:
    result = run("new", name)
    assert (result.status, result.err) == (2, f"mockserver: {error}\n")


def test_a_path_may_lead_to_a_folder(run: Run, elsewhere: Path) -> None:
    (elsewhere / "scenarios").mkdir()
    assert run("new", "scenarios/weather").status == 0
    [loaded] = load_paths(["scenarios"], Dialects())
    assert loaded.name == "weather"


def test_a_fixture_can_load_it(run: Run, mockserver: SandboxClient, elsewhere: Path) -> None:
    run("new", "mine")
    mockserver.load(elsewhere / "mine")
    assert len([*mockserver.calls()]) == 5
