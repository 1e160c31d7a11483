"""The OpenAI SDK and httpx, each asked for a shipped reply, and what came of it in a few words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import httpx
import openai
import openai._base_client
import pytest
from openai import OpenAI

from mockserver import Case
from tests.kit import JSON, JSONObject, MockServer, SandboxClient
from tests.kit import files_shipped as shipped

MODEL = "gpt-5.4"
# How long a client waits for silence to end; no other reply comes near it.
PATIENCE_S = 1.0
OTHERWISE_S = 30.0

Ask: TypeAlias = Callable[[SandboxClient, float], object]
"""What the client makes of the reply; whatever it raises is what the client raises."""

_WEATHER = "How is the weather?"
_FUNCTION: JSONObject = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A shipped reply, and the members of a request that is answered with it."""

    scenario: str
    stub: str
    chat: JSONObject
    responses: JSONObject

    def body(self, on: str, *, stream: bool) -> JSONObject:
        asked = self.chat if on == "chat" else self.responses
        return {"model": MODEL, "stream": stream, **asked}


def _user(text: str) -> JSONObject:
    return {"role": "user", "content": text}


_CHAT_TOOLS: list[JSON] = [{"type": "function", "function": _FUNCTION}]
_TOOLS: list[JSON] = [{"type": "function", **_FUNCTION}]
_CALL: JSONObject = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
_CALLED: JSONObject = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
REPLIES = (
    Reply(scenario="plain", stub="greets", chat={"messages": [_user("hello")]}, responses={"input": [_user("hello")]}),
    Reply(scenario="tool-round-trip", stub="asks for the weather", chat={"messages": [_user(_WEATHER)],
        "tools": _CHAT_TOOLS}, responses={"input": [_user(_WEATHER)], "tools": _TOOLS}),
    Reply(scenario="tool-round-trip", stub="tells the weather", chat={"messages": [_user(_WEATHER),
        {"role": "assistant", "tool_calls": [_CALL]}, {"role": "tool", "tool_call_id": "call_1", "content": "18"}],
        "tools": _CHAT_TOOLS}, responses={"input": [_user(_WEATHER), _CALLED,
        {"type": "function_call_output", "call_id": "call_1", "output": "18"}], "tools": _TOOLS}),
)  # fmt: skip


class Subjects:
    """One server and one pool of connections for all cases."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._pool = OpenAI(base_url="http://127.0.0.1:9", api_key="any")
        self._plain = httpx.Client(headers={"authorization": "Bearer any"})
        self._patch = pytest.MonkeyPatch()
        # The pauses between attempts are no matter of ours.
        self._patch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)
        self._whole: dict[tuple[str, str, str, bool], object] = {}

    def close(self) -> None:
        self._patch.undo()
        self._pool.close()
        self._plain.close()

    def outcome(self, subject: str, reply: Reply, on: str, case: Case, *, stream: bool) -> str:
        """What the subject makes of a case."""
        silent = "'stall'" in str(case.faults)
        patience = PATIENCE_S if silent else OTHERWISE_S
        sandbox = self._server.server.create()
        try:
            sandbox.play(case)
            outcome = self._outcome(subject, reply, on, sandbox, patience, stream=stream)
            times = len(sandbox.requests)
        finally:
            self._server.server.drop(sandbox)
        return outcome if times == 1 else f"{outcome}, {times} attempts"

    def _outcome(
        self, subject: str, reply: Reply, on: str, sandbox: SandboxClient, patience: float, *, stream: bool
    ) -> str:
        body = reply.body(on, stream=stream)
        if subject == "httpx":
            return self._bare(sandbox, on, body, patience)
        client = self._pool.with_options(base_url=sandbox.base_url, timeout=patience)
        try:
            got = READERS[on, stream](client, body)
        except Exception as error:  # noqa: BLE001  # whatever it is goes into the table
            return _named(error)
        whole = self._unbroken(reply, on, stream=stream)
        return "complete" if got == whole else "**incomplete, no error**"

    def _bare(self, sandbox: SandboxClient, on: str, body: JSONObject, patience: float) -> str:
        path = "chat/completions" if on == "chat" else on
        url = f"{sandbox.base_url}/{path}"
        try:
            with self._plain.stream("POST", url, json=body, timeout=patience) as response:
                response.read()
        except httpx.HTTPError as error:
            return type(error).__name__
        return "no error"

    def _unbroken(self, reply: Reply, on: str, *, stream: bool) -> object:
        key = (reply.scenario, reply.stub, on, stream)
        if key not in self._whole:
            sandbox = self._server.server.create()
            sandbox.load(Path(shipped(), f"{reply.scenario}.yaml"))
            client = self._pool.with_options(base_url=sandbox.base_url, timeout=OTHERWISE_S)
            self._whole[key] = READERS[on, stream](client, reply.body(on, stream=stream))
            self._server.server.drop(sandbox)
        return self._whole[key]


def _named(error: Exception) -> str:
    cause = error.__cause__
    return type(error).__name__ + (f" ({type(cause).__name__})" if cause is not None else "")


def _chat_stream(client: OpenAI, body: JSONObject) -> object:
    said, finish = "", None
    for chunk in client.chat.completions.create(**body):  # type: ignore[call-overload]
        for choice in chunk.choices:
            said += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                said += call.function.arguments or ""
            finish = choice.finish_reason or finish
    return said, finish


def _chat_whole(client: OpenAI, body: JSONObject) -> object:
    completion = client.chat.completions.create(**body)  # type: ignore[call-overload]
    return completion.to_dict()["choices"]


def _responses_stream(client: OpenAI, body: JSONObject) -> object:
    said, last = "", ""
    for event in client.responses.create(**body):  # type: ignore[call-overload]
        last = event.type
        if last in ("response.output_text.delta", "response.function_call_arguments.delta"):
            said += event.delta
    return said, last


def _responses_whole(client: OpenAI, body: JSONObject) -> object:
    response = client.responses.create(**body)  # type: ignore[call-overload]
    return response.to_dict()["output"]


READERS: dict[tuple[str, bool], Callable[[OpenAI, JSONObject], object]] = {
    ("chat", True): _chat_stream,
    ("chat", False): _chat_whole,
    ("responses", True): _responses_stream,
    ("responses", False): _responses_whole,
}
