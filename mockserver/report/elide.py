"""Long values cut short for a reader: the middle goes, and its size is told."""

from __future__ import annotations

import re

LIMIT = 200
"""Characters that a value may have before its middle is left out."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def elide(text: str, limit: int = LIMIT) -> str:
    """The text on one line; beyond `limit` characters its middle is replaced by a count."""
    if len(text) > limit:
        kept = limit * 2 // 5
        dropped = len(text) - 2 * kept
        text = f"{text[:kept]}…[{dropped} characters dropped]…{text[-kept:]}"
    return _CONTROL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
