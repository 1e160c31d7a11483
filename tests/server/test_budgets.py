"""Budgets of requests and tokens: 429 with true headers, on the sandbox's clock."""

from __future__ import annotations

import json

import pytest

from mockserver.errors import ScenarioError
from tests.kit import DialectDataError, Dialects, Limit, Sandbox, Settings, build, load_text, shown_wait
from tests.server.sandboxed import Played

LIMITED = """
limits: {requests: 3/min, tokens: 1k/min}
stubs:
  - name: own
    when: {user: own}
    reply: {output: [{text: hi}], headers: {X-RateLimit-Remaining-Requests: "77", x-ratelimit-reset-requests: ""}}
  - {name: paths, on: {path: /v1/embeddings}, reply: {body: {}}}
  - {name: all, reply: hi}
"""


def told(headers: dict[str, str], kind: str) -> list[str]:
    return [headers[f"x-ratelimit-{name}-{kind}"] for name in ("limit", "remaining", "reset")]


def test_a_budget_drains_as_the_clock_goes_on() -> None:
    played = Played(LIMITED)
    answers = [played.ask() for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert [told(one.headers, "requests") for one in answers] == [
        ["3", "2", "20s"],
        # A second passes from call to call, in which a twentieth of a request comes back.
        ["3", "1", "39s"],
        ["3", "0", "58s"],
        ["3", "0", "57s"],
    ]
    refused = answers[-1]
    assert (refused.headers["retry-after"], refused.headers["retry-after-ms"]) == ("17", "17000")
    assert refused.json["error"] == {
        "message": "Rate limit reached for gpt-5.4 in organization org-mockserver on requests per min (RPM): Limit 3, "
        "Used 3, Requested 1. Please try again in 17s. Visit https://platform.openai.com/account/rate-limits to learn "
        "more.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    # The refused call took a second and nothing else.
    played.sandbox.clock.advance(15.9)
    assert played.ask().status == 429
    played.sandbox.clock.advance(0)
    assert played.ask().status == 200
    played.sandbox.reset()
    assert told(played.ask().headers, "requests") == ["3", "2", "20s"]


def test_tokens_are_those_of_the_request_and_the_most_that_it_asks_for() -> None:
    played = Played("limits: {tokens: 1k/min}\nstubs: [{reply: hi}]")
    assert told(played.ask(user="a" * 400, max_completion_tokens=500).headers, "tokens") == ["1000", "400", "36s"]
    refused = played.ask(user="b" * 40, max_completion_tokens=500)
    assert (refused.status, refused.headers["retry-after-ms"]) == (429, "5600")
    assert (
        "on tokens per min (TPM): Limit 1000, Used 584, Requested 510. Please try again in 5.6s."
        in (refused.json["error"]["message"])
    )
    large = played.ask(user="b", max_completion_tokens=5000)
    assert (large.status, "retry-after" in large.headers) == (429, False)
    assert "Request too large for gpt-5.4" in large.json["error"]["message"]
    assert "Limit 1000, Requested 5001." in large.json["error"]["message"]


def test_scripted_headers_take_precedence_and_paths_count() -> None:
    played = Played(LIMITED)
    own = played.ask(user="own").headers
    assert (own["x-ratelimit-remaining-requests"], "x-ratelimit-reset-requests" in own) == ("77", False)
    statuses = [played.post("/v1/embeddings", b"{}").status for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_refused_call_uses_no_stub_and_is_no_violation() -> None:
    played = Played("limits: {requests: 1/h}\nstubs: [{times: ..2, reply: hi}]")
    assert [played.ask().status for _ in range(3)] == [200, 429, 429]
    verdict = played.sandbox.verdict()
    assert (bool(verdict), [one.calls for one in played.sandbox.stubs.mounted]) == (True, [1])


def test_a_dialect_has_limits_of_its_own_that_a_scenario_replaces() -> None:
    azure = build({"dialect": "mine", "limits": {"requests": "2/min"}}, Dialects().find("azure"))
    scenario = load_text("{dialect: azure, stubs: [{reply: hi}]}", "s.yaml", Dialects())
    sandbox = Sandbox("s", azure, settings=Settings())
    sandbox.load(type(scenario)(name="s", stubs=scenario.stubs, dialect=azure))
    played = Played(LIMITED)
    played.sandbox = sandbox
    path, body = "/openai/deployments/m/chat/completions", json.dumps({"messages": [{"role": "user", "content": "x"}]})
    answers = [played.post(path, body.encode(), (("api-key", "k"),)) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 429]
    assert {name for name in answers[0].headers if "ratelimit" in name} == {
        "x-ratelimit-limit-requests",
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
    }
    assert "exceeded call rate limit" in answers[2].json["error"]["message"]
    assert "Please retry after 28 seconds." in answers[2].json["error"]["message"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("{requests: 0/min}", "expected a number in a time, such as 3/min or 10k/min, got '0/min'"),
        ("{requests: 3}", "expected a number in a time, such as 3/min or 10k/min, got 3"),
        ("{tokens: 3/week}", "expected a number in a time, such as 3/min or 10k/min, got '3/week'"),
        ("{token: 3/min}", "unknown key 'token'; did you mean 'tokens'?"),
        ("3/min", "expected a mapping of requests, tokens, got '3/min'"),
    ],
)
def test_a_wrong_limit_is_a_problem(limits: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        Played(f"limits: {limits}\nstubs: [{{reply: hi}}]")
    [problem] = caught.value.problems
    assert (problem.message, problem.position.line) == (message, 1)


@pytest.mark.parametrize(
    ("limits", "place"), [({"requests": "3"}, "limits.requests"), ({"token": "3/min"}, "limits.token"), (3, "limits")]
)
def test_a_wrong_limit_of_a_dialect_is_a_problem(limits: object, place: str) -> None:
    with pytest.raises(DialectDataError) as caught:
        build({"dialect": "mine", "limits": limits})  # type: ignore[dict-item]
    assert caught.value.key_path == place


def test_a_dialect_may_take_the_limits_of_its_base_away() -> None:
    base = build({"dialect": "base", "limits": {"requests": "2/min", "tokens": "10k / h"}})
    assert base.limits is not None
    assert base.limits.tokens == Limit(10_000, "h")
    less = build({"dialect": "less", "limits": {"tokens": None}}, base).limits
    assert less is not None
    assert (less.requests, less.tokens) == (Limit(2, "min"), None)
    assert build({"dialect": "none", "limits": None}, base).limits is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (0.006, "6ms"), (0.6441, "645ms"), (1, "1s"), (8.64, "8.64s"), (90.5, "1m30.5s"), (360, "6m0s"),
     (3723, "1h2m3s")],
)  # fmt: skip
def test_times_are_written_as_the_api_writes_them(seconds: float, shown: str) -> None:
    assert shown_wait(seconds) == shown
