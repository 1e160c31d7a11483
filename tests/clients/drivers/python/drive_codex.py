"""Codex CLI: a process for each job."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.clients.drivers.python.codex_exec import Setup, turn
from tests.clients.drivers.python.jobs import QUESTION, SCHEMA, Heard, Job, run_and_leave

_HASTY_S = 10
# What says nothing, or differs from run to run.
_VARYING = re.compile(
    r"^stream disconnected before completion: "
    r"|,? \(?url: \S+|,? request id: \S+| for url \(\S+\)|\(?http://\S+"
)


_SHOWN = 72


class TurnFailed(Exception):  # noqa: N818  # named as the page shall tell it
    """Named by the message of Codex, which has no classes of errors."""

    @property
    def told_as(self) -> str:
        text = str(self)
        # The body of an error has several lines, of which the first says nothing.
        line = " ".join(text.split()) if text.startswith("{") else text.splitlines()[0]
        return f"turn failed: {line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''}"


async def ask(job: Job, heard: Heard) -> None:
    hasty = job.timeout_s < _HASTY_S
    setup = Setup(
        base_url=job.base_url,
        # Each retry of a stalled request would wait until the server ends it.
        request_retries=0 if hasty else 2,
        stream_retries=1 if hasty else 2,
        idle_ms=int(job.timeout_s * 1000),
    )
    with TemporaryDirectory() as home:
        folder = Path(home)
        shape = folder / "shape.json"
        shape.write_text(json.dumps(SCHEMA))
        shaped = ["--output-schema", str(shape)] if job.task == "structured" else []
        done = await turn(setup, folder, QUESTION, "--sandbox", "read-only", *shaped)
    # A turn that is tried again says each of its texts again.
    heard.text = done.texts[-1] if done.texts else ""
    if done.failure is not None or done.status:
        raise TurnFailed(_VARYING.sub("", done.failure or done.errors))
    if job.task == "structured":
        heard.data = json.loads(heard.text)


if __name__ == "__main__":
    run_and_leave(ask)
