"""The pages: that of the format is the one its schema tells, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kit import main

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--markdown"]) == 0
    written = (DOCS / "format.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == written, "run: mockserver schema --markdown > docs/format.md"


def test_every_page_of_the_navigation_is_there() -> None:
    import yaml

    site = yaml.safe_load((DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8"))

    def pages(nav: object) -> set[str]:
        if isinstance(nav, str):
            return {nav}
        values = nav.values() if isinstance(nav, dict) else nav
        assert isinstance(values, list | type({}.values()))
        return {page for one in values for page in pages(one)}

    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    linked = {
        f"decisions/{name}" for name in re.findall(r"\((0\d+-[a-z-]+\.md)\)", (DOCS / "decisions/index.md").read_text())
    }
    assert pages(site["nav"]) | linked == written
