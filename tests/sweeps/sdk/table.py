"""What the OpenAI SDK and httpx do at each kind of place, walked in full, as a page of tables.

`make sweep-table` writes docs/sweep-results.md; a test asks a sample of it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import openai

import mockserver
from mockserver import Case
from tests.kit import MockServer
from tests.sweeps.sdk.subjects import REPLIES, Reply, Subjects

PAGE = Path(__file__).parents[3] / "docs" / "sweep-results.md"
KINDS = ("end", "cut", "reset", "stall")
_AT_ONCE = 8

Cells = dict[tuple[str, str], list[str]]
"""By place and kind, every outcome that was seen."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One subject asking in one way."""

    subject: str
    on: str
    stream: bool

    @property
    def title(self) -> str:
        return f"{self.subject}, {self.on}, {'streaming' if self.stream else 'non-streaming'}"

    def cases(self, limit: int | None = None, seed: int = 0) -> Iterator[tuple[Reply, Case]]:
        """Every case of the two scenarios, or a sample of each reply's."""
        for reply in REPLIES:
            found = mockserver.cuts(
                reply.scenario, stub=reply.stub, on=self.on, stream=self.stream, limit=limit, seed=seed
            )
            yield from ((reply, case) for case in found)


WALKS = tuple(
    Walk(subject=subject, on=on, stream=stream)
    for subject in ("openai", "httpx")
    for on in ("chat", "responses")
    for stream in (True, False)
)
_ROWS: tuple[tuple[str, str], ...] = (
    (r"head", "before any byte"),
    (r"status-line", "inside the status line"),
    (r"headers", "inside the headers"),
    (r"after-head", "between head and body"),
    (r".*/chunk-size", "inside a chunk-size line"),
    (r"terminator/before-blank-line", "before the terminator's blank line"),
    (r"terminator/.*", "inside the terminator"),
    (r"after-terminator", "after the terminator, before the body's end"),
    (r"finish/.*", "inside the finish chunk"),
    (r"after-finish", "between the finish chunk and the terminator"),
    (r"after-.*", "between two events"),
    (r"body/all-but-one", "one byte before the end of the JSON"),
    (r"body/half", "after half of the JSON"),
    (r"body/(.*)", r"inside the JSON: \1"),
    (r".*/(.*)", r"inside an event: \1"),
)


def place_of(case: Case) -> tuple[str, str]:
    """The kind of place, and how the reply stops there."""
    place, _, kind = case.id.rpartition("/")
    for pattern, row in _ROWS:
        found = re.fullmatch(pattern, place)
        if found is not None:
            return found.expand(row), kind
    raise LookupError(case.id)


def walked(subjects: Subjects, walk: Walk, limit: int | None = None, seed: int = 0) -> Cells:
    """Ask the cases of a walk, several at once: most of the time is spent on silence."""
    cases = list(walk.cases(limit, seed))

    def ask(one: tuple[Reply, Case]) -> str:
        reply, case = one
        return subjects.outcome(walk.subject, reply, walk.on, case, stream=walk.stream)

    cells: Cells = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for (_, case), outcome in zip(cases, pool.map(ask, cases), strict=True):
            seen = cells.setdefault(place_of(case), [])
            if outcome not in seen:
                seen.append(outcome)
    return cells


def table(cells: Mapping[tuple[str, str], Iterable[str]]) -> str:
    """The cells as Markdown; a way that is the same as another at that place is left empty."""
    rows = list(dict.fromkeys(place for place, _ in cells))
    lines = [f"| where | {' | '.join(f'`{kind}`' for kind in KINDS)} |", f"|{'---|' * 5}"]
    for row in rows:
        said = ("; ".join(sorted(cells.get((row, kind), ()))) for kind in KINDS)
        lines.append(f"| {row} | {' | '.join(said)} |")
    return "\n".join(lines)


def read_page(text: str) -> dict[str, Cells]:
    """The cells of a page by title."""
    found: dict[str, Cells] = {}
    for section in text.split("\n## ")[1:]:
        title, *lines = section.splitlines()
        rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")][1:]
        found[title] = {
            (row[0], kind): cell.strip().split("; ")
            for row in rows
            for kind, cell in zip(KINDS, [*row[1:], "", ""], strict=False)
        }
    return found


INTRODUCTION = f"""\
# Client behavior at every injection point

The `openai` SDK {openai.__version__} and httpx {httpx.__version__} in a full sweep of the shipped
scenarios `plain` and `tool-round-trip`: every case of `mockserver.cuts`, for chat and Responses,
streaming and non-streaming. `make sweep-table` generates this page; a test repeats a sample of it.
[Sweeps](sweeps.md) explains the injection points and the ways in which a reply stops.

A cell lists every outcome that was observed. An exception is given by its name, with its cause in
parentheses. *complete* means that the client received the full reply and reported no error.
**incomplete, no error** means that part of the reply was missing and the client reported no error:
its caller must check `finish_reason` or the terminal event. The SDK makes up to three attempts, its
default, and uses a short timeout for stalls. An empty cell has no case of its own: no client can
distinguish it from another cell of that row.
"""


def main() -> None:
    """Write the page."""
    sections = [INTRODUCTION]
    with MockServer() as server:
        subjects = Subjects(server)
        for walk in WALKS:
            sections.append(f"## {walk.title}\n\n{table(walked(subjects, walk))}\n")
            print(walk.title)  # noqa: T201  # it takes minutes
        subjects.close()
    PAGE.write_text("\n".join(sections))


if __name__ == "__main__":
    main()
