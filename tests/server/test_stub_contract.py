"""`contract` of a stub: what happens to requests for it that break the contract."""

from __future__ import annotations

import json

import pytest

from tests.kit import Dialects, Request, Sandbox, Settings, load_value, read_settings

DIALECTS = Dialects()
HEADERS = (("authorization", "Bearer any"), ("content-type", "application/json"))
CASES = {
    (None, "enforce"): (400, ["error"]),
    ("enforce", "report"): (400, ["error"]),
    ("report", "enforce"): (200, ["notice"]),
    ("off", "enforce"): (200, []),
    (None, "report"): (200, ["error"]),
    ("enforce", "off"): (200, []),
}


@pytest.mark.parametrize(("own", "sandboxs"), CASES)
def test_the_contract_of_a_stub_is_that_of_its_requests(own: str | None, sandboxs: str) -> None:
    stub = {"reply": "hi"} if own is None else {"reply": "hi", "contract": own}
    settings = read_settings({"contract": sandboxs}, Settings())
    sandbox = Sandbox(
        "s", DIALECTS.find("openai"), scenarios=(load_value({"stubs": [stub]}, "x", DIALECTS),), settings=settings
    )
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}], "made_up": 1}
    path = "/v1/chat/completions"
    record, decision = sandbox.exchange(
        Request(method="POST", target=path, path=path, headers=HEADERS, body=json.dumps(body).encode()), now_s=0.0
    )
    assert (decision.status, [one.severity.value for one in record.findings]) == CASES[own, sandboxs]
