"""Any file loads or has problems, each at a position in it."""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.errors import Problem, ScenarioError
from tests.kit import JSON, Dialects, Scenario, load_text, load_value, read_yaml
from tests.scenario.mutations import SCENARIOS, alone, mutated

UNHURRIED = settings(deadline=None)
DIALECTS = Dialects()
TEXTS = [path.read_text("utf-8") for path in SCENARIOS]
VALUES = [read_yaml(text, "f.yaml").value for text in TEXTS]


def problems(load: Callable[[], Scenario]) -> tuple[Problem, ...] | None:
    """The problems, None where the scenario loads."""
    try:
        load()
    except ScenarioError as error:
        return error.problems
    return None


@UNHURRIED
@given(mutated(alone() + VALUES))
def test_a_mutated_scenario_loads_or_has_problems(value: JSON) -> None:
    assert problems(lambda: load_value(value, "fuzz", DIALECTS)) != ()


@UNHURRIED
@given(mutated(alone() + VALUES))
def test_a_mutated_scenario_has_the_same_problems_in_yaml(value: JSON) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    inline = problems(lambda: load_value(value, "f", DIALECTS)) or ()
    written = problems(lambda: load_text(text, "f.yaml", DIALECTS)) or ()
    expected = sorted((problem.key_path, problem.message) for problem in inline)
    assert sorted((problem.key_path, problem.message) for problem in written) == expected


SCRAPS = [":", " ", "\n", "- ", "  ", "{", "}", "[", "]", "*a", "&a ", "!", "'", '"', "#", "\t"]


@st.composite
def garbled(draw: st.DrawFn) -> str:
    """The text of a shipped scenario with a few characters changed."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 8))
        put = draw(st.text(max_size=3) | st.sampled_from(SCRAPS))
        text = text[:place] + put + text[place + length :]
    return text


@UNHURRIED
@given(garbled())
@example("stubs:\n  - reply: !!python/name:os.system hi\n")
@example("stubs: &a\n  - reply: *a\n")
@example("stubs: [{reply: {output: [{text: " + "x" * 100_000 + "}]}}]")
def test_a_garbled_text_loads_or_has_problems_with_positions(text: str) -> None:
    found = problems(lambda: load_text(text, "f.yaml", DIALECTS))
    assert found != ()
    lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text)) + 1
    for problem in found or ():
        assert problem.position.file == "f.yaml"
        assert 1 <= problem.position.line <= lines


@UNHURRIED
@given(st.text() | st.binary())
def test_any_text_loads_or_has_problems(data: str | bytes) -> None:
    assert problems(lambda: load_text(data, "f.yaml", DIALECTS)) != ()
