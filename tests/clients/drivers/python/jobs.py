"""Runs jobs of one client, read as a JSON list from standard input, and prints a line of JSON for
what became of each. A job that never ends is given up, so that the whole always does.

Runs in the client's own environment, where nothing of this package is installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

QUESTION = "How is the weather in Paris?"
TITLE_QUESTION = "Find a title for this conversation."
MODEL = "gpt-5.4"
SMALL_MODEL = "gpt-5.4-mini"
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
SCHEMA = {
    "title": "weather",
    "type": "object",
    "properties": {"city": {"type": "string"}, "celsius": {"type": "integer"}},
    "required": ["city", "celsius"],
    "additionalProperties": False,
}
TOOL = {"name": "get_weather", "description": "Tells the weather.", "parameters": PARAMETERS}
_FORMAT = {"name": "weather", "schema": SCHEMA, "strict": True}

_AT_ONCE = 16
_GIVE_UP_S = 60
_PATIENCE = 16


def weather(city: str) -> str:
    """Tells the weather."""
    return f"18 °C in {city}"


@dataclass(slots=True)
class Heard:
    """What the client has made of the reply so far."""

    text: str = ""
    finish: str | None = None
    data: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    way: str
    task: str
    base_url: str
    key: str
    timeout_s: float

    @property
    def on_responses(self) -> bool:
        return self.way.startswith("responses")

    @property
    def streamed(self) -> bool:
        return self.way.endswith("stream")


Ask = Callable[[Job, Heard], Awaitable[None]]


def tools(job: Job) -> list[dict[str, Any]]:
    """The tool as the job's endpoint lists it."""
    return [{"type": "function", **TOOL} if job.on_responses else {"type": "function", "function": TOOL}]


def structured(job: Job) -> dict[str, Any]:
    """What asks the job's endpoint for an answer by the schema."""
    if job.on_responses:
        return {"text": {"format": {"type": "json_schema", **_FORMAT}}}
    return {"response_format": {"type": "json_schema", "json_schema": _FORMAT}}


def with_result(job: Job, said: list[Any], answer: Any) -> list[Any]:
    """The conversation with the call in an answer, as plain JSON, and the result of the tool."""
    if job.on_responses:
        call = next(item for item in answer if item["type"] == "function_call")
        output = weather(**json.loads(call["arguments"]))
        return [*said, *answer, {"type": "function_call_output", "call_id": call["call_id"], "output": output}]
    made = answer["tool_calls"][0]
    result = weather(**json.loads(made["function"]["arguments"]))
    return [*said, answer, {"role": "tool", "tool_call_id": made["id"], "content": result}]


async def ask_both(heard: Heard, send: Callable[[str, str, Heard], Awaitable[object]]) -> None:
    """Ask a model the question and a small model for a title at the same time."""
    title = Heard()
    await asyncio.gather(send(MODEL, QUESTION, heard), send(SMALL_MODEL, TITLE_QUESTION, title))
    heard.text += f" / {title.text}"


def agent_asker(make: Callable[..., Any], send: Callable[..., Awaitable[Any]], tool: object, shape: object) -> Ask:
    """Ask by an agent: `make` builds it for a job, `send` runs it with a text."""

    async def ask(job: Job, heard: Heard) -> None:
        async def once(name: str, text: str, heard: Heard) -> None:
            await send(make(job, name), text, heard, streamed=job.streamed)

        match job.task:
            case "plain":
                await once(MODEL, QUESTION, heard)
            case "tool":
                await send(make(job, tools=[tool]), QUESTION, heard, streamed=job.streamed)
            case "structured":
                output = await send(make(job, output_type=shape), QUESTION, heard, streamed=job.streamed)
                heard.data = output.model_dump()
            case "title":
                await ask_both(heard, once)
            case "leave":
                await send(make(job), QUESTION, Heard(), streamed=True, leave=True)
                await once(MODEL, QUESTION, heard)

    return ask


def read_jobs() -> list[Job]:
    """What standard input lists."""
    return [Job(**one) for one in json.load(sys.stdin)]


def run(ask: Ask, jobs: list[Job]) -> None:
    """Run the jobs; what became of each goes to standard output, the clients' own words do not."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asyncio.run(_run_all(ask, jobs, out.write))
    out.close()


def run_and_leave(ask: Ask) -> None:
    """Run what standard input lists, then end: some clients leave threads that would never."""
    run(ask, read_jobs())
    os._exit(0)


async def _run_all(ask: Ask, jobs: list[Job], write: Callable[[str], object]) -> None:
    seats = asyncio.Semaphore(_AT_ONCE)

    async def seated(job: Job) -> None:
        async with seats:
            write(json.dumps(await _outcome(ask, job)) + "\n")

    await asyncio.gather(*(seated(job) for job in jobs))


async def _outcome(ask: Ask, job: Job) -> dict[str, Any]:
    heard = Heard()
    error = None
    # Time-outs of the client's own, and its retries after them, come first.
    bound = asyncio.timeout(min(_GIVE_UP_S, _PATIENCE * job.timeout_s))
    try:
        async with bound:
            await ask(job, heard)
    except Exception as raised:  # noqa: BLE001  # whatever it is, it is the outcome
        error = {"name": "hangs"} if bound.expired() else _told(raised)
    return {"id": job.id, "error": error, "text": heard.text, "finish": heard.finish, "data": heard.data}


def _told(raised: BaseException) -> dict[str, Any]:
    status = getattr(raised, "status_code", None)
    cause = raised.__cause__
    return {
        "name": getattr(raised, "told_as", type(raised).__name__),
        "message": str(raised)[:2000],
        "status": status if isinstance(status, int) else None,
        "code": str(getattr(raised, "code", None)),
        "cause": None if cause is None else type(cause).__name__,
    }
