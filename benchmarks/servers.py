"""The servers compared: how each is installed, started and stopped.

Everything is installed into `benchmarks/.peers`, at the versions named here. What cannot be
installed is left out of the tables, with a note.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from benchmarks import workload

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = HERE / ".peers"

AIMOCK = "@copilotkit/aimock@1.43.0"
HTTPSERVER = ("pytest==9.2.0", "pytest-httpserver==1.1.3")

SERVER_CORE = 0
LOAD_CORE = 1
_START_S = 20.0
_AIMOCK_BINARY = PEERS / "npm" / "node_modules" / ".bin" / "llmock"

Command: TypeAlias = Callable[[int], Sequence[str]]
"""The command line of a server, for a port."""


def install(note: Callable[[str], None]) -> None:
    """Install what is missing."""
    PEERS.mkdir(exist_ok=True)
    pins = ("-c", str(ROOT / "constraints.txt"))
    _venv("base", (*pins, "-e", str(ROOT)))
    _venv("fast", (*pins, "-e", f"{ROOT}[fast]", *HTTPSERVER))
    try:
        _npm()
    except (OSError, subprocess.CalledProcessError) as error:
        note(f"aimock is left out: {error}")


def _venv(name: str, packages: Sequence[str]) -> None:
    stamp = PEERS / name / ".installed"
    text = "\n".join(packages)
    if stamp.exists() and stamp.read_text() == text:
        return
    subprocess.run([sys.executable, "-m", "venv", str(PEERS / name)], check=True)
    pip = [python(name), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *packages], check=True, timeout=600)
    stamp.write_text(text)


def _npm() -> None:
    if _AIMOCK_BINARY.exists():
        return
    folder = PEERS / "npm"
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", AIMOCK]
    subprocess.run(command, cwd=folder, check=True, timeout=600)


def python(name: str) -> str:
    """The interpreter of one of our environments: `base` or `fast`."""
    return str(PEERS / name / "bin" / "python")


def commands(folder: Path) -> dict[str, Command]:
    """The command line of every server by its name; scenarios are written to `folder`."""
    found: dict[str, Command] = {
        "bare": lambda port: (python("fast"), "-m", "benchmarks.bare", str(port)),
        "mockserver, base": _mockserver("base", workload.scenario(folder, "user contains")),
        "mockserver, one stub": _mockserver("fast", workload.scenario(folder, "user contains", 1)),
    }
    for kind in (*workload.INDEXED, *workload.EVALUATED):
        path = workload.scenario(folder, kind)
        found[f"mockserver, {kind}"] = _mockserver("fast", path)
    contains = workload.scenario(folder, "user contains")
    found["mockserver, no log"] = _mockserver("fast", contains, "--log", "none")
    if _AIMOCK_BINARY.exists():
        fixtures = str(workload.aimock(folder))
        options = ("-f", fixtures, "--log-level", "silent")
        found["aimock"] = lambda port: (str(_AIMOCK_BINARY), "-p", str(port), *options)
    return found


def _mockserver(environment: str, scenario: Path, *options: str) -> Command:
    return lambda port: (
        *(python(environment), "-m", "mockserver", "serve", str(scenario)),
        *("--port", str(port), "--request-limit", "1000000000", *options),
    )


class Server:
    """A running server, on the servers' core, with its output in a file."""

    def __init__(self, name: str, command: Command, folder: Path) -> None:
        self.name = name
        self.port = free_port()
        self.warmed: set[workload.Requests] = set()
        """The requests that were sent before anything was measured."""
        self.started_s = time.perf_counter()
        self._output = folder / f"{name.replace(', ', '-').replace(' ', '-')}.log"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # Installed packages have their bytecode written next to them.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                ("taskset", "-c", str(SERVER_CORE), *command(self.port)),
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until the server accepts connections."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                late = time.perf_counter() - self.started_s > _START_S
                if late or self._process.poll() is not None:
                    output = self._output.read_text(errors="replace")
                    raise RuntimeError(f"{self.name} did not start: {output[-2000:]}") from None
                time.sleep(0.0005)
            else:
                return

    def cpu_s(self) -> float:
        """Processor time used so far, by every process in the server's group."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(int(one[11]) + int(one[12]) for one in self._stats()) / ticks

    def memory(self) -> int:
        """Resident bytes."""
        return sum(int(one[21]) for one in self._stats()) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """End the server."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                pass
            return

    def _stats(self) -> list[list[str]]:
        """The fields of /proc/PID/stat after the name: state, parent, group and others."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self._process.pid:
                found.append(fields)
        return found


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
