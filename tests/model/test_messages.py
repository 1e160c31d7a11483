"""How messages show values and names."""

from __future__ import annotations

import pytest

from tests.kit import JSON, alternatives, quoted, shown
from tests.kit import cursor_unknown as unknown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"), (True, "true"), (False, "false"), (1.5, "1.5"), (10**100, "1" + "0" * 59 + "…"),
        ("it's", '"it\'s"'), ("x" * 61, "'" + "x" * 60 + "'…"), ([], "an empty list"), ([1], "a list"),
        ({}, "an empty mapping"), ({"a": 1}, "a mapping"),
    ],
)  # fmt: skip
def test_values_are_shown_in_a_few_words(value: JSON, expected: str) -> None:
    assert shown(value) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], "unknown error 'x'; none is known"),
        (["b", "a"], "unknown error 'x'; known are a, b"),
        (["xy", "a"], "unknown error 'x'; did you mean 'xy'?"),
        (map(str, range(21)), "unknown error 'x'; `mockserver errors` lists them"),
    ],
)
def test_an_unknown_name_is_reported_with_the_known_ones(known: list[str], expected: str) -> None:
    assert unknown("error", "x", known) == expected


def test_names_are_listed_as_in_speech() -> None:
    assert [alternatives(names) for names in ("a", "ab", "abc")] == ["a", "a or b", "a, b or c"]
    assert quoted("x" * 100) == "'" + "x" * 60 + "'…"
