"""Delays drawn from distributions, and the latency profiles that are made of them.

A delay is planned from two numbers that the caller draws from the seed, so the same call waits equally long in
every run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Distribution(StrEnum):
    """How delays are spread: around a mean, or, with a long tail, around a median."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds. `centre` is the mean of a normal distribution, the median of a lognormal one; `spread` the standard
    deviation, of a lognormal one that of the logarithm. What lies beyond `least` and `most` is clipped."""

    kind: Distribution
    centre: float
    spread: float
    least: float = 0.0
    most: float = math.inf

    def planned(self, one: float, other: float) -> float:
        """The delay for two numbers above 0 and below 1, each as likely as any other."""
        deviate = math.sqrt(-2 * math.log(one)) * math.cos(2 * math.pi * other)
        if self.kind is Distribution.NORMAL:
            drawn = self.centre + self.spread * deviate
        else:
            drawn = self.centre * math.exp(self.spread * deviate)
        return min(max(drawn, self.least), self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The time to the first event, and the gap before each later one: seconds, or drawn."""

    first: float | Delay
    gap: float | Delay
    about: str


def _normal(mean: float, deviation: float) -> Delay:
    return Delay(kind=Distribution.NORMAL, centre=mean, spread=deviation)


def _lognormal(median: float, sigma: float, most: float) -> Delay:
    return Delay(kind=Distribution.LOGNORMAL, centre=median, spread=sigma, most=most)


PROFILES: Mapping[str, Profile] = {
    "steady": Profile(first=0.3, gap=0.02, about="the same delays every time"),
    "fast": Profile(first=_lognormal(0.25, 0.3, 5), gap=_normal(0.008, 0.003), about="a small model, not busy"),
    "typical": Profile(first=_lognormal(0.6, 0.4, 15), gap=_normal(0.025, 0.01), about="a large model"),
    "reasoning": Profile(first=_lognormal(6, 0.6, 120), gap=_normal(0.015, 0.005), about="long thought, quick text"),
    "slow": Profile(first=_lognormal(2, 0.5, 30), gap=_lognormal(0.08, 0.5, 2), about="a busy upstream"),
    "overloaded": Profile(first=_lognormal(8, 1, 120), gap=_lognormal(0.2, 1, 10), about="an upstream near its end"),
}
"""Latency profiles by name."""
