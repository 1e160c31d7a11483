"""Generated pages: the Python API has every public name once, and the outcomes of clients are those of their page."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

import mockserver
import mockserver.client
from tests.clients import overview
from tests.examples.pages import quoted, table, text_of

PAGE = "docs/python.md"
LISTED = re.findall(r"^::: (\S+)$", text_of(PAGE), re.MULTILINE)


def test_every_public_name_is_listed_once() -> None:
    public = {*mockserver.__all__, *mockserver.client.__all__} - {"__version__"}
    assert sorted(name.rpartition(".")[2] for name in LISTED) == sorted(public)


@pytest.mark.parametrize(
    "name", sorted({*LISTED, *(name for row in table(PAGE, "annotate") for name in quoted(row[1]) if "[" not in name)})
)
def test_a_listed_name_is_there(name: str) -> None:
    module, _, last = name.rpartition(".")
    assert hasattr(import_module(module), last)


def test_the_table_of_clients_and_faults_follows_from_the_page_on_real_clients() -> None:
    assert overview.PAGE.read_text("utf-8") == "\n".join(overview.page()) + "\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("RateLimitError 429 (3)", '<span class="outcome error">error</span> 3'),
        ("text (1)", '<span class="outcome complete">complete</span>'),
        ("part of the text (1)", '<span class="outcome silent">silent</span>'),
        ("part of the text, error part, finish error (1)", '<span class="outcome status">status</span>'),
        ("part of the text, failed (1)", '<span class="outcome status">status</span>'),
        ("TypeError from a lost socket after text (1)", '<span class="outcome error">error</span>'),
        ("a-way, b-way: nothing (1)<br>c-way: OpenAIError (2)", '<span class="outcome mixed">mixed</span> 1–2'),
    ],
)
def test_an_outcome_becomes_a_word(text: str, word: str) -> None:
    assert overview.cell(text) == word
