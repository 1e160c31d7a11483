"""What conditions may require of a text, and of JSON.

A text is required to equal or contain another, to match a regular expression, to be one of several,
or the opposite. JSON is compared in part: what is named must agree, the rest is free. A mapping
agrees when each named member agrees; a list when it has the same length and agrees element by
element, or is written `{includes: element}` (or a list of elements, each of which must be found); a
text may be required by operators, which must all hold. Numbers compare by value, never with booleans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, JSONObject, write


@dataclass(frozen=True, slots=True)
class Equals:
    """Exactly this text."""

    text: str

    def matches(self, got: str) -> bool:
        return got == self.text

    def __str__(self) -> str:
        return write(self.text)


@dataclass(frozen=True, slots=True)
class Contains:
    """A text that contains this one."""

    text: str

    def matches(self, got: str) -> bool:
        return self.text in got

    def __str__(self) -> str:
        return f"a text that contains {write(self.text)}"


@dataclass(frozen=True)
class Matches:
    """A text in which a regular expression is found; it is not anchored."""

    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first used, as most stubs of a suite are loaded more often than tried."""
        return re.compile(self.source)

    def matches(self, got: str) -> bool:
        return self.pattern.search(got) is not None

    def captures(self, got: str) -> Mapping[str, str]:
        """Named groups that took part in the match."""
        found = self.pattern.search(got)
        return {name: text for name, text in found.groupdict().items() if text is not None} if found else {}

    def __str__(self) -> str:
        # Verbatim: doubled backslashes would be another pattern.
        return f'a text that matches "{self.source}"'


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    texts: tuple[str, ...]

    def matches(self, got: str) -> bool:
        return got in self.texts

    def __str__(self) -> str:
        return "one of " + ", ".join(map(write, self.texts))


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of several texts, none may match."""

    expected: TextMatcher

    def matches(self, got: str) -> bool:
        return not self.expected.matches(got)

    def __str__(self) -> str:
        return f"not {self.expected}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Several matchers for one text; of several texts, none may match what is under `Not`."""

    wants: tuple[TextMatcher, ...]

    def matches(self, got: str) -> bool:
        return all(want.matches(got) for want in self.wants)

    def __str__(self) -> str:
        return " and ".join(str(want) for want in self.wants)


TextMatcher: TypeAlias = Equals | Contains | Matches | OneOf | Not | AllOf


def any_matches(want: TextMatcher, texts: tuple[str, ...]) -> bool:
    """Whether one of several texts matches; for `Not`, whether none matches its inside."""
    match want:
        case Not(expected=expected):
            return not any_matches(expected, texts)
        case AllOf(wants=wants):
            # What each `Not` excludes, it excludes from every text, as where it stands alone.
            one = [inner for inner in wants if not isinstance(inner, Not)]
            excluded = (inner for inner in wants if isinstance(inner, Not))
            found = not one or any(all(inner.matches(text) for inner in one) for text in texts)
            return found and all(any_matches(inner, texts) for inner in excluded)
        case _:
            return any(want.matches(text) for text in texts)


def group_names(want: TextMatcher) -> frozenset[str]:
    """Names of the groups that `captures_of` may return."""
    match want:
        case Matches(source=source):
            try:
                return frozenset(want.pattern.groupindex) if "(?P<" in source else frozenset()
            except re.error:  # reported where it is written
                return frozenset()
        case AllOf(wants=wants):
            return frozenset().union(*map(group_names, wants))
        case _:
            return frozenset()


def captures_of(want: TextMatcher, texts: tuple[str, ...]) -> Mapping[str, str]:
    """Named groups of the patterns in `want`, each from the first text it is found in."""
    match want:
        case Matches():
            found = (groups for text in texts if (groups := want.captures(text)))
            return next(found, {})
        case AllOf():
            return {name: text for inner in want.wants for name, text in captures_of(inner, texts).items()}
        case _:
            return {}


INCLUDES = "includes"
ABSENT = "none"


def is_operator(expected: JSONObject) -> bool:
    """Whether a mapping also applies to a text, or to the elements of a list."""
    return expected.keys() == {INCLUDES} or are_operators(expected)


def are_operators(expected: JSONObject) -> bool:
    """Whether a mapping has operators on a text and nothing else."""
    return bool(expected) and expected.keys() <= _OPERATORS.keys()


def json_mismatches(expected: JSON, got: JSON, path: str) -> tuple[Mismatch, ...]:
    """Every place at or below `path` where `got` differs from `expected`."""
    if isinstance(expected, dict):
        return _object_mismatches(expected, got, path)
    if isinstance(expected, list):
        return _list_mismatches(expected, got, path)
    if _equal(expected, got):
        return ()
    return (Mismatch(path=path, expected=write(expected), got=write(got)),)


def _equal(expected: JSON, got: JSON) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    return expected == got


def _object_mismatches(expected: JSONObject, got: JSON, path: str) -> tuple[Mismatch, ...]:
    if isinstance(got, list) and expected.keys() == {INCLUDES}:
        return _includes_mismatches(expected[INCLUDES], got, path)
    if isinstance(got, str) and are_operators(expected) and _hold(expected, got):
        return ()
    if not isinstance(got, dict):
        return (Mismatch(path=path, expected=write(expected), got=write(got)),)
    found: list[Mismatch] = []
    for name, value in expected.items():
        inner = f"{path}.{name}"
        if name in got:
            found.extend(json_mismatches(value, got[name], inner))
        else:
            found.append(Mismatch(path=inner, expected=write(value), got=ABSENT))
    return tuple(found)


def _hold(operators: JSONObject, got: str) -> bool:
    return all(_OPERATORS[operator](value, got) for operator, value in operators.items())


def _list_mismatches(expected: list[JSON], got: JSON, path: str) -> tuple[Mismatch, ...]:
    if not isinstance(got, list):
        return (Mismatch(path=path, expected=write(expected), got=write(got)),)
    if len(expected) != len(got):
        return (Mismatch(path=path, expected=f"a list of {len(expected)}", got=f"a list of {len(got)}"),)
    return tuple(
        mismatch
        for index, value in enumerate(expected)
        for mismatch in json_mismatches(value, got[index], f"{path}[{index}]")
    )


def _includes_mismatches(expected: JSON, got: list[JSON], path: str) -> tuple[Mismatch, ...]:
    elements = expected if isinstance(expected, list) else [expected]
    return tuple(
        Mismatch(path=path, expected=f"an element like {write(element)}", got=write(got))
        for element in elements
        if all(json_mismatches(element, value, path) for value in got)
    )


def _matches(pattern: JSON, got: str) -> bool:
    return isinstance(pattern, str) and re.search(pattern, got) is not None


def _not(value: JSON, got: str) -> bool:
    return bool(json_mismatches(value, got, ""))


_OPERATORS: Mapping[str, Callable[[JSON, str], bool]] = {
    "equals": lambda value, got: value == got,
    "contains": lambda value, got: isinstance(value, str) and value in got,
    "matches": _matches,
    "one_of": lambda value, got: isinstance(value, list) and got in value,
    "not": _not,
}
