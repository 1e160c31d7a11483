"""The tables of `result.md`: bars first, then the figures of every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from benchmarks.measures import Figures
from benchmarks.rows import Bar, Row

BARS_HEAD = "| measured | bar | median (smallest-largest) | |\n|---|---|---|---|"


def figures_table(row: Row, rounds: Sequence[Mapping[str, Figures]]) -> str:
    """One line for each subject of a row: medians over its rounds."""
    head = ["subject", *row.figures, "others on a core"]
    lines = [f"### {row.title}", "", _line(head), _line("---" for _ in head)]
    for name in rounds[0]:
        cells = [f"{median(one[name][figure] for one in rounds):,.4g}" for figure in row.figures]
        others = max(one[name].get("others", 0.0) for one in rounds)
        lines.append(_line((name, *cells, f"{others:.0%}")))
    return "\n".join(lines)


def bar_line(row: Row, bar: Bar, rounds: Sequence[Mapping[str, Figures]]) -> str:
    """One line of the table of bars."""
    title = f"{row.title}: {bar.title}"
    if not all(name in one for one in rounds for name in bar.needs):
        return _line((title, str(bar), "not measured", ""))
    values = [bar.figure(one) for one in rounds]
    spread = f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"
    outcome = "met" if bar.is_met(median(values)) else "**missed**"
    return _line((title, str(bar), spread, outcome if str(bar) else "reported"))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
