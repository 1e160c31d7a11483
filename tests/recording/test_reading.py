"""Files of every kind read into exchanges, and what is wrong with a file told with its place."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64encode
from typing import Any

import pytest
import yaml

from tests.kit import RecordedExchange, RecordingError, read_recording
from tests.recording.replay import URL, asked, completion

REQUEST = asked().decode()
REPLY = json.dumps(completion())
JSON_TYPE = {"content-type": "application/json"}
WANTED = RecordedExchange(
    origin="f: exchange 1",
    url=URL,
    request_headers=(("content-type", "application/json"),),
    request_body=REQUEST.encode(),
    reply_headers=(("content-type", "application/json"),),
    reply_body=REPLY.encode(),
)


def listed(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def har(**response: Any) -> dict[str, Any]:
    answer = {"status": 200, "headers": listed(JSON_TYPE), "content": {"text": REPLY}} | response
    post = {"method": "POST", "url": URL, "headers": listed(JSON_TYPE), "postData": {"text": REQUEST}}
    return {"log": {"entries": [{"request": post, "response": answer}]}}


def vcr(body: Any, *, name: str = "interactions", **response: Any) -> dict[str, Any]:
    request = {"method": "post", "uri": URL, "headers": {"content-type": ["application/json"]}, "body": REQUEST}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": JSON_TYPE, "body": body} | response
    return {name: [{"request": request, "response": answer}]}


def nock(**members: Any) -> list[dict[str, Any]]:
    one = {
        "scope": "https://api.openai.com:443",
        "method": "POST",
        "path": "/v1/chat/completions",
        "reqheaders": JSON_TYPE,
        "body": json.loads(REQUEST),
        "status": 200,
        "response": REPLY,
        "rawHeaders": ["content-type", "application/json"],
    }
    return [one | members]


PACKED = gzip.compress(REPLY.encode(), mtime=0)
ARCHIVES: dict[str, Any] = {
    "HAR": har(),
    "HAR, base64": har(content={"text": b64encode(REPLY.encode()).decode(), "encoding": "base64"}),
    "vcrpy": vcr({"string": REPLY}),
    "vcrpy, JSON": vcr({"base64_string": b64encode(REPLY.encode()).decode()}),
    "vcrpy, old httpx": vcr(None, status_code=200, content=REPLY, status=None),
    "Ruby": vcr({"encoding": "UTF-8", "string": REPLY}, name="http_interactions"),
    "betamax": vcr(
        {"encoding": None, "base64_string": b64encode(PACKED).decode(), "string": ""}, name="http_interactions"
    ),
    "Go": vcr(REPLY, code=200, status="200 OK"),
    "a status line": vcr(REPLY, status="200 OK"),
    "lists apart": {
        "requests": [vcr("")["interactions"][0]["request"]],
        "responses": [vcr(REPLY)["interactions"][0]["response"]],
    },
    "nock": nock(body=REQUEST),
    "nock, hexadecimal": nock(body=REQUEST, response=[PACKED.hex()[:20], PACKED.hex()[20:]]),
    "nock, one hexadecimal": nock(body=REQUEST, response=PACKED.hex(), responseIsBinary=True),
    "nock, headers": nock(body=REQUEST, rawHeaders=None, headers=JSON_TYPE),
}


@pytest.mark.parametrize("value", ARCHIVES.values(), ids=ARCHIVES)
def test_an_archive_gives_its_exchange(value: Any) -> None:
    found = read_recording(json.dumps(value).encode(), "f")
    assert (found.exchanges, found.notes) == ((WANTED,), ())
    assert read_recording(yaml.safe_dump(value).encode(), "f").exchanges == (WANTED,)
    assert read_recording(gzip.compress(json.dumps(value).encode()), "f").exchanges == (WANTED,)


def test_yaml_with_tags_is_read_and_constructs_nothing() -> None:
    text = f"""\
interactions:
- request: !!python/object:os.system
    method: !!python/unicode 'POST'
    uri: {URL}
    headers: !!python/object/apply:os.system [{{name: content-type, value: application/json}}]
    body: !!binary {b64encode(REQUEST.encode()).decode()}
  response:
    status: {{code: 200}}
    headers: {{content-type: [application/json]}}
    body: {{string: !!binary {b64encode(PACKED).decode()}}}
