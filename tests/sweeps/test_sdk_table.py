"""What the page about the clients says still holds: a sample of every walk is asked again."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.kit import MockServer
from tests.sweeps.sdk.subjects import Subjects
from tests.sweeps.sdk.table import KINDS, PAGE, WALKS, Walk, place_of, read_page, table, walked


@pytest.fixture(scope="module")
def subjects() -> Iterator[Subjects]:
    with MockServer() as server:
        found = Subjects(server)
        yield found
        found.close()


def test_the_page_is_about_the_clients_that_are_installed() -> None:
    text = PAGE.read_text("utf-8")
    assert f"`openai` SDK {openai.__version__} and httpx {httpx.__version__}" in text
    assert list(read_page(text)) == [walk.title for walk in WALKS]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.title)
def test_a_sample_of_the_table_still_holds(walk: Walk, subjects: Subjects) -> None:
    recorded = read_page(PAGE.read_text("utf-8"))[walk.title]
    for place, outcomes in walked(subjects, walk, limit=5, seed=3).items():
        assert (place, {*outcomes} - {*recorded[place]}) == (place, set())


def test_every_case_has_its_cell() -> None:
    page = read_page(PAGE.read_text("utf-8"))
    for walk in WALKS:
        expected = {place_of(case) for _, case in walk.cases()}
        said = {place for place, outcomes in page[walk.title].items() if outcomes != [""]}
        assert expected == said


def test_a_table_reads_back_as_it_was_written() -> None:
    cells = {("here", kind): ["a (B)", "c, 3 attempts"] for kind in KINDS} | {("there", "cut"): ["d"]}
    page = f"# Page\n\n## one\n\n{table(cells)}\n\n## two\n\n{table({})}\n"
    assert read_page(page) == {"one": cells | {("there", kind): [""] for kind in KINDS if kind != "cut"}, "two": {}}
