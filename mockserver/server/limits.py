"""What one connection may cost before its request is complete; after that the settings bound."""

from __future__ import annotations

from dataclasses import dataclass

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
