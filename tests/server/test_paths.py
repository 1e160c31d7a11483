"""Paths that stubs have for themselves, further paths of an endpoint, and routes with parameters."""

from __future__ import annotations

import json
import re

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Dialects, Request, Sandbox, Send, Settings, load_text
from tests.server.sandboxed import CHAT, Played

PATHS = """
stubs:
  - name: embeddings
    on: {path: /v1/embeddings, method: POST}
    when: {model: embed-small, user: {contains: hello}}
    reply:
      body: {object: list, data: [{index: 0, embedding: [0.5]}], model: "{{request.model}}"}
  - name: the list fails once
    on: {path: /v1/models, method: GET}
    times: 1
    reply: {error: server_error}
  - name: a file
    on: {path: "/v1/files/{id}/content", method: GET}
    when: {query: {v: {matches: "^(?P<digits>[0-9]+)$"}}, path: {id: {matches: "^file-(?P<rest>.+)$"}}}
    reply: {body: "{{request.path.id}} {{match.rest}} {{request.query.v}} {{match.digits}}"}
  - name: one of two
    on: {path: "/v1/batches/{id}"}
    when: {any_of: [{path: {id: a}}, {path: {id: b}}], none_of: [{path: {id: c}}]}
    reply: {body: "batch {{request.path.id}}"}
  - name: anything below
    on: {path: "/proxy/{+rest}"}
    reply: {body: "{{request.path.rest}}", status: 203}
  - name: events
    on: {path: /v1/events, method: POST}
    reply:
      events: [{data: {type: begun}}, {event: ping, data: {}}, "[DONE]"]
      faults: [{cut: {after: "begun[0]"}}]
  - name: bytes
    on: {path: /v1/audio/speech}
    reply: {raw: "HTTP/1.1 200 OK\\r\\ncontent-length: 3\\r\\n\\r\\nabc"}
  - name: chat elsewhere
    on: {path: "/{tenant}/chat", endpoint: chat}
    when: {path: {tenant: acme}}
    reply: "Hi {{request.path.tenant}}"
  - name: chat
    on: chat
    reply: Hi
"""
EMBED = json.dumps({"model": "embed-small", "input": "hello"}).encode()


@pytest.fixture
def played() -> Played:
    return Played(PATHS)


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "content"),
    [
        ("POST", "/v1/embeddings", EMBED, 200, '"model": "embed-small"'),
        ("POST", "/embeddings/", EMBED, 200, '"model": "embed-small"'),
        ("GET", "/v1/files/file-1/content?v=22", b"", 200, "file-1 1 22 22"),
        ("GET", "/v1/files/file-a%20b/content?v=2", b"", 200, "file-a b a b 2 2"),
        ("GET", "/v1/batches/b", b"", 200, "batch b"),
        ("GET", "/v1/batches/c", b"", 404, "any_of"),
        ("DELETE", "/proxy/a/b/c", b"\xff", 203, "a/b/c"),
        ("POST", "/v1/audio/speech", b"--x\r\n", 200, "abc"),
        ("POST", "/acme/chat", json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}]}).encode(),
         200, "Hi acme"),
        ("GET", "/v1/embeddings", b"", 404, "Invalid"),
        ("GET", "/v2/embeddings", b"", 404, "Invalid URL (GET /v2/embeddings)"),
    ],
)  # fmt: skip
def test_a_path_is_answered_as_scripted(
    played: Played, method: str, target: str, body: bytes, status: int, content: str
) -> None:
    answer = played.send(method, target, body)
    assert (answer.status, content in answer.body.decode()) == (status, True), answer.body.decode()


def test_a_stub_on_the_list_of_models_gives_way_when_it_is_used_up(played: Played) -> None:
    statuses = [played.send("GET", "/v1/models").status for _ in range(2)]
    kinds = [record.kind.value for record in played.sandbox.journal.entries]
    assert (statuses, kinds) == ([500, 200], ["call", "side"])
    assert played.sandbox.journal.entries[0].endpoint == "path"


