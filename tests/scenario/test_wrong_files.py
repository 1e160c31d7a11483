"""Files as people get them wrong: every problem of each, as golden text.

A case is the text of a scenario, or of a stub, and a line `=> problem` for each of its problems. For
a new case write its text between lines `====` and refresh.
"""

from __future__ import annotations

import pytest

from tests.conftest import GOLDEN, Golden
from tests.kit import MAX_STUBS
from tests.scenario.loading import problems

PROBLEM = "=> "
BETWEEN = "\n====\n"
STUB = "stubs:\n  - {}"


def cases(name: str) -> list[tuple[str, list[str]]]:
    """Texts with their problems."""
    found = []
    for case in (GOLDEN / name).read_text("utf-8").removesuffix("\n").split(BETWEEN):
        lines = case.split("\n")
        text = [line for line in lines if not line.startswith(PROBLEM)]
        expected = [line.removeprefix(PROBLEM) for line in lines if line.startswith(PROBLEM)]
        found.append(("\n".join(text), expected))
    return found


@pytest.mark.parametrize(
    ("name", "around"), [("scenario/wrong_files.txt", "{}"), ("scenario/wrong_stubs.txt", STUB)], ids=["files", "stubs"]
)
def test_every_problem_is_reported_with_its_position(name: str, around: str, golden: Golden) -> None:
    found = [
        "\n".join([text, *(PROBLEM + one for one in problems(around.replace("{}", text)))]) for text, _ in cases(name)
    ]
    golden(name, BETWEEN.join(found))


def test_the_problems_of_one_stub_do_not_hide_those_of_another() -> None:
    stubs = cases("scenario/wrong_stubs.txt")
    text = "stubs:\n" + "\n".join(f"  - {stub}" for stub, _ in stubs)
    expected = [problem.partition(": stubs[0]")[2].partition(": ")[2] for _, found in stubs for problem in found]
    found = [problem.partition(": stubs[")[2].partition(": ")[2] for problem in problems(text)]
    assert found == expected


def test_the_number_of_stubs_is_bounded() -> None:
    text = "stubs:\n" + "- reply: hi\n" * (MAX_STUBS + 1)
    assert problems(text) == ["f.yaml:2:1: stubs: expected at most 10000 stubs, got 10001"]
