"""A value read from YAML, JSON or Python, with the place of everything in it, and the problems
found in it.

A reader of a scenario walks a `Document` by cursors and reports what is wrong at a cursor; the
problem gets the file, line, column and key path from the document. Values that the format check
found unreadable are skipped, so that one pass reports every problem of a file. Here are also the
reader of durations and the words in which messages show values and suggest names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from mockserver.errors import Position, Problem
from mockserver.model.json import JSON, JSONObject

_MOST = 60
_MOST_NAMES = 20


def shown(value: JSON) -> str:
    """A value in a few words, truncated."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a mapping" if value else "an empty mapping"
        case _:
            text = str(value)
            return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def quoted(text: str) -> str:
    """A text in quotes, truncated."""
    return repr(text) if len(text) <= _MOST else f"{text[:_MOST]!r}…"


def alternatives(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *init, last = names
    return f"{', '.join(init)} or {last}" if init else last


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most similar, None where none is."""
    found = get_close_matches(name[:_MOST], tuple(known), n=1)
    return found[0] if found else None


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """`unknown key 'usr'; did you mean 'user'?`, or the known names."""
    names = tuple(known)
    near = nearest(name, names)
    if near is not None:
        return f"unknown {kind} {quoted(name)}; did you mean {near!r}?"
    if len(names) > _MOST_NAMES:
        return f"unknown {kind} {quoted(name)}; `mockserver {kind}s` lists them"
    if not names:
        return f"unknown {kind} {quoted(name)}; none is known"
    return f"unknown {kind} {quoted(name)}; known are {', '.join(sorted(names))}"


# Bounded, so that no wait is infinite.
_DURATION = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s|m)")
_DIVISORS = {"ms": 1000.0, "s": 1.0, "m": 1 / 60}

DURATION_SCHEMA: dict[str, JSON] = {
    "anyOf": [{"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?\s*(ms|s|m)$"}, {"const": 0}]
}


def read_duration(value: JSON) -> float | None:
    """Read a duration as seconds; None for anything else. A number needs a unit, except 0."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(found["number"]) / _DIVISORS[found["unit"]] if found else None


Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top, empty for the document as a whole."""


class Place(NamedTuple):
    """Where a value begins and where its key does, lines and columns from 1; `source` is the
    text of a scalar as it is written, None for a list or mapping."""

    line: int
    column: int
    key_line: int
    key_column: int
    source: str | None = None


_START = Place(1, 1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A value and the places of its parts; `problems` are those of the source text that leave the
    rest readable, such as duplicate keys."""

    origin: str
    value: JSON
    places: Mapping[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def place(self, path: Path) -> Place:
        """The place of a value, or of the nearest value around it that has one."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place
        return _START

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where the value at a path begins, or its key."""
        place = self.place(path)
        line, column = (place.key_line, place.key_column) if key else (place.line, place.column)
        return Position(file=self.origin, line=line, column=column)

    def problem(self, path: Path, message: str, *, key: bool = False) -> Problem:
        """A problem of the value at a path, placed at the value or at its key."""
        position = self.position(path, key=key)
        return Problem(position=position, key_path=format_path(path), message=message)

    def locate(self, key_path: str, *, key: bool = False) -> Position:
        """The position of a formatted key path, or of the nearest value around it."""
        known = {format_path(path): path for path in self.places}
        while key_path and key_path not in known:
            cut = max(key_path.rfind("."), key_path.rfind("["))
            key_path = key_path[: max(cut, 0)]
        return self.position(known.get(key_path, ()), key=key)


def format_path(path: Path) -> str:
    """A path as it is shown: `stubs[0].reply.output[1].text`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Problems sorted by position, without repetitions."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda one: (one.position.file, one.position.line, one.position.column))
    )


@dataclass(slots=True, kw_only=True)
class ProblemLog:
    """The problems found so far in one document, and the paths they concern.

    `invalid` are the paths of values that cannot be read; `errors` are the names in the error
    catalogue of the dialect, None where the dialect is not known.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    invalid: frozenset[Path] = frozenset()
    paths: list[Path] = field(default_factory=list)
    errors: Collection[str] | None = None

    def add(self, path: Path, problem: Problem) -> None:
        """Add a problem of the value at a path."""
        self.paths.append(path)
        self.problems.append(problem)

    @property
    def root(self) -> Cursor:
        """The document as a whole; empty where it cannot be read."""
        return Cursor(self, (), {} if () in self.invalid else self.document.value)


@dataclass(slots=True, eq=False)
class Cursor:
    """A value at its path. The typed readers raise TypeError where the format check admits
    another type, which is a defect of this package and not of the file."""

    log: ProblemLog
    path: Path
    value: JSON

    def get(self, key: str) -> Cursor | None:
        """The value of a key; None where it is absent or invalid."""
        value = self.object
        if key not in value:
            return None
        path = (*self.path, key)
        return None if path in self.log.invalid else Cursor(self.log, path, value[key])

    def flag(self, key: str) -> bool:
        """Whether a key is there and true."""
        inner = self.get(key)
        return inner is not None and inner.value is True

    def members(self) -> Iterator[tuple[str, Cursor]]:
        """Keys with their valid values, in the order written."""
        for key, value in self.object.items():
            path = (*self.path, key)
            if path not in self.log.invalid:
                yield key, Cursor(self.log, path, value)

    def elements(self) -> Iterator[Cursor]:
        """Valid elements of a list, in the order written."""
        if not isinstance(self.value, list):
            raise TypeError(self.value)
        for index, value in enumerate(self.value):
            path = (*self.path, index)
            if path not in self.log.invalid:
                yield Cursor(self.log, path, value)

    @property
    def text(self) -> str:
        if isinstance(self.value, str):
            return self.value
        raise TypeError(self.value)

    @property
    def whole(self) -> int:
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return int(self.value)
        raise TypeError(self.value)

    @property
    def object(self) -> JSONObject:
        if isinstance(self.value, dict):
            return self.value
        raise TypeError(self.value)

    @property
    def objects(self) -> tuple[JSONObject, ...]:
        """The mappings of a list."""
        return tuple(element.object for element in self.elements())

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list, or a single text."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(element.text for element in self.elements())

    @property
    def source(self) -> str:
        """A scalar as it is written in YAML; of a Python value, as it would be written."""
        source = self.log.document.place(self.path).source
        if source is not None:
            return source
        match self.value:
            case None:
                return ""
            case bool():
                return "true" if self.value else "false"
            case _:
                return str(self.value)

    @property
    def position(self) -> Position:
        """Where the value begins."""
        return self.log.document.position(self.path)

    @property
    def clean(self) -> bool:
        """Whether no problem has been reported in the value so far."""
        size = len(self.path)
        return all(path[:size] != self.path for path in self.log.paths)

    def report(self, message: str, *inner: str | int, key: bool = False) -> None:
        """Report a problem of the value, of the value at `inner` in it, or of its key."""
        path = (*self.path, *inner)
        self.log.add(path, self.log.document.problem(path, message, key=key))

    def report_at(self, key_path: str, message: str, *, rule: str | None = None) -> None:
        """Report a problem of something in the value that is named by a formatted key path."""
        document = self.log.document
        whole = f"{format_path(self.path)}.{key_path}" if key_path else format_path(self.path)
        # Only unknown keys are placed at a key.
        position = document.locate(whole, key=message.startswith("unknown "))
        problem = Problem(position=position, key_path=whole, message=message, rule=rule)
        self.log.add(self.path, problem)
