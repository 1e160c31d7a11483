"""The examples for CI: they are read as their systems would, and name only what there is."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.container.build import ROOT
from tests.container.dockerfile import read
from tests.kit import parser_parse as parse
from tests.kit import serve_settings

FOLDER = ROOT / "docs" / "ci"
FILES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.iterdir())}
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
YAML = {name: text for name, text in FILES.items() if name.endswith(".yaml")}
VARIABLES = {option.variable for option in serve_settings()}


def jobs(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(YAML[name], Loader=yaml.BaseLoader)
    found: dict[str, Any] = document.get("jobs", document)
    return found


def commands(name: str) -> Iterator[str]:
    for job in jobs(name).values():
        lines = job.get("script") or [step["run"] for step in job["steps"] if "run" in step]
        for line in "\n".join(lines).replace("\\\n", " ").split("\n"):
            yield line.strip()


def test_there_is_an_example_for_each_system() -> None:
    assert set(FILES) == {"github-actions.yaml", "gitlab-ci.yaml", "testcontainers.py"}
    ast.parse(FILES["testcontainers.py"])


def test_steps_and_scripts_are_what_their_system_wants() -> None:
    for job in jobs("github-actions.yaml").values():
        assert job["runs-on"] == "ubuntu-latest"
        assert all(("run" in step) != ("uses" in step) for step in job["steps"])
        assert all(re.fullmatch(r"[\w/-]+@v\d+", step.get("uses", "a@v1")) for step in job["steps"])
    for job in jobs("gitlab-ci.yaml").values():
        assert all(isinstance(line, str) for line in job["script"])
        assert set(job) <= {"image", "services", "variables", "script", "artifacts"}


@pytest.mark.parametrize("name", YAML)
def test_every_command_of_ours_can_be_read(name: str) -> None:
    ours = [line for line in commands(name) if line.startswith("mockserver ")]
    assert {line.split()[1] for line in ours} == {"check", "serve"}
    for line in ours:
        words = shlex.split(line.partition(">")[0])
        parse(words[1:])


@pytest.mark.parametrize("name", YAML)
def test_the_plugin_knows_the_options_that_are_used(name: str, pytestconfig: pytest.Config) -> None:
    used = [line for line in commands(name) if line.startswith("pytest ")]
    assert len(used) == 1
    url = pytestconfig._parser.parse_known_args(shlex.split(used[0])[1:]).mockserver_url
    assert re.fullmatch(r"http://[\w.]+:8080", url)


@pytest.mark.parametrize("text", [*FILES.values(), COMPOSE])
def test_variables_paths_and_ports_are_the_images_own(text: str) -> None:
    assert set(re.findall(r"MOCKSERVER_[A-Z_]+", text)) <= VARIABLES
    [exposed] = read((ROOT / "Dockerfile").read_text("utf-8"))[-1].all("EXPOSE")
    assert set(re.findall(r"\b\d{4,5}\b(?!-)", text)) <= {exposed}
    assert "/__admin/health" in text or "service_healthy" in text or "mockserver ready on" in text
