"""The server from a test's side: in this process, or elsewhere over its admin API.

Nothing here imports aiohttp before a server is started in this process."""

from __future__ import annotations

from mockserver.client.admin import Verdict
from mockserver.client.async_client import AsyncGate, AsyncSandboxClient, AsyncServerClient, connect_async
from mockserver.client.recorded import RecordedHeaders, RecordedReply, RecordedRequest, Requests
from mockserver.client.sandbox import Gate, SandboxClient, SettingsGiven
from mockserver.client.server import MockServer, ServerClient, ServerSettingsGiven, connect

__all__ = [
    "AsyncGate",
    "AsyncSandboxClient",
    "AsyncServerClient",
    "Gate",
    "MockServer",
    "RecordedHeaders",
    "RecordedReply",
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
