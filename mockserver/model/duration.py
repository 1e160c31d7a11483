"""Durations in scenarios: `200ms`, `1.5s`, `2m`."""

from __future__ import annotations

import re

from mockserver.model.json import JSON

# Bounded, so that no wait is infinite.
_DURATION = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s|m)")
_DIVISORS = {"ms": 1000.0, "s": 1.0, "m": 1 / 60}

DURATION_SCHEMA: dict[str, JSON] = {
    "anyOf": [{"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?\s*(ms|s|m)$"}, {"const": 0}]
}


def read_duration(value: JSON) -> float | None:
    """Read a duration as seconds; None for anything else. A number needs a unit, except 0."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(found["number"]) / _DIVISORS[found["unit"]] if found else None
