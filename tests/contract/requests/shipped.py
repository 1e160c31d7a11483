"""The shipped request schemas as contracts, and short ways to ask them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TypeAlias

from mockserver.contract.requests.contract import RequestContract, compile_contract
from mockserver.contract.requests.form import Form
from mockserver.core.dialect import Refusal
from mockserver.core.endpoint import Endpoint
from mockserver.core.finding import Grade
from mockserver.core.jsontext import JSON, Object

SCHEMAS: Mapping[str, JSON] = {
    entry.name: json.loads(entry.read_text(encoding="utf-8"))
    for entry in sorted(
        (files("mockserver") / "dialects" / "schemas").iterdir(), key=lambda found: found.name
    )
}

OPENAI = compile_contract(
    forms={
        Form.CHAT: "openai-chat.json",
        Form.RESPONSES: "openai-responses.json",
        Form.COMPACT: "openai-compact.json",
        Form.COMPACT_MESSAGES: "openai-compact-messages.json",
    },
    files=SCHEMAS,
)
VISIONCODER = compile_contract(
    forms={
        Form.CHAT: "visioncoder-chat.json",
        Form.RESPONSES: "visioncoder-responses.json",
        Form.COMPACT_MESSAGES: "visioncoder-compact-messages.json",
    },
    files=SCHEMAS,
    without=("request.chat.one_token_limit",),
)
SMARTLINK = compile_contract(forms={Form.RESPONSES: "smartlink-responses.json"}, files=SCHEMAS)
APIFOX = compile_contract(forms={Form.RESPONSES: "apifox-responses.json"}, files=SCHEMAS)

Said: TypeAlias = tuple[str, str, JSON, JSON]
"""Rule, path, code and param of a refusal."""

HELLO: list[JSON] = [{"role": "user", "content": "hello"}]


def chat(**members: JSON) -> Object:
    """A small chat body with these members."""
    return {"model": "gpt-5.4", "messages": HELLO, **members}


def responses(**members: JSON) -> Object:
    """A small responses body with these members."""
    return {"model": "gpt-5.4", "input": "hello", **members}


def compact(**members: JSON) -> Object:
    """A small compact body with these members."""
    return {"model": "gpt-5.4", "input": "hello", **members}


def asked(
    body: Object,
    endpoint: Endpoint,
    *,
    by: RequestContract = OPENAI,
    strict: bool = False,
) -> tuple[Refusal, ...]:
    """What the contract has to say."""
    return by.judge(endpoint, body, strict=strict)


def errors(
    body: Object, endpoint: Endpoint, *, by: RequestContract = OPENAI, strict: bool = False
) -> list[Said]:
    """The errors, in order."""
    return [
        (found.finding.rule, found.finding.path, found.error.code, found.error.param)
        for found in asked(body, endpoint, by=by, strict=strict)
        if found.finding.grade is Grade.ERROR
    ]


def notices(
    body: Object, endpoint: Endpoint, *, by: RequestContract = OPENAI, strict: bool = False
) -> list[str]:
    """The paths of the notices, in order."""
    return [
        found.finding.path
        for found in asked(body, endpoint, by=by, strict=strict)
        if found.finding.grade is Grade.NOTICE
    ]
