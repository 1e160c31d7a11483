"""The stubs of a sandbox in the order in which they are tried, indexed so that few are tried.

A call is looked up in the columns of its endpoint; what no column decides (regular expressions,
schemas, `not`, partial bodies beyond exact members) is evaluated stub by stub, for those alone
whose columns agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.model.call import Call
from mockserver.model.conditions import (
    AnyOfCondition,
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    NoneOfCondition,
    PresenceCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
    text_reader,
)
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.findings import Mismatch
from mockserver.model.index_columns import UNDECIDED, Column, Columns, Path, Positions, body_leaves
from mockserver.model.matchers import Contains, Equals, Not, OneOf, any_matches
from mockserver.model.path_conditions import ParameterCondition, PathCondition
from mockserver.model.stub import Scenario, Stub

Test: TypeAlias = Callable[[Call], bool]

# Members of bodies that become columns; conditions on others are evaluated.
_BODY_COLUMNS = 16

_NOT_CAPTURING = (BodyCondition, NoneOfCondition, PathCondition, PresenceCondition, StreamCondition, TurnCondition)
_MATCHERS_NOT_CAPTURING = (Contains, Equals, Not, OneOf, bool)


@dataclass(slots=True)
class MountedStub:
    """A stub of a sandbox and the number of calls it has answered.

    `capturing` are the conditions that may capture named groups from a call; `static`: no reply
    depends on the request; `plain`: no condition captures anything either. `path` is its own.
    """

    scenario: Scenario
    stub: Stub
    calls: int = 0
    capturing: tuple[Condition, ...] = field(init=False, repr=False)
    static: bool = field(init=False, repr=False)
    plain: bool = field(init=False, repr=False)
    path: PathCondition | None = field(init=False, repr=False)
    _capacity: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        capacity = self.stub.capacity
        self._capacity = float("inf") if capacity is None else capacity
        self.static = all(one.static for one in self.stub.replies)
        self.capturing = tuple(one for one in self.stub.when if _may_capture(one))
        self.path = next((one for one in self.stub.when if isinstance(one, PathCondition)), None)
        self.plain = self.static and not self.capturing

    @property
    def used_up(self) -> bool:
        return self.calls >= self._capacity

    def mismatches(self, call: Call) -> tuple[Mismatch, ...]:
        """Mismatches between the stub and the call: its endpoint, else its conditions."""
        stub = self.stub
        if call.endpoint not in stub.on:
            expected = " or ".join(stub.on)
            return (Mismatch(path="on", expected=expected, got=call.endpoint.value),)
        shape = self.scenario.dialect.shape(call.endpoint, call.body)
        if shape not in stub.shapes:
            expected = " or ".join(f"{call.endpoint} answered as {one}" for one in stub.shapes)
            return (Mismatch(path="on", expected=expected, got=f"answered as {shape}"),)
        return tuple(mismatch for condition in stub.when for mismatch in condition.mismatches(call))

    def matches(self, call: Call) -> bool:
        """Whether there is no mismatch."""
        return not self.mismatches(call)


class CandidateGroup:
    """The stubs for calls of one endpoint that are answered in one shape, first to last."""

    __slots__ = ("_all", "_candidates", "_columns", "_undecided")

    def __init__(self, candidates: Sequence[MountedStub]) -> None:
        columns = Columns(_body_columns(candidates))
        self._candidates: tuple[tuple[MountedStub, tuple[Test, ...]], ...] = tuple(
            (one, tuple(_test(it) for it in one.stub.when if not columns.add(it, 1 << position)))
            for position, one in enumerate(candidates)
        )
        self._all = (1 << len(candidates)) - 1
        # Each column with the stubs about which later columns have to be read.
        self._columns: tuple[tuple[Column, Positions], ...] = ()
        self._undecided: Positions = 0
        for column in reversed(columns.sealed()):
            self._columns = ((column, self._undecided), *self._columns)
            self._undecided |= column.requires

    def first(self, call: Call) -> MountedStub | None:
        """The first that matches and is not used up."""
        candidates = self._candidates
        left, undecided = self._all, self._undecided
        columns = iter(self._columns)
        while left:
            first = left & -left
            if first & undecided:
                column, undecided = next(columns)
                requires = column.requires
                if left & requires:
                    left &= column.satisfied(call) | ~requires
                continue
            mounted, tests = candidates[first.bit_length() - 1]
            if not mounted.used_up and (not tests or all(test(call) for test in tests)):
                return mounted
            left ^= first
        return None


class StubIndex:
    """The stubs in the order in which they are tried, and an index for each kind of call.

    `paths` are those that stubs have for themselves, `routes` further ones that lead to endpoints.
    """

    __slots__ = ("_groups", "dialects", "order", "paths", "routes")

    def __init__(self, order: tuple[MountedStub, ...], dialects: tuple[Dialect, ...]) -> None:
        self.order = order
        self.dialects = dialects
        own = [one.path for one in order if one.path is not None]
        self.paths = tuple(one for one in own if one.route.endpoint == Endpoint.PATH)
        self.routes = tuple(one.route for one in own if one.route.endpoint != Endpoint.PATH)
        self._groups: dict[tuple[Endpoint, tuple[Shape | None, ...]], CandidateGroup] = {}

    def find(self, call: Call, shapes: tuple[Shape | None, ...]) -> MountedStub | None:
        """The stub for a call that each dialect answers in the shape at its place: the first whose
        conditions hold and that is not used up."""
        group = self._groups.get((call.endpoint, shapes))
        if group is None:
            group = self._groups[call.endpoint, shapes] = self._group(call.endpoint, shapes)
        return group.first(call)

    def _group(self, endpoint: Endpoint, shapes: tuple[Shape | None, ...]) -> CandidateGroup:
        shape_of = dict(zip(self.dialects, shapes, strict=True))
        return CandidateGroup(
            [one for one in self.order if endpoint in one.stub.on and shape_of[one.scenario.dialect] in one.stub.shapes]
        )


def _body_columns(candidates: Sequence[MountedStub]) -> frozenset[Path]:
    """The members of bodies that distinguish the most stubs."""
    values = dict.fromkeys(
        (path, value)
        for one in candidates
        for condition in one.stub.when
        if isinstance(condition, BodyCondition)
        for path, value in body_leaves(condition.expected)
        if value is not UNDECIDED
    )
    counts = Counter(path for path, _ in values)
    return frozenset(path for path, _ in counts.most_common(_BODY_COLUMNS))


def _test(condition: Condition) -> Test:
    """Whether a condition matches, without describing mismatches."""
    if isinstance(condition, TextCondition):
        texts, want = text_reader(condition.name), condition.want
        return lambda call: any_matches(want, texts(call))
    return lambda call: not condition.mismatches(call)


def _may_capture(condition: Condition) -> bool:
    """Whether a condition may capture named groups from a call."""
    match condition:
        case TextCondition(want=want) | HeaderOrQueryCondition(want=want):
            return not isinstance(want, _MATCHERS_NOT_CAPTURING)
        case ParameterCondition(want=want):
            return not isinstance(want, _MATCHERS_NOT_CAPTURING)
        case ToolResultCondition():
            return not all(isinstance(want, _MATCHERS_NOT_CAPTURING) for want in condition.wants.values())
        case AnyOfCondition(groups=groups):
            return any(_may_capture(one) for group in groups for one in group)
        case _:
            return not isinstance(condition, _NOT_CAPTURING)
