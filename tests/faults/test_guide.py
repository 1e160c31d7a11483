"""The guide to the faults: each timeline is what `mockserver explain` prints, and every fault and
place is described. `--refresh-golden` rewrites the timelines."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest
import yaml

from tests.kit import FAULTS, Landmark, main

GUIDE = Path(__file__).parents[2] / "docs" / "faults.md"
TIMELINE = re.compile(r"```yaml(?P<title>[^\n]*)\n(?P<yaml>(?:(?!```).)*)```\n\n```text\n(?P<text>.*?)```", re.DOTALL)
_FAULTS = "      faults:\n"


@pytest.fixture
def guide() -> str:
    return GUIDE.read_text("utf-8")


@pytest.fixture
def scenario(guide: str) -> str:
    """The scenario of all timelines, without faults."""
    found = TIMELINE.search(guide)
    assert found is not None
    assert found["title"] == ' title="greets.yaml"'
    return found["yaml"]


def explained(scenario: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `explain` prints, without the title."""
    file = folder / "greets.yaml"
    file.write_text(scenario, "utf-8")
    assert main(["explain", str(file), "--on", "chat", "--stream"]) == 0, capsys.readouterr().err
    title, *lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert title.endswith('"greets" on chat as chat, streaming')
    return "".join(f"{line}\n" for line in lines)


def test_each_timeline_is_what_explain_prints(
    guide: str, scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    def updated(written: re.Match[str]) -> str:
        faults = "" if written["title"] else _FAULTS + indent(written["yaml"], " " * 8)
        text = explained(scenario + faults, tmp_path, capsys)
        return f"```yaml{written['title']}\n{written['yaml']}```\n\n```text\n{text}```"

    expected = TIMELINE.sub(updated, guide)
    if request.config.getoption("--refresh-golden"):
        GUIDE.write_text(expected, "utf-8")
    assert expected == GUIDE.read_text("utf-8")


def test_every_fault_has_a_timeline_and_a_row(guide: str) -> None:
    timelines = [written for written in TIMELINE.finditer(guide) if not written["title"]]
    shown = {name for one in timelines for element in yaml.safe_load(one["yaml"]) for name in element}
    assert shown == {*FAULTS}
    # It shares the row of `omit`.
    assert [name for name in FAULTS if f"`{name}: " not in guide] == ["repeat"]


def test_every_landmark_is_listed(guide: str) -> None:
    assert [kind.value for kind in Landmark if f"`{kind}`" not in guide] == []


def test_every_place_in_the_guide_is_valid(
    guide: str, scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = guide.partition("## Places")[2].partition("\n\nThe landmarks")[0]
    places = [place.replace("LABEL", "role") for place in re.findall(r"\n\| `(.+?)` \|", table)]
    assert len(places) == 16
    for place in places:
        # This reply is a stream, and its role has no escape.
        here = place.replace("part: body", "event: role").replace("escape", "key")
        fault = f"{_FAULTS}        - cut: {{{here}}}\n"
        assert "close" in explained(scenario + fault, tmp_path, capsys)
