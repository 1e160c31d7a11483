"""Planned delays against the distributions that they are drawn from."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, quantiles

import pytest

from tests.kit import PROFILES, Delay, Distribution, IdGenerator, Pace, Settings, event_waits, read_format

COUNT = 100_000
TENTHS = range(1, 10)
NORMAL = Delay(kind=Distribution.NORMAL, centre=0.02, spread=0.004)
CLIPPED = Delay(kind=Distribution.NORMAL, centre=0.02, spread=0.01, least=0.01, most=0.035)
LOGNORMAL = Delay(kind=Distribution.LOGNORMAL, centre=0.4, spread=0.5)
DELAYS = {
    "normal": NORMAL,
    "clipped": CLIPPED,
    "lognormal": LOGNORMAL,
    **{f"{name} first": one.first for name, one in PROFILES.items() if isinstance(one.first, Delay)},
    **{f"{name} gap": one.gap for name, one in PROFILES.items() if isinstance(one.gap, Delay)},
}


def planned(delay: Delay) -> list[float]:
    """Of a hundred calls, a thousand delays each."""
    found: list[float] = []
    for call in range(100):
        ids = IdGenerator(seed=7, scenario="s", stub="a", call=call)
        found += event_waits(Pace(first_s=delay, gap_s=delay), COUNT // 100, ids)
    return found


def quantile(delay: Delay, share: float) -> float:
    deviate = NormalDist().inv_cdf(share)
    if delay.kind is Distribution.NORMAL:
        drawn = delay.centre + delay.spread * deviate
    else:
        drawn = delay.centre * math.exp(delay.spread * deviate)
    return min(max(drawn, delay.least), delay.most)


@pytest.mark.parametrize("name", DELAYS)
def test_a_hundred_thousand_planned_delays_match_the_distribution(name: str) -> None:
    delay = DELAYS[name]
    found = planned(delay)
    assert len(found) == COUNT
    expected = [quantile(delay, share / 10) for share in TENTHS]
    assert quantiles(found, n=10) == pytest.approx(expected, rel=0.02)
    # The mean of a distribution that is clipped, by its quantiles.
    mean = fmean(quantile(delay, (step + 0.5) / COUNT) for step in range(COUNT))
    assert fmean(found) == pytest.approx(mean, rel=0.02)
    assert (min(found) >= delay.least, max(found) <= delay.most) == (True, True)


def test_a_constant_delay_is_the_same_every_time() -> None:
    ids = IdGenerator(seed=7, scenario="s", stub="a", call=0)
    steady = PROFILES["steady"]
    assert event_waits(Pace(first_s=steady.first, gap_s=steady.gap), 3, ids) == (0.3, 0.02, 0.02)


def test_the_plan_follows_from_seed_and_call() -> None:
    pace = Pace(first_s=LOGNORMAL, gap_s=NORMAL)
    plans = {
        (seed, call): event_waits(pace, 5, IdGenerator(seed=seed, scenario="s", stub="a", call=call))
        for seed in (1, 2)
        for call in (0, 1)
    }
    assert plans[1, 0] == event_waits(pace, 5, IdGenerator(seed=1, scenario="s", stub="a", call=0))
    assert len(set(plans.values())) == 4


def test_the_names_of_profiles_are_those_of_the_format() -> None:
    definitions = read_format()["$defs"]
    assert definitions["pace"]["properties"]["profile"]["enum"] == [*PROFILES]  # type: ignore[index, call-overload]
    assert Settings().latency == "none"
