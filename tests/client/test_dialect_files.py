"""Dialects in files beside a test's scenarios: near and far they go with the scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockserver.errors import ScenarioError
from tests.client.conftest import post
from tests.kit import Finder, MockServer, SandboxClient, ServerClient

WEATHER = "dialect: dialects/gateway.yaml\nstubs: [{reply: hi}]\n"
GATEWAY = """\
dialect: gateway
extends: ./base.yaml
requests: {chat: chat.json}
"""
BASE = "dialect: base\nextends: openai\nmodels: [only-one]\n"
SCHEMA = '{"type": "object", "properties": {"model": {"type": "string", "maxLength": 3}}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dialects").mkdir()
    (tmp_path / "weather.yaml").write_text(WEATHER)
    (tmp_path / "dialects" / "gateway.yaml").write_text(GATEWAY)
    (tmp_path / "dialects" / "base.yaml").write_text(BASE)
    (tmp_path / "dialects" / "chat.json").write_text(SCHEMA)
    return tmp_path


@pytest.fixture
def sandbox(reach: ServerClient, folder: Path) -> Iterator[SandboxClient]:
    made = reach.create(finder=Finder(folders=[folder], root=folder))
    yield made
    reach.drop(made)


def ask(sandbox: SandboxClient, model: str) -> tuple[int, bytes]:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    return post(f"{sandbox.base_url}/chat/completions", body)


def result(load: Callable[[], None]) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load()
    return [str(problem) for problem in caught.value.problems]


def test_a_dialect_goes_with_its_scenario_and_all_that_it_stands_on(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    assert [one for *_, one in sandbox.calls()] == [0]
    assert ask(sandbox, "abc")[0] == 200
    assert ask(sandbox, "abcd")[0] == 400


def test_an_edited_dialect_is_another_one(sandbox: SandboxClient, folder: Path) -> None:
    sandbox.load("weather")
    (folder / "dialects" / "chat.json").write_text(SCHEMA.replace("3", "4"))
    sandbox.load("weather")
    assert ask(sandbox, "abcd")[0] == 200


def test_scenarios_that_send_the_same_dialect_share_it(sandbox: SandboxClient, folder: Path) -> None:
    (folder / "more.yaml").write_text(WEATHER)
    sandbox.load("weather", "more")
    status, data = post(f"{sandbox.base_url}/nowhere", {})
    assert (status, json.loads(data)["error"]["type"]) == (404, "mockserver_unmatched")


def test_a_problem_of_a_dialect_is_reported_with_its_place(sandbox: SandboxClient, folder: Path) -> None:
    file = folder / "dialects" / "base.yaml"
    file.write_text(f"{BASE}modles: []\n")
    [problem] = result(lambda: sandbox.load("weather"))
    assert "base.yaml:4:1" in problem
    assert "modles" in problem


def test_a_missing_dialect_is_reported(sandbox: SandboxClient, folder: Path) -> None:
    (folder / "dialects" / "gateway.yaml").unlink()
    [problem] = result(lambda: sandbox.load("weather"))
    assert problem.startswith("weather.yaml:1:10: dialect: no dialect file 'dialects/gateway.yaml'")


@pytest.mark.parametrize("text", ["dialect: [\nstubs: []\n", "dialect: ../secret.yaml\nstubs: []\n"])
def test_the_server_rejects_a_wrong_scenario(sandbox: SandboxClient, folder: Path, text: str) -> None:
    (folder.parent / "secret.yaml").write_text(BASE)
    (folder / "weather.yaml").write_text(text)
    assert all(problem.startswith("weather.yaml:") for problem in result(lambda: sandbox.load("weather")))


def test_a_dialect_may_be_the_servers_own(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.kit import connect

    tests = tmp_path_factory.mktemp("tests")
    (tests / "mine.yaml").write_text(WEATHER)
    with MockServer(folder / "weather.yaml") as server:
        sandbox = connect(server.url).create(finder=Finder(folders=[tests], root=tests))
        sandbox.load("mine")
        assert ask(sandbox, "abcd")[0] == 400
