"""The list of models, without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import ENDPOINT, Answering, Call, Endpoint, ErrorRef, JSONObject, Record, RoutingTable, Store, Stored
from tests.render.stage import IDS, OPENAI

MODEL: JSONObject = {"id": "a/b", "object": "model", "owned_by": "me"}
DIALECT = replace(OPENAI, models=(MODEL,))


class NothingStored:
    def name(self, record: Record) -> None:
        return None

    def read(self, record: Record) -> Stored:
        raise AssertionError(record)


def answer(name: str | None, *, closed: bool = False) -> object:
    assert ENDPOINT.answer is not None
    call = Call(Endpoint.MODELS, {}, parameters={} if name is None else {"model": name})
    return ENDPOINT.answer(call, Answering(replace(DIALECT, models_closed=closed), IDS, Store(NothingStored())))


def test_every_model_is_listed() -> None:
    assert answer(None) == {"object": "list", "data": [MODEL]}


def test_a_model_is_found_by_its_name() -> None:
    assert answer("a/b") == answer("a/b", closed=True) == MODEL


def test_an_unknown_model_exists_unless_the_list_is_closed() -> None:
    made = {"id": "x", "object": "model", "created": IDS.created, "owned_by": "mockserver"}
    assert answer("x") == made
    assert answer("x", closed=True) == ErrorRef(name="model_not_found")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "parameters"), [("/v1/models", {}), ("/models/", {}), ("/v1/models/a/b", {"model": "a/b"})]
)
def test_routes(method: str, path: str, parameters: dict[str, str]) -> None:
    found = RoutingTable(ENDPOINT.routes).find(method, path)
    assert found is not None
    assert (found[0].endpoint, found[1]) == (Endpoint.MODELS, parameters)
