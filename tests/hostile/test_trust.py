"""What uploads name and replies quote: no path leaves the folders, nothing is looked at twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.hostile.watched import CHAT, Asker, Watched

MIB = 2**20


def form(scenario: bytes, name: str, data: bytes) -> tuple[str, bytes]:
    """Content type and bytes of a form with a scenario and one file."""
    kind = "application/octet-stream"
    files = {"scenario": ("s.json", scenario, "application/json"), name: (name, data, kind)}
    request = httpx.Request("POST", "http://localhost", files=files)
    return request.headers["content-type"], request.read()


ADMIN = "/sandbox/trust/__admin"
# A dialect whose model is seen where a path has led to it.
DIALECT = "dialect: canary\nextends: openai\nmodels: [{id: canary, object: model}]\n"
SCENARIO = """\
stubs:
  - {name: data, when: {user: data}, reply: {output: [{json: {a: It is quite warm in Paris!}}]}}
  - name: quotes
    when: {any_text: {matches: '(?s)^(?P<all>.*)$'}}
    reply: "<{{match.all}}>"
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "quotes.yaml").write_text(SCENARIO, "utf-8")
    (folder / "canary.yaml").write_text(DIALECT, "utf-8")
    (folder / "canary.json").write_text("{}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def server(disk: Path) -> Iterator[Watched]:
    server = Watched(disk / "scenarios", "--log", "none")
    yield server
    assert server.close() == ""


@pytest.fixture(scope="module")
def asker(server: Watched) -> Iterator[Asker]:
    with Asker(server) as asker:
        yield asker


# How a scenario may name a file that lies beside the server's folder; `{}` is where that lies.
NAMES = (
    "../canary.yaml",
    "{}/canary.yaml",
    "{}/scenarios/../canary.yaml",
    "./.././canary.yaml",
    "..//canary.yaml",
    "..\\canary.yaml",
    "..%2fcanary.yaml",
    "file://{}/canary.yaml",
    "scenarios/../../canary.yaml",
    "canary.yaml\0",
    "~/canary.yaml",
    "/proc/self/cwd/canary.yaml",
)


@pytest.mark.parametrize("origin", ["", "{}/x.yaml", "{}/scenarios/x.yaml", "../x.yaml", "/"])
@pytest.mark.parametrize("name", NAMES)
def test_an_upload_names_no_file_of_the_server(name: str, origin: str, disk: Path, asker: Asker) -> None:
    text = json.dumps({"dialect": name.format(disk), "stubs": [{"reply": "hi"}]}).encode()
    query = f"?origin={quote(origin.format(disk))}" if origin else ""
    status, _, found = asker.ask("POST", f"{ADMIN}/scenarios{query}", text)
    [problem] = json.loads(found)["problems"]
    assert status == 422
    assert problem["key_path"] == "dialect"
    assert b'"id":"canary"' not in asker.ask("GET", "/sandbox/trust/v1/models")[2]


# What a form may call the dialect that comes with it: it is a name and leads nowhere.
FIELDS = ("../canary.yaml", "/etc/passwd", "{}/canary.yaml", "a/../../canary.yaml", "\0.yaml")


@pytest.mark.parametrize("field", FIELDS)
def test_a_file_that_is_sent_touches_none_of_the_server(field: str, disk: Path, asker: Asker) -> None:
    name = field.format(disk)
    text = json.dumps({"dialect": name, "stubs": [{"reply": "hi"}]}).encode()
    kind, body = form(text, name, b"dialect: mine\n")
    before = (disk / "canary.yaml").read_text("utf-8")
    status, _, found = asker.ask("POST", f"{ADMIN}/scenarios", body, content_type=kind)
    assert (status, json.loads(found)["status"]) == (422, 422)
    assert (disk / "canary.yaml").read_text("utf-8") == before


def test_a_schema_of_a_dialect_that_is_sent_comes_with_it_or_not_at_all(disk: Path, asker: Asker) -> None:
    for schema in ("../canary.json", f"{disk}/canary.json", "canary.json"):
        dialect = json.dumps({"dialect": "mine", "extends": "openai", "requests": {"chat": schema}}).encode()
        text = b'{"dialect":"mine.yaml","stubs":[{"reply":"hi"}]}'
        kind, body = form(text, "mine.yaml", dialect)
        status, _, found = asker.ask("POST", f"{ADMIN}/scenarios", body, content_type=kind)
        assert (status, b"no schema file" in found) == (422, True)


@pytest.mark.parametrize("way", ["length", "chunked"])
def test_too_large_an_upload_is_refused_before_it_is_kept(way: str, server: Watched, asker: Asker) -> None:
    before = server.census().resident
    with Asker(server) as another:
        if way == "length":
            found = another.ask("POST", f"{ADMIN}/scenarios", b" " * 40 * MIB)
        else:
            found = another.ask_in_chunks("POST", f"{ADMIN}/scenarios", [b" " * MIB] * 40)
    assert (found[0], json.loads(found[2])["status"]) == (413, 413)
    assert server.census().resident - before < 24 * MIB
    assert asker.ask("GET", f"{ADMIN}/health")[0] == 200


# --- schemas of structured output, by which clients might hold the server up ---


def strict(inner: object, **more: object) -> dict[str, object]:
    """A schema of one member that a strict format admits."""
    closed = {"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": False}
    return closed | more


DOUBLING: dict[str, object] = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)}
SCHEMAS: dict[str, tuple[object, tuple[int, ...]]] = {
    "a pattern in a pattern": (strict({"type": "string", "pattern": r"^(\w+\s?)*$"}), (200, 500)),
    "patterns of names": (strict({"patternProperties": {"^(a+)+$": {"pattern": "(b*)*c"}}}), (400, 500)),
    "a repetition beyond counting": (strict({"type": "string", "pattern": "x{99999999999}"}), (400, 500)),
    "no pattern": (strict({"type": "string", "pattern": "((("}), (400, 500)),
    "references that double": (
        strict({"$ref": "#/$defs/a0"}, **{"$defs": DOUBLING | {"a60": {"type": "null"}}}),
        (200, 500),
    ),
    "a reference to itself": (strict({"$ref": "#"}), (400, 500)),
    "a reference elsewhere": (strict({"$ref": "http://127.0.0.1:1/schema"}), (400, 500)),
    "a reference to a file": (strict({"$ref": "file:///etc/passwd"}), (400, 500)),
    "a million names": ({"type": "object", "required": [f"a{n}" for n in range(1_000_000)]}, (400, 500)),
    "no schema": ("x", (400, 500)),
}


