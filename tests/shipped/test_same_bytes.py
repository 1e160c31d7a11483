"""The same bytes every time: in two sandboxes, in two processes, under two hash seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.kit import Script

CHILD = """
import hashlib, json, sys
from pathlib import Path
from mockserver.model.request import Request
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_text
from mockserver.server.sandbox import Sandbox

dialects = Dialects()
digest = hashlib.sha256()
for file in sorted(Path("scenarios").rglob("*.yaml")):
    scenario = load_text(file.read_bytes(), origin=file.name, dialects=dialects)
    seen = {"one": [], "two": []}
    for name in seen:
        sandbox = Sandbox(name, dialects.find("openai"), scenarios=(scenario,))
        for stub in scenario.stubs:
            for path, member in (
                ("/v1/chat/completions", "messages"),
                ("/v1/responses", "input"),
                ("/v1/responses/compact", "input"),
            ):
                for text in ("hello", "weather", "patient", "riddle", "tunnel", "cliffhanger"):
                    for stream in (False, True):
                        body = {"model": "m", member: [{"role": "user", "content": text}]}
                        body["stream"] = stream
                        request = Request(
                            method="POST",
                            target=path,
                            path=path,
                            headers=(("authorization", "Bearer any"),),
                            body=json.dumps(body).encode(),
                        )
                        _, done = sandbox.exchange(request, now_s=0.0)
                        # The report of a miss names its sandbox.
                        if b"mockserver_unmatched" not in done.script.wire:
                            seen[name].append(done.script.wire)
    assert seen["one"] == seen["two"], file
    digest.update(b"".join(seen["one"]))
    print(file.name, digest.hexdigest())
"""


def test_two_sandboxes_answer_with_the_same_bytes(asking: Any, ask: Callable[[Any], Script]) -> None:
    assert ask(asking) == ask(asking)


def test_two_processes_under_two_hash_seeds_answer_with_the_same_bytes() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", CHILD],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) > 10
