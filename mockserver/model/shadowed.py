"""Stubs that matched a call but were not chosen, and why.

A match refers to all stubs in the order tried; the counters at that time are reconstructed from the
journal, backwards from now, only when a report needs them.
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
    """Why another matching stub was chosen."""

    PRIORITY = "priority"
    ORDER = "order"
    USED_UP = "used up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowedStub:
    """A stub that matched a call but was not chosen; `used` is its count at that time."""

    scenario: Scenario
    stub: Stub
    why: ShadowReason
    used: int


def shadowed_stubs(entries: Sequence[Record], numbers: Container[int]) -> Mapping[int, tuple[ShadowedStub, ...]]:
    """The shadowed stubs of the exchanges with these numbers; exchanges without are left out.

    `entries` are all entries of the journal from the first of these to the end.
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
        if entry.number in numbers:
            others = tuple(_others(entry, choice, chosen, since))
            if others:
                found[entry.number] = others
    return found


def _others(entry: Record, match: Match, chosen: MountedStub, since: Mapping[int, int]) -> Iterator[ShadowedStub]:
    is_before = True
    call = entry.call
    if call is None:
        return
    for one in match.among:
        if one is chosen:
            is_before = False
            continue
        used = one.calls - since.get(id(one), 0)
        capacity = one.stub.capacity
        used_up = capacity is not None and used >= capacity
        # A stub tried before the chosen one was passed over because it was used up; one that comes
        # later and was used up as well did not lose by its place.
        if used_up is not is_before or not one.matches(call):
            continue
        why = ShadowReason.USED_UP
        if not is_before:
            same = one.stub.priority == chosen.stub.priority
            why = ShadowReason.ORDER if same else ShadowReason.PRIORITY
        yield ShadowedStub(scenario=one.scenario, stub=one.stub, why=why, used=used)
