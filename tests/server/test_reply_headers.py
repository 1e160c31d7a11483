"""Headers of replies: checked when they are loaded and when they are filled in, and true of the body."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Dialects, Request, load_text
from tests.model.test_codings import READERS
from tests.server.sandboxed import CHAT, KEY, RESPONSES, Played


def scenario(headers: str, reply: str = "output: [{text: Hello there}]", more: str = "") -> str:
    return f"{more}stubs:\n  - name: s\n    on: chat\n    reply:\n      {reply}\n      headers: {headers}\n"


def problems(text: str, dialects: Dialects | None = None, origin: str = "s.yaml") -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, origin, dialects or Dialects())
    return [f"{one.key_path}: {one.message}" for one in caught.value.problems]


FALSE = "states it falsely"
REFUSED = [
    ("{'': x}", "header name '' is no token"),
    ("{'a b': x}", "header name 'a b' is no token"),
    ("{'a:b': x}", "header name 'a:b' is no token"),
    ('{x: "1\\r\\ny: 2"}', "has characters that no header line can carry"),
    ("{x: 名}", "value '名' of header 'x' has characters that no header line can carry"),
    ('{Content-Length: "5"}', "follows from the body; the fault 'garble: {content_length: …}' states another"),
    ("{transfer-encoding: chunked}", "'framing: {chunked: true}' sends a whole reply in chunks"),
    ("{trailer: x}", "the fault 'garble: {headers: {trailer: …}}' states it falsely"),
    ("{content-encoding: compress}", "compresses the body: expected one of gzip, deflate, br, zstd, got 'compress'"),
    ("{content-encoding: 'gzip, gzip'}", "'garble: {headers: {content-encoding: …}}' states it falsely"),
]


@pytest.mark.parametrize(("headers", "message"), REFUSED)
def test_a_header_that_no_reply_can_have_is_an_error_of_the_scenario(headers: str, message: str) -> None:
    found = problems(scenario(headers))
    assert any(message in one for one in found), found
    found = problems(f"defaults: {{headers: {headers}}}\nstubs: [{{reply: hi}}]")
    assert any(message in one for one in found), found


@pytest.mark.parametrize(
    "place",
    [
        "headers: {}",
        "errors: {{rate_limited: {{status: 429, headers: {}}}}}",
        "http: [{{headers: {}}}]",
        "edge: [{{headers: {}}}]",
    ],
)
@pytest.mark.parametrize(("headers", "message"), REFUSED)
def test_a_header_that_no_reply_can_have_is_an_error_of_the_dialect(
    place: str, headers: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(f"dialect: own\nextends: openai\n{place.format(headers)}\n", "utf-8")
    found = problems("dialect: own.yaml\nstubs: [{reply: hi}]", Dialects([str(tmp_path)]), str(tmp_path / "s.yaml"))
    assert any(message in one for one in found), found


def test_a_header_of_credentials_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("dialect: own\nextends: openai\ncredentials: [{header: 'a b'}]\n", "utf-8")
    found = problems("dialect: own.yaml\nstubs: [{reply: hi}]", Dialects([str(tmp_path)]), str(tmp_path / "s.yaml"))
    assert any("header name 'a b' is no token" in one for one in found), found


@pytest.mark.parametrize(
    ("model", "value"), [("gpt\r\nx-evil: 1", "gpt x-evil: 1"), ("名", "?"), ("a\x00b", "a b"), ("é", "é")]
)
def test_a_client_writes_no_header(model: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "dialect: own\nextends: openai\nunknown: accept\nheaders: {x-model: '{model}'}\n", "utf-8"
    )
    loaded = load_text(
        'dialect: own.yaml\nstubs: [{reply: {output: [{text: hi}], headers: {x-quoted: "{{request.model}}"}}}]',
        str(tmp_path / "s.yaml"),
        Dialects([str(tmp_path)]),
    )
    played = Played(contract="off")
    played.sandbox.load(loaded)
    for stream in (False, True):
        found = played.ask(model=model, stream=stream)
        assert found.status == 200
        assert (found.headers["x-model"], found.headers["x-quoted"]) == (value, value)
        assert "x-evil" not in found.headers


# --- content codings ---


@pytest.mark.parametrize("coding", READERS)
def test_a_whole_reply_is_compressed(coding: str) -> None:
    plain = Played(scenario("{}")).ask()
    found = Played(scenario(f"{{content-encoding: {coding}}}")).ask()
    assert found.headers["content-encoding"] == coding
    assert found.headers["content-length"] == str(len(found.body))
    assert READERS[coding]()(found.body) == plain.body


@pytest.mark.parametrize("coding", READERS)
def test_each_event_of_a_compressed_stream_can_be_read_when_it_arrives(coding: str) -> None:
    played = Played(scenario(f"{{content-encoding: {coding}}}"))
    found, plain = played.ask(stream=True), Played(scenario("{}")).ask(stream=True)
    assert found.headers["transfer-encoding"] == "chunked"
    read = READERS[coding]()
    rest, texts = found.wire.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if int(size, 16):
            texts.append(read(rest[: int(size, 16)]))
        rest = rest[int(size, 16) + 2 :]
    assert b"".join(texts) == plain.body
    assert all(text.endswith(b"\n\n") for text in texts)
    # The same reply again, and not from a template that was filled in wrongly.
    for _ in range(3):
        again = READERS[coding]()(played.ask(stream=True).body)
        assert again.count(b"data: ") == plain.body.count(b"data: ")


def test_a_coding_of_the_dialect_is_that_of_errors_too(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("dialect: own\nextends: openai\nheaders: {content-encoding: gzip}\n", "utf-8")
    text = "dialect: own.yaml\nstubs: [{on: chat, reply: {error: rate_limited}}]"
    played = Played()
    played.sandbox.load(load_text(text, str(tmp_path / "s.yaml"), Dialects([str(tmp_path)])))
    found = played.ask()
    assert (found.status, found.headers["content-encoding"]) == (429, "gzip")
    assert b"rate_limit_exceeded" in zlib.decompress(found.body, 31)


@pytest.mark.parametrize("value", ["identity", "''"])
def test_no_coding_changes_nothing(value: str) -> None:
    found = Played(scenario(f"{{content-encoding: {value}}}")).ask()
    assert found.json["object"] == "chat.completion"


def wire_of(text: str, *, stream: bool) -> bytes:
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    request = Request(method="POST", target=CHAT, path=CHAT, headers=(KEY,), body=json.dumps(body).encode())
    _, decision = Played(text).sandbox.exchange(request, now_s=0.0)
    assert decision.findings == ()
    return decision.script.wire


@pytest.mark.parametrize(
    ("place", "stream"),
    [
        ("inside: {event: 'text.delta[1]', byte: 3}", True),
        ("before: terminator", True),
        ("at_byte: 40", True),
        ("inside: {part: body, byte: 40}", False),
    ],
)
def test_a_compressed_reply_is_cut_in_the_bytes_that_are_sent(place: str, stream: bool) -> None:
    whole = wire_of(scenario("{content-encoding: gzip}"), stream=stream)
    faults = f"output: [{{text: Hello there}}]\n      faults: [{{cut: {{{place}}}}}]"
    found = wire_of(scenario("{content-encoding: gzip}", faults), stream=stream)
    assert whole.startswith(found)
    assert len(found) < len(whole)


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("cut: {inside: {event: 'text.delta[0]', at: string}}", "inside: {event: text.delta[0], at: string}"),
        ("cut: {inside: {event: 'text.delta[0]', char: 4}}", "inside: {event: text.delta[0], char: 4}"),
        ("insert: {comment: x, at: {after: 0}}", "an event or a comment that is inserted"),
        ("garble: {utf8: 'text.delta[0]'}", "utf8"),
        ("garble: {json: {part: body}}", "json"),
        ("cut: {inside: {part: body, at: string}}", "inside: {part: body, at: string}"),
        ("delay: {after: 0, for: 9s, keepalive: {comment: x, every: 1s}}", "an event or a comment that is inserted"),
    ],
)
def test_a_compressed_body_has_no_text(fault: str, what: str) -> None:
    text = scenario("{content-encoding: gzip}", f"output: [{{text: Hello there}}]\n      faults: [{{{fault}}}]")
    message = f"{what}: the body is compressed with gzip; expected a place between events or at a byte"
    assert any(message in one for one in problems(text)), problems(text)


# --- whole replies in chunks ---


def chunked(*faults: str, on: str = "chat") -> str:
    listed = "".join(f"\n        - {fault}" for fault in ("framing: {chunked: true}", *faults))
    return f"stubs:\n  - on: {on}\n    reply:\n      output: [{{text: Hello there}}]\n      faults:{listed}\n"


@pytest.mark.parametrize("path", ["/v1/chat/completions", RESPONSES])
def test_a_whole_reply_is_sent_in_a_chunk(path: str) -> None:
    plain = Played(chunked(on="[chat, responses]").replace("- framing: {chunked: true}", "- linger: 0")).ask(path)
    found = Played(chunked(on="[chat, responses]")).ask(path)
    assert "content-length" not in found.headers
    assert found.headers["transfer-encoding"] == "chunked"
    assert found.body == plain.body
    assert found.wire.endswith(b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(plain.body), plain.body))


def test_a_stream_has_chunks_already() -> None:
    found = Played(chunked()).ask(stream=True)
    assert found.events[-1] == "[DONE]"
    assert found.entry.findings == ()


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("garble: {chunk_size: {part: body}}", b"\r\n0\r\n\r\n"),
        ("end: {at_byte: 4}", b"\r\n4\r\n{\n  \r\n0\r\n\r\n"),
        ("cut: {at_byte: 4}", b"\r\n{\n  "),
        ("insert: {bytes: ' ', at: {at_byte: 0}}", b"\r\n0\r\n\r\n"),
        ("garble: {content_length: 3}", b"\n}\n"),
    ],
)
def test_faults_find_the_chunk_of_a_whole_reply(fault: str, ends: bytes) -> None:
    assert wire_of(chunked(fault), stream=False).endswith(ends)


def test_white_space_keeps_a_chunked_reply_alive_without_end() -> None:
    text = chunked('stall: {at_byte: 0, keepalive: {bytes: " ", every: 1s}}')
    assert load_text(text, "s.yaml", Dialects()).stubs[0].replies[0].faults