def test_events_of_a_path_have_labels_and_faults(played: Played) -> None:
    request = Request(method="POST", target="/v1/events", path="/v1/events")
    _, decision = played.sandbox.exchange(request, now_s=0.0)
    wire = decision.script.wire
    assert (b'data: {"type":"begun"}' in wire, b"ping" in wire) == (True, False)
    labels = [frame.label for frame in decision.script.frames if isinstance(frame, Send) and frame.label]
    assert set(labels) == {"begun[0]"}


def miss(played: Played, method: str, target: str, body: bytes = b"") -> str:
    answer = played.send(method, target, body)
    assert answer.status == 404
    return str(answer.json["error"]["message"])


def test_near_misses_name_the_path_and_its_parameters(played: Played) -> None:
    report = miss(played, "POST", "/v1/embedings", EMBED)
    assert 'closest  s.yaml:3 "embeddings" — 1 of 3 conditions differs' in report
    assert "path                       expected POST /v1/embeddings   got POST /v1/embedings" in report
    report = miss(played, "GET", "/v1/files/f/content?v=1")
    assert 'closest  s.yaml:12 "a file" — 1 of 3 conditions differs' in report
    assert re.search(r'path\.id +expected a text that matches "\^file-\(\?P<rest>\.\+\)\$" +got "f"\n', report), report
    assert re.search(r"path +expected GET /v1/models +got GET /v1/files/f/content", report), report


@pytest.mark.parametrize("target", ["/v1/v1/chat/completions", "/v1/v1/embeddings"])
@pytest.mark.parametrize("scenario", [PATHS, "stubs: [{reply: hi}]"])
def test_a_doubled_prefix_gets_a_hint(target: str, scenario: str) -> None:
    report = miss(Played(scenario), "POST", target, b"{}")
    assert f"did you mean {target[3:]}? /v1 is doubled: the client adds what its base URL has" in report


def test_the_limit_of_requests_counts_paths() -> None:
    played = Played(PATHS, request_limit=1)
    assert [played.send("GET", "/proxy/a").status for _ in range(2)] == [203, 429]


PLACES = {
    "on: {path: /v1/responses}": "this path is that of the endpoint responses; write on: responses",
    "on: {path: /responses, method: POST}": "this path is that of the endpoint responses; write on: responses",
    "on: {path: /v1/chats, endpoint: responses}": "responses cannot serve this stub: only chat has several choices",
}


@pytest.mark.parametrize(("on", "problem"), PLACES.items())
def test_a_path_that_cannot_be_the_stubs_own_is_a_problem(on: str, problem: str) -> None:
    reply = "{choices: [[{text: a}], [{text: b}]]}" if "endpoint" in on else "{body: {}}"
    with pytest.raises(ScenarioError) as caught:
        Played(f"stubs:\n  - {on}\n    reply: {reply}\n")
    assert [one.message for one in caught.value.problems] == [problem]


def test_a_path_with_another_method_than_the_endpoints_is_free() -> None:
    played = Played("stubs: [{on: {path: /v1/responses, method: GET}, reply: {body: [], status: 201}}]")
    assert played.send("GET", "/v1/responses").status == 201
    assert played.ask("/v1/responses").status == 404


def test_the_path_does_not_reach_other_endpoints(played: Played) -> None:
    assert played.ask(CHAT).said == "Hi"
    assert played.ask(CHAT, user="again").entry.endpoint == "chat"


def test_a_scenario_without_paths_is_not_asked_for_one() -> None:
    sandbox = Sandbox("s", Dialects().find("openai"), settings=Settings())
    before = sandbox.stubs.index
    assert (before.paths, before.routes) == ((), ())
    sandbox.load(load_text(PATHS, origin="s.yaml", dialects=Dialects()))
    assert [one.route.path for one in sandbox.stubs.index.paths][:2] == ["/v1/embeddings", "/v1/models"]
    assert [one.path for one in sandbox.stubs.index.routes] == ["/{tenant}/chat"]
