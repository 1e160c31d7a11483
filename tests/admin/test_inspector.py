"""The inspector page: what is sent, to whom, and that its script makes no markup of data."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.browser import run_in_browser
from tests.kit import AdminError, MockServer, guard, inspector_page
from tests.server.end_to_end import KEY, asking, send

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = inspector_page().body.decode()


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(unmatched="allow") as running:
        yield running


@pytest.mark.parametrize(
    "path", ["/", "/__admin", "/__admin/", "/sandbox/a/", "/sandbox/a", "/sandbox/a/__admin/", "/?x=1"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_gets_the_page(server: MockServer, path: str, method: str) -> None:
    reply = send(server.url, method, path, None, BROWSER)
    assert (reply.status, reply.body.decode()) == (200, PAGE if method == "GET" else "")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 404),
        ("GET", "/", {"accept": "*/*"}, 404),
        ("POST", "/", BROWSER, 404),
        ("GET", "/v1/nowhere", BROWSER, 404),
        ("GET", "//", BROWSER, 404),
        ("GET", "/__admin/nowhere", BROWSER, 404),
        ("POST", "/__admin/", BROWSER, 404),
        ("GET", "/__admin/", {}, 200),
    ],
)
def test_other_requests_of_that_kind(
    server: MockServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert send(server.url, method, path, None, headers).status == status


def test_the_page_is_in_no_journal() -> None:
    with MockServer() as server:
        send(server.url, "GET", "/", None, BROWSER)
        assert [*server.requests] == []


def test_the_headers_admit_its_own_script_and_style_only(server: MockServer) -> None:
    found = send(server.url, "GET", "/__admin/", None, BROWSER).headers
    [script], [style] = (re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL) for tag in ("script", "style"))
    script_hash, style_hash = (b64encode(sha256(text.encode()).digest()).decode() for text in (script, style))
    assert found["content-security-policy"] == (
        f"default-src 'self'; script-src 'sha256-{script_hash}'; style-src 'sha256-{style_hash}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert {name: found[name] for name in ("cache-control", "referrer-policy", "x-content-type-options")} == {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    assert found["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "way",
    [
        r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"document\.write", r"\beval\b", r"\bFunction\(", r"srcdoc",
        r"createContextualFragment", r"DOMParser", r"setHTML", r"javascript:", r"https?://", r"\bon[a-z]+=", r" style=",
        r"localStorage", r"document\.cookie", r"<script .", r"<link (?!rel=\"icon\" href=\"data:,\")",
    ],
)  # fmt: skip
def test_nothing_in_it_makes_markup_of_data_or_loads_from_elsewhere(way: str) -> None:
    assert re.findall(way, PAGE) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"sec-fetch-site": "none", "sec-fetch-dest": "document"}, None),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, None),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://evil.example", "sec-fetch-dest": "document"}, 403),
        ({"host": "evil.example"}, 403),
        ({"host": "evil.example", "sec-fetch-dest": "document"}, 403),
    ],
)
@pytest.mark.parametrize("token", [None, "secret"])
def test_who_gets_the_page(headers: dict[str, str], status: int | None, token: str | None) -> None:
    if "host" in headers and token is not None:
        status = None  # A page that was resolved to this server does not know the token.
    if status is None:
        guard({"host": "127.0.0.1:8080"} | headers, "", token, on_loopback=True)
        return
    with pytest.raises(AdminError) as rejected:
        guard({"host": "127.0.0.1:8080"} | headers, "", token, on_loopback=True)
    assert rejected.value.status == status


@pytest.mark.parametrize("path", ["journal", "reset"])
def test_a_link_leads_to_the_page_only(path: str) -> None:
    with pytest.raises(AdminError) as rejected:
        guard({"host": "127.0.0.1", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, path, None)
    assert rejected.value.status == 403


def test_a_fault_is_named_at_its_event() -> None:
    faults = [
        {"delay": {"before": "text.delta[0]", "for": "10ms"}},
        {"rewrite": {"event": "text.delta[1]", "set": {"choices.0.delta.content": "?"}}},
        {"repeat": "role", "chance": 0.000001},
        {"end": {"after": "text.delta[1]"}},
    ]
    with MockServer(time_scale=0) as server:
        server.stub(on="chat", reply={"output": [{"text": "one two three"}], "faults": faults})
        send(server.url, "POST", "/v1/chat/completions", asking(stream=True), KEY)
        document = send(server.url, "GET", "/__admin/journal/1/timeline").json
    delay = "delay  before: text.delta[0]  seconds: 0.01"
    rewrite = "rewrite  label: text.delta[1]"
    assert sorted(document["faults"]) == [
        delay,
        "end  after: text.delta[1]",
        "repeat  label: role  chance: 1e-06",
        rewrite,
    ]
    assert [(row["what"], row["fault"]) for row in document["rows"]] == [
        ("head", None),
        ("role", None),
        ("text.delta[0]", delay),
        ("text.delta[1]", rewrite),
        ("last-chunk", None),
        ("finish", None),
    ]


@pytest.mark.parametrize(("ci", "ends"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_a_browser_a_test_is_skipped_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, ends: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ends, match="run make browser-deps"):
        run_in_browser("return 1")
