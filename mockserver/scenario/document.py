"""A value read from YAML, JSON or Python, and the place in its source of everything in it.

Whoever finds something wrong names a key path; the document turns it into a problem with file,
line and column. Nothing here knows what a scenario is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.errors import Position, Problem
from mockserver.model.json import JSON

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top, empty for the document as a whole."""


@dataclass(frozen=True, slots=True)
class Place:
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
    """`problems` are flaws of the source that leave the rest readable, such as duplicate keys."""

    origin: str
    value: JSON
    places: Mapping[Path, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def place(self, path: Path) -> Place:
        """The place of a value, or of the nearest one around it that is written down."""
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
        """As `position`, for a key path that is written out."""
        known = {format_path(path): path for path in self.places}
        while key_path and key_path not in known:
            cut = max(key_path.rfind("."), key_path.rfind("["))
            key_path = key_path[: max(cut, 0)]
        return self.position(known.get(key_path, ()), key=key)


def format_path(path: Path) -> str:
    """A path as people read it: `stubs[0].reply.output[1].text`."""
    said = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return said.removeprefix(".")


def in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Problems in the order of their places, each once."""
    return tuple(
        sorted(
            dict.fromkeys(problems),
            key=lambda one: (one.position.file, one.position.line, one.position.column),
        )
    )
