"""What one connection may cost before its request is complete; after that the settings bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.errors import UsageError

CONTROL_BODY_LIMIT = 8 * 1024 * 1024
"""Bytes of a control request's body; a scenario is far smaller."""

_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`head_limit` bounds a request's head in bytes, a quarter of it each line in there. The
    timeouts are seconds from the first byte of a head to its last, and from there to the body's;
    0 stands for no timeout."""

    head_limit: int = 256 * 1024
    head_timeout_s: float = 60.0
    body_timeout_s: float = 60.0

    @property
    def line_limit(self) -> int:
        """Bytes of the request line or of one header."""
        return self.head_limit // _LINES


def _bytes(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


# The limits as a user names them.
_KINDS: Mapping[str, tuple[str, Callable[[object], bool], str]] = {
    "head_limit": ("head_limit", _bytes, "a whole number from 0"),
    "head_timeout": ("head_timeout_s", _seconds, "seconds from 0"),
    "body_timeout": ("body_timeout_s", _seconds, "seconds from 0"),
}
LIMIT_NAMES = tuple(_KINDS)


def read_limits(given: Mapping[str, object]) -> Limits:
    """The limits under `LIMIT_NAMES`, those that are not given as they are by default.

    Raises:
        UsageError: a value that the limit cannot have.
    """
    chosen: dict[str, Any] = {}  # each value was checked against its own kind
    for name in _KINDS.keys() & given.keys():
        member, good, wanted = _KINDS[name]
        if not good(given[name]):
            raise UsageError(f"{name}: wanted {wanted}, got {given[name]!r}")
        chosen[member] = given[name]
    return Limits(**chosen)
