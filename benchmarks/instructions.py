"""`python -m benchmarks.instructions [BASE [HEAD]]`: instructions a request costs, at two commits.

Counts what the server executes for four kinds of request under valgrind's callgrind, which a noisy
machine does not change. Exits with 1 where HEAD needs over 5 % more than BASE. Either is a commit,
or `.` for the working tree; without them `HEAD` is compared with the working tree.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import load, workload
from benchmarks.servers import ROOT, free_port
from benchmarks.workload import LONG, WORDS, Requests

WARMING, COUNTED = 60, 300
REGRESSION = 1.05
_START_S = 600
_SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)
KINDS = {
    "chat, one message": Requests(),
    "chat, tool offered": Requests(kind="user contains"),
    "chat stream": Requests(stubs=(LONG,), stream=True, events=WORDS),
    "Responses stream": Requests(path="/v1/responses", stubs=(LONG,), stream=True, events=WORDS),
}


def main() -> int:
    """Compare two commits."""
    base, head, *_ = *sys.argv[1:], *("HEAD", ".")[len(sys.argv) - 1 :]
    found = []
    with tempfile.TemporaryDirectory(prefix="instructions-") as name:
        for place, commit in enumerate((base, head)):
            folder = Path(name) / str(place)
            folder.mkdir()
            with _checkout(commit, folder) as root:
                found.append(_count(root, folder))
    sys.stdout.write(f"| instructions a request | {base} | {head} | ratio |\n|---|---|---|---|\n")
    worst = 0.0
    for kind in KINDS:
        before, after = found[0][kind], found[1][kind]
        worst = max(worst, after / before)
        sys.stdout.write(f"| {kind} | {before:,} | {after:,} | {after / before:.3f} |\n")
    return int(worst > REGRESSION)


@contextmanager
def _checkout(commit: str, folder: Path) -> Iterator[Path]:
    """The files of a commit."""
    if commit == ".":
        yield ROOT
        return
    root = folder / "tree"
    git = ("git", "-C", str(ROOT), "worktree")
    subprocess.run((*git, "add", "--quiet", "--detach", str(root), commit), check=True)
    try:
        yield root
    finally:
        subprocess.run((*git, "remove", "--force", str(root)), check=True)


def _count(root: Path, folder: Path) -> dict[str, int]:
    """Instructions a request of each kind."""
    port = free_port()
    scenario = workload.scenario(folder, "user contains")
    command = (
        *("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"),
        *(sys.executable, "-m", "mockserver", "serve", str(scenario), "--port", str(port)),
    )
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(root)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        _wait(port, server, folder / "log")
        found = {}
        for kind, requests in KINDS.items():
            _send(port, requests, WARMING)
            _control(server.pid, "--zero")
            _send(port, requests, COUNTED)
            _control(server.pid, f"--dump={kind}")
            dump = max(folder.glob("out.*"), key=lambda one: int(one.suffix[1:]))
            found[kind] = sum(map(int, _SUMMARY.findall(dump.read_text()))) // COUNTED
        return found
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server accepts connections."""
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.2)
        else:
            return


def _send(port: int, requests: Requests, answers: int) -> None:
    asyncio.run(load.send_count(port, requests, connections=1, answers=answers))


def _control(pid: int, action: str) -> None:
    subprocess.run(("callgrind_control", action, str(pid)), check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
