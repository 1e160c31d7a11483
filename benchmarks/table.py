"""The table: ratios of one round each, told as their median with the smallest and the largest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.measures import Figures
from benchmarks.rows import Bar, Row

Rounds = Mapping[str, Sequence[Figures]]
"""The figures of each server, round by round."""


def ratios(rounds: Rounds, figure: str, of: str, over: str) -> list[float]:
    """One ratio for each round; the figures themselves where there is none to set against."""
    if not over:
        return [mine[figure] for mine in rounds.get(of, ())]
    return [
        mine[figure] / theirs[figure] if theirs[figure] else float("inf")
        for mine, theirs in zip(rounds.get(of, ()), rounds.get(over, ()), strict=False)
        if figure in mine and figure in theirs
    ]


def spread(values: Sequence[float]) -> str:
    """Median, smallest, largest."""
    if not values:
        return "-"
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def table(row: Row, rounds: Rounds) -> str:
    """One row's servers, a line each."""
    against = [one for one in row.against if one in rounds]
    columns = [(figure, other) for figure in row.figures for other in against]
    head = ["server", *(f"{figure}, this against {other}" for figure, other in columns)]
    head += [f"{figure}, median" for figure in row.figures]
    head.append("others on a core")
    lines = [f"### {row.title}", "", _line(head), _line("---" for _ in head)]
    for server in row.servers:
        if server not in rounds:
            continue
        cells = [server]
        cells += [spread(ratios(rounds, figure, server, other)) for figure, other in columns]
        cells += [
            f"{median([one[figure] for one in rounds[server]]):,.5g}" for figure in row.figures
        ]
        cells.append(f"{max(one.get('others', 0.0) for one in rounds[server]):.0%}")
        lines.append(_line(cells))
    return "\n".join(lines)


def bar_line(title: str, bar: Bar, rounds: Rounds) -> str:
    """One line of the table of bars."""
    found = ratios(rounds, bar.figure, bar.of, bar.over)
    verdict = "-" if not found else "met" if bar.met(median(found)) else "**missed**"
    what = f"{title}: {bar.figure}, {bar.of}" + (f" against {bar.over}" if bar.over else "")
    return _line((what, str(bar), spread(found), verdict))


def bars_head() -> str:
    """The head of the table of bars."""
    return "\n".join(
        (_line(("measured", "must reach", "median (smallest-largest)", "")), "|---|---|---|---|")
    )


def _line(cells: object) -> str:
    assert not isinstance(cells, str)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"  # type: ignore[attr-defined]
