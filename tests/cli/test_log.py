"""`mockserver log`: the exchanges of a running server, as the server logs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import NET_S, Run, Serve
from tests.server.end_to_end import post, send


def test_it_prints_the_lines_of_the_server(run: Run, serve: Serve) -> None:
    serving = serve()
    post(serving.url)
    post(f"{serving.url}/sandbox/mine", headers={})
    result = run("log", f"{serving.url}/v1/")
    first, second, third = result.out.splitlines()
    assert (result.status, first[14:], second[14:]) == (0, serving.exchange(), serving.exchange())
    assert third == serving.line()
    one = f"{second}\n{third}\n"
    assert run("log", f"{serving.url}/sandbox/mine").out == run("log", serving.url, "--sandbox", "mine").out == one
    wrong = run("log", serving.url, "--sandbox", "other")
    assert wrong.err == f"mockserver: no sandbox 'other' at {serving.url}: there are default, mine\n"
    assert wrong.status == 2


def test_the_token_is_an_option_or_a_variable(run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = serve("--admin-token", "secret").url
    assert run("log", url).status == 2
    assert run("log", url, "--admin-token", "secret").status == 0
    monkeypatch.setenv("MOCKSERVER_ADMIN_TOKEN", "secret")
    assert run("log", url).status == 0


def test_it_follows_until_it_is_interrupted_also_over_a_reset(serve: Serve) -> None:
    url = serve().url
    post(url)
    post(url)
    command = [sys.executable, "-m", "mockserver", "log", url, "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=os.environ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline()[14:16] for _ in range(2)] == ["#1", "#2"]
        send(url, "POST", "/__admin/reset")
        post(url)
        assert process.stdout.readline()[14:16] == "#1"
        process.send_signal(signal.SIGINT)
        assert process.wait(NET_S) == 0
