"""Headers as they came off the wire, as text.

Clients send the same headers again and again. What was decoded before is taken from a table, so
that a long journal holds each of them once.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.model.request import Headers

_MOST = 4096
_LONGEST = 200

_KNOWN: dict[tuple[bytes, bytes], tuple[str, str]] = {}


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Every header in its order; what is no UTF-8 in a value is escaped by surrogates."""
    return tuple([_KNOWN.get(pair) or _decoded(pair) for pair in raw])


def _decoded(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = pair
    decoded = name.decode("latin-1"), value.decode("utf-8", "surrogateescape")
    if len(value) <= _LONGEST:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[pair] = decoded
    return decoded
