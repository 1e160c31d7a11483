"""The whole server over plain HTTP: which door is which, and who is let in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kit import SandboxClient, ServerClient
from tests.server.end_to_end import CHAT, COMPACT, KEY, RESPONSES, asking, post, send

KINDS = {CHAT: "chat.completion", RESPONSES: "response", COMPACT: "response.compaction"}
UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


# --- endpoints ---


@pytest.mark.parametrize("prefix", ["/v1", ""])
@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("tail", ["", "/", "?api-version=1"])
def test_every_endpoint_answers_with_and_without_v1(
    path: str, prefix: str, tail: str, mockserver: SandboxClient
) -> None:
    mockserver.stub(reply="hi")
    target = prefix + path.removeprefix("/v1") + tail
    answer = post(mockserver.url, target, asking(path=path))
    assert (answer.status, answer.json["object"]) == (200, KINDS[path])
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_the_body_and_not_the_accept_header_decides_on_a_stream(path: str, mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    whole = post(mockserver.url, path, headers={**KEY, "accept": "text/event-stream"})
    streamed = post(mockserver.url, path, headers={**KEY, "accept": "application/json"}, stream=True)
    assert whole.headers["content-type"] == "application/json"
    assert streamed.headers["content-type"].startswith("text/event-stream")


# --- credentials ---


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer any"}, {"Authorization": "bearer any"}, {"x-api-key": "any"}, {"X-API-Key": "any"}],
    ids=str,
)
def test_any_key_is_accepted(headers: Mapping[str, str], mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    assert post(mockserver.url, headers=headers).status == 200
    assert mockserver.last.key == "any"


@pytest.mark.mockserver(allow=["findings"])
@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer "}, {"authorization": "Basic YTpi"}], ids=str
)
def test_a_request_without_a_key_is_a_401_and_uses_no_stub(
    headers: Mapping[str, str], path: str, mockserver: SandboxClient
) -> None:
    mockserver.expect(reply="hi", times=1)
    answer = post(mockserver.url, path, headers=headers)
    assert answer.status == 401
    assert answer.error["type"] == "invalid_request_error"
    assert "API key" in answer.error["message"]
    assert mockserver.last.findings == ("credentials.missing",)
    assert post(mockserver.url, path).status == 200


@pytest.mark.mockserver(keys=["one", "two"], allow=["findings"])
def test_only_configured_keys_are_accepted(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")

    def status(key: str) -> int:
        return post(mockserver.url, headers={"authorization": f"Bearer {key}"}).status

    assert [status(key) for key in ("one", "two", "three", "One")] == [200, 200, 401, 401]
    refused = post(mockserver.url, headers={"authorization": "Bearer sk-a-long-one-indeed"})
    assert refused.error["code"] == "invalid_api_key"
    assert "sk-a-long-one-indeed" not in refused.error["message"]
    found = send(mockserver.url, "GET", "/__admin/journal").body
    assert b"sk-a-long-one-indeed" not in found


# --- sandboxes ---


def test_sandboxes_by_url_and_by_header_share_nothing(mockserver_host: ServerClient) -> None:
    one, two = mockserver_host.create(), mockserver_host.create()
    one.stub(reply="I am one")
    two.stub(reply="I am two")

    def said(path: str, header: str | None = None) -> str:
        headers = KEY if header is None else {**KEY, "x-mockserver-sandbox": header}
        answer = post(mockserver_host.url, path, asking(), headers)
        return str(answer.json["choices"][0]["message"]["content"])

    assert said(f"/sandbox/{one.name}{CHAT}") == "I am one"
    assert said(f"/sandbox/{two.name}/chat/completions") == "I am two"
    assert said(CHAT, header=two.name) == "I am two"
    # The URL beats the header.
    assert said(f"/sandbox/{one.name}{CHAT}", header=two.name) == "I am one"
    assert (len(one.requests), len(two.requests)) == (2, 2)
    assert [request.path for request in one.requests] == [CHAT, CHAT]


def test_control_routes_of_a_sandbox_are_found_either_way(mockserver: SandboxClient) -> None:
    mockserver.stub(name="here", reply="hi")
    root = mockserver.url.rpartition("/sandbox/")[0]
    by_url = send(mockserver.url, "GET", "/__admin/scenarios").json
    header = {"x-mockserver-sandbox": mockserver.name}
    by_header = send(root, "GET", "/__admin/scenarios", headers=header).json
    assert by_url == by_header
    assert by_url["scenarios"][0]["stubs"][0]["stub"] == "here"


# --- the control routes, once around ---


def test_the_admin_routes_do_it_all_over_http(mockserver_host: ServerClient) -> None:
    made = send(mockserver_host.url, "POST", "/__admin/sandboxes", {})
    assert made.status == 201
    url = mockserver_host.url + made.json["url"]
    assert send(url, "GET", "/__admin/health").json["status"] == "ok"

    scenario = b"scenario: greets\nstubs: [{name: hi, times: 2, reply: hello}]\n"
    loaded = send(url, "POST", "/__admin/scenarios", scenario, {"content-type": "text/yaml"})
    assert (loaded.status, loaded.json) == (201, {"scenario": "greets", "stubs": ["hi"]})

    assert post(url).json["choices"][0]["message"]["content"] == "hello"
    verdict = send(url, "POST", "/__admin/verify").json
    assert verdict["ok"] is False
    assert '"hi"   expected 2, got 1' in verdict["report"]

    assert post(url, RESPONSES).status == 200
    assert send(url, "POST", "/__admin/verify").json["ok"] is True
    journal = send(url, "GET", "/__admin/journal").json
    assert [one["endpoint"] for one in journal["entries"]] == ["chat", "responses"]

    assert send(url, "POST", "/__admin/reset").status == 200
    assert send(url, "GET", "/__admin/journal").json["entries"] == []
    assert send(url, "GET", "/__admin/scenarios").json["scenarios"] == []
    assert send(url, "DELETE", "/__admin/sandboxes").status == 200


# --- what matches nothing ---


REPORT = """\
1 unmatched request.

