"""Scenarios given as mappings in a test's own code: everything in one stands at one line."""

from __future__ import annotations

from dataclasses import replace

from mockserver.core.jsontext import Object
from mockserver.core.stub import Scenario
from mockserver.errors import Position, ScenarioError
from mockserver.scenario.dialects import DialectSource
from mockserver.scenario.load import load_value

_INLINE = "inline"


def load_inline(value: Object, place: Position, dialects: DialectSource) -> Scenario:
    """Load a mapping that is written at a place, in line 0 where only its file is known; without
    a name of its own its name is empty. Raises ScenarioError."""
    try:
        scenario = load_value(value, _INLINE, dialects, origin=place.file)
    except ScenarioError as error:
        if not place.line:
            raise
        raise ScenarioError(
            [replace(problem, position=place) for problem in error.problems]
        ) from None
    if "scenario" not in value:
        scenario = replace(scenario, name="")
    if not place.line:
        return scenario
    stubs = tuple(replace(stub, origin=place) for stub in scenario.stubs)
    return replace(scenario, stubs=stubs)
