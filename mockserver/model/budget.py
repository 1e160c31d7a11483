"""Budgets: how many requests and tokens a time has, and what is left of them.

What was used drains continuously, at the rate of the limit. So the headers of the official API
imply: of 10,000 requests a minute one is back after 6 ms. A request for which there is no room is
refused and uses nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.model.request import Headers

LIMIT_PATTERN: Final = r"^[1-9][0-9]{0,8}[kM]?\s*/\s*(s|min|h|d)$(?!\n)"
LIMIT_EXPECTED: Final = "a number in a time, such as 3/min or 10k/min"
_LIMIT = re.compile(r"(?P<count>[1-9][0-9]{0,8})(?P<factor>[kM]?)\s*/\s*(?P<unit>s|min|h|d)")
_FACTORS: Final = {"": 1, "k": 1000, "M": 1_000_000}
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_UNITS: Final = {"s": "sec", "min": "min", "h": "hour", "d": "day"}
# What sums and products of binary fractions leave.
_NOISE: Final = 1e-6


def _ceil(value: float) -> int:
    return math.ceil(value - _NOISE)


class Limit(NamedTuple):
    """`most` at once, and again in the time of `unit`."""

    most: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Limit | None:
        """Read `3/min` or `10k/h`; None for anything else."""
        found = _LIMIT.fullmatch(text)
        return None if found is None else cls(int(found["count"]) * _FACTORS[found["factor"]], found["unit"])

    @property
    def rate(self) -> float:
        """How much drains in a second."""
        return self.most / _SECONDS[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLimits:
    """The limits of a dialect or scenario."""

    requests: Limit | None = None
    tokens: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why there is no room: `kind` is `requests` or `tokens`, `wait_s` None where waiting is no use."""

    kind: str
    limit: Limit
    used: int
    asked: int
    wait_s: float | None

    def fill(self, message: str) -> str:
        """A message with its `{limit}`, `{used}`, `{asked}`, `{wait}`, `{seconds}`, `{unit}` and `{short}`."""
        wait = self.wait_s or 0.0
        unit = _UNITS[self.limit.unit]
        values = {
            "limit": self.limit.most,
            "used": self.used,
            "asked": self.asked,
            "wait": shown_wait(wait),
            "seconds": _ceil(wait),
            "unit": f"{self.kind} per {unit}",
            "short": f"{self.kind[0]}p{unit[0]}".upper(),
        }
        return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), message)

    @property
    def headers(self) -> Headers:
        """The headers that say when to come again."""
        if self.wait_s is None:
            return ()
        return (("retry-after", str(_ceil(self.wait_s))), ("retry-after-ms", str(_ceil(self.wait_s * 1000))))


@dataclass(slots=True)
class _Bucket:
    kind: str
    limit: Limit
    used: float = 0.0
    at_s: float = 0.0

    def drain(self, now_s: float) -> None:
        self.used = max(0.0, self.used - max(0.0, now_s - self.at_s) * self.limit.rate)
        self.at_s = now_s

    def refusal(self, asked: int) -> Refusal | None:
        over = self.used + asked - self.limit.most
        if over <= _NOISE:
            return None
        wait_s = None if asked > self.limit.most else over / self.limit.rate
        return Refusal(kind=self.kind, limit=self.limit, used=_ceil(self.used), asked=asked, wait_s=wait_s)

    def headers(self) -> Headers:
        left = max(0, math.floor(self.limit.most - self.used + _NOISE))
        return (
            (f"x-ratelimit-limit-{self.kind}", str(self.limit.most)),
            (f"x-ratelimit-remaining-{self.kind}", str(left)),
            (f"x-ratelimit-reset-{self.kind}", shown_wait(self.used / self.limit.rate)),
        )


@dataclass(slots=True)
class Budget:
    """What is used of some limits."""

    limits: BudgetLimits
    _buckets: list[_Bucket] = field(init=False)

    def __post_init__(self) -> None:
        given = (("requests", self.limits.requests), ("tokens", self.limits.tokens))
        self._buckets = [_Bucket(kind, limit) for kind, limit in given if limit is not None]

    def take(self, now_s: float, tokens: int) -> tuple[Refusal | None, Headers]:
        """Take a request of so many tokens out of the budget, or say why there is no room; and the
        headers that tell what is left."""
        asked = {"requests": 1, "tokens": tokens}
        for one in self._buckets:
            one.drain(now_s)
        refusal = next(filter(None, [one.refusal(asked[one.kind]) for one in self._buckets]), None)
        for one in self._buckets if refusal is None else ():
            one.used += asked[one.kind]
        return refusal, tuple(header for one in self._buckets for header in one.headers())


def shown_wait(seconds: float) -> str:
    """A time as the API writes it: `12ms`, `1.5s`, `6m0s`, `1h2m3s`."""
    thousandths = _ceil(seconds * 1000)
    if thousandths < 1000:
        return f"{thousandths}ms" if thousandths else "0s"
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:g}s"
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}" if minutes else text
