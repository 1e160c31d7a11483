"""The server from a test's side: in this process, or elsewhere over its control routes.

Nothing here imports aiohttp before a server is started in this process.
"""

from __future__ import annotations

from mockserver.client.aio import AsyncSandboxClient, AsyncServerClient, connect_async
from mockserver.client.gate import AsyncGate, Gate
from mockserver.client.local import MockServer
from mockserver.client.recorded import RecordedHeaders, RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.sandbox import SandboxClient
from mockserver.client.server import ServerClient, connect
from mockserver.client.settings import ServerSettingsGiven, SettingsGiven
from mockserver.client.verdict import Verdict

__all__ = [
    "AsyncGate",
    "AsyncSandboxClient",
    "AsyncServerClient",
    "Gate",
    "MockServer",
    "RecordedHeaders",
    "RecordedRequest",
    "Requests",
    "SandboxClient",
    "ServerClient",
    "ServerSettingsGiven",
    "SettingsGiven",
    "Verdict",
    "connect",
    "connect_async",
]
