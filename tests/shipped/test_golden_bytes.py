"""Every byte of every shipped scenario, on each endpoint it serves, whole and streamed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.kit import Script

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_the_bytes_are_those_of_the_golden_file(
    asking: Any, ask: Callable[[Any], Script], golden: Callable[[str, bytes], None]
) -> None:
    golden(f"shipped/{asking.id}.http", ask(asking).wire)


def test_every_shipped_scenario_opens_with_what_a_client_should_do() -> None:
    for file in SCENARIOS.rglob("*.yaml"):
        assert file.read_text(encoding="utf-8").startswith("# "), file


def test_every_shipped_scenario_is_asked(shipped: dict[str, object], asked: set[str]) -> None:
    assert asked == set(shipped)
