"""Codex CLI's own turns: tools, compaction, rate limits, retries, coded bodies, upgrades.

Run by `make test-clients-codex`; the verdict of the fixture `mockserver` holds in each.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.drivers.python.codex_exec import Setup, Turn, turn
from tests.clients.seen import note
from tests.kit import JSON, JSONObject, SandboxClient

pytestmark = pytest.mark.timeout(120)

PROMPT = "Please greet the shell."
FREE = "--dangerously-bypass-approvals-and-sandbox"
TURN_LIMIT_S = 60

RunsCodex = Callable[..., Turn]


@pytest.fixture
def codex(tmp_path: Path, mockserver: SandboxClient) -> RunsCodex:
    def run(**setup: object) -> Turn:
        made = Setup(**{"base_url": mockserver.base_url, **setup})  # type: ignore[arg-type]
        running = turn(made, tmp_path, PROMPT, FREE)
        return asyncio.run(asyncio.wait_for(running, TURN_LIMIT_S))

    return run


def shell(command: str, **reply: JSON) -> JSONObject:
    """A reply that has Codex run a command."""
    return {"output": [{"call": "exec_command", "arguments": {"cmd": command}}], **reply}


def test_a_command_is_run_and_its_output_sent_back(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(
        name="asks for a command",
        when={"tool_result": False},
        times=1,
        reply=shell("echo hello from the shell", headers={"x-codex-turn-state": "seat-7"}),
    )
    mockserver.expect(
        name="tells",
        when={"tool_result": {"of": "exec_command", "text": {"contains": "hello from the shell"}}},
        times=1,
        reply="The shell greets back.",
    )

    done = codex()

    assert done.failure is None, done.printed
    assert done.texts == ["The shell greets back."]
    assert [one["exit_code"] for one in done.commands] == [0]
    # Sticky routing: what a reply names is sent back for the rest of the turn.
    states = [one.headers.get("x-codex-turn-state") for one in mockserver.requests]
    assert states == [None, "seat-7"]
    note("codex-turns", "a shell command round trip", "the command is run, its output sent back (2)")


OVERFLOW: JSONObject = {"input": 9000, "output": 10}
COMPACT_EARLY = ("model_auto_compact_token_limit = 5000",)


def test_a_long_conversation_is_compacted_by_the_item(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(
        name="compacts",
        when={"body": {"input": {"includes": {"type": "compaction_trigger"}}}},
        times=1,
        reply={"output": [{"compaction": "c2VhbGVkIG1lbW9yeQ=="}]},
    )
    mockserver.expect(
        name="goes on",
        when={"body": {"input": {"includes": {"type": "compaction", "encrypted_content": "c2VhbGVkIG1lbW9yeQ=="}}}},
        times=1,
        reply="Still here.",
    )
    mockserver.expect(name="begins", times=1, reply=shell("echo long", usage=OVERFLOW))

    done = codex(name="OpenAI", top=COMPACT_EARLY)

    assert done.failure is None, done.printed
    assert done.texts == ["Still here."]
    mockserver.assert_order("begins", "compacts", "goes on")
    # What was compacted is gone from the conversation.
    assert not mockserver.last.tool_results
    note("codex-turns", "compaction, provider named OpenAI", "asks with a `compaction_trigger` (3)")


def test_a_long_conversation_is_compacted_by_a_summary(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(
        name="summarises",
        when={"user": {"contains": "CONTEXT CHECKPOINT COMPACTION"}},
        times=1,
        reply="The user had the shell greeted.",
    )
    mockserver.expect(
        name="goes on", when={"any_text": {"contains": "The user had the shell greeted."}}, times=1, reply="Still here."
    )
    mockserver.expect(name="begins", times=1, reply=shell("echo long", usage=OVERFLOW))

    done = codex(top=COMPACT_EARLY)

    assert done.failure is None, done.printed
    assert done.texts[-1] == "Still here."
    mockserver.assert_order("begins", "summarises", "goes on")
    note("codex-turns", "compaction, any other provider", "asks for a summary in words (3)")


def test_a_rate_limit_is_waited_for(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(
        times=2,
        replies=[
            {"error": "rate_limited", "headers": {"retry-after": "1", "retry-after-ms": ""}},
            "Thank you for waiting.",
        ],
    )

    done = codex()

    assert done.failure is None, done.printed
    assert done.texts == ["Thank you for waiting."]
    note("codex-turns", "429 with `retry-after: 1`, then a text", "waits, then the text (2)")


@pytest.mark.parametrize("fault", ["cut", "reset", "end"])
def test_a_truncated_stream_is_asked_for_again(mockserver: SandboxClient, codex: RunsCodex, fault: str) -> None:
    broken = {"output": [{"text": "This will never be whole"}], "faults": [{fault: {"after": "text.delta[2]"}}]}
    mockserver.expect(times=2, replies=[broken, "Whole at last."])

    done = codex()

    assert done.failure is None, done.printed
    assert done.texts == ["Whole at last."]
    assert len(done.complaints) == 1
    note("codex-turns", f"a stream broken off by `{fault}`, then a text", "asks again, the text (2)")


def token(**claims: object) -> str:
    """A JWT that nobody signed."""

    def part(of: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(of).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.{part('unsigned')}"


def test_bodies_are_read_through_zstd(mockserver: SandboxClient, codex: RunsCodex) -> None:
    claims = {"chatgpt_account_id": "account-1", "chatgpt_plan_type": "plus"}
    bearer = token(exp=4102444800, **{"https://api.openai.com/auth": claims})
    login = {
        "OPENAI_API_KEY": None,
        "tokens": {"id_token": bearer, "access_token": bearer, "refresh_token": "none", "account_id": "account-1"},
        "last_refresh": "2099-01-01T00:00:00Z",
    }
    mockserver.expect(when={"user": PROMPT}, times=1, reply="Read without loss.")

    done = codex(
        name="OpenAI",
        provider=("requires_openai_auth = true", "supports_websockets = false"),
        files={"auth.json": json.dumps(login)},
    )

    assert done.failure is None, done.printed
    assert done.texts == ["Read without loss."]
    request = mockserver.last
    assert request.headers["content-encoding"] == "zstd"
    assert request.body.startswith(b"\x28\xb5\x2f\xfd")
    assert request.json["stream"] is True
    # It asks for the models as well, which is no call.
    side = {one.path for one in mockserver.journal if one.method == "GET"}
    assert side == {"/v1/models"}
    note("codex-turns", "zstd bodies, with `GET models` at the start", "the text (1)")


def test_a_refused_upgrade_leads_to_a_plain_request(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(times=1, reply="Plain HTTP will do.")

    done = codex(provider=('env_key = "MOCK_KEY"', "supports_websockets = true"))

    assert done.failure is None, done.printed
    assert done.texts == ["Plain HTTP will do."]
    upgrades = [one for one in mockserver.journal if "upgrade" in one.headers]
    assert {(one.method, one.path, one.status) for one in upgrades} == {("GET", "/v1/responses", 426)}
    note("codex-turns", "an upgrade answered with 426", "falls back to POST, the text (1)")


def test_disconnecting_after_the_terminal_event_is_no_problem(mockserver: SandboxClient, codex: RunsCodex) -> None:
    mockserver.expect(times=1, reply={"output": [{"text": "Goodbye."}], "faults": [{"linger": "5s"}]})

    done = codex()

    assert done.failure is None, done.printed
    assert done.texts == ["Goodbye."]
    assert mockserver.verdict().complaints == ()
    note("codex-turns", "a connection that lingers after the last event", "leaves, the text (1)")
