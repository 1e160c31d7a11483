"""The admin routes over HTTP: those that need no exchange by aiohttp's own client and server."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, TypeAlias

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient
from jsonschema import Draft202012Validator
from multidict import CIMultiDict
from pytest_aiohttp.plugin import AiohttpClient, AiohttpRawServer
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.kit import (
    ADMIN_BODY_LIMIT,
    UPLOAD_TYPE,
    AdminCall,
    Dialects,
    JSONObject,
    Request,
    Sandboxes,
    Scenario,
    Settings,
    ThreadRunner,
    Upload,
    Uploads,
    Upstream,
    admin_routes,
    openapi,
)

TOKEN = {"Authorization": "Bearer secret"}
WEATHER = b"scenario: weather\nstubs: [{name: asks, times: 1, reply: which city?}]\n"
CHAT = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
DIALECTS = Dialects()

Client: TypeAlias = "TestClient[web.BaseRequest, None]"


def sandboxes_of_a_test() -> Sandboxes:
    settings = Settings(body_limit=4096)
    return Sandboxes(DIALECTS.find("openai"), settings=settings, clock=time.monotonic)


@pytest_asyncio.fixture
async def client(aiohttp_client: AiohttpClient, aiohttp_raw_server: AiohttpRawServer) -> Client:
    """A client of the routes alone; it sends the token along."""
    routes = admin_routes(sandboxes_of_a_test(), DIALECTS, admin_token="secret")

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        received = Request(
            method=request.method,
            target=request.raw_path,
            path=request.path,
            query=tuple(request.query.items()),
            headers=tuple(request.headers.items()),
            body=await request.read(),
        )
        path = request.path.removeprefix("/__admin/")
        reply = await routes(AdminCall(request=received, path=path, sandbox="default", server_address="127.0.0.1"))
        return web.Response(status=reply.status, body=reply.body, headers=CIMultiDict(reply.headers))

    return await aiohttp_client(await aiohttp_raw_server(handle), headers=TOKEN)


@pytest.mark.asyncio
async def test_an_answer_is_json_that_is_not_stored(client: Client) -> None:
    answer = await client.get("/__admin/health")
    assert (answer.status, (await answer.json())["status"]) == (200, "ok")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await answer.read()).endswith(b"}\n")


@pytest.mark.asyncio
async def test_head_has_the_head_of_get(client: Client) -> None:
    whole, head = await client.get("/__admin/health"), await client.head("/__admin/health")
    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


@pytest.mark.asyncio
async def test_without_the_token_only_health_answers(client: Client) -> None:
    none = {"Authorization": ""}
    assert (await client.post("/__admin/reset", headers=none)).status == 401
    assert (await client.get("/__admin/health", headers=none)).status == 200


@pytest.mark.asyncio
async def test_a_page_of_another_origin_is_rejected(client: Client) -> None:
    answer = await client.post("/__admin/reset", headers={"Origin": "http://evil.example"})
    assert (answer.status, (await answer.json())["status"]) == (403, 403)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/yaml", WEATHER),
        ("text/yaml; charset=utf-8", WEATHER),
        ("text/plain", WEATHER),
        ("application/x-www-form-urlencoded", WEATHER),
        ("application/json", b'{"scenario": "weather", "stubs": [{"reply": "x"}]}'),
        ("application/x-www-form-urlencoded", b' {"scenario": "weather", "stubs": [{"reply": "x"}]}'),
        ("application/yaml", b"{scenario: weather, stubs: [{reply: x}]}"),
        (UPLOAD_TYPE, b'{"scenario": "{scenario: weather, stubs: [{reply: x}]}"}'),
        (UPLOAD_TYPE, b'{"scenario": {"scenario": "weather", "stubs": [{"reply": "x"}]}}'),
    ],
)
@pytest.mark.asyncio
async def test_a_scenario_is_sent_as_yaml_or_json(client: Client, kind: str, body: bytes) -> None:
    answer = await client.post("/__admin/scenarios", data=body, headers={"Content-Type": kind})
    assert (answer.status, (await answer.json()).get("scenario")) == (201, "weather")


@pytest.mark.asyncio
async def test_a_bad_scenario_reports_every_problem_and_changes_nothing(client: Client) -> None:
    assert (await client.post("/__admin/scenarios", data=WEATHER)).status == 201
    before = await (await client.get("/__admin/scenarios")).json()
    bad = b"scenario: weather\nstubs:\n  - repli: x\n  - {reply: y, on: nowhere}\n"
    answer = await client.post("/__admin/scenarios?origin=weather.yaml", data=bad)
    document = await answer.json()
    assert (answer.status, document["status"]) == (422, 422)
    places = [(one["file"], one["line"]) for one in document["problems"]]
    assert {("weather.yaml", 3), ("weather.yaml", 4)} <= set(places)
    assert all(problem["message"] in document["error"] for problem in document["problems"])
    assert await (await client.get("/__admin/scenarios")).json() == before


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/yaml", b"\xff", "the body is not UTF-8: byte 0"),
        ("application/yaml", b"", "no scenario was sent: expected YAML or a JSON object"),
        (UPLOAD_TYPE, b"[]", "the upload: expected a JSON object"),
        (UPLOAD_TYPE, b"{}", "'scenario': expected YAML text or a JSON object, got None"),
        (UPLOAD_TYPE, b'{"scenario": "a", "files": []}', "'files': expected a mapping from paths to texts, got []"),
        (UPLOAD_TYPE, b'{"scenario": "a", "files": {"b": 1}}', "file 'b': expected its text, got 1"),
        ("multipart/form-data", b"", "the form is malformed: boundary missed for Content-Type: "),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
            "the form has no field 'scenario', there is 'a'",
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
            "a field of the form has no name",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2 + b"--x--\r\n",
            "the form has field 'a' twice",
        ),
    ],
)
@pytest.mark.asyncio
async def test_a_bad_upload_is_rejected(client: Client, kind: str, body: bytes, error: str) -> None:
    answer = await client.post("/__admin/scenarios", data=body, headers={"Content-Type": kind})
    document = await answer.json()
    assert (answer.status, document["status"]) == (400, 400)
    assert document["error"].startswith(error)


@pytest.mark.asyncio
async def test_a_form_has_a_scenario_and_the_files_that_it_names(client: Client) -> None:
    """What `curl -F scenario=@weather.yaml -F gateway.yaml=@gateway.yaml` sends."""
    form = aiohttp.FormData()
    form.add_field("gateway.yaml", b"dialect: gateway\nextends: openai\n", filename="gateway.yaml")
    text = b"dialect: gateway.yaml\nstubs: [{reply: x}]\n"
    form.add_field("scenario", text, filename="weather.yaml")
    answer = await client.post("/__admin/scenarios?origin=weather.yaml", data=form)
    assert answer.status == 201, await answer.text()
    [listed] = (await (await client.get("/__admin/scenarios")).json())["scenarios"]
    assert (listed["scenario"], listed["dialect"]) == ("weather", "gateway")


@pytest.mark.parametrize("size", [1 << 10, 1 << 19])
@pytest.mark.asyncio
async def test_a_large_form_is_read_to_its_end(client: Client, size: int) -> None:
    form = aiohttp.FormData()
    form.add_field("scenario", WEATHER + b"#" * size, filename="weather.yaml")
    assert (await client.post("/__admin/scenarios", data=form)).status == 201
    assert (await client.get("/__admin/health")).status == 200


@pytest.mark.asyncio
async def test_streams_of_others_go_on_while_a_scenario_is_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    whole = Uploads.read

    def noted(uploads: Uploads, upload: Upload) -> Scenario:
        threads.append(threading.get_ident())
        return whole(uploads, upload)

    monkeypatch.setattr(Uploads, "read", noted)
    assert (await client.post("/__admin/scenarios", data=WEATHER)).status == 201
    [thread] = threads
    assert thread != threading.get_ident()


# --- with exchanges ---


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
    sandboxes = sandboxes_of_a_test()
    upstream = Upstream(sandboxes, admin_routes(sandboxes, DIALECTS, admin_token="secret"))
    host = ThreadRunner(upstream, host="127.0.0.1", port=0)
    yield Server(*host.start())
    host.stop()


def _yaml() -> dict[str, str]:
    return {"Content_Type": "application/yaml"}


def test_too_large_a_body_is_rejected(server: Server) -> None:
    answer = server.admin("POST", "scenarios", b" " * (ADMIN_BODY_LIMIT + 1), **_yaml())
    error = f"the body: expected at most {ADMIN_BODY_LIMIT} bytes"
    assert (answer.status, answer.json) == (413, {"error": error, "status": 413})


def test_a_scenario_may_be_larger_than_requests_of_clients(server: Server) -> None:
    """The body limit of the sandboxes holds for calls, not for the admin API."""
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


def test_admin_requests_are_in_no_journal(server: Server) -> None:
    server.admin("GET", "health")
    server.admin("GET", "nothing")
    assert server.admin("GET", "journal").json["entries"] == []


# --- the OpenAPI document ---

OPENAPI = openapi()
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
    ("GET", "ca", "ca", None, 404),
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
    ("GET", "journal/{number}/timeline", "journal/1/timeline", None, 200),
    ("GET", "journal/{number}/timeline", "journal/99/timeline", None, 404),
    ("DELETE", "journal", "journal", None, 200),
    ("GET", "clock", "clock", None, 200),
    ("POST", "clock", "clock", b'{"advance": "1.5s"}', 200),
    ("POST", "clock", "clock", b'{"advance": "soon"}', 400),
    ("POST", "clock", "clock", b'{"advance": "999999999m"}', 400),
    ("POST", "clock", "clock", None, 400),
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
    ("POST", "journal/find", "journal/find", b'{"status": 200, "reveal": true}', 200),
    ("POST", "journal/find", "journal/find", b'{"when": {"usr": "x"}}', 422),
    ("POST", "journal/find", "journal/find", b'{"on": "nowhere"}', 404),
    ("POST", "journal/count", "journal/count", b'{"when": {"user": "hi"}, "on": ["chat"], "stub": "asks"}', 200),
    ("POST", "journal/count", "journal/count", b'{"outcome": "over"}', 400),
    ("GET", "journal", "journal?bogus=1", None, 400),
    ("POST", "verify", "verify", b'{"allow": []}', 200),
    ("POST", "verify", "verify", None, 200),
    ("POST", "reset", "reset", None, 200),
]


@pytest.mark.parametrize(("method", "route", "path", "body", "status"), CALLS)
@pytest.mark.parametrize("prefix", ["", "/sandbox/{sandbox}"])
def test_every_answer_matches_the_openapi_document(
    server: Server, prefix: str, method: str, route: str, path: str, body: bytes | None, status: int
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


SELECTIONS: dict[str, tuple[JSONObject, list[int]]] = {
    "everything": ({}, [1, 2, 3, 4]),
    "a condition": ({"when": {"user": {"contains": "h"}}}, [1, 2]),
    "an endpoint": ({"on": "responses"}, []),
    "endpoints": ({"on": ["responses", "chat"]}, [1, 2, 3]),
    "a stub": ({"stub": "asks"}, [1]),
    "a status": ({"status": 404}, [2, 3]),
    "a status without a call": ({"status": 200, "when": {"stream": False}}, [1]),
    "an outcome": ({"outcome": "complete"}, [1, 2, 3, 4]),
    "another outcome": ({"outcome": "reset"}, []),
    "all members": ({"when": {"user": "hi"}, "on": "chat", "status": 404}, [2]),
}


@pytest.mark.parametrize(("selection", "numbers"), SELECTIONS.values(), ids=SELECTIONS)
def test_exchanges_are_selected_by_every_member(server: Server, selection: JSONObject, numbers: list[int]) -> None:
    server.ask("POST", "/__admin/scenarios", WEATHER, **_yaml())
    for text in ("hi", "hi", "bye"):
        server.ask("POST", "/v1/chat/completions", CHAT.replace(b"hi", text.encode()))
    server.ask("GET", "/v1/models")
    body = json.dumps(selection).encode()
    found = server.admin("POST", "journal/find", body).json
    assert [one["number"] for one in found["entries"]] == numbers
    assert server.admin("POST", "journal/count", body).json == {"count": len(numbers)}


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("POST", "verify", "1 unmatched request.\n\n#1  POST /v1/chat/completions\n    no stubs are loaded\n"),
        ("GET", "journal/1", "#1  POST /v1/chat/completions   404   unmatched   complete, "),
        ("GET", "journal", "#1  POST /v1/chat/completions   404   unmatched   complete, "),
        ("GET", "journal?after=9", "no requests received.\n"),
        ("POST", "journal/find", "#1  POST /v1/chat/completions   404   unmatched   complete, "),
        ("GET", "nowhere", "no admin route 'nowhere': see openapi.json\n"),
        ("GET", "health", '{"status":"ok",'),
    ],
)
def test_reports_are_plain_text_on_request(server: Server, method: str, path: str, text: str) -> None:
    server.ask("POST", "/v1/chat/completions", CHAT)
    answer = server.ask(method, f"/__admin/{path}", Accept="text/plain;q=1")
    assert answer.body.decode().startswith(text)
    kind = "application/json" if path == "health" else "text/plain"
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"


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
