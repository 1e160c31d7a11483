"""Scenarios that come over the control routes: whatever they are made of, they are refused or they
load, and the server goes on answering meanwhile. Their authors are trusted not to make it slow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.watched import CHAT, HELLO, Asker, Line, Watched, head_bytes

MIB = 2**20
SCENARIOS = "/sandbox/uploads/__admin/scenarios"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text("stubs: [{reply: hi}]", "utf-8")
    server = Watched(path, "--admin-token", "secret")
    yield server
    assert server.close() == ""


@pytest.fixture
def asker(server: Watched) -> Iterator[Asker]:
    with Asker(server, authorization="Bearer secret") as asker:
        asker.ask("DELETE", SCENARIOS)
        yield asker


def laughs(levels: int) -> str:
    """Lists of ten names of lists of ten names of …"""
    lists = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, levels))
    return f"defaults:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{lists}stubs: [{{reply: hi}}]\n"


YAML: dict[str, tuple[str, str]] = {
    "a billion laughs": (laughs(10), "aliases expand to more than"),
    "an alias of itself": ("stubs: &a [*a]", "inside the value that it refers to"),
    "a merge": ("about: &a x\nstubs: [{<<: *a, reply: x}]", "merge keys are no part"),
    "lists in lists": (f"stubs: {'[' * 5000}{']' * 5000}", "nested deeper than"),
    "lists without end": (f"stubs: {'[' * 100_000}", "nested deeper than"),
    "mappings in mappings": ("\n".join(" " * level + "a:" for level in range(1000)), "nested deeper than"),
    "a call of python": ("stubs: !!python/object/apply:os.system ['true']", "is not allowed"),
    "a name of python": ("stubs: !!python/name:os.system", "is not allowed"),
    "a raw NUL": ("stubs: [{reply: a\0b}]", "character U+0000"),
    "two documents": ("stubs: [{reply: a}]\n---\nstubs: [{reply: a}]", "document"),
    "20,000 stubs": ("stubs:\n" + "- reply: hi\n" * 20_000, "expected at most 10000 stubs"),
    "a pattern that is none": ("stubs: [{when: {user: {matches: '(((('}}, reply: hi}]", "is no regular expression"),
    "a schema elsewhere": (
        "stubs: [{when: {schema: {$ref: 'http://127.0.0.1:1/x'}}, reply: hi}]",
        "is not found in this schema",
    ),
    "a schema in a file": (
        "stubs: [{when: {schema: {$ref: 'file:///etc/passwd'}}, reply: hi}]",
        "is not found in this schema",
    ),
    "a dialect of the system": ("dialect: /etc/passwd\nstubs: [{reply: hi}]", "dialect"),
    "a dialect above": ("dialect: ../../x.yaml\nstubs: [{reply: hi}]", "dialect"),
    "a status of nowhere": ("stubs: [{reply: {status: 99999, body: x}}]", "status"),
    "a header within a header": (
        'stubs: [{reply: {headers: {a: "b\\r\\nc: d"}, body: x}}]',
        "has characters that no head",
    ),
    "a wait of centuries": ("stubs: [{reply: {output: [{text: a}], pace: {first: 9999999999999h}}}]", "pace.first"),
    "times beyond counting": ("stubs: [{times: 9999999999999999999999, reply: hi}]", "times"),
}


@pytest.mark.parametrize(("text", "said"), YAML.values(), ids=YAML)
def test_a_bad_scenario_is_rejected_with_its_position(text: str, said: str, asker: Asker) -> None:
    status, _, body = asker.ask("POST", SCENARIOS, text.encode(), content_type="text/yaml")
    found = json.loads(body)
    assert (status, said in found["error"]) == (422, True), found
    assert found["problems"][0]["line"] > 0
    assert json.loads(asker.ask("GET", SCENARIOS)[2]) == {"scenarios": []}


JSON: dict[str, tuple[bytes, int]] = {
    "lists without end": (b'{"stubs":' + b"[" * 100_000, 400),
    "lists in lists": (b'{"stubs":' + b"[" * 500 + b"]" * 500 + b"}", 422),
    "an integer without end": (b'{"seed":' + b"9" * 5000 + b',"stubs":[{"reply":"a"}]}', 400),
    "a member twice": (b'{"stubs":[{"reply":"a"}],"stubs":[]}', 400),
    "NaN": (b'{"seed":NaN,"stubs":[{"reply":"a"}]}', 400),
    "nothing": (b"", 400),
    "null": (b"null", 400),
    "no UTF-8": (b"\xff\xfe", 400),
    "half a surrogate pair": (rb'{"scenario":"\ud800","stubs":[{"name":"\udc00","reply":"a"}]}', 0),
    "too much": (b'{"stubs":"' + b"x" * 9 * MIB + b'"}', 413),
}


@pytest.mark.parametrize(("body", "status"), JSON.values(), ids=JSON)
def test_json_that_is_no_scenario_is_refused(body: bytes, status: int, asker: Asker) -> None:
    found = asker.ask("POST", SCENARIOS, body, content_type="application/json")
    assert found[0] in ({status} if status else {201, 422})
    assert json.loads(found[2])
    assert asker.ask("GET", SCENARIOS)[0] == 200
    assert asker.ask("POST", f"/sandbox/uploads{CHAT}", HELLO)[0] in (200, 404)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"allow":[[],{},1e5]}', b'{"allow":"x"}', b'{"x":1}', b"\0", b"nul"],
    ids=["deep", "odd list", "text", "unknown", "NUL", "half a word"],
)
@pytest.mark.parametrize("route", ["verify", "sandboxes", "gates"])
def test_every_admin_route_rejects_odd_bodies(route: str, body: bytes, asker: Asker) -> None:
    status, _, found = asker.ask("POST", f"/sandbox/uploads/__admin/{route}", body)
    assert (status, json.loads(found)["status"]) == (400, 400)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Bearer secre"}, 401),
        ({"authorization": "Bearer secrett"}, 401),
        ({"authorization": "Bearer sécret"}, 401),
        ({"authorization": "secret"}, 401),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_requests_without_the_token_load_nothing(
    headers: dict[str, str], status: int, server: Watched, asker: Asker
) -> None:
    with Asker(server, **{"authorization": "Bearer secret", **headers}) as stranger:
        sent = stranger.ask("POST", SCENARIOS, b"stubs: [{reply: hi}]", content_type="text/yaml")
    assert sent[0] == status
    assert json.loads(asker.ask("GET", SCENARIOS)[2]) == {"scenarios": []}


def slow_scenario() -> bytes:
    """What takes far longer to prove than any test here."""
    return ("stubs:\n" + "".join(f"- reply: {n}\n" for n in range(9_999))).encode()


def test_the_server_answers_while_uploads_are_validated(
    serve: Callable[..., Watched], write: Callable[[str], Path]
) -> None:
    server = serve(write("stubs: [{reply: hi}]"))
    body = slow_scenario()
    head = head_bytes(b"POST /sandbox/slow/__admin/scenarios HTTP/1.1", b"content-length: %d" % len(body))
    for _ in range(8):  # more than are proven at once, and nobody waits for the outcome
        with Line(server.port) as line:
            line.send(head + body)
    with Asker(server) as client:
        for _ in range(20):
            assert client.ask("POST", CHAT, HELLO)[0] == 200
        assert client.ask("GET", "/__admin/health")[0] == 200