"""
    assert read_recording(text.encode(), "f").exchanges == (WANTED,)


def test_values_are_those_of_the_yaml_that_recorders_write() -> None:
    body = {"a": 1, "b": 1.5, "c": True, "d": None, "e": "1e5", "f": "2024-01-01"}
    cassette = vcr(None)
    cassette["interactions"][0]["response"] = {"status": 200, "parsed_body": body}
    [found] = read_recording(yaml.safe_dump(cassette).encode(), "f").exchanges
    assert (json.loads(found.reply_body), found.exact) == (body, False)


def test_headers_may_be_pairs_and_texts_may_hold_lone_surrogates() -> None:
    cassette = vcr("\ud800")
    cassette["interactions"][0]["response"]["headers"] = [["a", "b"], {"name": "c", "value": "d"}, ["x"], 1, ["n", 2]]
    [found] = read_recording(json.dumps(cassette).encode(), "f").exchanges
    assert (found.reply_headers, found.reply_body) == ((("a", "b"), ("c", "d"), ("n", "")), b"\xed\xa0\x80")
    numbers = vcr("")
    numbers["interactions"][0]["response"]["headers"] = {"retry-after": 3}
    assert read_recording(json.dumps(numbers).encode(), "f").exchanges[0].reply_headers == (("retry-after", "3"),)


def test_an_alias_is_shared_and_not_copied() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    with pytest.raises(RecordingError, match="no recording"):
        read_recording("\n".join(lines).encode(), "f")


def test_a_body_that_was_kept_as_json_is_not_exact() -> None:
    [found] = read_recording(json.dumps(nock(response=completion())).encode(), "f").exchanges
    assert (json.loads(found.reply_body), found.exact) == (completion(), False)
    [other] = read_recording(json.dumps(vcr({"a": 1})).encode(), "f").exchanges
    assert (other.reply_body, other.exact) == (b'{"a":1}', False)


def test_a_har_gives_the_times_of_the_first_and_the_last_byte() -> None:
    stream = "data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"
    kinds = {"content-type": "text/event-stream"}
    value = har(headers=listed(kinds), content={"text": stream})
    value["log"]["entries"][0]["timings"] = {"send": 1, "wait": 99, "receive": 40}
    [found] = read_recording(json.dumps(value).encode(), "f").exchanges
    assert found.splits == (9, 18, 32)
    assert [round(one, 3) for one in found.times_s] == [0.1, 0.12, 0.14]
    value["log"]["entries"][0]["response"] = har()["log"]["entries"][0]["response"]
    [whole] = read_recording(json.dumps(value).encode(), "f").exchanges
    assert (whole.splits, whole.times_s) == ((len(REPLY),), (0.1,))
    value["log"]["entries"][0]["timings"] = {"send": 0, "wait": -1, "receive": True}
    assert read_recording(json.dumps(value).encode(), "f").exchanges[0].times_s == ()


NOTED = {
    "no reply": (har(status=0, _error="net::ERR_RESET"), "f: exchange 1: net::ERR_RESET"),
    "no reply at all": (har(status=0), "f: exchange 1: no reply was recorded"),
    "no body": (har(content={"size": 12}), "f: exchange 1: the body of 12 bytes was not recorded"),
    "no status": (vcr("", status=None), "f: exchange 1: no status of the reply was recorded"),
    "bad base64": (
        har(content={"text": "a", "encoding": "base64"}),
        "f: exchange 1: a body that is not base64, as it is said to be",
    ),
    "damaged gzip": (
        har(content={"text": b64encode(PACKED[:30]).decode(), "encoding": "base64"}),
        "f: exchange 1: a body in the coding 'gzip' that cannot be undone",
    ),
    "an unknown coding": (
        har(
            headers=listed({"content-encoding": "lzw"}),
            content={"text": b64encode(b"\xff\xfe").decode(), "encoding": "base64"},
        ),
        "f: exchange 1: a body in the coding 'lzw' that cannot be undone",
    ),
}


@pytest.mark.parametrize(("value", "note"), NOTED.values(), ids=NOTED)
def test_an_exchange_that_cannot_be_used_is_noted(value: Any, note: str) -> None:
    found = read_recording(json.dumps(value).encode(), "f")
    assert found.exchanges == ()
    assert [one[: len(note)] for one in found.notes] == [note]


WRONG = {
    "nothing": (b" \n", "f: empty; expected a recording"),
    "no UTF-8": (b"a: 1\nb: \xff", "f:2: not UTF-8: byte 0xff"),
    "JSON": (b'{"log": ', "f: not JSON: Expecting value: line 1 column 9 (char 8)"),
    "YAML": (b"a: b: c", "f:1:5: not YAML: mapping values are not allowed in this context"),
    "a character": (b"a: \x01", "f: not YAML: "),
    "a tag": (b"interactions:\n  - !!int x", "f:2:5: 'x' is not what its tag says"),
    "another value": (b"a: 1", "f: no recording: expected a HAR"),
    "a text": (b"hello", "f: no recording: expected a HAR"),
    "YAML's nothing": (b"# none", "f: no recording: expected a HAR"),
    "depth": (b"[" * 100_000, "f: nested too deeply"),
    "gzip": (b"\x1f\x8b\x08\x00", "f: not gzip as its first bytes say: "),
    "digits": (json.dumps(nock(response=["xyz"])).encode(), "f: exchange 1: expected the reply in hexadecimal digits"),
    "a packed capture": (
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x00",
        "f: a body in the coding 'gzip' that cannot be undone",
    ),
}


@pytest.mark.parametrize(("data", "message"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_no_recording_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(RecordingError) as error:
        read_recording(data, "f")
    assert str(error.value)[: len(message)] == message


def test_json_that_is_only_yaml_is_read() -> None:
    [found] = read_recording(f"{{interactions: [{json.dumps(vcr(REPLY)['interactions'][0])}]}}".encode(), "f").exchanges
    assert found == WANTED


# --- replies alone, and captures ---

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ASKED = b"POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: %d\r\n\r\n%s"


def test_a_body_alone_is_a_reply() -> None:
    [whole] = read_recording(REPLY.encode(), "f").exchanges
    assert (whole.reply_body, whole.status, whole.url, whole.endpoint) == (REPLY.encode(), 200, "", None)
    [stream] = read_recording(b": hi\n\ndata: {}\n\n", "f").exchanges
    assert (stream.streamed, stream.reply_body) == (True, b": hi\n\ndata: {}\n\n")
    [error] = read_recording(b'{"error": {"message": "no"}}', "f").exchanges
    assert error.status == 500


CAPTURES = {
    "length": (HEAD + b"Content-Length: 5\r\n\r\n[1,2]", b"[1,2]", True, (5,)),
    "to the end": (HEAD + b"\r\n[1,2]", b"[1,2]", True, (5,)),
    "too short": (HEAD + b"Content-Length: 9\r\n\r\n[1,2]", b"[1,2]", False, (5,)),
    "chunks": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;x\r\n[1\r\n3\r\n,2]\r\n0\r\nx: y\r\n\r\n",
        b"[1,2]",
        True,
        (2, 5),
    ),
    "no last chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n", b"[1", False, (2,)),
    "half a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n[1", b"[1", False, (2,)),
    "no blank line": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n0\r\n", b"[1", False, (2,)),
    "dechunked": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n[1,2]", b"[1,2]", True, (5,)),
    "decoded": (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n[1,2]", b"[1,2]", True, (5,)),
    "coded": (HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(b"[1,2]" * 9), b"[1,2]" * 9, True, ()),
    "bare line ends": (b"HTTP/1.1 200 OK\ncontent-length: 5\n\n[1,2]", b"[1,2]", True, (5,)),
    "after 100": (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 5\r\n\r\n[1,2]", b"[1,2]", True, (5,)),
    "HTTP/2": (b"HTTP/2 200\r\n\r\n[1,2]", b"[1,2]", True, (5,)),
    "a head that ends": (b"HTTP/1.1 200 OK\r\nContent-Ty", b"Content-Ty", False, (10,)),
}


@pytest.mark.parametrize(("data", "body", "complete", "splits"), CAPTURES.values(), ids=CAPTURES)
def test_a_capture_is_read_as_it_stands(data: bytes, body: bytes, complete: bool, splits: tuple[int, ...]) -> None:
    [found] = read_recording(data, "f").exchanges
    assert (found.reply_body, found.complete, found.splits) == (body, complete, splits)
    assert (found.origin, found.status, found.method, found.url) == ("f: reply 1", 200, "POST", "")


def test_messages_of_a_capture_belong_together() -> None:
    asking = ASKED % (len(REQUEST), REQUEST.encode())
    reply = HEAD + b"Content-Length: 2\r\n\r\n{}"
    bare = b"GET http://h/v1/models HTTP/1.1\r\n\r\n"
    first, second, third = read_recording(
        asking + reply + b"\r\n# noise\r\n" + bare + reply + reply + b"junk", "f"
    ).exchanges
    assert (first.url, first.endpoint, first.request_body) == (URL, "chat", REQUEST.encode())
    assert (second.method, second.url, second.endpoint) == ("GET", "http://h/v1/models", None)
    assert (third.origin, third.url) == ("f: reply 3", "")


def test_a_request_with_a_wrong_length_ends_where_its_reply_begins() -> None:
    data = ASKED % (len(REQUEST) + 1, REQUEST.encode()) + HEAD + b"Content-Length: 2\r\n\r\n{}"
    [found] = read_recording(data, "f").exchanges
    assert (found.request_body, found.reply_body) == (REQUEST.encode(), b"{}")


ENDPOINTS = {
    URL: "chat",
    "https://h/openai/deployments/x/chat/completions?api-version=1": "chat",
    "https://h/v1/responses/": "responses",
    "https://h/v1/responses/compact": "compact",
    "https://h/v1/embeddings": None,
    "http://[h/v1/responses#x?y": "responses",
    "**REDACTED**": "chat",
}


@pytest.mark.parametrize(("url", "endpoint"), ENDPOINTS.items())
def test_the_end_of_the_path_tells_the_endpoint(url: str, endpoint: str | None) -> None:
    assert RecordedExchange(origin="f", url=url, request_body=REQUEST.encode()).endpoint == endpoint
    assert RecordedExchange(origin="f", url=url, method="GET").endpoint is None
    assert RecordedExchange(origin="f", url="x", request_body=b'{"prompt": ""}').endpoint is None
