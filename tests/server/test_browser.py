"""Calls from a page of another origin: by the headers, and in Chromium where `make browser-deps` has been run."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from mockserver.errors import UsageError
from tests.browser import run_in_browser
from tests.kit import MockServer
from tests.server.end_to_end import KEY, asking, post, send

ORIGIN = "https://app.example"
ALLOWED = "access-control-allow-origin"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        running.stub(when={"user": "fail"}, reply={"error": "rate_limited"})
        running.stub(reply="hello there")
        yield running


def cors(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize(
    ("text", "path", "members", "headers", "status"),
    [
        ("hello", "/v1/chat/completions", {}, KEY, 200),
        ("hello", "/v1/responses", {"stream": True}, KEY, 200),
        ("fail", "/v1/chat/completions", {}, KEY, 429),
        ("hello", "/v1/chat/completions", {}, {}, 401),
        ("hello", "/v1/chat/completions", {"temperature": "hot"}, KEY, 400),
        ("hello", "/v1/nowhere", {}, KEY, 404),
    ],
)
def test_every_reply_to_a_page_lets_it_read(
    server: MockServer, text: str, path: str, members: dict[str, object], headers: dict[str, str], status: int
) -> None:
    body = asking(text, path, **members)
    reply = send(server.url, "POST", path, body, {**headers, "origin": ORIGIN, "content-type": "application/json"})
    assert reply.status == status
    assert cors(reply.headers) == {ALLOWED: "*", "access-control-expose-headers": "X-Request-ID"}


def test_other_requests_let_a_page_read_too(server: MockServer) -> None:
    assert send(server.url, "GET", "/v1/models", None, {**KEY, "origin": ORIGIN}).headers[ALLOWED] == "*"


def test_a_client_that_is_no_browser_sees_none_of_it(server: MockServer) -> None:
    assert cors(post(server.url).headers) == {}
    assert cors(send(server.url, "OPTIONS", "/v1/models").headers) == {}


def test_a_preflight_is_answered(server: MockServer) -> None:
    asked = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    reply = send(server.url, "OPTIONS", "/v1/chat/completions", None, asked)
    assert (reply.status, reply.body) == (204, b"")
    assert cors(reply.headers) == {
        ALLOWED: "*",
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-expose-headers": "X-Request-ID",
    }
    del asked["access-control-request-headers"]
    plain = send(server.url, "OPTIONS", "/v1/models", None, asked)
    assert plain.headers["access-control-allow-headers"] == "*"


@pytest.mark.parametrize(("method", "path"), [("OPTIONS", "/__admin/journal"), ("GET", "/__admin/journal")])
def test_the_control_api_is_never_for_pages(server: MockServer, method: str, path: str) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "GET"}
    reply = send(server.url, method, path, None, asked)
    assert (reply.status, cors(reply.headers)) == (403, {})


def test_origins_may_be_named() -> None:
    with MockServer(cors=[ORIGIN, "null"]) as server:
        server.stub(reply="hi")
        asked = {"access-control-request-method": "POST"}
        varies = send(server.url, "OPTIONS", "/v1/responses", None, {**asked, "origin": ORIGIN}).headers["vary"]
        assert varies == "Origin"
        found = {
            origin: cors(send(server.url, "OPTIONS", "/v1/responses", None, {**asked, "origin": origin}).headers)
            for origin in (ORIGIN, "null", "https://other.example")
        }
        assert {origin: headers.get(ALLOWED) for origin, headers in found.items()} == {
            ORIGIN: ORIGIN,
            "null": "null",
            "https://other.example": None,
        }
        assert found["https://other.example"] == {}


def test_a_reply_of_a_scenario_keeps_its_own_header() -> None:
    with MockServer() as server:
        server.stub(reply={"output": [{"text": "hi"}], "headers": {"Access-Control-Allow-Origin": "https://mine"}})
        reply = send(server.url, "POST", "/v1/chat/completions", asking(), {**KEY, "origin": ORIGIN})
        assert [value for name, value in reply.pairs if name.lower() == ALLOWED] == ["https://mine"]


@pytest.mark.parametrize("origin", ["app.example", "https://app.example/", "https://app.example/x", "", "* "])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(UsageError) as raised:
        MockServer(cors=[origin]).start()
    assert str(raised.value).startswith("setting 'cors': expected an origin such as https://app.example, ")


# --- in a browser ---

SCRIPT = """
  const [page_url, url] = given;
  await page.goto(page_url);
  return page.evaluate(async (url) => {
    const headers = { authorization: "Bearer any", "content-type": "application/json" };
    const ask = (text, more) => fetch(url + "/v1/chat/completions", { method: "POST", headers,
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: text }], ...more }) });
    const whole = await ask("hello", {});
    const stream = await ask("hello", { stream: true });
    const failed = await ask("fail", {});
    const admin = await fetch(url + "/__admin/journal").then(() => "read", () => "refused");
    return {
      text: (await whole.json()).choices[0].message.content,
      id: whole.headers.get("x-request-id") !== null,
      done: (await stream.text()).endsWith("data: [DONE]\\n\\n"),
      status: failed.status,
      message: (await failed.json()).error.type !== undefined,
      admin,
    };
  }, url);
"""


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a page of another origin</title>")

    def log_message(self, *_: object) -> None:
        return


def test_a_page_in_chromium_calls_another_origin(server: MockServer) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        found = run_in_browser(SCRIPT, f"http://localhost:{pages.server_port}/", server.url)
        pages.shutdown()
    assert found == {
        "text": "hello there",
        "id": True,
        "done": True,
        "status": 429,
        "message": True,
        "admin": "refused",
    }
