"""How a server treats unknown names and model rules: settings, dialects and scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.kit import MockServer, SandboxClient
from tests.server.end_to_end import CHAT, asking, post

UNKNOWN = asking(zzz=1)
UNSUPPORTED = asking(model="gpt-5.6-terra", max_tokens=5)
GATEWAY = "dialect: gate\nextends: openai\n"


def test_unknown_names_are_refused(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, CHAT, UNKNOWN)
    assert (answer.status, answer.error["code"]) == (400, "unknown_parameter")
    assert answer.error["message"] == "Unknown parameter: 'zzz'."
    findings = mockserver.last.document["findings"]
    assert isinstance(findings, list)
    [finding] = findings
    assert isinstance(finding, dict)
    assert (finding["rule"], finding["path"]) == ("request.unknown", "zzz")
    assert "`unknown: accept`" in str(finding["message"])
    mockserver.allow(findings=True)


@pytest.mark.parametrize(("policy", "findings"), [("report", 1), ("accept", 0)])
def test_a_sandbox_may_accept_them(policy: Literal["report", "accept"], findings: int) -> None:
    with MockServer(unknown=policy) as server:
        server.stub(reply="hi")
        assert post(server.url, CHAT, UNKNOWN).status == 200
        assert len(server.last.findings) == findings


def test_model_rules_may_be_off() -> None:
    with MockServer(model_rules="off") as server:
        server.stub(reply="hi")
        assert post(server.url, CHAT, UNSUPPORTED).status == 200


@pytest.mark.parametrize(
    ("policies", "status"), [("", 200), ("unknown: accept\n", 200), ("unknown: refuse\nmodel_rules: on\n", 400)]
)
def test_a_dialect_does_not_inherit_the_policies_of_openai(policies: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(GATEWAY + policies)
    (tmp_path / "stubs.yaml").write_text("dialect: gate.yaml\nstubs: [{reply: hi}]\n")
    with MockServer(str(tmp_path)) as server:
        assert post(server.url, CHAT, UNKNOWN).status == status
        assert post(server.url, CHAT, UNSUPPORTED).status == status


def test_a_scenario_may_add_model_rules(tmp_path: Path) -> None:
    rules = 'model_rules: [{models: "my-*", member: temperature, accepted: [1]}]\nstubs: [{reply: hi}]\n'
    (tmp_path / "stubs.yaml").write_text(rules)
    with MockServer(str(tmp_path)) as server:
        assert post(server.url, CHAT, asking(model="my-model", temperature=1)).status == 200
        assert post(server.url, CHAT, asking(model="other", temperature=0.5)).status == 200
        answer = post(server.url, CHAT, asking(model="my-model", temperature=0.5))
    assert answer.error["message"] == "Unsupported parameter: 'temperature' is not supported with this model."
    assert (answer.error["param"], answer.error["code"]) == ("temperature", "unsupported_parameter")
