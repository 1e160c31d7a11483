"""Requests for which there is no sandbox: dropped ones, and one more than there may be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.kit import (
    Dialects,
    SandboxDroppedError,
    Sandboxes,
    Scenario,
    ThreadRunner,
    Upstream,
    admin_routes,
    load_value,
)
from tests.server.end_to_end import CHAT, dial, post, request_bytes, rest, send, until

DIALECTS = Dialects()


def sandboxes(*scenarios: Scenario, limit: int = 10) -> Sandboxes:
    ticks = count()
    return Sandboxes(DIALECTS.find("openai"), scenarios=scenarios, limit=limit, clock=lambda: float(next(ticks)))


@pytest.fixture
def url() -> Iterator[str]:
    """A server with a scenario of its own, and room for two sandboxes."""
    scenario = load_value({"stubs": [{"reply": "the server's own"}]}, "own", DIALECTS)
    mine = sandboxes(scenario, limit=2)
    host = ThreadRunner(Upstream(mine, admin_routes(mine, DIALECTS)), host="127.0.0.1", port=0)
    address, port = host.start()
    yield f"http://{address}:{port}"
    host.stop()


def drop(url: str, name: str) -> None:
    assert send(url, "DELETE", f"/__admin/sandboxes/{name}").status == 200


DROPPED = (
    "sandbox 'a' was dropped; this request is too late, or needs the sandbox created again (POST /__admin/sandboxes)"
)


def test_a_late_request_does_not_bring_a_sandbox_back(url: str) -> None:
    assert post(f"{url}/sandbox/a").status == 200
    drop(url, "a")
    answer = post(f"{url}/sandbox/a")
    assert answer.status == 410
    assert answer.error == {"message": DROPPED, "type": "mockserver_sandbox_dropped", "param": None, "code": None}
    assert answer.headers["x-should-retry"] == "false"
    assert "date" not in answer.headers
    assert send(url, "GET", "/__admin/sandboxes").json == {"sandboxes": []}


def test_a_dropped_sandbox_named_by_the_header_is_a_410(url: str) -> None:
    post(f"{url}/sandbox/a")
    drop(url, "a")
    headers = {"authorization": "Bearer any", "x-mockserver-sandbox": "a"}
    assert post(url, CHAT, headers=headers).status == 410


def test_other_requests_are_logged(url: str) -> None:
    post(f"{url}/sandbox/a")
    drop(url, "a")
    assert send(f"{url}/sandbox/a", "GET", "/v1/models").status == 410
    answer = send(f"{url}/sandbox/a", "HEAD", "/v1/models")
    assert (answer.status, answer.body) == (410, b"")
    assert int(answer.headers["content-length"]) > len(DROPPED)


def test_admin_routes_of_a_dropped_sandbox_report_it(url: str) -> None:
    post(f"{url}/sandbox/a")
    drop(url, "a")
    answer = send(f"{url}/sandbox/a", "GET", "/__admin/journal")
    assert (answer.status, answer.json) == (410, {"error": DROPPED, "status": 410})


def test_a_dropped_name_can_be_created_again(url: str) -> None:
    post(f"{url}/sandbox/a")
    drop(url, "a")
    assert send(url, "POST", "/__admin/sandboxes", {"name": "a", "scenarios": True}).status == 201
    assert post(f"{url}/sandbox/a").status == 200


def test_the_default_sandbox_is_made_again(url: str) -> None:
    assert post(url).status == 200
    drop(url, "default")
    assert post(url).status == 200
    assert len(send(url, "GET", "/__admin/journal").json["entries"]) == 1


def test_beyond_the_sandbox_limit_requests_are_rejected(url: str) -> None:
    assert [post(f"{url}/sandbox/{name}").status for name in ("a", "b", "c")] == [200, 200, 503]
    answer = post(f"{url}/sandbox/c")
    assert answer.error["type"] == "mockserver_sandbox_limit"
    assert answer.error["message"].startswith("there are 2 sandboxes, the limit; drop some ")
    drop(url, "a")
    assert post(f"{url}/sandbox/c").status == 200


def test_broken_requests_for_a_dropped_sandbox_make_none_either(url: str) -> None:
    post(f"{url}/sandbox/a")
    drop(url, "a")
    head = (
        b"POST /sandbox/a/v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
        b"transfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
    )
    with dial(url) as line:
        line.sendall(head)
        until(line, b"100 Continue\r\n\r\n")
        line.sendall(b"zz\r\n")
        assert b'"message":"malformed body: ' in rest(line)
    with dial(url) as line:
        line.sendall(request_bytes("/sandbox/a/v1/chat/completions")[:-5])
        line.shutdown(1)
        assert rest(line) == b""
    assert send(url, "GET", "/__admin/sandboxes").json == {"sandboxes": []}


def test_the_number_of_dropped_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.server.sandbox._REMEMBERED", 2)
    mine = sandboxes()
    for name in ("a", "b", "c"):
        mine.create(name)
        mine.drop(name)
    for name in ("b", "c"):
        with pytest.raises(SandboxDroppedError):
            mine.get(name)
    assert mine.get("a").name == "a"


def test_a_sandbox_without_a_name_never_takes_one_that_was_dropped() -> None:
    mine = sandboxes()
    first = mine.create().name
    mine.drop(first)
    assert mine.create().name != first


def test_a_page_with_another_host_name_cannot_use_the_admin_routes(url: str) -> None:
    for path, status in (("/__admin/journal", 403), ("/__admin/health", 200)):
        assert send(url, "GET", path, headers={"host": "evil.example"}).status == status
    assert post(url, headers={"host": "any.example", "authorization": "Bearer any"}).status == 200
