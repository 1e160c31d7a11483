"""The endpoint of `docs/adding-an-endpoint.md` works as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import MockServer, ScenarioError
from tests.kit import remove
from tests.server.end_to_end import post, send

PAGE = Path(__file__).parents[2] / "docs" / "adding-an-endpoint.md"


@pytest.fixture(autouse=True)
def endpoint() -> Iterator[None]:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert code is not None
    exec(code[1], {"__name__": "page"})  # our own page
    yield
    remove("embeddings")


def test_a_scenario_answers_on_both_routes() -> None:
    with MockServer() as server:
        server.stub(on="embeddings", when={"user": "hello"}, reply="0.1 0.2")
        server.stub(on="embeddings", when={"model": False}, reply="0.5")
        body = {"model": "m", "input": ["hello"]}
        assert post(server.base_url, "/embeddings", body).json == {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
            "model": "m",
            "usage": {"prompt_tokens": 2, "total_tokens": 2},
        }
        stored = send(server.base_url, "GET", "/embeddings/e-1")
        assert stored.json["data"][0]["embedding"] == [0.5]


def test_a_stream_of_it_is_a_load_error() -> None:
    with MockServer() as server, pytest.raises(ScenarioError, match="has no stream"):
        server.stub(on="embeddings", reply={"events": [{"data": "x"}]})
