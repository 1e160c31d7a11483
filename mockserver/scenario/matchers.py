"""What a scenario wants of texts and counts, read into values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.model.matchers import AllOf, Contains, Equals, Matches, Not, OneOf, TextMatcher
from mockserver.model.stub import Times
from mockserver.scenario.cursor import Cursor


def read_matcher(spot: Cursor) -> TextMatcher:
    """A plain text, or operators that must all hold."""
    if isinstance(spot.value, str):
        return Equals(spot.value)
    wants = tuple(_OPERATORS[key](inner) for key, inner in spot.members())
    return wants[0] if len(wants) == 1 else AllOf(wants)


def read_matcher_or_presence(spot: Cursor) -> TextMatcher | bool:
    """As `read_matcher`, or whether there is to be such a text at all."""
    return spot.value if isinstance(spot.value, bool) else read_matcher(spot)


def read_range(spot: Cursor) -> Times:
    """A number or a range."""
    text = spot.text if isinstance(spot.value, str) else str(spot.whole)
    times = Times.parse(text)
    if times is None:
        spot.refuse(f"the range {text!r} is empty; write the smaller number first")
        return Times()
    return times


def pattern(spot: Cursor) -> re.Pattern[str]:
    """A regular expression; one that is none is refused."""
    try:
        return re.compile(spot.text)
    except (re.error, OverflowError, RecursionError) as error:
        spot.refuse(f"{spot.text!r} is no regular expression: {error}")
        return re.compile("")


_OPERATORS: Mapping[str, Callable[[Cursor], TextMatcher]] = {
    "equals": lambda spot: Equals(spot.text),
    "contains": lambda spot: Contains(spot.text),
    "matches": lambda spot: Matches(pattern(spot)),
    "one_of": lambda spot: OneOf(spot.texts),
    "not": lambda spot: Not(read_matcher(spot)),
}
