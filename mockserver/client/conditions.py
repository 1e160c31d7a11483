"""Conditions as under `when`, read with the words and the errors of the scenario format."""

from __future__ import annotations

from functools import lru_cache

from mockserver.errors import ScenarioError
from mockserver.model.conditions import Condition
from mockserver.model.json import read_text
from mockserver.scenario.conditions import read_conditions
from mockserver.scenario.cursor import ProblemLog
from mockserver.scenario.files import read_format
from mockserver.scenario.format_check import check_format
from mockserver.scenario.from_python import read_plain


@lru_cache(maxsize=256)
def conditions_of(when: str) -> tuple[Condition, ...]:
    """The conditions of a `when` given as JSON text.

    Raises:
        ScenarioError: one of them is no condition.
    """
    document = read_plain({"stubs": [{"when": read_text(when), "reply": ""}]}, "filter")
    sheet = ProblemLog.of(document, check_format(document.value, read_format()))
    stubs = sheet.root.get("stubs")
    conditions = tuple(
        condition
        for spot in (stubs.elements() if stubs else ())
        for condition in read_conditions(spot.get("when"))
    )
    if sheet.problems:
        raise ScenarioError(sheet.problems)
    return conditions
