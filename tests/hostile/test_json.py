"""JSON of every kind to every endpoint of a whole server: an envelope, never a crash, and whatever
came can be reported afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.watched import CHAT, Asker, Watched

RESPONSES = "/v1/responses"
COMPACT = "/v1/responses/compact"
PATHS = (CHAT, RESPONSES, COMPACT)
MIB = 2**20
# Names that mean something to some endpoint, so that wrong values come where they matter.
NAMES = (
    "model", "messages", "input", "role", "content", "text", "type", "stream", "stream_options",
    "include_usage", "tools", "tool_choice", "function", "name", "parameters", "arguments",
    "call_id", "tool_call_id", "tool_calls", "id", "output", "response_format", "json_schema",
    "schema", "strict", "n", "max_tokens", "temperature", "instructions", "reasoning", "metadata",
    "user", "store", "include", "previous_response_id", "conversation", "status", "summary",
    "refusal", "image_url", "file", "audio", "annotations", "$ref", "pattern", "properties",
    "items",
)  # fmt: skip
WORDS = ("user", "assistant", "system", "tool", "developer", "message", "function_call", "auto")

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**63, 10**100, 1e308, -0.0, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from([*WORDS, *NAMES, "\ud800", "\0", "\u202e", "gpt-5.4", "(a+)+$", "#"]),
)
MEMBERS = st.one_of(st.sampled_from(NAMES), st.text(max_size=5))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(MEMBERS, inner, max_size=5)),
    max_leaves=25,
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.one_of(st.sampled_from(WORDS), LEAVES)},
        optional={"content": VALUES, "tool_calls": VALUES, "tool_call_id": LEAVES, "name": LEAVES},
    ),
    max_size=3,
)
REQUESTS = st.one_of(
    st.fixed_dictionaries(
        {"model": st.one_of(st.just("gpt-5.4"), LEAVES)},
        optional={
            "messages": st.one_of(MESSAGES, VALUES),
            "input": st.one_of(MESSAGES, st.text(max_size=20), VALUES),
            "tools": VALUES,
            "stream": st.one_of(st.booleans(), VALUES),
            "response_format": VALUES,
            "text": VALUES,
            "n": LEAVES,
            "tool_choice": VALUES,
            "instructions": VALUES,
        },
    ),
    st.dictionaries(MEMBERS, VALUES, max_size=8),
    VALUES,
)

SCENARIO = """\
stubs:
  - {name: data, when: {body: {metadata: {a: b}}}, reply: {output: [{text: '{"a": 1}'}]}}
  - {name: says, when: {user: {matches: '(?P<word>\\w+)'}}, reply: 'You said {{match.word}}.'}
  - {name: tool, when: {tool_result: {text: {contains: a}}}, reply: {output: [{call: f}]}}
  - {name: turn, when: {turn: 1, any_text: {contains: a}}, reply: hi}
