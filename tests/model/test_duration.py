"""Lengths of time as people write them."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tests.kit import DURATION_SCHEMA, JSON, read_duration

SCHEMA = Draft202012Validator(DURATION_SCHEMA)


@pytest.mark.parametrize(
    ("value", "seconds"), [("200ms", 0.2), ("5s", 5.0), ("1.5 s", 1.5), ("2m", 120.0), ("0s", 0.0), (0, 0.0)]
)
def test_a_duration_reads_as_seconds(value: JSON, seconds: float) -> None:
    assert read_duration(value) == pytest.approx(seconds)
    assert SCHEMA.is_valid(value)


@pytest.mark.parametrize("value", ["", "5", 5, 0.2, "5h", "-1s", "1s ", "s", True, False, None, []])
def test_what_has_no_unit_is_no_duration(value: JSON) -> None:
    assert read_duration(value) is None
    assert not SCHEMA.is_valid(value)
