"""A value on its way to becoming part of a scenario: where it stands, and how to refuse it.

The format's schema has been walked before; what it found wrong is as good as absent here, so that
everything sound is still read and every problem of a file is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from mockserver.errors import Position, Problem
from mockserver.model.json import JSON, JSONObject
from mockserver.scenario.document import Document, Path, format_path
from mockserver.scenario.format_check import FormatProblem


@dataclass(slots=True)
class ProblemLog:
    """The problems found so far in one document, and the paths they concern.

    `ruined` are the paths of values that cannot be read; `errors` the names in the catalogue of
    the dialect, None where the dialect is not known.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    ruined: frozenset[Path] = frozenset()
    touched: list[Path] = field(default_factory=list)
    errors: frozenset[str] | None = None

    @classmethod
    def of(cls, document: Document, flaws: Iterable[FormatProblem]) -> Self:
        """Begin with the document's own problems and those of its structure."""
        found = tuple(flaws)
        told = [document.problem(flaw.path, flaw.message, key=flaw.key) for flaw in found]
        return cls(
            document=document,
            problems=[*document.problems, *told],
            ruined=frozenset(flaw.ruins for flaw in found if flaw.ruins is not None),
            touched=[flaw.path for flaw in found],
        )

    def note(self, path: Path, problem: Problem) -> None:
        """Add a problem of the value at a path."""
        self.touched.append(path)
        self.problems.append(problem)

    @property
    def root(self) -> Cursor:
        """The document as a whole."""
        value: JSON = {} if () in self.ruined else self.document.value
        return Cursor(sheet=self, path=(), value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A value in its place. The readers raise TypeError where the schema admits another type."""

    sheet: ProblemLog
    path: Path
    value: JSON

    def get(self, key: str) -> Cursor | None:
        """The value of a key; None where it is absent or not sound."""
        value = self.object
        return self._at(key, value[key]) if key in value and self._sound(key) else None

    def flag(self, key: str) -> bool:
        """Whether a key is there and true."""
        inner = self.get(key)
        return inner is not None and inner.value is True

    def members(self) -> Iterator[tuple[str, Cursor]]:
        """Keys and values that are sound, as written."""
        for key, value in self.object.items():
            if self._sound(key):
                yield key, self._at(key, value)

    def elements(self) -> Iterator[Cursor]:
        """Elements that are sound, as written."""
        if not isinstance(self.value, list):
            raise TypeError(self.value)
        for index, value in enumerate(self.value):
            if self._sound(index):
                yield self._at(index, value)

    def _sound(self, step: str | int) -> bool:
        return (*self.path, step) not in self.sheet.ruined

    def _at(self, step: str | int, value: JSON) -> Cursor:
        return Cursor(sheet=self.sheet, path=(*self.path, step), value=value)

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
        """The texts of a list, or one text alone."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(element.text for element in self.elements())

    @property
    def source(self) -> str:
        """A scalar as it is written, or as it would be."""
        source = self.sheet.document.place(self.path).source
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
        return self.sheet.document.position(self.path)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong in the value so far."""
        size = len(self.path)
        return all(path[:size] != self.path for path in self.sheet.touched)

    def refuse_at(self, key_path: str, message: str, *, rule: str | None = None) -> None:
        """Note a problem of something in the value, told by a key path that is written out."""
        document = self.sheet.document
        whole = f"{format_path(self.path)}.{key_path}" if key_path else format_path(self.path)
        # What is unknown is a key, anything else a value.
        position = document.locate(whole, key=message.startswith("unknown "))
        problem = Problem(position=position, key_path=whole, message=message, rule=rule)
        self.sheet.note(self.path, problem)

    def refuse(self, message: str, *inner: str | int, key: bool = False) -> None:
        """Note a problem of the value, of something `inner` in it, or of its key."""
        path = (*self.path, *inner)
        self.sheet.note(path, self.sheet.document.problem(path, message, key=key))
