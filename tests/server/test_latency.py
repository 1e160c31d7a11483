"""The setting `latency`: replies without a pace of their own have that of a profile."""

from __future__ import annotations

from tests.kit import Wait
from tests.server.sandboxed import CHAT, Played

SCENARIO = """
stubs:
  - {name: own, when: {user: own}, reply: {output: [{text: one two}], pace: {first: 1s}}}
  - {name: error, when: {user: error}, reply: {error: rate_limited}}
  - {name: plain, reply: one two}
"""


def waits(played: Played, text: str, *, stream: bool = True) -> list[float]:
    script = played.ask(CHAT, text, stream=stream).entry.script
    assert script is not None
    return [frame.seconds for frame in script.frames if isinstance(frame, Wait)]


def test_replies_without_a_pace_have_that_of_the_profile() -> None:
    played = Played(SCENARIO, latency="steady")
    assert set(waits(played, "any")) == {0.3, 0.02}
    assert waits(played, "any", stream=False) == [0.3]
    assert waits(played, "error") == [0.3]
    assert waits(played, "own")[0] == 1.0


def test_a_plan_differs_by_call_and_not_by_run() -> None:
    plans = []
    for _ in range(2):
        played = Played(SCENARIO, latency="typical")
        plans.append([waits(played, "any") for _ in range(4)])
    assert plans[0] == plans[1]
    assert len({tuple(plan) for plan in plans[0]}) == 4


def test_without_the_setting_nothing_waits() -> None:
    assert sum(waits(Played(SCENARIO), "any")) == 0
