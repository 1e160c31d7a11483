"""What the Dockerfile says: its form, and what goes in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.container.build import ROOT
from tests.container.dockerfile import Stage, context, read, variables

BUILD, FINAL = read((ROOT / "Dockerfile").read_text("utf-8"))
CONTEXT = context(ROOT, (ROOT / ".dockerignore").read_text("utf-8"))


def test_both_stages_stand_on_the_same_slim_python() -> None:
    assert BUILD.base == FINAL.base
    assert re.fullmatch(r"python:3\.\d+-slim", BUILD.base)
    assert (BUILD.name, FINAL.name) == ("build", "")


def test_nothing_is_compiled_and_nothing_else_installed() -> None:
    commands = " ".join([*BUILD.all("RUN"), *FINAL.all("RUN")])
    assert "--only-binary=:all:" in commands
    assert not re.search(r"\b(apt-get|apt|gcc|make|curl|wget)\b", commands)
    assert not re.search(r"\bpip\b", " ".join(FINAL.all("RUN")))


def test_it_runs_as_the_user_that_it_makes() -> None:
    [made] = FINAL.all("RUN")
    found = re.fullmatch(r"useradd --system --uid (\d+) --no-create-home (\w+)", made)
    assert found
    assert int(found[1]) > 0
    assert FINAL.one("USER") == found[2]
    words = [one.word for one in FINAL.instructions]
    assert words.index("USER") < words.index("ENTRYPOINT")


def test_port_signal_and_commands_need_no_shell() -> None:
    assert FINAL.one("EXPOSE") == variables(FINAL)["MOCKSERVER_PORT"]
    assert FINAL.one("STOPSIGNAL") == "SIGTERM"
    assert json.loads(FINAL.one("ENTRYPOINT")) == ["mockserver", "serve"]
    check = FINAL.one("HEALTHCHECK").partition(" CMD ")[2]
    assert json.loads(check)[0] == "python"


def copied(stage: Stage) -> set[str]:
    sources = [text.split()[:-1] for text in stage.all("COPY") if not text.startswith("--from=")]
    return {source for found in sources for source in found}


def test_a_build_sees_what_it_copies_and_nothing_else() -> None:
    sources = {source.split("/")[0] for source in copied(BUILD) | copied(FINAL)}
    assert {file.split("/")[0] for file in CONTEXT} == sources
    assert not [file for file in CONTEXT if "__pycache__" in file or file.startswith("tests")]


def test_the_last_stage_takes_no_sources() -> None:
    assert copied(FINAL) == {"mockserver/offline.yaml"}
    assert "--from=build /opt/mockserver /opt/mockserver" in FINAL.all("COPY")


TEXT = """\
# A comment
ARG VERSION=3
FROM python:${VERSION} AS build
RUN one \\
    # amid
    two \\
    && three
FROM scratch
ENV A=1 \\
    B=$A
"""


def test_a_dockerfile_is_read_as_an_engine_would() -> None:
    first, second = read(TEXT)
    assert (first.base, first.name) == ("python:3", "build")
    assert [line.split() for line in first.all("RUN")] == [["one", "two", "&&", "three"]]
    assert (second.base, second.name, variables(second)) == ("scratch", "", {"A": "1", "B": "$A"})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [("*\n!a\n", {"a/x.py", "a/__pycache__/x.pyc"}), ("*\n!a\n!b.txt\n**/__pycache__\n", {"a/x.py", "b.txt"})],
)
def test_what_is_left_out_of_a_build_is_read_too(rules: str, expected: set[str], tmp_path: Path) -> None:
    for name in ("a/x.py", "a/__pycache__/x.pyc", "b.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert context(tmp_path, rules) == expected
