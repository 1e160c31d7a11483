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
    """`driver` plays jobs by those `ways`, run at the root; `leaves_out` are tasks it cannot do."""

    name: str
    title: str
    driver: tuple[str, ...]
    ways: tuple[Way, ...]
    leaves_out: frozenset[str] = frozenset()

    def jobs(self, case: Case) -> tuple[Way, ...]:
        if case.task in self.leaves_out:
            return ()
        return tuple(way for way in self.ways if case.concerns(way))


def _node(module: str) -> tuple[str, ...]:
    node = shutil.which("node") or "node"
    return (node, str(NODE_DRIVERS / "driver.mjs"), f"./{module}.mjs")


def _python(name: str) -> tuple[str, ...]:
    """Each Python client lives in an environment of its own."""
    python = ROOT / f".venv-client-{name}" / "bin" / "python"
    return (str(python), "-m", f"{PYTHON_DRIVERS}.drive_{name.replace('-', '_')}")


CLIENTS = (
    Client(
        name="node",
        title="OpenAI SDK for Node",
        driver=_node("openai"),
        ways=(
            *_FOUR,
            Way(name="chat-helper", streamed=True),
            Way(name="responses-helper", on="responses", streamed=True),
        ),
    ),
    Client(
        name="ai-sdk",
        title="Vercel AI SDK",
        driver=_node("ai_sdk"),
        ways=(
            *_FOUR,
            Way(name="compatible"),
            Way(name="compatible-stream", streamed=True),
        ),
    ),
    Client(
        name="langchain-js",
        title="LangChain for JavaScript",
        driver=_node("langchain"),
        ways=_FOUR,
    ),
    Client(
        name="codex",
        title="Codex CLI",
        driver=(sys.executable, "-m", f"{PYTHON_DRIVERS}.drive_codex"),
        ways=(_RESPONSES_STREAM,),
        # Its own turns, with tools and more, are in codex.py.
        leaves_out=frozenset({"tool", "title", "leave"}),
    ),
    Client(name="langchain", title="LangChain for Python", driver=_python("langchain"), ways=_FOUR),
    Client(name="agents", title="OpenAI Agents SDK", driver=_python("agents"), ways=_FOUR),
    Client(name="pydantic-ai", title="pydantic-ai", driver=_python("pydantic-ai"), ways=_FOUR),
    Client(name="litellm", title="LiteLLM as a library", driver=_python("litellm"), ways=_FOUR),
)
BY_NAME = {client.name: client for client in CLIENTS}
