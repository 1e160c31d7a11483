"""Sweeps over the places where a reply may break: cases for a suite, made before any server runs.

The public functions are exported by `mockserver` itself. This module says where a suite keeps its
scenarios, and stays light, because the pytest plugin imports it. Inside one process a run of pytest
may contain another: the latest suite pushed counts, and is popped first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """`folders` are searched after the test file's own; reports show paths below `root`."""

    root: Path
    folders: tuple[Path, ...] = ()


_suites: list[Suite] = []


def push_suite(root: Path, folders: Sequence[Path]) -> None:
    """Start a suite whose scenarios are in `folders` and below `root`."""
    _suites.append(Suite(root=root, folders=(*folders, root)))


def pop_suite() -> None:
    if _suites:
        _suites.pop()


def current_suite() -> Suite:
    """The running suite; outside pytest the working directory."""
    return _suites[-1] if _suites else Suite(root=Path.cwd(), folders=(Path.cwd(),))
