"""LiteLLM's proxy as a gateway in front of the server: what it tells its own clients.

One proxy serves all jobs. Each job is a deployment of its own, whose upstream is the job's sandbox.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.clients.drivers.python.jobs import (
    MODEL,
    QUESTION,
    SMALL_MODEL,
    Ask,
    Heard,
    Job,
    ask_both,
    read_jobs,
    run,
    structured,
    tools,
    with_result,
)

_START_S = 90
_KEY = "sk-proxy"


class Refused(Exception):  # noqa: N818  # named by its status
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.told_as = f"HTTP {status}"


# --- the proxy ---


def _config(jobs: list[Job]) -> dict[str, Any]:
    def deployment(job: Job, model: str) -> dict[str, Any]:
        return {
            "model_name": f"{job.id}/{model}",
            "litellm_params": {
                "model": f"openai/{model}",
                "api_base": job.base_url,
                "api_key": job.key,
                "timeout": job.timeout_s,
                "stream_timeout": job.timeout_s,
            },
        }

    small = [job for job in jobs if job.task == "title"]
    return {
        "model_list": [*(deployment(job, MODEL) for job in jobs), *(deployment(job, SMALL_MODEL) for job in small)],
        "general_settings": {"master_key": _KEY},
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _proxy(jobs: list[Job]) -> Any:
    port = _free_port()
    with TemporaryDirectory() as folder:
        # JSON is YAML.
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps(_config(jobs)))
        program = Path(sys.executable).with_name("litellm")
        process = subprocess.Popen(
            [
                str(program),
                *("--config", str(config)),
                *("--host", "127.0.0.1"),
                *("--port", str(port)),
                *("--telemetry", "False"),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _await_answer(process, f"{url}/health/liveliness")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_answer(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"no proxy answers at {url}")


# --- one request ---


async def _events(reply: httpx.Response) -> AsyncIterator[str]:
    async for line in reply.aiter_lines():
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


class Door:
    """Asks the proxy as a plain HTTP client would, so that its own words are seen."""

    def __init__(self, client: httpx.AsyncClient, job: Job) -> None:
        self._client = client
        self._job = job

    async def ask(self, path: str, body: dict[str, Any], heard: Heard, model: str = MODEL) -> Any:
        """Send a request; give the message or the items that it led to."""
        body = {"model": f"{self._job.id}/{model}", **body}
        if not self._job.streamed:
            return await self._whole(path, body, heard)
        async with self._client.stream("POST", path, json={**body, "stream": True}) as reply:
            if reply.status_code >= 400:
                raise Refused(reply.status_code, (await reply.aread()).decode())
            read = _responses_stream if self._job.on_responses else _chat_stream
            return await read(reply, heard)

    async def _whole(self, path: str, body: dict[str, Any], heard: Heard) -> Any:
        reply = await self._client.post(path, json=body)
        if reply.status_code >= 400:
            raise Refused(reply.status_code, reply.text)
        found = reply.json()
        if path.endswith("/compact"):
            sealed = [one for one in found["output"] if one["type"] == "compaction"]
            heard.text = sealed[0]["encrypted_content"]
            return found["output"]
        if self._job.on_responses:
            heard.finish = found["status"]
            parts = [part for item in found["output"] if item["type"] == "message" for part in item["content"]]
            heard.text += "".join(part["text"] for part in parts)
            return found["output"]
        choice = found["choices"][0]
        heard.finish = choice["finish_reason"]
        heard.text += choice["message"].get("content") or ""
        return choice["message"]


async def _chat_stream(reply: httpx.Response, heard: Heard) -> dict[str, Any]:
    calls: dict[int, dict[str, Any]] = {}
    ends = _Ends()
    async for data in _events(reply):
        if data == "[DONE]":
            ends.done = True
            continue
        chunk = json.loads(data)
        if "error" in chunk:
            ends.error = True
            continue
        for choice in chunk["choices"]:
            delta = choice["delta"]
            heard.text += delta.get("content") or ""
            ends.finish = choice.get("finish_reason") or ends.finish
            for part in delta.get("tool_calls") or ():
                empty = {"type": "function", "function": {"name": "", "arguments": ""}}
                call = calls.setdefault(part["index"], empty)
                call["id"] = part.get("id") or call.get("id")
                for key, text in part["function"].items():
                    call["function"][key] += text or ""
    heard.finish = ends.summary()
    return {"role": "assistant", "content": None, "tool_calls": list(calls.values())}


async def _responses_stream(reply: httpx.Response, heard: Heard) -> list[Any]:
    items = []
    ends = _Ends()
    async for data in _events(reply):
        if data == "[DONE]":
            ends.done = True
            continue
        event = json.loads(data)
        match event.get("type"):
            case "response.output_text.delta":
                heard.text += event["delta"]
            case "response.output_item.done":
                items.append(event["item"])
            case "response.completed" | "response.failed" | "response.incomplete":
                ends.finish = event["type"].removeprefix("response.")
            case "error" | None:
                ends.error = True
    # A Responses stream needs no [DONE]; the proxy may send one.
    ends.done = True
    heard.finish = ends.summary()
    return items


class _Ends:
    """How a stream of the proxy ended."""

    finish: str | None = None
    error = False
    done = False

    def summary(self) -> str:
        if self.finish in ("stop", "tool_calls", "completed") and self.done and not self.error:
            return self.finish
        words = ["error line"] if self.error else []
        words.append(f"finish {self.finish}" if self.finish else "no finish")
        if not self.done:
            words.append("no [DONE]")
        return ", ".join(words)


# --- tasks ---


def _asker(client: httpx.AsyncClient) -> Ask:
    async def ask(job: Job, heard: Heard) -> None:
        door = Door(client, job)
        path = "/v1/responses" if job.on_responses else "/v1/chat/completions"
        member = "input" if job.on_responses else "messages"
        said: list[Any] = [{"role": "user", "content": QUESTION}]

        async def once(name: str, text: str, heard: Heard) -> None:
            await door.ask(path, {member: [{"role": "user", "content": text}]}, heard, name)

        match job.task:
            case "plain":
                await once(MODEL, QUESTION, heard)
            case "compact":
                await door.ask("/v1/responses/compact", {"input": said}, heard)
            case "tool":
                offered = {"tools": tools(job)}
                answer = await door.ask(path, {member: said, **offered}, heard)
                await door.ask(path, {member: with_result(job, said, answer), **offered}, heard)
            case "structured":
                await door.ask(path, {member: said, **structured(job)}, heard)
                heard.data = json.loads(heard.text)
            case "title":
                await ask_both(heard, once)

    return ask


if __name__ == "__main__":
    JOBS = read_jobs()
    with _proxy(JOBS) as url:
        client = httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {_KEY}"}, timeout=60)
        run(_asker(client), JOBS)
