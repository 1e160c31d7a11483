from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from threading import current_thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mockserver.model.json import JSONObject
from mockserver.model.settings import Settings
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects
from mockserver.server.app import Upstream
from mockserver.server.control import control
from mockserver.server.control_message import ControlRequest
from mockserver.server.control_openapi import OPENAPI
from mockserver.server.control_upload import Uploads
from mockserver.server.host import ThreadHost
from mockserver.server.limits import CONTROL_BODY_LIMIT
from mockserver.server.sandboxes import Sandboxes

TOKEN = {"Authorization": "Bearer secret"}
WEATHER = b"scenario: weather\nstubs: [{name: asks, times: 1, reply: which city?}]\n"
CHAT = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """A server with a token, and requests to it that bring the token along."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(*self._address, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, TOKEN | sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def admin(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        return self.ask(method, f"/__admin/{path}", body, **headers)


@pytest.fixture
def server() -> Iterator[Server]:
    dialects = Dialects()
    sandboxes = Sandboxes(
        dialects.find("openai"), settings=Settings(body_limit=4096), clock=time.monotonic
    )
    upstream = Upstream(sandboxes, control(sandboxes, dialects, admin_token="secret"))
    host = ThreadHost(upstream, host="127.0.0.1", port=0)
    yield Server(*host.start())
    host.stop()


def test_an_answer_is_json_that_nobody_keeps(server: Server) -> None:
    answer = server.admin("GET", "health")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body.endswith(b"}\n")


def test_head_has_the_head_of_get(server: Server) -> None:
    whole, head = server.admin("GET", "health"), server.admin("HEAD", "health")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_without_the_token_only_health_answers(server: Server) -> None:
    assert server.admin("POST", "reset", Authorization="").status == 401
    assert server.admin("GET", "health", Authorization="").status == 200


def test_a_page_of_another_origin_is_refused(server: Server) -> None:
    answer = server.admin("POST", "reset", Origin="http://evil.example")
    assert (answer.status, answer.json["status"]) == (403, 403)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/yaml", WEATHER),
        ("text/yaml; charset=utf-8", WEATHER),
        ("text/plain", WEATHER),
        ("application/x-www-form-urlencoded", WEATHER),
        ("application/json", b'{"scenario": "weather", "stubs": [{"reply": "x"}]}'),
        ("application/x-www-form-urlencoded", b' {"scenario": "weather", "stubs": [{"reply": 1}]}'),
        ("application/yaml", b"{scenario: weather, stubs: [{reply: x}]}"),
    ],
)
def test_a_scenario_comes_as_yaml_or_json(server: Server, kind: str, body: bytes) -> None:
    body = body.replace(b'"reply": 1', b'"reply": "x"')
    answer = server.admin("POST", "scenarios", body, Content_Type=kind)
    assert (answer.status, answer.json["scenario"]) == (201, "weather")


def test_a_bad_scenario_tells_every_problem_and_changes_nothing(server: Server) -> None:
    assert server.admin("POST", "scenarios", WEATHER, **_yaml()).status == 201
    before = server.admin("GET", "scenarios").json
    bad = b"scenario: weather\nstubs:\n  - repli: x\n  - {reply: y, on: nowhere}\n"
    answer = server.admin("POST", "scenarios?origin=weather.yaml", bad, **_yaml())
    assert answer.status == 422
    assert answer.json["status"] == 422
    places = [(one["file"], one["line"]) for one in answer.json["problems"]]
    assert {("weather.yaml", 3), ("weather.yaml", 4)} <= set(places)
    assert all(problem["message"] in answer.json["error"] for problem in answer.json["problems"])
    assert server.admin("GET", "scenarios").json == before


def _yaml() -> dict[str, str]:
    return {"Content_Type": "application/yaml"}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"\xff", 400, "the body is no UTF-8: byte 0"),
        (b"", 400, "no scenario was sent: wanted YAML or a JSON object"),
        (
            b" " * (CONTROL_BODY_LIMIT + 1),
            413,
            f"the body: wanted at most {CONTROL_BODY_LIMIT} bytes",
        ),
    ],
)
def test_a_body_that_cannot_be_is_refused(
    server: Server, body: bytes, status: int, error: str
) -> None:
    answer = server.admin("POST", "scenarios", body, **_yaml())
    assert (answer.status, answer.json) == (status, {"error": error, "status": status})


def test_a_scenario_may_be_larger_than_requests_of_clients(server: Server) -> None:
    """What a body limit of the sandboxes refuses is the upstream's matter, not the control's."""
    text = b"scenario: weather\nstubs:\n  - reply: " + b"x" * 5000
    assert server.admin("POST", "scenarios", text, **_yaml()).status == 201
    assert server.ask("POST", "/v1/chat/completions", b" " * 5000).status == 413


def test_a_sandbox_is_named_by_the_url_or_else_by_the_header(server: Server) -> None:
    server.ask("POST", "/sandbox/a/__admin/scenarios", WEATHER, **_yaml())
    listed = server.ask("GET", "/__admin/scenarios", x_mockserver_sandbox="a").json["scenarios"]
    assert [one["scenario"] for one in listed] == ["weather"]
    beaten = server.ask("GET", "/sandbox/b/__admin/scenarios", x_mockserver_sandbox="a").json
    assert beaten == {"scenarios": []}
    assert server.admin("GET", "scenarios").json == {"scenarios": []}


def test_control_traffic_is_in_no_journal(server: Server) -> None:
    server.admin("GET", "health")
    server.admin("GET", "nothing")
    assert server.admin("GET", "journal").json["entries"] == []


# --- the document is true ---

REGISTRY: Registry[Any] = Registry().with_resource("openapi", DRAFT202012.create_resource(OPENAPI))


def schema_of(method: str, path: str, status: int) -> JSONObject:
    operation: Any = OPENAPI["paths"]
    schema = operation[path][method.lower()]["responses"][str(status)]
    found = schema["content"]["application/json"]["schema"]
    # References are into the document, so the schema is read as if it stood there.
    text = json.dumps(found).replace('"#/', '"openapi#/')
    whole: JSONObject = json.loads(text)
    return whole


CALLS: list[tuple[str, str, str, bytes | None, int]] = [
    ("GET", "health", "health", None, 200),
    ("GET", "openapi.json", "openapi.json", None, 200),
    ("POST", "sandboxes", "sandboxes", b'{"name": "b", "settings": {"strict": true}}', 201),
    ("POST", "sandboxes", "sandboxes", b'{"name": "a"}', 409),
    ("POST", "sandboxes", "sandboxes", b'{"name": ""}', 400),
    ("GET", "sandboxes", "sandboxes", None, 200),
    ("GET", "sandboxes/{name}", "sandboxes/a", None, 200),
    ("GET", "sandboxes/{name}", "sandboxes/none", None, 404),
    ("DELETE", "sandboxes/{name}", "sandboxes/a", None, 200),
    ("DELETE", "sandboxes", "sandboxes", None, 200),
    ("POST", "scenarios", "scenarios", b'{"stubs": [{"reply": "x"}]}', 201),
    ("POST", "scenarios", "scenarios", b'{"stubs": [{}]}', 422),
    ("GET", "scenarios", "scenarios", None, 200),
    ("DELETE", "scenarios/{name}", "scenarios/weather", None, 200),
    ("DELETE", "scenarios", "scenarios", None, 200),
    ("GET", "journal", "journal", None, 200),
    ("GET", "journal", "journal?limit=x", None, 400),
    ("GET", "journal/{number}", "journal/1", None, 200),
    ("GET", "journal/{number}", "journal/2?reveal=true", None, 200),
    ("DELETE", "journal", "journal", None, 200),
    ("GET", "gates", "gates", None, 200),
    ("POST", "gates", "gates", b'{"stub": "asks", "at": {"after": 1}}', 201),
    ("POST", "gates", "gates", b'{"stub": "nobody"}', 404),
    ("POST", "gates", "gates", b'{"stub": 3}', 400),
    ("DELETE", "gates", "gates", None, 200),
    ("GET", "gates/{gate}", "gates/1", None, 200),
    ("GET", "gates/{gate}", "gates/2", None, 404),
    ("DELETE", "gates/{gate}", "gates/1", None, 200),
    ("POST", "gates/{gate}/release", "gates/1/release", None, 200),
    ("POST", "gates/{gate}/release", "gates/1/release", b'{"requests": [1]}', 400),
    ("POST", "verify", "verify", b'{"allow": []}', 200),
    ("POST", "verify", "verify", None, 200),
    ("POST", "reset", "reset", None, 200),
]


@pytest.mark.parametrize(("method", "route", "path", "body", "status"), CALLS)
@pytest.mark.parametrize("prefix", ["", "/sandbox/{sandbox}"])
def test_every_answer_is_as_the_document_says(
    server: Server,
    prefix: str,
    method: str,
    route: str,
    path: str,
    body: bytes | None,
    status: int,
) -> None:
    base = prefix.replace("{sandbox}", "a")
    server.admin("POST", "sandboxes", b'{"name": "a"}')
    server.ask("POST", f"{base}/__admin/scenarios", WEATHER, **_yaml())
    for _ in range(2):
        server.ask("POST", f"{base}/v1/chat/completions", CHAT)
    server.ask("GET", f"{base}/v1/models")
    server.ask("POST", f"{base}/__admin/gates", b'{"stub": "asks"}')
    answer = server.ask(method, f"{base}/__admin/{path}", body, Content_Type="application/json")
    assert answer.status == status
    schema = schema_of(method, f"{prefix}/__admin/{route}", status)
    Draft202012Validator(schema, registry=REGISTRY).validate(answer.json)


def test_every_operation_of_the_document_is_asked_here() -> None:
    paths: Any = OPENAPI["paths"]
    told = {
        (method.upper(), path.removeprefix("/__admin/"))
        for path, operations in paths.items()
        if path.startswith("/__admin/")
        for method in operations
    }
    assert {(method, route) for method, route, _, _, _ in CALLS} == told
    assert len(paths) == 2 * len({route for _, route, _, _, _ in CALLS})


def test_operations_have_names_of_their_own() -> None:
    paths: Any = OPENAPI["paths"]
    names = [one["operationId"] for path in paths.values() for one in path.values()]
    assert len(names) == len(set(names))


# --- the host ---


def test_streams_of_others_go_on_while_a_scenario_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    whole = Uploads.read

    def noted(uploads: Uploads, asked: ControlRequest) -> Scenario:
        threads.append(current_thread().name)
        return whole(uploads, asked)

    monkeypatch.setattr(Uploads, "read", noted)
    assert server.admin("POST", "scenarios", WEATHER, **_yaml()).status == 201
    assert server.admin("GET", "scenarios").status == 200
    [thread] = threads
    assert thread.endswith("(work)")
