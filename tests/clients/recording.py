"""What each client is known to do, case by case; `python -m tests.clients.recording NAME` takes
over what its last run saw, to be read before it is committed.

Where a client's outcome hangs on a race inside it, all that was seen is listed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from tests.clients.seen import kept

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> dict[str, tuple[str, ...]]:
    """The outcomes that are right, by job."""
    file = RECORDED / f"{name}.yaml"
    found = yaml.safe_load(file.read_text()) if file.exists() else {}
    return {job: (seen,) if isinstance(seen, str) else tuple(seen) for job, seen in found.items()}


def take_over(name: str) -> None:
    known = recorded(name)
    taken = {
        job: [*known[job]] if seen in known.get(job, ()) and len(known[job]) > 1 else seen
        for job, seen in kept(name).items()
    }
    text = yaml.safe_dump(taken, sort_keys=False, width=200, allow_unicode=True)
    (RECORDED / f"{name}.yaml").write_text(text)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        take_over(given)
