"""One turn of Codex CLI, without a person: its configuration, its run, what it printed.

Everything it reads and writes is in a folder of the run's own.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CODEX = Path(__file__).parent.parent / "codex" / "node_modules" / ".bin" / "codex"
MODEL = "gpt-mock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`name` is the provider's: `OpenAI` switches on what Codex keeps for it."""

    base_url: str
    name: str = "Mock"
    request_retries: int = 2
    stream_retries: int = 2
    idle_ms: int = 20_000
    top: tuple[str, ...] = ()
    provider: tuple[str, ...] = ('env_key = "MOCK_KEY"',)
    model: str = MODEL
    files: dict[str, str] = field(default_factory=dict)

    def toml(self) -> str:
        return "\n".join(
            (
                f'model = "{self.model}"',
                'model_provider = "mock"',
                "check_for_update_on_startup = false",
                *self.top,
                "[analytics]",
                "enabled = false",
                "[model_providers.mock]",
                f'name = "{self.name}"',
                f'base_url = "{self.base_url}"',
                'wire_api = "responses"',
                f"request_max_retries = {self.request_retries}",
                f"stream_max_retries = {self.stream_retries}",
                f"stream_idle_timeout_ms = {self.idle_ms}",
                *self.provider,
                "",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """`printed` are its JSON lines."""

    status: int
    printed: list[dict[str, Any]]
    errors: str

    @property
    def texts(self) -> list[str]:
        return [item["text"] for item in self._items("agent_message")]

    @property
    def commands(self) -> list[dict[str, Any]]:
        """Shell commands that were run, as they ended."""
        return self._items("command_execution")

    @property
    def failure(self) -> str | None:
        found = [one for one in self.printed if one["type"] == "turn.failed"]
        return str(found[-1]["error"]["message"]) if found else None

    @property
    def complaints(self) -> list[str]:
        """What it printed for each retry."""
        return [one["message"] for one in self.printed if one["type"] == "error"]

    @property
    def usage(self) -> dict[str, int]:
        found = [one for one in self.printed if one["type"] == "turn.completed"]
        return found[-1]["usage"] if found else {}

    def _items(self, kind: str) -> list[dict[str, Any]]:
        ended = (one["item"] for one in self.printed if one["type"] == "item.completed")
        return [item for item in ended if item["type"] == kind]


async def turn(setup: Setup, folder: Path, prompt: str, *arguments: str) -> Turn:
    """Run one turn in `folder`, which is its home as well."""
    (folder / "config.toml").write_text(setup.toml())
    for name, text in setup.files.items():
        (folder / name).write_text(text)
    process = await asyncio.create_subprocess_exec(
        str(CODEX),
        "exec",
        "--json",
        "--skip-git-repo-check",
        *arguments,
        prompt,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "CODEX_HOME": str(folder), "MOCK_KEY": "sk-any"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    try:
        out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    lines = [line for line in out.decode().splitlines() if line.startswith("{")]
    return Turn(status=process.returncode or 0, printed=[json.loads(line) for line in lines], errors=errors.decode())
