"""What the settings of a server change in its answers."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver import MockServer, VerificationError
from tests.kit import SandboxClient, ServerClient
from tests.server.end_to_end import CHAT, RESPONSES, asking, post, send

# Breaks the contract: there is no such role.
BAD = {"model": "m", "messages": [{"role": "wizard", "content": "hello"}]}
ODD = asking("hello", wand=True)


# --- contract ---


@pytest.mark.mockserver(contract="enforce", allow=["findings"])
def test_an_enforced_violation_is_answered_like_the_upstream(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, body=BAD)
    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"
    assert answer.error["param"] == "messages[0].role"
    assert (len(mockserver.last.findings), mockserver.last.matched) == (1, False)


@pytest.mark.mockserver(contract="report")
def test_a_reported_violation_is_answered_by_its_stub_and_recorded(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    assert post(mockserver.url, body=BAD).status == 200
    assert (len(mockserver.last.findings), mockserver.last.matched) == (1, True)


@pytest.mark.mockserver(contract="off")
def test_without_contract_a_violation_is_not_found(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    assert post(mockserver.url, body=BAD, headers={}).status == 200
    assert mockserver.last.findings == ()


@pytest.mark.mockserver(unknown="report")
def test_an_unknown_member_may_be_a_notice(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    assert post(mockserver.url, body=ODD).status == 200
    assert len(mockserver.last.findings) == 1


@pytest.mark.mockserver(strict=True, allow=["findings"])
def test_a_strict_server_refuses_an_unknown_member(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, body=ODD)
    assert (answer.status, answer.error["code"]) == (400, "unknown_parameter")
    assert answer.error["param"] == "wand"


# --- unmatched ---


def test_failing_an_unmatched_request_fails_the_verdict(mockserver_host: ServerClient) -> None:
    sandbox = mockserver_host.create(unmatched="fail")
    assert post(sandbox.url).status == 404
    with pytest.raises(VerificationError, match="1 unmatched request"):
        sandbox.verify()


@pytest.mark.mockserver(unmatched="allow")
def test_an_allowed_unmatched_request_is_a_404_and_no_problem(mockserver: SandboxClient) -> None:
    assert post(mockserver.url).status == 404
    assert mockserver.verdict()


@pytest.mark.mockserver(unmatched="echo")
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_echo_answers_an_unmatched_request_with_its_text(path: str, mockserver: SandboxClient) -> None:
    mockserver.stub(when={"user": "known"}, reply="scripted")
    whole = post(mockserver.url, path, asking("parrot", path))
    assert (whole.status, b'"parrot"' in whole.body) == (200, True)
    streamed = post(mockserver.url, path, asking("parrot", path, stream=True))
    assert any('"parrot"' in event for event in streamed.events)
    scripted = post(mockserver.url, path, asking("known", path))
    assert b'"scripted"' in scripted.body


# --- time and bounds ---


@pytest.mark.mockserver(time_scale=0)
def test_a_time_scale_of_zero_skips_every_wait(mockserver: SandboxClient) -> None:
    mockserver.stub(
        reply={
            "output": [{"text": "one two three"}],
            "pace": {"first": "59m", "gap": "59m"},
            "faults": [{"delay": {"after": 1, "for": "59m"}}, {"linger": "59m"}],
        }
    )
    # It would outlast any patience otherwise.
    assert post(mockserver.url, stream=True).events[-1] == "[DONE]"
    mockserver.settle()
    assert mockserver.last.outcome == "complete"


@pytest.mark.mockserver(request_limit=2, allow=["findings"])
def test_beyond_its_request_limit_a_sandbox_answers_429(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answers = [post(mockserver.url) for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 429, 429]
    assert answers[2].error["type"] == "mockserver_request_limit"
    assert answers[2].headers["x-should-retry"] == "false"
    assert mockserver.last.findings == ("requests.limit",)
    mockserver.reset()
    mockserver.stub(reply="hi")
    assert post(mockserver.url).status == 200


@pytest.mark.mockserver(journal_limit=3)
def test_the_journal_keeps_the_latest(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    for _ in range(5):
        post(mockserver.url)
    assert [one.number for one in mockserver.requests] == [3, 4, 5]
    assert send(mockserver.url, "GET", "/__admin/journal").json["dropped"] == 2


def test_a_server_with_scenarios_gives_them_to_sandboxes_made_by_first_use() -> None:
    with MockServer(unmatched="allow") as server:
        server.stub(reply="of the default sandbox")
        assert post(server.url).status == 200
        # Only what the server was started with is everybody's.
        assert post(f"{server.url}/sandbox/new").status == 404
        assert "new" in server.server.sandboxes


def test_scenarios_of_the_server_start_again_in_every_sandbox(tmp_path: Path) -> None:
    file = tmp_path / "counts.yaml"
    file.write_text("stubs: [{name: counts, replies: [one, two]}]", "utf-8")
    with MockServer(str(file)) as server:

        def said(url: str) -> str:
            return str(post(url).json["choices"][0]["message"]["content"])

        assert [said(server.url), said(server.url)] == ["one", "two"]
        assert said(f"{server.url}/sandbox/fresh") == "one"
        made = server.server.create(scenarios=True)
        assert said(made.url) == "one"
        empty = server.server.create(unmatched="allow")
        assert post(empty.url).status == 404


def test_a_known_head_does_not_lift_the_body_limit_of_its_sandbox() -> None:
    with MockServer() as server:
        wide = server.server.create("limited")
        wide.stub(reply="hi")
        address = urlsplit(wide.url)
        connection = HTTPConnection(str(address.hostname), address.port)

        def status() -> int:
            headers = {"authorization": "Bearer any", "content-type": "application/json"}
            connection.request("POST", f"{address.path.rstrip('/')}{CHAT}", json.dumps(asking("x" * 500)), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

        assert [status(), status()] == [200, 200]
        server.server.drop(wide)
        server.server.create("limited", body_limit=100).stub(reply="hi")
        assert status() == 413
        connection.close()
