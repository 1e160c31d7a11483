"""The control routes' OpenAPI document, held against the server by schemathesis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig as Config

from tests.kit import MockServer, openapi

# A request of the right form may still name what is not there, or hold a scenario that is wrong.
TOLD = ["2xx", "404", "409", "410", "422"]
CONFIG = Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": TOLD}}})
SCHEMA: Any = schemathesis.openapi.from_dict(openapi(), config=CONFIG)
OPERATIONS = {one.ok().label: one.ok() for one in SCHEMA.get_all_operations()}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with MockServer() as server:
        server.stub(name="a", reply="hi")
        yield server.url


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_generated_request_is_answered_as_documented(label: str, url: str) -> None:
    @settings(
        max_examples=10,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy())
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(base_url=url)

    ask()
