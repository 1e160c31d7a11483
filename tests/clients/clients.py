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

_CHAT = Way(name="chat", sampled=True)
_CHAT_STREAM = Way(name="chat-stream", streamed=True)
_RESPONSES = Way(name="responses", on="responses")
_RESPONSES_STREAM = Way(name="responses-stream", on="responses", streamed=True, sampled=True)
_FOUR = (_CHAT, _CHAT_STREAM, _RESPONSES, _RESPONSES_STREAM)


@dataclass(frozen=True, slots=True, kw_only=True)
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


def _python(name: str, driver: str | None = None) -> tuple[str, ...]:
    """Each Python client lives in an environment of its own."""
    python = ROOT / f".venv-client-{name}" / "bin" / "python"
    return (str(python), "-m", f"{PYTHON_DRIVERS}.drive_{driver or name.replace('-', '_')}")


CLIENTS = (
    Client(
        name="node",
        title="OpenAI SDK for Node",
        lock=_NODE_LOCK,
        packages=("openai",),
        driver=_node("openai"),
        ways=(
            *_FOUR,
            Way(name="chat-helper", streamed=True),
            Way(name="responses-helper", on="responses", streamed=True),
            Way(name="compact", on="compact"),
        ),
    ),
    Client(
        name="ai-sdk",
        title="Vercel AI SDK",
        lock=_NODE_LOCK,
        packages=("ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible"),
        driver=_node("ai_sdk"),
        ways=(*_FOUR, Way(name="compatible"), Way(name="compatible-stream", streamed=True)),
    ),
    Client(
        name="langchain-js",
        title="LangChain for JavaScript",
        lock=_NODE_LOCK,
        packages=("@langchain/openai", "@langchain/core", "openai"),
        driver=_node("langchain"),
        ways=_FOUR,
    ),
    Client(
        name="codex",
        title="Codex CLI",
        lock=_CODEX_LOCK,
        packages=("@openai/codex",),
        driver=(sys.executable, "-m", f"{PYTHON_DRIVERS}.drive_codex"),
        ways=(_RESPONSES_STREAM,),
        note=", with `request_max_retries = 2` and `stream_max_retries = 2`, which multiply",
        # Its own turns, with tools and more, are in codex.py.
        leaves_out=frozenset({"tool", "title", "leave"}),
    ),
    Client(
        name="langchain",
        title="LangChain for Python",
        lock=_python_lock("langchain"),
        packages=("langchain-openai", "langchain-core", "openai"),
        driver=_python("langchain"),
        ways=_FOUR,
    ),
    Client(
        name="agents",
        title="OpenAI Agents SDK",
        lock=_python_lock("agents"),
        packages=("openai-agents", "openai"),
        driver=_python("agents"),
        ways=_FOUR,
    ),
    Client(
        name="pydantic-ai",
        title="pydantic-ai",
        lock=_python_lock("pydantic-ai"),
        packages=("pydantic-ai-slim", "openai"),
        driver=_python("pydantic-ai"),
        ways=_FOUR,
    ),
    Client(
        name="litellm",
        title="LiteLLM as a library",
        lock=_python_lock("litellm"),
        packages=("litellm", "openai"),
        driver=_python("litellm"),
        ways=_FOUR,
    ),
    Client(
        name="litellm-proxy",
        title="LiteLLM's proxy, as its own clients see it",
        lock=_python_lock("litellm"),
        packages=("litellm",),
        driver=_python("litellm", "litellm_proxy"),
        ways=(*_FOUR, Way(name="compact", on="compact")),
        note=", no retries but its own defaults; errors are told by their HTTP status",
        # A client that leaves a gateway says little about the gateway.
        leaves_out=frozenset({"leave"}),
    ),
)
BY_NAME = {client.name: client for client in CLIENTS}
