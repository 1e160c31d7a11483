"""The command as its users run it: in this process where it ends by itself, else beside it."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit import main

# A net against hanging, far above what anything here takes.
NET_S = 60.0
ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command ended with."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MOCKSERVER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as error:
            status = int(str(error.code))
        out, err = capsys.readouterr()
        return Result(status=status, out=out, err=err)

    return run


class Serving:
    """A server in a process of its own; `lines` are what it printed and was not asked for yet."""

    def __init__(self, arguments: tuple[object, ...], environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "mockserver", "serve", *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1", **environment},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def line(self) -> str:
        """The next line that it prints."""
        return self._lines.get(timeout=NET_S)

    def await_line(self, beginning: str) -> str:
        """The next line that begins so; those before it are dropped."""
        while not (line := self.line()).startswith(beginning):
            pass
        return line

    def exchange(self) -> str:
        """The next line of the text log about an exchange, without its time."""
        while not re.match(r"[0-9:.]{12}  ", line := self.line()):
            pass
        return line[14:]

    @property
    def url(self) -> str:
        if not hasattr(self, "_url"):
            self._url = ""
            while not self._url:
                line = self.line()
                if line.startswith("{"):
                    self._url = json.loads(line).get("url", "")
                elif line.startswith("mockserver ready on "):
                    self._url = line.removeprefix("mockserver ready on ")
        return self._url

    def stop(self, number: int = signal.SIGTERM) -> Result:
        """Tell it to end, and wait until it has."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> Result:
        """Wait until it has ended by itself."""
        status = self.process.wait(NET_S)
        self._reader.join(NET_S)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        err = self.process.stderr.read()
        lines = []
        while not self._lines.empty():
            lines.append(self._lines.get())
        return Result(status=status, out="".join(f"{line}\n" for line in lines), err=err)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(NET_S)
        self._reader.join(NET_S)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


Serve = Callable[..., Serving]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `mockserver serve` on any free port, with environment variables as keywords."""
    started: list[Serving] = []

    def start(*arguments: object, port: str | None = "0", **environment: str) -> Serving:
        given = arguments if port is None else (*arguments, "--port", port)
        started.append(Serving(given, environment))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file and give its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write
