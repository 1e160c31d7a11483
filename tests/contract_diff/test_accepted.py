"""Accepted differences, and the exit status of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_diff.__main__ import main
from contract_diff.accepted import Accepted, AcceptedError, read_accepted, review
from contract_diff.compare import Difference
from tests.contract_diff.fake_packages import NPM, PYTHON, environment

ALL_OF_THE_CONTRACT = "- {only_in: contract, reason: fake packages are small, what: ['*']}\n"


PARAMS = "openai/types/chat/completion_create_params.py"
CHAT = "resources/chat/completions/completions.d.ts"


def of_packages(what: str) -> Difference:
    return Difference("packages", what, ("PyPI 1",))


@pytest.mark.parametrize(
    ("line", "what", "covered"),
    [
        ("member a.b", "member a.b", True),
        ("member a.b", "member a.bc", False),
        ("member a.b", "member axb", False),
        ("member *.b", "member a.x.b", True),
        ("type a '*'", "type a 'x'", True),
        ("*", "value a 'x'", True),
    ],
)
def test_a_line_covers_what_it_describes(line: str, what: str, *, covered: bool) -> None:
    assert Accepted("packages", line, "why").covers(of_packages(what)) is covered
    assert not Accepted("contract", line, "why").covers(of_packages(what))


def test_lines_that_cover_nothing_are_outdated() -> None:
    used, unused = Accepted("packages", "member a.*", "why"), Accepted("packages", "member b.*", "why")
    differences = [of_packages("member a.x"), of_packages("member c.x")]
    assert review(differences, [used, unused]) == ((differences[1],), (unused,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "what",
        "- {only_in: both, reason: why, what: [x]}",
        "- {only_in: contract, reason: '', what: [x]}",
        "- {only_in: contract, reason: why, what: []}",
        "- {only_in: contract, reason: why, what: [1]}",
        "- {only_in: contract, reason: why, what: x}",
        "- {only_in: contract, reason: why, what: [x], more: 1}",
        "- {only_in: contract, what: [x]}",
        "- [",
    ],
)
def test_a_file_that_is_not_understood_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AcceptedError):
        read_accepted(path)


def run(folder: Path, accepted: str, *options: str) -> int:
    path = folder / "accepted.yaml"
    path.write_text(accepted, encoding="utf-8")
    return main(["--installed", "--folder", str(folder), "--accepted", str(path), *options])


def test_a_clean_comparison_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment(tmp_path, PYTHON, NPM)
    assert run(tmp_path, ALL_OF_THE_CONTRACT) == 0
    assert capsys.readouterr().out.startswith("PyPI 9.9 and npm 9.9 against the contract of ")


def test_a_planted_member_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "openai/types/responses/response_create_params.py"
    python = {**PYTHON, name: PYTHON[name].replace("model: str", "model: str\n    planted: int")}
    environment(tmp_path, python, NPM)
    assert run(tmp_path, ALL_OF_THE_CONTRACT) == 1
    assert capsys.readouterr().out.startswith(
        "only in the packages: member responses request body.planted (PyPI 9.9)\n"
    )


def test_an_outdated_line_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment(tmp_path, PYTHON, NPM)
    assert run(tmp_path, f"{ALL_OF_THE_CONTRACT}- {{only_in: packages, reason: gone, what: [member x.y]}}\n") == 1
    assert "no longer a difference, only in the packages: member x.y\n" in capsys.readouterr().out


def test_all_prints_the_accepted_ones_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment(tmp_path, PYTHON, NPM)
    assert run(tmp_path, ALL_OF_THE_CONTRACT, "--all") == 0
    assert "only in the contract: member responses request body.max_output_tokens" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("python", "npm", "message"),
    [
        ({"openai/__init__.py": ""}, NPM, "No module named 'openai.types'"),
        ({**PYTHON, PARAMS: "CompletionCreateParams = dict"}, NPM, "PyPI 9.9: no object is found for chat.request"),
        (PYTHON, {**NPM, CHAT: NPM[CHAT].replace("= ChatCompletionCreateParamsStreaming |", "= string; type Old =")},
         "npm 9.9: no object is found for chat.request"),
        (PYTHON, {}, "package.json"),
        (PYTHON, {**NPM, "package.json": "{"}, "package.json"),
        (PYTHON, {**NPM, "package.json": "{}"}, "package.json"),
        (PYTHON, {"package.json": NPM["package.json"]}, "completions.d.ts"),
    ],
)  # fmt: skip
def test_packages_that_cannot_be_read_exit_with_2(
    python: dict[str, str], npm: dict[str, str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment(tmp_path, python, npm)
    assert run(tmp_path, ALL_OF_THE_CONTRACT) == 2
    assert message in capsys.readouterr().err


def test_an_empty_environment_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, ALL_OF_THE_CONTRACT) == 2
    assert "No such file" in capsys.readouterr().err
