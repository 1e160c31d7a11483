"""The differences that are accepted, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from contract_diff.compare import CONTRACT, PACKAGES, Difference

FILE: Final = Path(__file__).parent / "accepted.yaml"


class AcceptedError(ValueError):
    """The file of accepted differences is not understood."""


class Accepted(NamedTuple):
    """One line of the file; `*` in it is any text."""

    only_in: str
    what: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Whether the line is about a difference."""
        pattern = ".*".join(re.escape(part) for part in self.what.split("*"))
        return self.only_in == difference.only_in and re.fullmatch(pattern, difference.what) is not None


class Review(NamedTuple):
    """The differences that no line covers, and the lines that cover none."""

    remaining: tuple[Difference, ...]
    outdated: tuple[Accepted, ...]


def read_accepted(path: Path = FILE) -> tuple[Accepted, ...]:
    """The lines of the file. Raises AcceptedError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise AcceptedError(f"{path}: {error}") from None
    found: list[Accepted] = []
    for number, entry in enumerate(document if isinstance(document, list) else [document], start=1):
        match entry:
            case {
                "only_in": "packages" | "contract" as only_in,
                "reason": str(reason),
                "what": [*lines],
                **further,
            } if not further and reason.strip() and lines and all(isinstance(line, str) for line in lines):
                found.extend(Accepted(only_in, line, reason.strip()) for line in lines)
            case _:
                expected = f"only_in: {PACKAGES} or {CONTRACT}, reason: a text, what: a list of texts"
                raise AcceptedError(f"{path}: entry {number}: expected {expected}")
    return tuple(found)


def review(differences: Sequence[Difference], accepted: Iterable[Accepted]) -> Review:
    """Hold the differences against the accepted ones."""
    lines = tuple(accepted)
    return Review(
        remaining=tuple(one for one in differences if not any(line.covers(one) for line in lines)),
        outdated=tuple(line for line in lines if not any(line.covers(one) for one in differences)),
    )
