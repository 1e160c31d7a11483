"""Citations of each kind, where they can be said, from the scenario's file to the bytes."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.judge import judge
from mockserver.errors import ScenarioError
from tests.server.sandboxed import CHAT, RESPONSES, Played

CITATIONS: dict[str, Any] = {
    "url_citation": {
        "type": "url_citation",
        "url": "https://example.org",
        "title": "t",
        "start_index": 0,
        "end_index": 2,
    },
    "file_citation": {"type": "file_citation", "file_id": "f", "filename": "a.md", "index": 1},
    "container_file_citation": {
        "type": "container_file_citation",
        "container_id": "c",
        "file_id": "f",
        "filename": "a.md",
        "start_index": 0,
        "end_index": 2,
    },
    "file_path": {"type": "file_path", "file_id": "f", "index": 1},
}


def scenario(kind: str, on: str = "") -> str:
    return f"stubs: [{{{on}reply: {{output: [{{text: hello, annotations: [{CITATIONS[kind]}]}}]}}}}]"


@pytest.mark.parametrize("kind", CITATIONS)
def test_a_response_has_every_kind_of_citation(kind: str) -> None:
    played = Played(scenario(kind))
    whole, streamed = played.ask(RESPONSES), played.ask(RESPONSES, stream=True)
    wanted = [CITATIONS[kind]]
    assert whole.json["output"][0]["content"][0]["annotations"] == wanted
    added = [one for one in streamed.events if one["type"].endswith("annotation.added")]
    assert [(one["annotation_index"], one["annotation"]) for one in added] == [(0, wanted[0])]
    assert judge(whole.wire).findings == judge(streamed.wire).findings == ()


@pytest.mark.parametrize(("kind", "status"), [(kind, 200 if kind == "url_citation" else 404) for kind in CITATIONS])
def test_chat_has_web_citations_only(kind: str, status: int) -> None:
    assert Played(scenario(kind)).ask(CHAT).status == status


def test_a_citation_that_chat_lacks_is_a_load_error_on_chat() -> None:
    with pytest.raises(ScenarioError) as raised:
        Played(scenario("file_citation", "on: chat, "))
    assert [str(one) for one in raised.value.problems] == [
        "s.yaml:1:14: stubs[0].on: chat cannot serve this stub: chat cannot say a file_citation"
    ]
