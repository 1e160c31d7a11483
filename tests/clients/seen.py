"""What the runs saw, kept in files between them, for the page that tells it."""

from __future__ import annotations

import json
from pathlib import Path

SEEN = Path(__file__).parent.parent.parent / "build" / "clients"


def keep(name: str, outcomes: dict[str, str]) -> None:
    SEEN.mkdir(parents=True, exist_ok=True)
    (SEEN / f"{name}.json").write_text(json.dumps(outcomes, indent=1, ensure_ascii=False))


def kept(name: str) -> dict[str, str]:
    """What was seen last; nothing where there was no run."""
    file = SEEN / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def note(name: str, what: str, outcome: str) -> None:
    """Add one outcome to those of a run."""
    keep(name, {**kept(name), what: outcome})
