"""A scripted OpenAI-style upstream for contract tests.

The public names, and nothing that costs time to import: every pytest run in an environment that
has this package reads this file, so what is heavy is resolved on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mockserver.errors import (
    HostError,
    MockServerError,
    Position,
    Problem,
    ScenarioError,
    UsageError,
    VerificationError,
)

if TYPE_CHECKING:
    from mockserver.client import MockServer, RecordedRequest, SandboxClient, ServerClient, connect, connect_async
    from mockserver.contract.judge import Judgement, judge
    from mockserver.sweeps.api import cuts, reslicings, violations
    from mockserver.sweeps.case import Case

__all__ = [
    "Case",
    "HostError",
    "Judgement",
    "MockServer",
    "MockServerError",
    "Position",
    "Problem",
    "RecordedRequest",
    "SandboxClient",
    "ScenarioError",
    "ServerClient",
    "UsageError",
    "VerificationError",
    "__version__",
    "connect",
    "connect_async",
    "cuts",
    "judge",
    "reslicings",
    "violations",
]

__version__ = "0.1.0.dev0"

_ON_FIRST_USE = {
    "Case": "mockserver.sweeps.case",
    "Judgement": "mockserver.contract.judge",
    "MockServer": "mockserver.client",
    "RecordedRequest": "mockserver.client",
    "SandboxClient": "mockserver.client",
    "ServerClient": "mockserver.client",
    "connect": "mockserver.client",
    "connect_async": "mockserver.client",
    "judge": "mockserver.contract.judge",
    "cuts": "mockserver.sweeps.api",
    "reslicings": "mockserver.sweeps.api",
    "violations": "mockserver.sweeps.api",
}


# Out of a type checker's sight, or it would take any name for ours.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _ON_FIRST_USE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_ON_FIRST_USE[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
