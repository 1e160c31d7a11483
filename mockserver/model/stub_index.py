"""Stubs laid out for being asked: who of them may answer at all, and how to tell fast.

Conditions compute what differs, for reports; here the same statements only say yes or no, and
neighbours that look for something in the same text share the reading of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, groupby
from typing import Protocol, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conditions import (
    BodyCondition,
    Condition,
    PresenceCondition,
    StreamCondition,
    TextCondition,
    TurnCondition,
    reader_of,
)
from mockserver.model.findings import Mismatch
from mockserver.model.matchers import Contains, Equals, Not, OneOf, any_matches
from mockserver.model.stub import Scenario, Stub

Test: TypeAlias = Callable[[Call], bool]

# So many finders, and so many letters that they share, are worth to be looked for together; a text
# in which these are found more often than that is not.
_MANY = 4
_TELLING = 3
_OFTEN = 16

_WITHOUT_GROUPS = (BodyCondition, PresenceCondition, StreamCondition, TurnCondition)
_WANTS_WITHOUT_GROUPS = (Contains, Equals, Not, OneOf)


@dataclass(slots=True)
class MountedStub:
    """A stub in its place on the board and how often it has answered.

    `grouping` are the conditions that may take named groups from a call; `fixed` says that no
    reply depends on what the request says, `plain` that no condition does either.
    """

    scenario: Scenario
    stub: Stub
    calls: int = 0
    capturing: tuple[Condition, ...] = field(init=False, repr=False)
    static: bool = field(init=False, repr=False)
    plain: bool = field(init=False, repr=False)
    _most: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        capacity = self.stub.capacity
        self._most = float("inf") if capacity is None else capacity
        self.static = all(one.static for one in self.stub.replies)
        self.capturing = tuple(one for one in self.stub.when if _may_group(one))
        self.plain = self.static and not self.capturing

    @property
    def used_up(self) -> bool:
        return self.calls >= self._most

    def mismatches(self, call: Call) -> tuple[Mismatch, ...]:
        """What differs between the stub's conditions and the call, its endpoint first."""
        stub = self.stub
        if call.endpoint not in stub.on:
            wanted = " or ".join(stub.on)
            return (Mismatch(path="on", expected=wanted, got=call.endpoint.value),)
        shape = self.scenario.dialect.shape(call.endpoint, call.body)
        if shape not in stub.shapes:
            wanted = " or ".join(f"{call.endpoint} answered as {one}" for one in stub.shapes)
            return (Mismatch(path="on", expected=wanted, got=f"answered as {shape}"),)
        return tuple(mismatch for condition in stub.when for mismatch in condition.mismatches(call))

    def holds(self, call: Call) -> bool:
        """Whether nothing differs."""
        return not self.mismatches(call)


class CandidateGroup(Protocol):
    """Neighbouring candidates for a call of their endpoint and shape."""

    def first(self, call: Call) -> MountedStub | None:
        """The first whose conditions hold and that is not used up."""
        ...


@dataclass(frozen=True, slots=True)
class _SequentialScan:
    """Candidates whose conditions are asked one after another."""

    candidates: tuple[tuple[MountedStub, tuple[Test, ...]], ...]

    def first(self, call: Call) -> MountedStub | None:
        for mounted, tests in self.candidates:
            if not mounted.used_up and all(test(call) for test in tests):
                return mounted
        return None


@dataclass(frozen=True, slots=True)
class _SubstringScan:
    """Candidates that first of all want to find something in the same text: what each wants is in
    the same place of `needles`."""

    texts: Callable[[Call], tuple[str, ...]]
    needles: tuple[str, ...]
    candidates: tuple[tuple[MountedStub, tuple[Test, ...]], ...]

    def first(self, call: Call) -> MountedStub | None:
        # Nothing here is Python's own loop as long as nothing is found.
        texts = self.texts(call)
        if len(texts) == 1:
            found: Iterable[bool] = map(texts[0].__contains__, self.needles)
        else:
            found = (any(one in text for text in texts) for one in self.needles)
        for mounted, tests in compress(self.candidates, found):
            if not mounted.used_up and (not tests or all(test(call) for test in tests)):
                return mounted
        return None


@dataclass(frozen=True, slots=True)
class _PrefixScan:
    """Finders of texts with one `beginning`, as numbered ones have, by what each wants: looked for
    where that is found. `sizes` are the lengths of all of them."""

    finding: _SubstringScan
    beginning: str
    sizes: tuple[int, ...]
    places: Mapping[str, tuple[int, ...]]

    def first(self, call: Call) -> MountedStub | None:
        finding, beginning, get = self.finding, self.beginning, self.places.get
        found: list[int] = []
        for text in finding.texts(call):
            start = text.find(beginning)
            if start >= 0 and text.count(beginning, start) > _OFTEN:
                return finding.first(call)
            while start >= 0:
                for size in self.sizes:
                    found += get(text[start : start + size], ())
                start = text.find(beginning, start + 1)
        for place in found if len(found) == 1 else sorted(found):
            mounted, tests = finding.candidates[place]
            if not mounted.used_up and (not tests or all(test(call) for test in tests)):
                return mounted
        return None


def lanes(candidates: Sequence[MountedStub]) -> tuple[CandidateGroup, ...]:
    """The candidates in their order, neighbours of one kind in one lane."""
    return tuple(
        _finding(name, [*neighbours]) if name else _asking([*neighbours])
        for name, neighbours in groupby(candidates, _searched)
    )


def _searched(mounted: MountedStub) -> str:
    """The text in which its first condition wants to find another, empty for none such."""
    match mounted.stub.when:
        case (TextCondition(name=name, want=Contains()), *_):
            return name
        case _:
            return ""


def _finding(name: str, neighbours: list[MountedStub]) -> CandidateGroup:
    needles = tuple(needle for mounted in neighbours for needle in _needle(mounted.stub.when[0]))
    finding = _SubstringScan(
        reader_of(name),
        needles,
        tuple((mounted, tuple(map(_test, mounted.stub.when[1:]))) for mounted in neighbours),
    )
    beginning = _shared(needles)
    if len(needles) < _MANY or len(beginning) < _TELLING:
        return finding
    places: dict[str, tuple[int, ...]] = {}
    for place, needle in enumerate(needles):
        places[needle] = (*places.get(needle, ()), place)
    return _PrefixScan(finding, beginning, tuple({len(one) for one in needles}), places)


def _shared(texts: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(texts), max(texts)
    size = next((n for n, (one, other) in enumerate(zip(first, last)) if one != other), len(first))  # noqa: B905  # up to the shorter
    return first[:size]


def _needle(condition: Condition) -> Iterator[str]:
    if isinstance(condition, TextCondition) and isinstance(condition.want, Contains):
        yield condition.want.text


def _asking(neighbours: list[MountedStub]) -> CandidateGroup:
    return _SequentialScan(tuple((one, tuple(map(_test, one.stub.when))) for one in neighbours))


def _test(condition: Condition) -> Test:
    """Whether a condition holds, without telling what differs."""
    if isinstance(condition, TextCondition):
        texts, want = reader_of(condition.name), condition.want
        return lambda call: any_matches(want, texts(call))
    return lambda call: not condition.mismatches(call)


def _may_group(condition: Condition) -> bool:
    """Whether a condition may take named groups from a call."""
    if isinstance(condition, TextCondition):
        return not isinstance(condition.want, _WANTS_WITHOUT_GROUPS)
    return not isinstance(condition, _WITHOUT_GROUPS)
