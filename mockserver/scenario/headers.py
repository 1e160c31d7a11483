"""HTTP headers of a reply, read into pairs of texts."""

from __future__ import annotations

from mockserver.core.request import Headers
from mockserver.scenario.spots import Spot
from mockserver.wire.http1 import header_problem


def read_headers(spot: Spot) -> Headers:
    """Names and values in the order written; numbers stand as they are written, a list repeats
    its header, and what no head can carry is refused."""
    found: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for name, inner in spot.members():
        before = seen.setdefault(name.lower(), name)
        if before != name:
            inner.refuse(f"header {name!r} is written before as {before!r}", key=True)
        values = list(inner.elements()) if isinstance(inner.value, list) else [inner]
        for value in values:
            text = value.source
            wrong = header_problem(name, text)
            if wrong is not None:
                value.refuse(wrong)
            found.append((name, text))
    return tuple(found)


def over(base: Headers, headers: Headers) -> Headers:
    """The headers of `headers`, and those of `base` that it does not name."""
    named = {name.lower() for name, _ in headers}
    return tuple(pair for pair in base if pair[0].lower() not in named) + headers
