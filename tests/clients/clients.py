"""The real clients: how each is started, by which doors it asks, and what installs it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.clients.cases import Case, Way

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE_DRIVERS = HERE / "drivers" / "node"
PYTHON_DRIVERS = "tests.clients.drivers.python"

_CHAT = Way("chat", sampled=True)
_CHAT_STREAM = Way("chat-stream", streamed=True)
_RESPONSES = Way("responses", on="responses")
_RESPONSES_STREAM = Way("responses-stream", on="responses", streamed=True, sampled=True)
_FOUR = (_CHAT, _CHAT_STREAM, _RESPONSES, _RESPONSES_STREAM)


@dataclass(frozen=True, slots=True)
class Client:
    """`driver` plays jobs by those `ways`, run at the root; `leaves_out` are tasks it cannot do.
    `packages` are those of the `lock` that make the client what it is.
    """

    name: str
    title: str
    driver: tuple[str, ...]
    lock: Path
    packages: tuple[str, ...]
    ways: tuple[Way, ...]
    leaves_out: frozenset[str] = frozenset()
    note: str = ""

    def jobs(self, case: Case) -> tuple[Way, ...]:
        if case.task in self.leaves_out:
            return ()
        return tuple(way for way in self.ways if case.concerns(way))


_NODE_LOCK = NODE_DRIVERS / "package-lock.json"
_CODEX_LOCK = HERE / "drivers" / "codex" / "package-lock.json"


def _python_lock(name: str) -> Path:
    return HERE / "drivers" / "python" / f"{name}.txt"


def _node(module: str) -> tuple[str, ...]:
    node = shutil.which("node") or "node"
    return (node, str(NODE_DRIVERS / "driver.mjs"), f"./{module}.mjs")


def _python(name: str) -> tuple[str, ...]:
    """Each Python client lives in an environment of its own."""
    python = ROOT / f".venv-client-{name}" / "bin" / "python"
    return (str(python), "-m", f"{PYTHON_DRIVERS}.drive_{name.replace('-', '_')}")


CLIENTS = (
    Client(
        "node",
        "OpenAI SDK for Node",
        _node("openai"),
        _NODE_LOCK,
        ("openai",),
        (
            *_FOUR,
            Way("chat-helper", streamed=True),
            Way("responses-helper", on="responses", streamed=True),
            Way("compact", on="compact"),
        ),
    ),
    Client(
        "ai-sdk",
        "Vercel AI SDK",
        _node("ai_sdk"),
        _NODE_LOCK,
        ("ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible"),
        (*_FOUR, Way("compatible"), Way("compatible-stream", streamed=True)),
    ),
    Client(
        "langchain-js",
        "LangChain for JavaScript",
        _node("langchain"),
        _NODE_LOCK,
        ("@langchain/openai", "@langchain/core", "openai"),
        _FOUR,
    ),
    Client(
        "codex",
        "Codex CLI",
        (sys.executable, "-m", f"{PYTHON_DRIVERS}.drive_codex"),
        _CODEX_LOCK,
        ("@openai/codex",),
        (_RESPONSES_STREAM,),
        note=", with `request_max_retries = 2` and `stream_max_retries = 2`, which multiply",
        leaves_out=frozenset({"tool", "title", "leave"}),
    ),
    Client(
        "langchain",
        "LangChain for Python",
        _python("langchain"),
        _python_lock("langchain"),
        ("langchain-openai", "langchain-core", "openai"),
        _FOUR,
    ),
    Client(
        "agents", "OpenAI Agents SDK", _python("agents"), _python_lock("agents"), ("openai-agents", "openai"), _FOUR
    ),
    Client(
        "pydantic-ai",
        "pydantic-ai",
        _python("pydantic-ai"),
        _python_lock("pydantic-ai"),
        ("pydantic-ai-slim", "openai"),
        _FOUR,
    ),
    Client(
        "litellm", "LiteLLM as a library", _python("litellm"), _python_lock("litellm"), ("litellm", "openai"), _FOUR
    ),
    Client(
        "litellm-proxy",
        "LiteLLM's proxy, as its own clients see it",
        _python("litellm-proxy"),
        _python_lock("litellm-proxy"),
        ("litellm",),
        (*_FOUR, Way("compact", on="compact")),
        note=", no retries but its own defaults; errors are identified by their HTTP status",
        leaves_out=frozenset({"leave"}),
    ),
)
BY_NAME = {client.name: client for client in CLIENTS}
