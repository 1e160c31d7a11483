"""What is filled in from a template is what would have been composed, in every shipped scenario."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit import ContractMode, Decision, Dialects, Match, Request, Sandbox, Scenario, Settings, coalesce

PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "compact": "/v1/responses/compact"}
# Between them the counts of tokens have one digit, two and three.
MORE = ("", " please", " please" * 40, " please" * 41, " please" * 400, " please" * 401)
MEMBERS: tuple[dict[str, object], ...] = (
    {},
    {"temperature": 1},
    {"temperature": 1.0},
    {"metadata": {"run": "7"}, "user": "somebody"},
    {"model": "another"},
)
# Version and keep-alive of a request.
CONNECTIONS = (((1, 1), True), ((1, 1), False), ((1, 0), False))


@pytest.fixture
def sandbox(asking: Any, shipped: dict[str, Scenario], dialects: Dialects) -> Sandbox:
    return Sandbox(
        "default",
        dialects.find("openai"),
        scenarios=(shipped[asking.scenario],),
        settings=Settings(contract=ContractMode.OFF),
    )


def ask(sandbox: Sandbox, asking: Any, more: str, members: object, at: int) -> Decision:
    body = asking.body
    body[asking.member] = [{"role": "user", "content": asking.text + more}]
    path = PATHS[asking.endpoint]
    version, keep_alive = CONNECTIONS[at % len(CONNECTIONS)]
    request = Request(
        method="POST",
        target=path,
        path=path,
        body=json.dumps(body | members).encode(),
        version=version,
        keep_alive=keep_alive,
    )
    _, decision = sandbox.exchange(request, now_s=0.0)
    return decision


def is_filled(decision: Decision) -> bool:
    """Whether a stub's reply was filled in from a template."""
    return decision.rendered is None and isinstance(decision.choice, Match)


def test_a_filled_template_equals_the_rendered_reply(asking: Any, sandbox: Sandbox) -> None:
    for at in range(len(CONNECTIONS)):
        for members in MEMBERS:
            for more in MORE:
                done = ask(sandbox, asking, more, members, at)
                if is_filled(done):
                    assert done.acts == tuple(coalesce(done.script.frames))


def test_a_reply_that_varies_in_ids_alone_is_filled_from_a_template(asking: Any, sandbox: Sandbox) -> None:
    done = [ask(sandbox, asking, "", {}, 0) for _ in range(6)]
    choices = [one.choice for one in done[-3:]]
    replies = [one.reply for one in choices if isinstance(one, Match)]
    copies = asking.endpoint == "compact" and asking.member == "input"
    if len(replies) == 3 and replies[0] is replies[1] is replies[2] and not copies:
        anew = bool(replies[0].faults) or replies[0].templated
        assert is_filled(done[-1]) != anew
