"""The page of the scenario format is the one its schema tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.cli import main

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--markdown"]) == 0
    written = (DOCS / "format.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == written, "run: mockserver schema --markdown > docs/format.md"
