"""What can go wrong, sorted by who must act.

One base class; a child for the author of a scenario, for the caller of our API, for the operator
of the machine, and one that is a failed assertion. Every message says what was found, where,
and what would be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MockServerError(Exception):
    """Base of everything this package raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a text file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a scenario or dialect file.

    `key_path` is written like `stubs[0].reply.output[1].text`, empty for the file as a whole;
    `rule` is the id of a contract rule where one was broken.
    """

    position: Position
    key_path: str
    message: str
    rule: str | None = None

    def __str__(self) -> str:
        where = f"{self.position}: {self.key_path}: " if self.key_path else f"{self.position}: "
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{where}{self.message}{rule}"


class ScenarioError(MockServerError):
    """A file that its author must mend; carries every problem found in it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(MockServerError):
    """A call of our API that cannot be carried out; the caller must change it."""


class HostError(MockServerError):
    """The surroundings refused: a port is taken, the server thread is gone, the server does not answer."""


class VerificationError(MockServerError, AssertionError):
    """A verdict that is not empty; its text is the report."""