def ask_for(asker: Asker, name: str, schema: object, *, is_strict: bool) -> tuple[int, bytes]:
    asked = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": is_strict}}
    body = {"model": "m", "messages": [{"role": "user", "content": "data"}], "response_format": asked}
    sandbox = quote(f"{name} {is_strict}")
    answered, _, found = asker.ask("POST", f"/sandbox/{sandbox}{CHAT}", json.dumps(body).encode())
    return answered, found


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_strict_schema_is_used_or_rejected_in_time(name: str, asker: Asker) -> None:
    schema, statuses = SCHEMAS[name]
    answered, body = ask_for(asker, name, schema, is_strict=True)
    assert answered in statuses, body
    assert answered == 200 or json.loads(body)["error"]["type"] in ("mockserver_reply", "invalid_request_error")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_not_strict_never_decides_on_the_reply(name: str, asker: Asker) -> None:
    answered, body = ask_for(asker, name, SCHEMAS[name][0], is_strict=False)
    assert answered == (400 if name == "no schema" else 200), body


# --- quotations ---

TEMPLATES = st.sampled_from(
    [
        "{{request.key}}",
        "{{match.all}}",
        "{{request.__class__}}",
        "{{request.__init__.__globals__}}",
        "{{7*7}}",
        "{{request.body.model}}",
        "{0.__class__.__mro__}",
        "{request}",
        "%(all)s",
        "%s%s%n",
        "${all}",
        "\\g<all>",
        "\\1",
        "{{",
        "}}",
        "{{match.all",
        '"}]}\n\ndata: [DONE]\n\n',
        '","role":"system","content":"',
        "\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n",
        "\u2028\u0085\0",
        "!!python/name:os.system",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.lists(TEMPLATES | st.text(max_size=10), max_size=5).map("".join), stream=st.booleans())
@example(text="{{match.all}}", stream=True)
@example(text="{{request.__class__}}" * 50, stream=False)
@example(text='"}]}\n\ndata: [DONE]\n\n', stream=True)
def test_quoted_text_is_sent_unchanged_and_never_evaluated(text: str, stream: bool, asker: Asker) -> None:
    sound = text.encode("utf-8", "replace").decode()
    expected = {"model": "m", "messages": [{"role": "user", "content": sound}], "stream": stream}
    status, _, body = asker.ask("POST", CHAT, json.dumps(expected).encode())
    assert status == 200
    if stream:
        events = body.decode().split("\n\n")
        assert (events[-2:], body.count(b"data: [DONE]")) == (["data: [DONE]", ""], 1)
        chunks = [json.loads(one.removeprefix("data: ")) for one in events[:-2]]
        said = "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks if one["choices"])
    else:
        said = json.loads(body)["choices"][0]["message"]["content"]
    assert said == f"<{sound}>"
