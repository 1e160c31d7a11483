"""What conditions require, in columns: for each thing they read, the stubs that a value satisfies.

A set of stubs is an `int` with one bit for each position in their order. A column may admit more
stubs than it should, as for texts of which more is required than can be looked up, but never fewer:
`Columns.add` returns whether the column decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conditions import (
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    PresenceCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
    text_reader,
)
from mockserver.model.json import JSON
from mockserver.model.matchers import AllOf, Contains, Equals, OneOf, TextMatcher, is_operator

Positions: TypeAlias = int
"""A set of positions: bit n stands for position n."""
Values: TypeAlias = tuple[Hashable, ...]
Path: TypeAlias = tuple[str | int, ...]

# Substrings are grouped by so many first characters, and where those occur more often than this in
# a text, each substring is searched for by itself.
_BEGINNING = 3
_OFTEN = 16


class Column(Protocol):
    """What conditions require of one thing they read from a call."""

    requires: Positions
    """The stubs with such a condition."""

    def satisfied(self, call: Call) -> Positions:
        """The stubs among `requires` whose condition may hold."""
        ...


_Group: TypeAlias = tuple[str, Positions, tuple[str, ...], tuple[int, ...]]
"""Of some substrings: what they begin with, the stubs where there is one, themselves and their
lengths where there are several."""


@dataclass(slots=True)
class _Substrings:
    """The stubs by a substring that each requires."""

    stubs: dict[str, Positions] = field(default_factory=dict)
    _groups: dict[str, _Group] = field(default_factory=dict)
    _beginnings: tuple[int, ...] = ()

    def seal(self) -> None:
        """Group the substrings by their beginnings, each of which is searched for once."""
        for beginning, group in groupby(sorted(self.stubs), lambda one: one[:_BEGINNING]):
            first, *others = group
            if others:
                sizes = tuple({len(one) for one in (first, *others)})
                prefix = _common_prefix(first, others[-1])
                self._groups[beginning] = prefix, 0, (first, *others), sizes
            else:
                self._groups[beginning] = first, self.stubs[first], (), ()
        self._beginnings = tuple({len(one) for one in self._groups})

    def found(self, text: str) -> Positions:
        """The stubs whose substring occurs in a text."""
        positions = 0
        groups = self._groups
        beginnings: Iterable[str] = groups
        if len(groups) > len(text):
            beginnings = groups.keys() & {
                text[start : start + size] for size in self._beginnings for start in range(len(text))
            }
        for beginning in beginnings:
            prefix, only, members, sizes = groups[beginning]
            if prefix not in text:
                continue
            if only:
                positions |= only
            elif text.count(prefix) > _OFTEN:
                for member in members:
                    if member in text:
                        positions |= self.stubs[member]
            else:
                start = text.find(prefix)
                while start >= 0:
                    for size in sizes:
                        positions |= self.stubs.get(text[start : start + size], 0)
                    start = text.find(prefix, start + 1)
        return positions


def _common_prefix(first: str, last: str) -> str:
    size = next((n for n, (one, other) in enumerate(zip(first, last)) if one != other), len(first))  # noqa: B905  # up to the shorter
    return first[:size]


@dataclass(slots=True)
class _ValueColumn:
    """Conditions that hold when one of the values that `read` takes from a call satisfies."""

    read: Callable[[Call], Values]
    # Where the last value contains the others, substrings are searched for in that one alone.
    last_contains_all: bool = False
    requires: Positions = 0
    exact: dict[Hashable, Positions] = field(default_factory=dict)
    substrings: _Substrings | None = None
    present: Positions = 0
    absent: Positions = 0

    def satisfied(self, call: Call) -> Positions:
        values = self.read(call)
        if not values:
            return self.absent
        positions = self.present
        exact, substrings = self.exact, self.substrings
        if exact:
            for value in values:
                positions |= exact.get(value, 0)
        if substrings is not None:
            for value in values[-1:] if self.last_contains_all else values:
                positions |= substrings.found(value)  # type: ignore[arg-type]  # a column of texts
        return positions

    def add_exact(self, values: Iterable[Hashable], stub: Positions) -> bool:
        """Require one of some values; False where the stub has another requirement here."""
        if self.requires & stub:
            return False
        self.requires |= stub
        for value in values:
            self.exact[value] = self.exact.get(value, 0) | stub
        return True

    def add_presence(self, stub: Positions, *, expected: bool) -> bool:
        """Require any value, or none."""
        if self.requires & stub:
            return False
        self.requires |= stub
        if expected:
            self.present |= stub
        else:
            self.absent |= stub
        return True

    def add_substring(self, text: str, stub: Positions) -> bool:
        """Require a text that contains another."""
        if not text:
            return self.add_presence(stub, expected=True)
        if self.requires & stub:
            return False
        self.requires |= stub
        if self.substrings is None:
            self.substrings = _Substrings()
        self.substrings.stubs[text] = self.substrings.stubs.get(text, 0) | stub
        return True

    def add(self, want: TextMatcher, stub: Positions) -> bool:
        """Require what a matcher does, as far as it can be looked up; whether that is all."""
        match want:
            case Equals(text=text):
                return self.add_exact((text,), stub)
            case OneOf(texts=texts):
                return self.add_exact(texts, stub)
            case Contains(text=text):
                return self.add_substring(text, stub)
            case AllOf(wants=wants):
                any(self.add(one, stub) for one in wants)
        return False


@dataclass(slots=True)
class _TurnColumn:
    """The stubs by the turns for which their condition holds."""

    requires: Positions = 0
    ranges: list[tuple[int, int | None, Positions]] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _stubs: list[Positions] = field(default_factory=list)

    def add(self, condition: TurnCondition, stub: Positions) -> bool:
        """Require a turn within bounds."""
        if self.requires & stub:
            return False
        self.requires |= stub
        self.ranges.append((condition.least, condition.most, stub))
        return True

    def seal(self) -> None:
        """Cut the turns into intervals in which the same stubs are satisfied."""
        starts = {0}
        for least, most, _ in self.ranges:
            starts |= {least} if most is None else {least, most + 1}
        self._starts = sorted(starts)
        self._stubs = [
            sum(stub for least, most, stub in self.ranges if least <= start and (most is None or start <= most))
            for start in self._starts
        ]

    def satisfied(self, call: Call) -> Positions:
        return self._stubs[bisect_right(self._starts, call.conversation.turn) - 1]


@dataclass(slots=True)
class Columns:
    """The columns of an index while it is built, by what they read."""

    paths: frozenset[Path]
    turn: _TurnColumn = field(default_factory=_TurnColumn)
    values: dict[Path, _ValueColumn] = field(default_factory=dict)

    def add(self, condition: Condition, stub: Positions) -> bool:
        """Enter what a condition requires; whether its columns decide it."""
        match condition:
            case TextCondition(name=name, want=want):
                return self._text(name).add(want, stub)
            case PresenceCondition(name=name, expected=expected):
                return self._text(name).add_presence(stub, expected=expected)
            case StreamCondition(expected=expected):
                return self._values("stream", read=_stream).add_exact((expected,), stub)
            case TurnCondition():
                return self.turn.add(condition, stub)
            case HeaderOrQueryCondition(want=want):
                key = condition.place, condition.key
                column = self._values(*key, read=condition.texts)
                if isinstance(want, bool):
                    return column.add_presence(stub, expected=want)
                return column.add(want, stub)
            case ToolResultCondition():
                return self._add_tool_result(condition, stub)
            case BodyCondition(expected=expected):
                return self._add_body(expected, stub)
            case _:
                return False

    def _text(self, name: str) -> _ValueColumn:
        column = self._values("text", name, read=text_reader(name))
        column.last_contains_all = name == "any_text"
        return column

    def _values(self, *key: str | int, read: Callable[[Call], Values]) -> _ValueColumn:
        return self.values.setdefault(key, _ValueColumn(read))

    def _add_tool_result(self, condition: ToolResultCondition, stub: Positions) -> bool:
        wants = condition.wants
        if not wants or not condition.expected:
            column = self._values("tool_result", "text", read=_TOOL_RESULT_READERS["text"])
            return column.add_presence(stub, expected=condition.expected)
        # Several have to hold of the same output, which columns cannot decide.
        decided = [
            self._values("tool_result", name, read=_TOOL_RESULT_READERS[name]).add(want, stub)
            for name, want in wants.items()
        ]
        return decided == [True]

    def _add_body(self, expected: JSON, stub: Positions) -> bool:
        decided = True
        for path, value in body_leaves(expected):
            if path not in self.paths or value is UNDECIDED:
                decided = False
            else:
                column = self._values("body", *path, read=_body_reader(path))
                decided &= column.add_exact((value,), stub)
        return decided

    def sealed(self) -> tuple[Column, ...]:
        """The columns in the order in which they are read."""
        for column in self.values.values():
            if column.substrings is not None:
                column.substrings.seal()
        self.turn.seal()
        by_cost = sorted(self.values.items(), key=lambda one: _COSTS.get(one[0][-1], 0))
        columns = [column for _, column in by_cost]
        return (*columns, self.turn) if self.turn.requires else tuple(columns)


UNDECIDED = object()
_MISSING = object()
# What takes more work to read is read later; the turn, which is no text, is the last.
_COSTS: Mapping[str | int, int] = {
    name: cost for cost, name in enumerate(("user", "tool", "system", "text", "any_text"), 1)
}
_TOOL_RESULT_READERS: Mapping[str, Callable[[Call], Values]] = {
    "of": lambda call: tuple(one.of for one in call.conversation.new_tool_results if one.of is not None),
    "call_id": lambda call: tuple(one.call_id for one in call.conversation.new_tool_results if one.call_id is not None),
    "text": lambda call: tuple(one.text for one in call.conversation.new_tool_results),
}


def _stream(call: Call) -> Values:
    return (call.stream,)


def body_leaves(expected: JSON, path: Path = ()) -> Iterator[tuple[Path, Hashable]]:
    """The scalars that a partial body requires, with their paths; `UNDECIDED` for whatever else it
    requires."""
    if isinstance(expected, dict):
        if is_operator(expected) or (path and not expected):
            yield path, UNDECIDED
            return
        for name, value in expected.items():
            yield from body_leaves(value, (*path, name))
    elif isinstance(expected, list):
        yield path, UNDECIDED
        for index, value in enumerate(expected):
            yield from body_leaves(value, (*path, index))
    else:
        yield path, _comparable(expected)


def _comparable(value: JSON) -> Hashable:
    # Numbers are equal by value, but never to booleans.
    return (value,) if isinstance(value, bool) else value  # type: ignore[return-value]  # a scalar


def _body_reader(path: Path) -> Callable[[Call], Values]:
    def read(call: Call) -> Values:
        value: object = call.body
        for step in path:
            if isinstance(value, dict):
                value = value.get(step, _MISSING)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return ()
        return () if value is _MISSING or isinstance(value, dict | list) else (_comparable(value),)  # type: ignore[arg-type]

    return read
