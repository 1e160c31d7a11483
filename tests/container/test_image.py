"""The image at work: as another user, in a folder that cannot be written to, ended by SIGTERM."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Any

import pytest

from tests.container.build import Image, interpreter, is_open, snapshot
from tests.server.end_to_end import asking, post

# Two environments and a package index are involved: a safety net, no measure.
pytestmark = pytest.mark.timeout(600)
NET_S = 60.0
STRANGER = 10_001
STALL = """\
scenario: stalls
stubs:
  - when: {user: stall}
    reply: {output: [{text: never ends}], faults: [{stall: {after: "text.delta[0]"}}]}
  - reply: mounted
"""


def as_stranger() -> dict[str, int | list[int]]:
    """What runs a child as another user, where this one may do so and the interpreter is open."""
    if os.name != "posix" or os.geteuid() != 0 or not is_open(Path(interpreter()).resolve()):
        return {}
    return {"user": STRANGER, "group": STRANGER, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Container:
    """The image's entry point, running."""

    def __init__(self, image: Image, process: subprocess.Popen[str], env: dict[str, str]) -> None:
        self.image = image
        self.process = process
        self.env = env
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.env['MOCKSERVER_PORT']}"

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().rstrip("\n")
        assert line, f"it ended with {self.process.wait(NET_S)}"
        return line

    def document(self) -> Any:
        """The next line of the log in JSON; the plain lines are those of standard error."""
        while not (line := self.line()).startswith("{"):
            pass
        return json.loads(line)

    def health(self) -> int:
        """Run the image's health check; its exit status."""
        check = json.loads(self.image.stage.one("HEALTHCHECK").partition(" CMD ")[2])
        done = subprocess.run(check, env=self.env, cwd=self.image.workdir, check=False, stderr=subprocess.DEVNULL)
        return done.returncode

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(NET_S)


@contextmanager
def running(image: Image, **variables: str) -> Iterator[Container]:
    env = {**image.env, "MOCKSERVER_PORT": str(free_port()), **variables}
    env["MOCKSERVER_SCENARIOS"] = variables.get("MOCKSERVER_SCENARIOS", str(image.workdir))
    entry = json.loads(image.stage.one("ENTRYPOINT"))
    process = subprocess.Popen(
        entry,
        env=env,
        cwd=image.workdir,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **as_stranger(),  # type: ignore[call-overload]  # one of the two sets of keywords, or none
    )
    try:
        yield Container(image, process, env)
    finally:
        process.kill()
        process.wait(NET_S)
        process.stdout.close()


@pytest.fixture
def sealed(image: Image) -> Iterator[Image]:
    """The image with its working folder closed to writing, held to leave everything as it was."""
    before = snapshot(image.root)
    image.workdir.chmod(0o555)
    yield image
    image.workdir.chmod(0o755)
    assert snapshot(image.root) == before


def test_the_image_holds_the_package_with_its_extras_and_no_installer(image: Image) -> None:
    found = {path.name for path in image.path("opt/mockserver").rglob("*.dist-info")}
    names = {name.partition("-")[0].lower() for name in found}
    assert {"llm_mockserver", "aiohttp", "uvloop", "brotli"} <= names
    assert names & {"pip", "pytest", "setuptools", "hatchling", "mypy"} == set()
    assert image.copied & {"mockserver/__init__.py", "mockserver/offline.yaml"}


def test_it_serves_what_is_shipped_and_is_healthy(sealed: Image) -> None:
    with running(sealed, MOCKSERVER_LOG="json") as container:
        assert container.document()["message"] == f"mockserver ready on http://0.0.0.0:{container.url[17:]}"
        assert container.health() == 0
        answer = post(container.url, body=asking("Is anybody there?"))
        assert (answer.status, answer.json["object"]) == (200, "chat.completion")
        found = container.document()
        assert (found["status"], found["outcome"], found["sandbox"]) == (200, "complete", "default")
        assert container.end() == 0
        assert container.document()["message"] == "mockserver stopped, 0 requests in flight"
        assert container.health() != 0


@pytest.fixture
def mounted(image: Image) -> Iterator[Path]:
    folder = image.root / "mounted"
    folder.mkdir(mode=0o755)
    (folder / "stalls.yaml").write_text(STALL)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def streaming(container: Container, text: str) -> Iterator[HTTPResponse]:
    port = int(container.env["MOCKSERVER_PORT"])
    connection = HTTPConnection("127.0.0.1", port, timeout=NET_S)
    headers = {"authorization": "Bearer two", "content-type": "application/json"}
    body = json.dumps(asking(text, stream=True))
    connection.request("POST", "/v1/chat/completions", body, headers)
    with closing(connection), connection.getresponse() as response:
        yield response


def test_scenarios_are_mounted_settings_are_variables_and_it_ends_amid_a_stall(mounted: Path, sealed: Image) -> None:
    with running(
        sealed,
        MOCKSERVER_SCENARIOS=str(mounted),
        MOCKSERVER_API_KEY="one,two",
        MOCKSERVER_ADMIN_TOKEN="token",
        MOCKSERVER_LOG="json",
    ) as container:
        container.line()
        assert container.health() == 0
        assert post(container.url).status == 401
        answer = post(container.url, headers={"authorization": "Bearer two"})
        assert answer.json["choices"][0]["message"]["content"] == "mounted"
        with streaming(container, "stall") as response:
            assert response.readline().startswith(b"data: ")
            assert container.end() == 0
            with pytest.raises(IncompleteRead):
                response.read()
        found = [container.document() for _ in range(3)]
        assert [(one["status"], one["outcome"]) for one in found] == [
            (401, "complete"),
            (200, "complete"),
            (200, "cut"),
        ]


def test_a_scenario_that_is_wrong_ends_it_with_the_place(image: Image) -> None:
    folder = image.root / "wrong"
    folder.mkdir(mode=0o755)
    (folder / "wrong.yaml").write_text("stubs: [{replay: hi}]")
    with running(image, MOCKSERVER_SCENARIOS=str(folder)) as container:
        assert container.line().endswith("unknown key 'replay'; did you mean 'reply'?")
        assert container.process.wait(NET_S) == 1


@pytest.mark.skipif(not as_stranger(), reason="needs root, and an interpreter open to all")
def test_it_runs_as_another_user(image: Image) -> None:
    with running(image) as container:
        container.line()
        status = Path(f"/proc/{container.process.pid}/status").read_text()
        uids = next(line for line in status.split("\n") if line.startswith("Uid:"))
        assert uids.split()[1:] == [str(STRANGER)] * 4
        assert container.end() == 0
