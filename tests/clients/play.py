"""A client's whole play: every job in a sandbox of its own, all at once, amid side traffic.

The driver is another program. It reads all jobs as JSON, and prints one line for each as it ends.
"""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from mockserver import MockServer
from tests.clients.cases import CASES, DATA, Case, Way
from tests.clients.clients import ROOT, Client
from tests.kit import OutcomeKind, SandboxClient

WHOLE_PLAY_S = 300
KEY = "sk-any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case asked by one way, and the sandbox it happens in."""

    case: Case
    way: Way
    sandbox: SandboxClient

    @property
    def id(self) -> str:
        return f"{self.case.name}/{self.way.name}"

    def document(self) -> Mapping[str, object]:
        return {
            "id": self.id,
            "way": self.way.name,
            "task": self.case.task,
            "base_url": self.sandbox.base_url,
            "key": KEY,
            "timeout_s": self.case.timeout_s,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of a job: `outcome` as on the page, `reported` by the driver, `calls` at
    the server, `side` requests beside them, `complaint` of the server about the client."""

    outcome: str
    reported: Mapping[str, Any]
    calls: int
    side: int
    complaint: str


def play(client: Client) -> dict[str, Seen]:
    """Run every job of a client; what became of each, by the job's id."""
    with MockServer() as server:
        jobs = [
            Job(case=case, way=way, sandbox=_sandbox(server, case, way))
            for case in CASES.values()
            for way in client.jobs(case)
        ]
        with side_traffic([job.sandbox for job in jobs]):
            found = _drive(client, jobs)
        return {job.id: _seen(job, found[job.id]) for job in jobs}


def _sandbox(server: MockServer, case: Case, way: Way) -> SandboxClient:
    sandbox = server.server.create(f"{case.name}-{way.name}", request_limit=50)
    sandbox.load({"scenario": case.name, "stubs": [*case.stubs]})
    return sandbox


def _drive(client: Client, jobs: Sequence[Job]) -> dict[str, Any]:
    done = subprocess.run(
        client.driver,
        cwd=ROOT,
        input=json.dumps([job.document() for job in jobs]),
        capture_output=True,
        text=True,
        timeout=WHOLE_PLAY_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = (json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"id":'))
    outcomes = {one["id"]: one for one in found}
    missing = {job.id for job in jobs} - outcomes.keys()
    assert not missing, f"the driver said nothing of {sorted(missing)}:\n{done.stderr}"
    return outcomes


def _seen(job: Job, result: Mapping[str, Any]) -> Seen:
    requests = job.sandbox.requests
    verdict = job.sandbox.verdict()
    outcome = f"{summary(job.case, result)} ({len(requests)})"
    if job.case.tells_end and requests:
        left = requests.last.outcome is OutcomeKind.CLIENT_LEFT
        outcome += ", the client gave up" if left else ", the server ended it"
    return Seen(
        outcome=outcome,
        reported=result,
        calls=len(requests),
        side=len(job.sandbox.journal) - len(requests),
        complaint=verdict.report if verdict.complaints else "",
    )


def summary(case: Case, result: Mapping[str, Any]) -> str:
    """What the client made of it, in a few words: alike for clients of every language."""
    error = result["error"]
    heard = _heard(case, result)
    if error is None:
        finish = result.get("finish")
        usual = finish in (None, "stop", "completed", "tool_calls")
        return heard if usual else f"{heard}, {finish}"
    words = [str(error["name"])]
    if error.get("status"):
        words.append(str(error["status"]))
    if error.get("cause") not in (None, error["name"]):
        words.append(f"from {error['cause']}")
    if result.get("text"):
        words.append(f"after {heard}")
    return " ".join(words)


def _heard(case: Case, result: Mapping[str, Any]) -> str:
    text = str(result.get("text") or "")
    if result.get("data") is not None:
        return "data" if result["data"] == DATA else f"other data {result['data']!r}"
    if not text:
        return "nothing"
    if text == case.says:
        return "text"
    if case.says.startswith(text):
        return "part of the text"
    return f"other text {text!r}"


# --- side traffic ---

_UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@contextmanager
def side_traffic(sandboxes: Sequence[SandboxClient]) -> Iterator[None]:
    """Ask each sandbox for its models and for an upgrade, again and again while inside."""
    stop = Event()
    thread = Thread(target=_ask_aside, args=(sandboxes, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


def _ask_aside(sandboxes: Sequence[SandboxClient], stop: Event) -> None:
    # The first round goes through whatever happens, so that no sandbox is left out.
    for sandbox in sandboxes:
        _one_round(sandbox)
    while True:
        for sandbox in sandboxes:
            if stop.wait(0.02):
                return
            _one_round(sandbox)


def _one_round(sandbox: SandboxClient) -> None:
    parts = urlsplit(sandbox.base_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    for path, headers in ((f"{parts.path}/models", {}), (f"{parts.path}/responses", _UPGRADE)):
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
    connection.close()
