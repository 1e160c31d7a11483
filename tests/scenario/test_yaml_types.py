"""What plain scalars mean."""

from __future__ import annotations

import pytest

from mockserver.model.json import JSON
from mockserver.scenario.yaml_types import NotJSONError, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("0", 0),
        ("-0", 0),
        ("12", 12),
        ("+12", 12),
        ("-12", -12),
        ("0123", 123),
        ("0o17", 15),
        ("-0o17", "-0o17"),
        ("0o18", "0o18"),
        ("0x1F", 31),
        ("0xfg", "0xfg"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("1.5e-3", 0.0015),
        ("1e", "1e"),
        (".", "."),
        ("-", "-"),
        ("+", "+"),
        ("..3", "..3"),
        ("1..", "1.."),
        ("2..4", "2..4"),
        ("1.2.3", "1.2.3"),
        ("200ms", "200ms"),
        ("١٢", "١٢"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_plain_scalar_has_its_value_of_yaml_1_2(text: str, value: JSON) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [".inf", "-.inf", "+.INF", ".nan", ".NaN", "1e999", "-1e999", "9" * 1001, "0x" + "f" * 1000],
)
def test_a_number_that_json_has_not_is_refused(text: str) -> None:
    with pytest.raises(NotJSONError):
        resolve(text)
