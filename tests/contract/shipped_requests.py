"""The shipped request schemas as contracts, and short ways to ask them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TypeAlias

from tests.kit import JSON, Endpoint, JSONObject, Rejection, RequestContract, Severity, compile_contract

SCHEMAS: Mapping[str, JSON] = {
    entry.name: json.loads(entry.read_text(encoding="utf-8"))
    for entry in sorted((files("mockserver") / "dialects" / "schemas").iterdir(), key=lambda found: found.name)
}

OPENAI = compile_contract(
    forms={
        "chat": "openai-chat.json",
        "responses": "openai-responses.json",
        "compact": "openai-compact.json",
        "compact-messages": "openai-compact-messages.json",
    },
    files=SCHEMAS,
)
VISIONCODER = compile_contract(
    forms={
        "chat": "visioncoder-chat.json",
        "responses": "visioncoder-responses.json",
        "compact-messages": "visioncoder-compact-messages.json",
    },
    files=SCHEMAS,
    without=("request.chat.one_token_limit",),
)
SMARTLINK = compile_contract(forms={"responses": "smartlink-responses.json"}, files=SCHEMAS)
APIFOX = compile_contract(forms={"responses": "apifox-responses.json"}, files=SCHEMAS)

Reported: TypeAlias = tuple[str, str, JSON, JSON]
"""Rule, path, code and param of a refusal."""

HELLO: list[JSON] = [{"role": "user", "content": "hello"}]


def chat(**members: JSON) -> JSONObject:
    """A small chat body with these members."""
    return {"model": "gpt-5.4", "messages": HELLO, **members}


def responses(**members: JSON) -> JSONObject:
    """A small responses body with these members."""
    return {"model": "gpt-5.4", "input": "hello", **members}


def compact(**members: JSON) -> JSONObject:
    """A small compact body with these members."""
    return {"model": "gpt-5.4", "input": "hello", **members}


def validate(
    body: JSONObject, endpoint: Endpoint, *, by: RequestContract = OPENAI, strict: bool = False
) -> tuple[Rejection, ...]:
    """What the contract has to say."""
    return by.judge(endpoint, body, strict=strict)


def errors(
    body: JSONObject, endpoint: Endpoint, *, by: RequestContract = OPENAI, strict: bool = False
) -> list[Reported]:
    """The errors, in order."""
    return [
        (found.finding.rule, found.finding.path, found.error.code, found.error.param)
        for found in validate(body, endpoint, by=by, strict=strict)
        if found.finding.severity is Severity.ERROR
    ]


def notices(body: JSONObject, endpoint: Endpoint, *, by: RequestContract = OPENAI, strict: bool = False) -> list[str]:
    """The paths of the notices, in order."""
    return [
        found.finding.path
        for found in validate(body, endpoint, by=by, strict=strict)
        if found.finding.severity is Severity.NOTICE
    ]
