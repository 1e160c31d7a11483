"""How long a stranger's regular expression may take: an upper bound, from its text alone.

A matcher that goes back takes at each character one of the ways that quantifiers and alternatives
leave open. Without a repeated group each quantifier only chooses where it ends. Both bounds are
rough on purpose: what they admit is quick, some of what they refuse would be.
"""

from __future__ import annotations

import re
from functools import lru_cache

MOST = 10_000_000
"""Steps that a match may take, some tenths of a second."""

# Neither what stands behind a backslash nor what stands in a class repeats or chooses.
_PLAIN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\(\?")
_FIXED = re.compile(r"\{\d+\}")
_CHOICE = re.compile(r"[*+?|{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_BEYOND = 64


def may_take_long(pattern: str, length: int) -> bool:
    """Whether looking for a pattern in a text of that length could take more than `MOST` steps."""
    choices, repeats_a_group = _read(pattern)
    places = length + 1
    if not choices:
        return False
    steps: int = places ** min(choices + 1, _BEYOND)
    if repeats_a_group:
        steps = places * (choices + 2) ** min(places, _BEYOND)
    return steps > MOST


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[int, bool]:
    """How many choices there are, and whether some group is repeated."""
    bare = _OPENING.sub("(", _PLAIN.sub("x", pattern))
    return len(_CHOICE.findall(_FIXED.sub("", bare))), _REPEATED_GROUP.search(bare) is not None
