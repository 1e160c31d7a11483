"""What a condition may want of a text: equal, containing, matching, one of, or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.json import write


@dataclass(frozen=True, slots=True)
class Equals:
    """Wants exactly this text."""

    text: str

    def holds(self, got: str) -> bool:
        return got == self.text

    def __str__(self) -> str:
        return write(self.text)


@dataclass(frozen=True, slots=True)
class Contains:
    """Wants this text somewhere."""

    text: str

    def holds(self, got: str) -> bool:
        return self.text in got

    def __str__(self) -> str:
        return f"a text that contains {write(self.text)}"


@dataclass(frozen=True, slots=True)
class Matches:
    """Wants a regular expression to be found; anchors are the author's."""

    pattern: re.Pattern[str]

    def holds(self, got: str) -> bool:
        return self.pattern.search(got) is not None

    def groups(self, got: str) -> Mapping[str, str]:
        """Named groups that took part in the match."""
        found = self.pattern.search(got)
        taken = found.groupdict() if found else {}
        return {name: text for name, text in taken.items() if text is not None}

    def __str__(self) -> str:
        # As its author wrote it: backslashes doubled would be another pattern.
        return f'a text that matches "{self.pattern.pattern}"'


@dataclass(frozen=True, slots=True)
class OneOf:
    """Wants one of these texts."""

    texts: tuple[str, ...]

    def holds(self, got: str) -> bool:
        return got in self.texts

    def __str__(self) -> str:
        return "one of " + ", ".join(map(write, self.texts))


@dataclass(frozen=True, slots=True)
class Not:
    """Wants the opposite; of several texts, that none holds."""

    expected: TextMatcher

    def holds(self, got: str) -> bool:
        return not self.expected.holds(got)

    def __str__(self) -> str:
        return f"not {self.expected}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Wants each of several things of one text."""

    wants: tuple[TextMatcher, ...]

    def holds(self, got: str) -> bool:
        return all(want.holds(got) for want in self.wants)

    def __str__(self) -> str:
        return " and ".join(str(want) for want in self.wants)


TextMatcher: TypeAlias = Equals | Contains | Matches | OneOf | Not | AllOf


def any_matches(want: TextMatcher, texts: tuple[str, ...]) -> bool:
    """Whether one text of several satisfies; a `Not` asks that none satisfies its inside."""
    if isinstance(want, Not):
        return not any_matches(want.expected, texts)
    return any(want.holds(text) for text in texts)


def group_names(want: TextMatcher) -> frozenset[str]:
    """Names of the groups that `groups_of` may find."""
    match want:
        case Matches(pattern=pattern):
            return frozenset(pattern.groupindex)
        case AllOf(wants=wants):
            return frozenset().union(*map(group_names, wants))
        case _:
            return frozenset()


def groups_of(want: TextMatcher, texts: tuple[str, ...]) -> Mapping[str, str]:
    """Named groups of the patterns in `want`, each from the first text it is found in."""
    match want:
        case Matches():
            found = (groups for text in texts if (groups := want.groups(text)))
            return next(found, {})
        case AllOf():
            return {
                name: text for inner in want.wants for name, text in groups_of(inner, texts).items()
            }
        case _:
            return {}
