"""Where a suite keeps its scenarios, as the pytest plugin knows it before tests are collected.

Inside one process a run of pytest may contain another, so that the latest told counts and is
forgotten first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """`folders` are looked through after the test file's own; reports show paths below `root`."""

    root: Path
    folders: tuple[Path, ...] = ()


_told: list[Suite] = []


def tell(root: Path, folders: Sequence[Path]) -> None:
    """The suite that begins keeps its scenarios in `folders` and below `root`."""
    _told.append(Suite(root=root, folders=(*folders, root)))


def forget() -> None:
    """The suite told last has ended."""
    if _told:
        _told.pop()


def suite() -> Suite:
    """The suite that runs; outside pytest the working directory."""
    return _told[-1] if _told else Suite(root=Path.cwd(), folders=(Path.cwd(),))
