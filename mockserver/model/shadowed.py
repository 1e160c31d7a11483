"""Which other stubs agreed with a call that was answered, and why they did not answer it.

Nothing is kept for this beside the board's order at that time, to which a match refers; the rest
is told from the journal, backwards from now, when somebody asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockserver.model.journal import Record
from mockserver.model.stub import Scenario, Stub
from mockserver.model.stub_index import MountedStub
from mockserver.model.stub_set import Match


class ShadowReason(StrEnum):
    """What made the choice between two stubs that agree."""

    PRIORITY = "priority"
    ORDER = "order"
    USED_UP = "used up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowedStub:
    """A stub that agreed with a call and did not answer it; `used` is its count at that time."""

    scenario: Scenario
    stub: Stub
    why: ShadowReason
    used: int


def shadowed_stubs(
    entries: Sequence[Record], wanted: Container[int]
) -> Mapping[int, tuple[ShadowedStub, ...]]:
    """Who was passed over in the wanted exchanges, by their numbers; those without are left out.

    `entries` is all that the journal holds from the first wanted one to the end.
    """
    found: dict[int, tuple[ShadowedStub, ...]] = {}
    since: Counter[int] = Counter()
    for entry in reversed(entries):
        choice = entry.choice
        if not isinstance(choice, Match):
            continue
        chosen = next((one for one in choice.among if one.stub is choice.stub), None)
        if chosen is None:
            continue
        since[id(chosen)] += 1
        if entry.number in wanted:
            others = tuple(_others(entry, choice, chosen, since))
            if others:
                found[entry.number] = others
    return found


def _others(
    entry: Record, match: Match, chosen: MountedStub, since: Mapping[int, int]
) -> Iterator[ShadowedStub]:
    before = True
    call = entry.call
    if call is None:
        return
    for one in match.among:
        if one is chosen:
            before = False
            continue
        used = one.calls - since.get(id(one), 0)
        capacity = one.stub.capacity
        used_up = capacity is not None and used >= capacity
        # One that was asked before and did not answer was used up; one that would have been asked
        # later and was used up as well did not lose by its place.
        if used_up is not before or not one.holds(call):
            continue
        why = ShadowReason.USED_UP
        if not before:
            same = one.stub.priority == chosen.stub.priority
            why = ShadowReason.ORDER if same else ShadowReason.PRIORITY
        yield ShadowedStub(scenario=one.scenario, stub=one.stub, why=why, used=used)