"""


@pytest.fixture(scope="module", params=["enforce", "off"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(SCENARIO, "utf-8")
    server = Watched(path, "--contract", request.param, "--log", "text")
    yield server
    assert server.close() == ""


@pytest.fixture(scope="module")
def asker(server: Watched) -> Iterator[Asker]:
    with Asker(server) as asker:
        yield asker


def has_an_envelope(status: int, kind: str, body: bytes) -> bool:
    """Whether a reply is one that a client of the upstream can read."""
    if kind.startswith("text/event-stream"):
        return status == 200 and body.startswith((b"data: ", b"event: "))
    if kind.startswith("text/html"):
        return status == 413
    found = json.loads(body)
    return isinstance(found, dict) and (status == 200) is ("error" not in found or found["error"] is None)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=REQUESTS, path=st.sampled_from(PATHS))
def test_any_json_gets_an_envelope_and_can_be_reported(value: Any, path: str, asker: Asker) -> None:
    asker.ask("POST", "/sandbox/any/__admin/reset")
    status, kind, body = asker.ask("POST", f"/sandbox/any{path}", dumped(value))
    assert status < 500, body
    assert has_an_envelope(status, kind, body), (status, kind, body)
    found, _, journal = asker.ask("GET", "/sandbox/any/__admin/journal?reveal=true")
    assert found == 200
    [entry] = json.loads(journal)["entries"]
    assert (entry["status"], entry["json"]) == (status, value)
    found, _, verdict = asker.ask("POST", "/sandbox/any/__admin/verify")
    assert found == 200
    assert isinstance(json.loads(verdict)["report"], str)


def message(content: str, more: str = "") -> bytes:
    return f'{{"model":"m","messages":[{{"role":"user","content":{content}}}]{more}}}'.encode()


def nested(opening: str, closing: str, levels: int) -> str:
    return opening * levels + "1" + closing * levels


BODIES: dict[str, bytes] = {
    "lists without end": b"[" * MIB,
    "lists in lists": message('"a"', f',"metadata":{nested("[", "]", 100_000)}'),
    "objects in objects": message('"a"', ',"metadata":' + nested('{"a":', "}", 100_000)),
    "as deep as is read": message('"a"', f',"metadata":{nested("[", "]", 126)}'),
    "a schema in a schema": message(
        '"a"',
        ',"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":'
        + nested('{"properties":{"a":', "}}", 50).replace("1", "{}")
        + "}}",
    ),
    "a schema of itself": message(
        '"a"', ',"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"$ref":"#"}}}'
    ),
    "an integer of 5,000 digits": message('"a"', ',"seed":' + "9" * 5000),
    "an integer of 4,000 digits": message('"a"', ',"seed":' + "9" * 4000),
    "a number beyond floating point": message('"a"', ',"temperature":1e999'),
    "a number of a million digits": message('"a"', ',"temperature":0.' + "1" * MIB),
    "a million choices": message('"a"', ',"n":1000000'),
    "NaN": message('"a"', ',"temperature":NaN'),
    "a member twice": message('"a"', ',"model":"b"'),
    "half a surrogate pair": message(r'"\ud800"'),
    "a name of half a pair": message('"a"', r',"\udc00":1'),
    "NUL": message(r'"\u0000"'),
    "a raw control character": message('"\n"'),
    "a text of four mebibytes": message('"' + "x" * 4 * MIB + '"'),
    "a name of a mebibyte": message('"a"', ',"' + "x" * MIB + '":1'),
    "50,000 members": message('"a"', "".join(f',"k{n}":1' for n in range(50_000))),
    "50,000 messages": b'{"model":"m","messages":[' + b",".join([b'{"role":"user","content":"x"}'] * 50_000) + b"]}",
    "10,000 wrong messages": b'{"model":"m","messages":[' + b",".join([b'{"role":"wizard"}'] * 10_000) + b"]}",
    "a byte order mark": b"\xef\xbb\xbf" + message('"a"'),
    "UTF-16": message('"a"').decode().encode("utf-16"),
    "Latin-1": message('"é"').decode().encode("latin-1"),
    "two values": message('"a"') * 2,
    "a comment": b"/* hi */" + message('"a"'),
    "nothing": b"",
    "blanks": b" " * MIB,
    "a number": b"1",
    "null": b"null",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_odd_bodies_get_an_envelope(body: bytes, path: str, asker: Asker) -> None:
    status, kind, found = asker.ask("POST", f"/sandbox/odd{path}", body)
    assert status < 500, found
    assert has_an_envelope(status, kind, found)


def test_odd_bodies_can_be_reported(asker: Asker) -> None:
    for path in ("journal", "journal?reveal=true", "sandboxes", "scenarios"):
        assert asker.ask("GET", f"/sandbox/odd/__admin/{path}")[0] == 200
    assert asker.ask("POST", "/sandbox/odd/__admin/verify")[0] == 200