#3  POST /v1/chat/completions  stream   {sandbox} sandbox
    closest  weather.yaml:13 "tells the weather" — 1 of 1 conditions differs
      tool_result                expected a tool result of "get_weather"   got none
    also     weather.yaml:3 "asks for the weather" — matches, but exhausted (2/2 calls)"""


WEATHER = """\
scenario: weather
stubs:
  - name: asks for the weather
    when:
      user: {contains: weather}
      tool: get_weather
    times: 2
    reply:
      output:
        - call: get_weather
          arguments: {city: Paris}

  - name: tells the weather
    when:
      tool_result: {of: get_weather}
    reply: It is 18 °C in Paris.
"""


@pytest.mark.mockserver(allow=["unmatched"])
def test_an_unmatched_request_is_a_404_with_the_nearest_stubs(mockserver: SandboxClient, tmp_path: Path) -> None:
    file = tmp_path / "weather.yaml"
    file.write_text(WEATHER, "utf-8")
    mockserver.load(file)
    function = {"name": "get_weather", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": function}]
    answers = [post(mockserver.url, body=asking("weather?", tools=tools, stream=True)) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 404]
    answer = answers[-1]
    assert answer.headers["x-should-retry"] == "false"
    assert answer.error["type"] == "mockserver_unmatched"
    found = answer.error["message"].replace(f"{file.parent}/", "")
    assert found == REPORT.format(sandbox=mockserver.name)
    assert mockserver.last.unmatched


@pytest.mark.mockserver(allow=["unmatched"])
def test_an_unknown_path_is_unmatched_when_it_is_posted_to(mockserver: SandboxClient) -> None:
    mockserver.stub(reply="hi")
    answer = post(mockserver.url, "/v1/embeddings", {"model": "m", "input": "x"})
    assert (answer.status, answer.error["type"]) == (404, "mockserver_unmatched")
    assert "no endpoint has this path" in answer.error["message"]
    assert [one.unmatched for one in mockserver.requests] == [True]
    assert len(mockserver.verdict().complaints) == 0


# --- side traffic ---


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/models", KEY, 200),
        ("GET", "/models", {}, 200),
        ("HEAD", "/v1/models", KEY, 200),
        ("GET", "/v1/models/gpt-5.4", KEY, 200),
        ("GET", "/v1/models/any/thing", KEY, 200),
        ("OPTIONS", CHAT, {}, 204),
        ("GET", CHAT, KEY, 405),
        ("DELETE", RESPONSES, KEY, 405),
        ("GET", "/", {}, 404),
        ("GET", "/favicon.ico", {}, 404),
        ("GET", RESPONSES, {**KEY, **UPGRADE}, 426),
        ("GET", CHAT, {**KEY, **UPGRADE}, 426),
    ],
)
def test_other_requests_use_no_stub_and_fail_no_test(
    method: str, path: str, headers: Mapping[str, str], status: int, mockserver: SandboxClient
) -> None:
    mockserver.expect(reply="hi", times=1)
    assert send(mockserver.url, method, path, headers=headers).status == status
    assert len(mockserver.requests) == 0
    assert [one.status for one in mockserver.journal] == [status]
    assert post(mockserver.url).status == 200


def test_a_rejected_upgrade_names_the_supported_protocol(mockserver: SandboxClient) -> None:
    answer = send(mockserver.url, "GET", RESPONSES, headers={**KEY, **UPGRADE})
    assert (answer.status, answer.headers["upgrade"]) == (426, "HTTP/1.1")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("POST", CHAT)])
def test_an_offer_of_http_2_is_ignored(method: str, path: str, mockserver: SandboxClient) -> None:
    """Java's client and `curl --http2` offer it with every first request."""
    mockserver.stub(reply="hi")
    offer = {
        "connection": "Upgrade, HTTP2-Settings",
        "upgrade": "h2c",
        "http2-settings": "AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
    }
    body = asking() if method == "POST" else None
    assert send(mockserver.url, method, path, body, {**KEY, **offer}).status == 200
