"""`mockserver serve --upstream`: what goes up, what comes down, what is recorded and answered from the recording."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.conftest import NET_S, Run, Serve, Serving
from tests.server.end_to_end import CHAT, Answer, asking, dial, post, request_bytes, rest, send, until

UPSTREAM = """\
stubs:
  - when: {user: weather}
    reply: {output: [{call: get_weather, arguments: {city: Oslo}}]}
  - {when: {user: limited}, reply: {error: {status: 429, code: slow_down, message: later}, headers: {retry-after: "7"}}}
  - {when: {user: cut}, reply: {output: [{text: a b c}], faults: [{cut: {after: 2}}]}}
  - {when: {user: silent}, reply: {output: [{text: a b c}], faults: [{stall: {at: head}}]}}
  - {reply: {output: [{text: "Cold and \\"clear\\", {{call}}."}], usage: {input: 3, output: 4}}}
"""
ROOM = "/sandbox/room" + CHAT


@dataclass
class Upstream:
    """An upstream of raw bytes: `heads` and `bodies` are what came, `replies` what is sent piece by piece; a piece that
    is a function is called before the next is sent."""

    replies: list[tuple[bytes | Callable[[], object], ...]]
    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        for pieces in self.replies:
            line, _ = listener.accept()
            with line:
                line.settimeout(NET_S)
                head = until(line, b"\r\n\r\n")
                before, _, body = head.partition(b"\r\n\r\n")
                self.heads.append(before.decode())
                length = next(
                    (
                        int(one.split(":")[1])
                        for one in self.heads[-1].splitlines()
                        if one.lower().startswith("content-l")
                    ),
                    0,
                )
                while len(body) < length:
                    body += line.recv(65536)
                self.bodies.append(body)
                for piece in pieces:
                    if isinstance(piece, bytes):
                        line.sendall(piece)
                    else:
                        piece()


Raw = Callable[..., Upstream]


@pytest.fixture
def raw() -> Iterator[Raw]:
    """Start an upstream that answers these replies, one a connection."""
    listeners: list[socket.socket] = []

    def start(*replies: tuple[bytes | Callable[[], object], ...]) -> Upstream:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        upstream = Upstream([*replies], url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        threading.Thread(target=upstream.serve, args=(listener,), daemon=True).start()
        return upstream

    yield start
    for one in listeners:
        one.close()


def reply(body: bytes, *headers: str, status: str = "200 OK") -> tuple[bytes]:
    lines = "\r\n".join((f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers, "", ""))
    return (lines.encode() + body,)


def mock(serve: Serve, tmp_path: Path) -> Serving:
    path = tmp_path / "upstream.yaml"
    path.write_text(UPSTREAM)
    return serve(path, "--log", "none")


def ask(serving: Serving, text: str, path: str = CHAT, **members: object) -> Answer:
    return post(serving.url, path, asking(text, path, **members))


def files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir())}


# --- recording and replaying ---


@pytest.mark.parametrize(
    ("text", "members", "status"),
    [
        ("hello", {}, 200),
        ("hello", {"stream": True}, 200),
        ("hello", {"stream": True, "stream_options": {"include_usage": True}}, 200),
        ("weather", {}, 200),
        ("weather", {"stream": True}, 200),
        ("limited", {}, 429),
        ("limited", {"stream": True}, 429),
        ("hello", {"no_such_member": 1}, 400),
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/v1/responses"])
def test_what_was_forwarded_is_replayed_byte_for_byte_with_the_upstream_gone(
    serve: Serve, tmp_path: Path, path: str, text: str, members: dict[str, object], status: int
) -> None:
    if path != CHAT:
        members = {name: value for name, value in members.items() if name != "stream_options"}
    upstream, folder = mock(serve, tmp_path), tmp_path / "rec"
    there = ask(upstream, text, path, **members)
    recording = serve("--upstream", upstream.url, "--record", folder, "--log", "none")
    first = ask(recording, text, path, **members)
    assert (first.status, json_of(first), there.status) == (status, json_of(first), status)
    again = ask(recording, text, path, **members)
    assert (again.status, again.body) == (first.status, first.body)
    assert recording.stop().status == 0
    upstream.close()
    kept = files(folder)
    for options in (("--upstream", upstream.url), ("--record-mode", "none")):
        replaying = serve(*options, "--record", folder, "--log", "none")
        replayed = ask(replaying, text, path, **members)
        assert (replayed.status, replayed.body) == (first.status, first.body)
        assert replayed.headers.get("retry-after") == first.headers.get("retry-after")
        assert replaying.stop().status == 0
        assert files(folder) == kept
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}


def json_of(answer: Answer) -> object:
    return answer.body if answer.body.startswith((b"data:", b"event:")) else answer.json


def test_turns_of_a_conversation_are_one_file_and_each_has_its_own_reply(serve: Serve, tmp_path: Path) -> None:
    upstream, folder = mock(serve, tmp_path), tmp_path / "rec"
    recording = serve("--upstream", upstream.url, "--record", folder, "--log", "none")
    turn = {"role": "user", "content": "go on"}
    talks = [[turn], [turn, {"role": "assistant", "content": "yes"}, turn], [turn, turn, turn]]
    heard = [post(recording.url, CHAT, {"model": "gpt-5.4", "messages": talk}).body for talk in talks]
    assert len(set(heard)) == len(talks)
    other = post(recording.url, CHAT, {"model": "gpt-5.4", "messages": [{"role": "user", "content": "x"}, turn]}).body
    assert recording.stop().status == 0
    upstream.close()
    assert len([*folder.glob("*.yaml")]) == 2
    for mode in ("missing", "none"):
        replaying = serve("--upstream", upstream.url, "--record", folder, "--record-mode", mode, "--log", "none")
        assert [
            post(replaying.url, CHAT, {"model": "gpt-5.4", "messages": talk}).body for talk in reversed(talks)
        ] == heard[::-1]
        again = post(replaying.url, CHAT, {"model": "gpt-5.4", "messages": [{"role": "user", "content": "x"}, turn]})
        assert again.body == other
        assert replaying.stop().status == 0


def test_a_later_session_adds_to_the_file_and_all_writes_it_anew(serve: Serve, tmp_path: Path) -> None:
    upstream, folder = mock(serve, tmp_path), tmp_path / "rec"
    texts = []
    for mode, said in (("missing", "one"), ("missing", "two"), ("all", "three")):
        recording = serve("--upstream", upstream.url, "--record", folder, "--record-mode", mode, "--log", "none")
        assert ask(recording, said, ROOM).status == 200
        assert recording.stop().status == 0
        texts.append((folder / "room.yaml").read_text())
    assert [text.count("- name:") for text in texts] == [1, 2, 1]
    assert "user: three" in texts[2]


def test_a_named_sandbox_finds_its_recording_again_after_it_was_emptied(serve: Serve, tmp_path: Path, raw: Raw) -> None:
    upstream = raw(reply(b'{"error":{"message":"no","type":"t","param":null,"code":null}}', status="404 Not Found"))
    recording = serve("--upstream", upstream.url, "--record", tmp_path / "rec", "--log", "none")
    first = ask(recording, "hi", ROOM)
    assert send(recording.url, "POST", "/sandbox/room/__admin/reset").status == 200
    assert (ask(recording, "hi", ROOM).json, len(upstream.heads)) == (first.json, 1)


def test_a_stub_of_the_user_answers_before_the_upstream(serve: Serve, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("stubs: [{when: {user: mine}, reply: own}]")
    serving = serve(own, "--upstream", "http://127.0.0.1:9", "--record", tmp_path / "rec", "--log", "none")
    assert ask(serving, "mine").json["choices"][0]["message"]["content"] == "own"
    assert ask(serving, "other").status == 502


def test_passing_through_records_nothing(serve: Serve, tmp_path: Path) -> None:
    upstream, folder = mock(serve, tmp_path), tmp_path / "rec"
    serving = serve("--upstream", upstream.url, "--unmatched", "forward", "--record", folder, "--log", "none")
    assert [ask(serving, "hello").status for _ in range(2)] == [200, 200]
    assert files(folder) == {}
    assert len(send(upstream.url, "GET", "/__admin/journal").json["entries"]) == 2


# --- streams ---


def test_a_portion_is_relayed_before_the_next_is_sent(serve: Serve, tmp_path: Path, raw: Raw) -> None:
    seen = threading.Event()
    upstream = raw(
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: 1\n\nda",
            lambda: seen.wait(NET_S),
            b"ta: 2\n\ndata: [DONE]\n\n",
        )
    )
    recording = serve("--upstream", upstream.url, "--record", tmp_path / "rec", "--log", "none")
    with dial(recording.url) as line:
        line.sendall(request_bytes(CHAT, asking("hi", stream=True), "connection: close"))
        assert b"data: 1\n\nda" in until(line, b"data: 1\n\nda")
        seen.set()
        assert rest(line).endswith(b"\r\n0\r\n\r\n")
    assert recording.stop().status == 0
    [kept] = (tmp_path / "rec").glob("*.jsonl")
    exchange = json.loads(kept.read_text())
    assert (exchange["reply"], exchange["splits"]) == ("data: 1\n\ndata: 2\n\ndata: [DONE]\n\n", [11])
    first, second = exchange["times"]
    assert first <= second


def test_a_stream_that_ends_early_does_so_for_the_client_and_again(serve: Serve, tmp_path: Path) -> None:
    upstream = mock(serve, tmp_path)
    recording = serve("--upstream", upstream.url, "--record", tmp_path / "rec", "--log", "none")
    heard = []
    for _ in range(2):
        with dial(recording.url) as line:
            line.sendall(request_bytes(CHAT, asking("cut", stream=True)))
            heard.append(rest(line).partition(b"\r\n\r\n")[2])
        upstream.close()
    assert [events(one) for one in heard] == [events(heard[0])] * 2
    assert len(events(heard[0])) == 2
    assert not any(one.endswith(b"0\r\n\r\n") for one in heard)


def events(body: bytes) -> list[bytes]:
    return [line for line in body.splitlines() if line.startswith(b"data: ")]


def test_what_the_client_left_is_recorded_where_the_upstream_had_finished(
    serve: Serve, tmp_path: Path, raw: Raw
) -> None:
    left = threading.Event()
    upstream = raw(
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: 1\n\n",
            lambda: left.wait(NET_S),
            b"data: [DONE]\n\n",
        )
    )
    recording = serve("--upstream", upstream.url, "--record", tmp_path / "rec", "--log", "none")
    with dial(recording.url) as line:
        line.sendall(request_bytes(CHAT, asking("hi", stream=True)))
        until(line, b"data: 1\n\n")
    left.set()
    while not [*(tmp_path / "rec").glob("*.yaml")]:
        time.sleep(0.01)
    again = ask(recording, "hi", stream=True)
    assert again.body == b"data: 1\n\ndata: [DONE]\n\n"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_coded_reply_is_relayed_as_it_is_and_recorded_decoded(
    serve: Serve, tmp_path: Path, raw: Raw, version: str
) -> None:
    stream = b'data: {"a": 1}\n\ndata: [DONE]\n\n'
    coded = gzip.compress(stream)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"
    upstream = raw((head, coded))
    recording = serve("--upstream", upstream.url, "--record", tmp_path / "rec", "--log", "none")
    heard = []
    for _ in range(2):
        with dial(recording.url) as line:
            line.sendall(request_bytes(CHAT, asking("hi", stream=True), "connection: close", version=version))
            heard.append(rest(line))
    assert b"content-encoding: gzip\r\n" in heard[0]
    assert coded in heard[0]
    assert b"content-encoding" not in heard[1]
    assert heard[1].count(b"data: ") == 2
    assert (b"transfer-encoding: chunked" in heard[0]) == (version == "1.1")


# --- what goes up, and what comes down ---


def test_headers_that_are_not_for_the_upstream_stay_here_and_its_key_is_never_written(
    serve: Serve, tmp_path: Path, raw: Raw
) -> None:
    key = "own-key-of-upstream-4711"
    body = json.dumps({"error": {"message": f"{key} is wrong", "type": "t", "param": None, "code": None}}).encode()
    upstream = raw(
        reply(body, "set-cookie: session=secret", "x-hop: 1", "connection: x-hop", "x-other: 2", status="401 No")
    )
    folder = tmp_path / "rec"
    recording = serve(
        "--upstream", f"{upstream.url}/v1", "--record", folder, "--upstream-key-env", "K", "--log", "none", K=key
    )
    headers = {
        "authorization": "Bearer sk-client",
        "api-key": "client-2",
        "content-type": "application/json",
        "cookie": "a=b",
        "te": "trailers",
        "connection": "close, x-named",
        "x-named": "1",
        "x-mockserver-sandbox": "room",
        "x-mockserver-other": "1",
        "x-kept": "yes",
        "proxy-authorization": "Basic eA==",
    }
    answer = send(recording.url, "POST", f"{CHAT}?a=1&api_key=client-3", asking("hi"), headers)
    assert (answer.status, answer.headers["x-other"]) == (401, "2")
    assert {"set-cookie", "x-hop"} & answer.headers.keys() == set()
    [head] = upstream.heads
    first, *lines = head.splitlines()
    sent = dict(line.lower().split(": ", 1) for line in lines)
    assert first == f"POST {CHAT}?a=1 HTTP/1.1"
    assert sent.pop("host") == upstream.url.removeprefix("http://")
    assert int(sent.pop("content-length")) == len(upstream.bodies[0])
    assert sent.pop("accept-encoding") == "identity"
    assert sent == {"authorization": f"bearer {key}", "content-type": "application/json", "x-kept": "yes"}
    assert recording.stop().status == 0
    written = b"".join(files(folder).values())
    assert written
    for secret in (key, "sk-client", "client-2", "client-3", "session", "a=b"):
        assert secret.encode() not in written


def test_a_redirect_is_relayed_and_not_followed(serve: Serve, tmp_path: Path, raw: Raw) -> None:
    elsewhere = raw(reply(b"{}"))
    upstream = raw(reply(b"", f"location: {elsewhere.url}{CHAT}", status="307 Temporary Redirect"))
    serving = serve("--upstream", upstream.url, "--unmatched", "forward", "--log", "none")
    answer = ask(serving, "hi")
    assert (answer.status, answer.headers["location"]) == (307, f"{elsewhere.url}{CHAT}")
    assert elsewhere.heads == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/files"), ("GET", "/v1/models"), ("POST", "/v1/chat/../../admin"), ("DELETE", "/anything")],
)
def test_only_declared_routes_are_forwarded(serve: Serve, raw: Raw, method: str, path: str) -> None:
    upstream = raw(reply(b"{}"))
    serving = serve("--upstream", upstream.url, "--unmatched", "forward", "--log", "none")
    send(serving.url, method, path, {"a": 1} if method == "POST" else None)
    assert upstream.heads == []


@pytest.mark.parametrize(
    ("origin", "options", "status"),
    [
        ("https://evil.example", (), 403),
        ("http://[", (), 403),
        ("null", (), 403),
        ("http://localhost:3000", (), 200),
        ("https://good.example", ("--cors", "https://good.example"), 200),
    ],
)
def test_a_page_of_another_site_cannot_spend_the_key(
    serve: Serve, raw: Raw, origin: str, options: tuple[str, ...], status: int
) -> None:
    upstream = raw(reply(b"{}"))
    serving = serve("--upstream", upstream.url, "--unmatched", "forward", "--log", "none", *options)
    headers = {"content-type": "application/json", "origin": origin}
    assert send(serving.url, "POST", CHAT, asking("hi"), headers).status == status
    assert len(upstream.heads) == (status == 200)


def test_a_scenario_of_the_user_in_the_folder_answers_and_is_not_written(
    serve: Serve, tmp_path: Path, raw: Raw
) -> None:
    own = "stubs: [{when: {user: mine}, reply: own}]"
    (tmp_path / "room.yaml").write_text(own)
    upstream = raw(reply(b'{"error":{"message":"no","type":"t","param":null,"code":null}}', status="404 Not Found"))
    recording = serve("--upstream", upstream.url, "--record", tmp_path)
    assert (ask(recording, "mine", ROOM).status, ask(recording, "other", ROOM).status) == (200, 404)
    while "#2  POST" not in recording.line():
        pass
    assert recording.stop().status == 0
    assert (tmp_path / "room.yaml").read_text() == own
    assert "user: other" in (tmp_path / "room-recorded.yaml").read_text()


def test_the_log_says_that_a_request_was_forwarded(serve: Serve, raw: Raw) -> None:
    upstream = raw(reply(b"{}", status="500 No"))
    serving = serve("--upstream", upstream.url, "--unmatched", "forward")
    assert ask(serving, "hi").status == 500
    while "#1  POST" not in (line := serving.line()):
        pass
    assert f"500   forwarded to {upstream.url}   " in line


# --- an upstream that fails ---


def test_no_reply_is_a_clear_error_and_is_recorded_only_where_asked(serve: Serve, tmp_path: Path) -> None:
    upstream, folder = mock(serve, tmp_path), tmp_path / "rec"
    options = ("--upstream", upstream.url, "--record", folder, "--upstream-silence", "0.2", "--log", "none")
    serving = serve(*options)
    late = ask(serving, "silent")
    assert (late.status, late.json["error"]["type"]) == (504, "mockserver_upstream")
    assert late.json["error"]["message"] == f"the upstream {upstream.url} did not answer in time (0.2 s)"
    upstream.close()
    dead = ask(serving, "hello")
    assert (dead.status, dead.json["error"]["type"]) == (502, "mockserver_upstream")
    assert dead.json["error"]["message"].startswith(f"the upstream {upstream.url} gave no reply: ")
    assert serving.stop().status == 0
    assert files(folder) == {}
    recording = serve(*options, "--record-failures")
    assert ask(recording, "hello").status == 502
    assert recording.stop().status == 0
    replaying = serve("--record", folder, "--record-mode", "none", "--log", "none")
    assert (ask(replaying, "hello").status, ask(replaying, "other").status) == (502, 404)


# --- what is refused ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--host", "0.0.0.0", "--upstream", "http://h", "--record", "r"],
            "add --allow-remote and --admin-token TOKEN",
        ),
        (["--upstream", "http://h", "--record", "r", "--allow-remote"], "--allow-remote needs --admin-token TOKEN"),
        (["--upstream", "http://h"], "--upstream needs --record FOLDER or --unmatched forward"),
        (["--record", "r"], "--record needs --upstream URL, or --record-mode none to replay only"),
        (["--unmatched", "forward"], "--unmatched forward needs --upstream URL"),
        (["--upstream", "ftp://h", "--unmatched", "forward"], "expected http://HOST or https://HOST"),
        (["--upstream", "http://h:x", "--unmatched", "forward"], "'http://h:x': Port could not be cast"),
        (["--upstream", "http://a:b@h", "--unmatched", "forward"], "the key is for --upstream-key-env"),
        (
            ["--upstream", "http://h", "--unmatched", "forward", "--upstream-key-env", "NO_SUCH"],
            "--upstream-key-env NO_SUCH: the environment variable is not set",
        ),
        (["--upstream", "http://h", "--record", "/dev/null/x"], "--record /dev/null/x: Not a directory"),
        (["--upstream", "http://h", "--record", "r", "--redact", "("], "("),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run("serve", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
