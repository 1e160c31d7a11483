"""The nearest stubs to an unmatched request: only what differs, wanted before got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.model.findings import Mismatch
from mockserver.model.stub import Stub
from mockserver.model.stub_set import NearMiss
from mockserver.report.redact import mask_mismatch, truncate_middle

_PATH_WIDTH = 27
_WANTED_WIDTH = 60
_GAP = "   "


def stub_title(stub: Stub) -> str:
    """Where a stub was written, and its name: `weather.yaml:20 "tells the weather"`."""
    return f'{stub.origin.file}:{stub.origin.line} "{truncate_middle(stub.name)}"'


def near_miss_lines(near: Iterable[NearMiss]) -> Iterator[str]:
    """A line for each stub, closest first, and below it a line for each mismatch."""
    for index, one in enumerate(near):
        word = "also" if index else "closest"
        yield f"{word:<9}{stub_title(one.stub)} — {_difference(one)}"
        yield from (f"  {row}" for row in _rows(one.mismatches))


def _difference(near: NearMiss) -> str:
    used = f"used up ({near.used} of {near.capacity})"
    if not near.mismatches:
        return f"agrees, but {used}"
    also = f", and {used}" if near.used_up else ""
    if any(mismatch.path == "on" for mismatch in near.mismatches):
        return f"cannot answer here{also}"
    # The endpoint is counted among the conditions, yet nobody wrote it under `when`.
    whole = near.conditions - 1
    count = len({_condition(mismatch.path) for mismatch in near.mismatches})
    return f"{count} of {whole} conditions {'differs' if count == 1 else 'differ'}{also}"


def _condition(path: str) -> str:
    """`body.messages[0].role` is a place in the one condition `body`; each header is its own."""
    place = path.partition(".")[0].partition("[")[0]
    return path if place in ("header", "query") else place


def _rows(mismatches: tuple[Mismatch, ...]) -> Iterator[str]:
    rows = [
        (
            one.path,
            f"wanted {truncate_middle(one.expected)}",
            f"got {truncate_middle(mask_mismatch(one))}",
        )
        for one in mismatches
    ]
    paths = max((len(path) for path, _, _ in rows), default=0) + len(_GAP)
    wide = max((len(want) for _, want, _ in rows if len(want) <= _WANTED_WIDTH), default=0)
    for path, want, got in rows:
        yield f"{path:<{max(paths, _PATH_WIDTH)}}{want:<{wide}}{_GAP}{got}"
