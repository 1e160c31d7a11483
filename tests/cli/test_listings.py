"""What there is, printed: commands, errors, rules, the format's schema."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mockserver import __version__
from tests.cli.conftest import Run
from tests.kit import CONTRACT_DATE, GRAMMAR, Dialects, Machine, diagram

CATALOGUE = Dialects().find("openai").catalogue


def test_errors_are_listed_with_status_type_and_code(run: Run) -> None:
    result = run("errors")
    head, *rows = result.out.splitlines()
    assert (result.status, result.err) == (0, "")
    assert head.split() == ["NAME", "STATUS", "TYPE", "CODE", "MEANING"]
    assert [row.split()[0] for row in rows] == list(CATALOGUE)
    assert [row.split()[1] for row in rows] == [str(one.status) for one in CATALOGUE.values()]
    assert "rate_limit_exceeded" in next(row for row in rows if row.startswith("rate_limited "))


def test_errors_as_json_are_whole(run: Run) -> None:
    result = json.loads(run("errors", "--json").out)
    assert [one["name"] for one in result] == list(CATALOGUE)
    assert set(result[0]) == {"name", "status", "about", "type", "code", "param", "message"}


def test_rules_are_listed_each_once(run: Run) -> None:
    result = run("rules")
    head, *rows, blank, date = result.out.splitlines()
    assert head.split() == ["RULE", "MEANING", "SOURCE"]
    assert (blank, date) == ("", f"contract of {CONTRACT_DATE}")
    names = [row.split()[0] for row in rows]
    assert len(set(names)) == len(names) > 100
    as_json = json.loads(run("rules", "--json").out)
    assert [one["id"] for one in as_json] == names
    assert all(one["meaning"] and one["source"] for one in as_json)
    assert {one["contract"] for one in as_json} == {CONTRACT_DATE}


def test_rules_draw_the_stream_grammars_as_mermaid(run: Run) -> None:
    lines = run("rules", "--diagram").out.splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == list(GRAMMAR)
    assert lines.count("stateDiagram-v2") == lines.count("```mermaid") == lines.count("```")
    arrows = [line.strip() for line in lines if " --> " in line]
    assert all(re.fullmatch(r"(\[\*\]|\w+) --> (\[\*\]|\w+(: .+)?)", line) for line in arrows)
    assert "start --> created: created" in arrows
    states = {word for machine in GRAMMAR.values() for word in machine.steps}
    assert states.isdisjoint({"end", "note", "state", "direction", "class"})  # words of Mermaid


def test_a_diagram_escapes_what_would_end_a_label() -> None:
    machine = Machine(name="m", rule="r", start="a b", steps={"a b": {"x:y;z#": "c"}})
    assert diagram(machine).splitlines()[2:] == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> a_b",
        "    a_b --> c: x#58;y#59;z#35;",
        "    c --> [*]",
        "```",
    ]


def test_the_schema_is_one_and_knows_a_scenario_from_another_mapping(run: Run) -> None:
    schema = json.loads(run("schema").out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"stubs": [{"reply": "hi"}]})
    assert not validator.is_valid({"stubs": [{"replay": "hi"}]})


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command(flag: str, run: Run) -> None:
    result = run(flag)
    assert (result.status, result.err) == (0, "")
    for command in ("serve", "check", "explain", "errors", "rules", "schema", "judge"):
        assert f"\n    {command} " in result.out


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["check"], ["explain"], ["judge"], ["errors", "more"]], ids=str
)
def test_wrong_arguments_print_the_usage(arguments: list[str], run: Run) -> None:
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("usage: mockserver")


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "mockserver"], [str(Path(sys.executable).parent / "mockserver")]],
    ids=["module", "script"],
)
def test_the_command_is_there_as_a_module_and_as_a_script(command: list[str]) -> None:
    result = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == f"mockserver {__version__}, contract of {CONTRACT_DATE}\n"


def test_a_terminal_that_knows_no_unicode_gets_the_rest() -> None:
    command = [sys.executable, "-m", "mockserver", "explain", "scenarios/smartlink"]
    result = subprocess.run(
        command, capture_output=True, check=False, cwd=Path(__file__).parents[2], env={"PYTHONIOENCODING": "ascii"}
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"HTTP/1.1 200 OK" in result.stdout
