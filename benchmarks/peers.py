"""The servers compared: how each is installed, started and stopped.

Everything is installed into `benchmarks/.peers`, at the versions named here. What cannot be had is
left out of the table, with a note.
"""

from __future__ import annotations

import copy
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from benchmarks import workload

HERE = Path(__file__).parent
ROOT = HERE.parent
PEERS = HERE / ".peers"

AIMOCK = "@copilotkit/aimock@1.43.0"
MOCK_LLM = "@dwmkerr/mock-llm@0.1.29"
STUBLLM = "stubllm==0.1.5"
HTTPSERVER = ("pytest==9.2.0", "pytest-httpserver==1.1.3")
_FIXTURES = ("mockserver", "pytest-httpserver")

SERVER_CORE = 0
LOAD_CORE = 1
_START_S = 20.0

_PYTHON = Path("bin") / "python"
_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ application/json json; text/event-stream txt; }}
  server {{
    listen 127.0.0.1:{port};
    root {folder};
    error_page 405 =200 $uri;
    location = /v1/chat/completions {{ rewrite ^ /whole.json last; }}
    location = /static/stream {{ rewrite ^ /stream.txt last; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`command` makes the command line for a port and a folder of its own; `within` is whose
    process it is a sandbox of, one that takes anything."""

    name: str
    command: Callable[[int, Path], Sequence[str]]
    environment: Callable[[int], dict[str, str]] = field(default=lambda _port: {})
    within: str = ""


def python(name: str) -> Path:
    """The interpreter of one of our environments: `base`, `fast`, `stubllm`."""
    return PEERS / name / _PYTHON


def install(say: Callable[[str], None]) -> set[str]:
    """Install what is missing; the names of the environments that are there."""
    PEERS.mkdir(exist_ok=True)
    there = {"base", "fast"}
    pins = ("-c", str(ROOT / "constraints.txt"))
    _venv("base", (*pins, "-e", str(ROOT)))
    _venv("fast", (*pins, "-e", f"{ROOT}[fast]", *HTTPSERVER))
    for name, needs in (("stubllm", (STUBLLM,)),):
        try:
            _venv(name, needs)
            there.add(name)
        except (OSError, subprocess.CalledProcessError) as error:
            say(f"{name} is left out: {error}")
    try:
        _npm()
        there.add("npm")
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"aimock and mock-llm are left out: {error}")
    if _nginx() is None:
        say("nginx is left out: it is neither on the path nor to be had by apt-get download")
    else:
        there.add("nginx")
    return there


def _venv(name: str, needs: Sequence[str]) -> None:
    folder = PEERS / name
    stamp = folder / ".installed"
    said = "\n".join(needs)
    if stamp.exists() and stamp.read_text() == said:
        return
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / _PYTHON), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *needs], check=True, timeout=600)
    stamp.write_text(said)


def _npm() -> None:
    folder = PEERS / "npm"
    if (folder / "node_modules" / ".bin" / "aimock").exists():
        return
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", AIMOCK, MOCK_LLM]
    subprocess.run(command, cwd=folder, check=True, timeout=600)


def _nginx() -> str | None:
    """The nginx on the path, or Debian's, unpacked without installing it."""
    found = shutil.which("nginx")
    if found:
        return found
    unpacked = PEERS / "nginx" / "usr" / "sbin" / "nginx"
    if not unpacked.exists() and shutil.which("apt-get") and shutil.which("dpkg"):
        folder = PEERS / "nginx"
        folder.mkdir(exist_ok=True)
        try:
            subprocess.run(
                ["apt-get", "download", "nginx"], cwd=folder, check=True, capture_output=True
            )
            [package] = folder.glob("nginx_*.deb")
            subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
        except (OSError, subprocess.CalledProcessError, ValueError):
            return None
    return str(unpacked) if unpacked.exists() else None


def peers(there: set[str], folder: Path) -> dict[str, Peer]:
    """Every server that can be started, by name."""
    ours, small = workload.scenario(folder), workload.small_scenario(folder)
    found = [
        Peer(name="bare", command=lambda port, _: _bare(port)),
        *_ours("mockserver", "fast", ours),
        *_ours("mockserver, base", "base", ours),
        *_ours("mockserver, one stub", "fast", small),
        *_ours("mockserver, base, one stub", "base", small),
    ]
    found.append(
        Peer(name="mockserver, contract off", command=found[1].command, within="mockserver")
    )
    if "npm" in there:
        binary = PEERS / "npm" / "node_modules" / ".bin"
        fixtures = workload.aimock(folder)
        found.append(
            Peer(
                name="aimock",
                command=lambda port, _: (
                    str(binary / "llmock"),
                    *("-p", str(port), "-f", str(fixtures), "--log-level", "silent"),
                ),
            )
        )
        for name, interval_ms in (("mock-llm", 0), ("mock-llm, paced", 20)):
            rules = workload.mock_llm(folder, interval_ms=interval_ms)
            found.append(
                Peer(
                    name=name,
                    command=_mock_llm(binary, rules),
                    environment=lambda port: {"PORT": str(port), "HOST": "127.0.0.1"},
                )
            )
    if "stubllm" in there:
        stubs = workload.stubllm(folder)
        found.append(
            Peer(
                name="stubllm",
                command=lambda port, _: (
                    str(PEERS / "stubllm" / "bin" / "stubllm"),
                    *("serve", "--port", str(port), "--log-level", "critical"),
                    *("--fixture-file", str(stubs)),
                ),
            )
        )
    nginx = _nginx() if "nginx" in there else None
    if nginx is not None:
        found.append(Peer(name="nginx", command=lambda port, own: _nginx_command(nginx, port, own)))
    found += (Peer(name=f"{fixture} fixture", command=_fixture(fixture)) for fixture in _FIXTURES)
    found.append(Peer(name="both fixtures", command=_fixture(*_FIXTURES)))
    return {peer.name: peer for peer in found}


def _fixture(*names: str) -> Callable[[int, Path], Sequence[str]]:
    def command(_port: int, _folder: Path) -> Sequence[str]:
        return (str(python("fast")), "-m", "benchmarks.fixtures", *names)

    return command


def _mock_llm(binary: Path, rules: Path) -> Callable[[int, Path], Sequence[str]]:
    return lambda _port, _folder: (str(binary / "mock-llm"), "--config", str(rules))


def _bare(port: int) -> Sequence[str]:
    return (str(python("fast")), "-m", "benchmarks.bare", str(port))


def _ours(name: str, environment: str, scenario: Path, *options: str) -> list[Peer]:
    def command(port: int, _folder: Path) -> Sequence[str]:
        return (
            *(str(python(environment)), "-m", "mockserver", "serve", str(scenario)),
            *("--port", str(port), "--request-limit", "1000000000", "--log", "none", *options),
        )

    return [Peer(name=name, command=command)]


def _nginx_command(nginx: str, port: int, folder: Path) -> Sequence[str]:
    workload.static(folder)
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port))
    return (nginx, "-c", str(config), "-p", str(folder))


class Running:
    """A server that is up, on the servers' core."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        self.peer = peer
        self.port = _free_port()
        folder.mkdir(exist_ok=True)
        self._log = (folder / "log").open("wb")
        command = peer.command(self.port, folder)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **peer.environment(self.port)}
        # What is installed for good has its bytecode beside it.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            ("taskset", "-c", str(SERVER_CORE), *command),
            cwd=ROOT,
            env=environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._folder = folder

    def sandbox(self, peer: Peer) -> Running:
        """A sandbox with the server's scenarios in this process, as if it were a server."""
        self.wait()
        told = {"name": "off", "scenarios": True, "settings": {"contract": "off"}}
        made = json.dumps(told).encode()
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_START_S)
        asking.request(
            "POST", "/__admin/sandboxes", made, headers={"content-type": "application/json"}
        )
        if (answer := asking.getresponse()).status != HTTPStatus.CREATED:
            raise RuntimeError(f"no sandbox was made: {answer.read()!r}")
        asking.close()
        alike = copy.copy(self)
        alike.peer = peer
        return alike

    def wait(self) -> float:
        """Seconds from the start of the process until it accepts connections."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - self.began > _START_S:
                    told = (self._folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"{self.peer.name} did not start: {told[-2000:]}") from None
                time.sleep(0.0005)
            else:
                return time.perf_counter() - self.began

    def told(self) -> str:
        """What it has written when it ends by itself."""
        self.process.wait(120)
        return (self._folder / "log").read_text(errors="replace")

    def cpu_s(self) -> float:
        """Processor time of the server so far, of every process in its group."""
        return sum(_cpu_of(pid) for pid in _group(self.process.pid))

    def memory(self) -> int:
        """Resident bytes."""
        return sum(_resident(pid) for pid in _group(self.process.pid))

    def stop(self) -> None:
        """End it, unless it is somebody else's."""
        if self.peer.within:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        except ProcessLookupError:
            pass
        self._log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _group(leader: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = _stat(int(entry.name))
            except OSError:
                continue
            if int(fields[2]) == leader:
                found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, group."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _cpu_of(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    return int(_stat(pid)[21]) * os.sysconf("SC_PAGE_SIZE")
