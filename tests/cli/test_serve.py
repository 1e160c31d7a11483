"""`mockserver serve` as a process: it says when it is ready, and ends when it is result to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.conftest import NET_S, Serve, Serving
from tests.server.end_to_end import CHAT, KEY, asking, dial, post, request_bytes, send, until

SLOW = """\
stubs:
  - {when: {user: slow stream}, reply: {output: [{text: one two}], pace: {gap: 9m}}}
  - {when: {user: slow head}, reply: {output: [{text: one two}], pace: {first: 9m}}}
  - {when: {user: stalls}, reply: {output: [{text: a b}], faults: [{stall: {after: 1}}]}}
  - {when: {user: stalls at once}, reply: {output: [{text: a}], faults: [{stall: {at: head}}]}}
  - {when: {user: lingers}, reply: {output: [{text: a}], faults: [{linger: 9m}]}}
  - {reply: quick}
"""
HELD = ("slow stream", "slow head", "stalls", "stalls at once", "lingers")


def said(serving: Serving, text: str = "hello", path: str = CHAT) -> str:
    answer = post(serving.url, path, asking(text))
    assert answer.status == 200, answer.body
    return str(answer.json["choices"][0]["message"]["content"])


def waiting(stack: ExitStack, serving: Serving, text: str) -> socket.socket:
    """A request that the server is in the middle of answering."""
    line = stack.enter_context(dial(serving.url))
    line.sendall(request_bytes(CHAT, asking(text, stream=True)))
    return line


def until_open(serving: Serving, count: int) -> None:
    while len(send(serving.url, "GET", "/__admin/journal").json["open"]) < count:
        pass


# --- starting ---


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_without_a_path_it_answers_anything_until_it_is_stopped(serve: Serve, number: int) -> None:
    serving = serve("--log", "none")
    assert serving.url.startswith("http://127.0.0.1:")
    assert said(serving, "whatever") == "You said: whatever"
    ended = serving.stop(number)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "mockserver stopped, 0 requests in flight\n"


def test_it_listens_on_the_given_address(serve: Serve) -> None:
    serving = serve("--host", "::1")
    assert serving.url.startswith("http://[::1]:")
    assert send(serving.url, "GET", "/__admin/health").status == 200


def test_a_taken_port_is_the_only_output(serve: Serve) -> None:
    first = serve()
    port = urlsplit(first.url).port
    ended = serve(port=str(port)).ended()
    assert (ended.status, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert line.startswith(f"mockserver: cannot listen on 127.0.0.1:{port}: ")
    assert line.endswith("; another port, or 0 for any free one")
    assert said(first).startswith("You said: ")


def test_a_bad_scenario_is_reported_with_its_place_and_nothing_is_served(
    serve: Serve, write: Callable[[str, str], Path]
) -> None:
    path = write("bad.yaml", "stubs:\n  - replay: hi\n")
    ended = serve(path).ended()
    assert (ended.status, ended.out) == (1, "")
    assert f"{path}:2:5: stubs[0].replay: unknown key 'replay'" in ended.err
    assert "Traceback" not in ended.err


def test_its_output_may_be_a_closed_pipe(write: Callable[[str, str], Path]) -> None:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
    command.append(str(write("quick.yaml", SLOW)))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        url = process.stdout.readline().split()[-1]
        process.stdout.close()
        with dial(url) as line:
            # On one connection: a log that fails must not break it.
            for _ in range(3):
                line.sendall(request_bytes(CHAT))
                head, _, body = until(line, b"\r\n\r\n").partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split()[0])
                while len(body) < length:
                    body += line.recv(65536)
                assert json.loads(body)["object"] == "chat.completion"
        process.terminate()
        assert process.wait(NET_S) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait(NET_S)
        process.stderr.close()


def test_without_a_path_its_first_line_leads_to_the_faults(serve: Serve) -> None:
    line = serve().line()
    assert line == "no scenario was given: every request is answered; the message mock:help lists the faults to ask for"


# --- ending ---


def test_it_ends_amid_a_reply_and_the_client_is_not_left_hanging(
    serve: Serve, write: Callable[[str, str], Path]
) -> None:
    serving = serve(write("slow.yaml", SLOW))
    with ExitStack() as stack:
        line = waiting(stack, serving, "slow stream")
        until_open(serving, 1)
        ended = serving.stop()
        assert (ended.status, ended.err) == (0, "")
        assert ended.out.splitlines()[-1] == "mockserver stopped, 1 request in flight"
        while line.recv(65536):
            pass


def test_it_ends_amid_many_replies(serve: Serve, write: Callable[[str, str], Path]) -> None:
    serving = serve(write("slow.yaml", SLOW))
    with ExitStack() as stack:
        for text in HELD:
            waiting(stack, serving, text)
        until_open(serving, 5)
        assert said(serving) == "quick"
        ended = serving.stop()
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "mockserver stopped, 5 requests in flight"


# --- the log ---


def test_the_log_has_a_line_for_each_exchange(serve: Serve) -> None:
    serving = serve()
    said(serving)
    line = serving.exchange()
    assert line == Starts("#1  POST /v1/chat/completions   200   offline.yaml:")
    assert line.endswith('ms   m "hello" → "You said: hello"')
    send(f"{serving.url}/sandbox/mine", "GET", "/v1/models")
    assert serving.exchange() == Starts("mine  #1  GET /v1/models   200   other request   ")
    post(serving.url, headers={})
    assert serving.exchange() == Starts("#2  POST /v1/chat/completions   401   ")
    assert "credentials.missing" in serving.line()


class Starts:
    """Equal to every line that begins so."""

    def __init__(self, beginning: str) -> None:
        self._beginning = beginning

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(self._beginning)

    def __hash__(self) -> int:
        return hash(self._beginning)

    def __repr__(self) -> str:
        return f"{self._beginning!r} …"


def test_the_log_as_json_has_a_document_for_each_exchange(serve: Serve, write: Callable[[str, str], Path]) -> None:
    serving = serve(write("one.yaml", "stubs: [{name: a, when: {user: hi}, reply: b}]"), "--log=json")
    assert said(serving, "hi") == "b"
    post(serving.url, body=asking("bye"))
    first, second = json.loads(serving.line()), json.loads(serving.line())
    assert first.pop("sent") > 0
    assert first.pop("received") == len(json.dumps(asking("hi")))
    assert 0 <= first.pop("duration_s") < NET_S
    assert datetime.fromisoformat(first.pop("time")).utcoffset() == timedelta(0)
    assert first == {
        "sandbox": "default",
        "number": 1,
        "kind": "call",
        "method": "POST",
        "path": CHAT,
        "model": "m",
        "stream": False,
        "status": 200,
        "stub": "one/a",
        "matched": True,
        "outcome": "complete",
        "findings": [],
    }
    assert (second["status"], second["stub"], second["matched"]) == (404, None, False)
    ended = serving.stop()
    assert ended.err == f"mockserver ready on {serving.url}\n"
    [last] = map(json.loads, ended.out.splitlines())
    assert (last.keys(), last["message"]) == ({"time", "message"}, "mockserver stopped, 0 requests in flight")


def test_at_start_it_says_where_to_go_and_what_is_loaded(serve: Serve, write: Callable[[str, str], Path]) -> None:
    path = write("one.yaml", "stubs: [{reply: a}]")
    serving = serve(path, "-p", "0", port=None)
    url = serving.url
    assert [serving.line() for _ in range(3)] == [
        f"  base URL  {url}/v1",
        f"  loaded    1 scenario, 1 stub from {path}",
        f"  look      mockserver log {url} --follow, or {url}/__admin/ in a browser",
    ]


# --- options ---

ONE = "stubs: [{name: a, when: {user: hi}, reply: {output: [{text: b}], pace: {first: 9m}}}]"
OPTIONS = {
    "--contract": "report",
    "--api-key": "secret",
    "--unmatched": "echo",
    "--time-scale": "0",
    "--log": "json",
    "--admin-token": "token",
    "--sandbox-limit": "2",
    "--journal-limit": "2",
    "--request-limit": "7",
    "--body-limit": "500",
}


@pytest.mark.parametrize("way", ["options", "variables"])
def test_options_work_from_arguments_and_from_variables(
    serve: Serve, write: Callable[[str, str], Path], way: str
) -> None:
    path = str(write("one.yaml", ONE))
    second = write("folder/two.yaml", "stubs: [{when: {user: again}, reply: c}]")
    if way == "options":
        serving = serve(path, second, *(part for pair in OPTIONS.items() for part in pair))
    else:
        variables = {
            "MOCKSERVER_" + name.removeprefix("--").replace("-", "_").upper(): value for name, value in OPTIONS.items()
        }
        serving = serve(port=None, MOCKSERVER_SCENARIOS=f"{path}:{second.parent}", MOCKSERVER_PORT="0", **variables)
    url = serving.url
    key = {"authorization": "Bearer secret"}
    token = {"authorization": "Bearer token"}

    assert post(url, headers=KEY).status == 401
    assert post(url, body=asking("hi"), headers=key).status == 200  # no time passed
    assert post(url, body=asking("parrot"), headers=key).json["choices"][0]["message"]["content"] == "parrot"
    wizard = {"model": "m", "messages": [{"role": "wizard", "content": "x"}]}
    assert post(url, body=wizard, headers=key).status == 200  # reported only
    assert post(url, body=asking("x" * 600), headers=key).status == 413
    assert send(url, "GET", "/__admin/journal", headers={}).status == 401
    journal = send(url, "GET", "/__admin/journal", headers=token).json
    assert len(journal["entries"]) == 2
    assert json.loads(serving.line())["status"] == 401
    statuses = [post(url, body=asking(text), headers=key).status for text in ("hi", "again", "hi")]
    assert statuses == [200, 200, 429]
    made = [send(url, "POST", "/__admin/sandboxes", {}, token).status for _ in range(2)]
    assert made == [201, 503]
    assert post(f"{url}/sandbox/other", headers=key).status == 503


def test_arguments_come_before_the_environment(serve: Serve) -> None:
    nowhere = {"MOCKSERVER_SCENARIOS": "nowhere", "MOCKSERVER_PORT": "1"}
    serving = serve("scenarios/visioncoder", "--strict", **nowhere, MOCKSERVER_API_KEY="one,two")
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "Hello"}]}
    assert post(serving.url, body=body, headers={"x-api-key": "two"}).status == 200
    odd = post(serving.url, body={**body, "wand": 1}, headers={"x-api-key": "one"})
    assert (odd.status, odd.error["param"]) == (400, "wand")


# --- reload ---


def test_edited_scenarios_are_taken_up_and_wrong_ones_are_not(serve: Serve, write: Callable[[str, str], Path]) -> None:
    path = write("folder/one.yaml", "stubs: [{reply: before}]")
    serving = serve(path.parent, "--reload", "--log", "none")
    other = f"{serving.url}/sandbox/other"
    assert said(serving) == "before"
    assert post(other).json["choices"][0]["message"]["content"] == "before"

    write("folder/one.yaml", "stubs: [{reply: afterwards}]")
    serving.await_line("reloaded 1 scenario")
    assert said(serving) == "afterwards"
    assert post(other).json["choices"][0]["message"]["content"] == "afterwards"

    write("folder/one.yaml", "stubs: [{replay: nonsense}]")
    assert serving.await_line("reload failed") == "reload failed, keeping the previous scenarios:"
    assert serving.line().startswith(f"{path}:1:10: stubs[0].replay: unknown key 'replay'")
    assert said(serving) == "afterwards"

    write("folder/one.yaml", "stubs: [{reply: mended}]")
    write("folder/two.yaml", "stubs: [{on: compact, reply: more}]")
    serving.await_line("reloaded 2 scenarios")
    assert said(serving) == "mended"


def test_an_upload_is_not_masked_by_the_shipped_scenarios(serve: Serve) -> None:
    serving, sandbox = serve(), "/sandbox/checkout"
    path = f"{sandbox}{CHAT}"
    before = post(serving.url, path, asking("nope")).status
    for text in ("one", "two"):
        upload = {"stubs": [{"when": {"user": f"hello {text}"}, "reply": f"my own {text}"}]}
        assert post(serving.url, f"{sandbox}/__admin/scenarios", upload).status == 201
    assert [said(serving, f"hello {text}", path) for text in ("one", "two")] == ["my own one", "my own two"]
    assert (before, post(serving.url, path, asking("nope")).status) == (200, 404)
    verdict = post(serving.url, f"{sandbox}/__admin/verify", {}).json
    assert (verdict["ok"], [one["number"] for one in verdict["fallbacks"]]) == (False, [1])
    assert "1 request was answered by a fallback: " in verdict["report"]
