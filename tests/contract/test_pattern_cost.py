"""Whether a pattern may be looked for: what is quick passes, whatever could be slow does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.structured_output import may_be_slow

# A pattern, and the longest text of 6, 20, 60 and 1,000 characters in which it is looked for.
QUICK: dict[str, int] = {
    r"^\d{4}-\d{2}-\d{2}$": 1000,
    r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$": 1000,
    r"^[*+?|{(]\*\(\)\+$": 1000,
    r"^(?:GET|POST)$": 1000,
    "[]*]+[^]*]": 1000,
    r"^https?://": 1000,
    r"^[A-Z][a-z]+ [A-Z][a-z]+$": 60,
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$": 20,
    r"^[a-z]+(-[a-z]+)*$": 6,
    r"^(\w+\s?)*$": 6,
    "(a+)+$": 6,
    "(a|a|a|a)*b": 6,
    "(a|a){30}b": 6,
    "a*a*a*a*a*a*a*a*b": 0,
    "((((a*)*)*)*)*b": 6,
    "(?=(a|aa)*b)(?=(a|aa)*c)": 6,
}


@pytest.mark.parametrize(("pattern", "longest"), QUICK.items())
def test_a_pattern_is_looked_for_in_texts_up_to_a_length(pattern: str, longest: int) -> None:
    lengths = (6, 20, 60, 1000)
    quick = [length for length in lengths if not may_be_slow(pattern, length)]
    assert quick == [length for length in lengths if length <= longest]


PIECES = st.sampled_from(
    ["a", "b", "(", ")", "*", "+", "?", "|", "{2}", "{1,3}", "[ab]", "(?:", "."]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.text("ab", max_size=40))
def test_what_is_looked_for_is_found_or_not_in_time(pattern: str, text: str) -> None:
    """The suite's own net would catch a match that never ends."""
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    if not may_be_slow(pattern, len(text)):
        compiled.search(text)
