"""LiteLLM as a library: completion and responses."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import litellm

from tests.clients.drivers.python.jobs import (
    MODEL,
    QUESTION,
    Heard,
    Job,
    ask_both,
    run_and_leave,
    structured,
    tools,
    with_result,
)


def _options(job: Job, name: str = MODEL) -> dict[str, Any]:
    # The prefix chooses the provider; the upstream sees the name alone.
    return {
        "model": f"openai/{name}",
        "api_base": job.base_url,
        "api_key": job.key,
        "timeout": job.timeout_s,
        "max_retries": 2,
        "stream": job.streamed,
    }


async def _chat(messages: list[Any], heard: Heard, **options: Any) -> Any:
    reply = await litellm.acompletion(messages=messages, **options)
    if options["stream"]:
        chunks = []
        async for chunk in reply:
            chunks.append(chunk)
            heard.text += chunk.choices[0].delta.content or ""
            heard.finish = chunk.choices[0].finish_reason or heard.finish
        built = litellm.stream_chunk_builder(chunks, messages=messages)
        return built.choices[0].message if built else None
    message = reply.choices[0].message
    heard.text += message.content or ""
    heard.finish = reply.choices[0].finish_reason
    return message


async def _responses(said: list[Any], heard: Heard, **options: Any) -> list[Any]:
    reply = await litellm.aresponses(input=said, **options)
    if not options["stream"]:
        heard.text += reply.output_text
        heard.finish = reply.status
        return [item.model_dump(exclude_none=True) for item in reply.output]
    items = []
    async for event in reply:
        match event.type.value:
            case "response.output_text.delta":
                heard.text += event.delta
            case "response.output_item.done":
                items.append(dict(event.item))
            case "response.completed" | "response.failed" | "response.incomplete":
                heard.finish = event.response.status
    return items


async def _send(job: Job, question: str, heard: Heard, **options: Any) -> None:
    send = _responses if job.on_responses else _chat
    await send([{"role": "user", "content": question}], heard, **options)


async def ask(job: Job, heard: Heard) -> None:
    async def once(name: str, text: str, heard: Heard) -> None:
        await _send(job, text, heard, **_options(job, name))

    said: list[Any] = [{"role": "user", "content": QUESTION}]
    match job.task:
        case "plain":
            await once(MODEL, QUESTION, heard)
        case "tool":
            send = _responses if job.on_responses else _chat
            options = {**_options(job), "tools": tools(job)}
            answer: Any = await send(said, heard, **options)
            if not job.on_responses:
                answer = answer.model_dump(exclude_none=True)
            await send(with_result(job, said, answer), heard, **options)
        case "structured":
            await _send(job, QUESTION, heard, **_options(job), **structured(job))
            heard.data = json.loads(heard.text)
        case "title":
            await ask_both(heard, once)
        case "leave":
            options = {**_options(job), "stream": True}
            reply: Any = (
                await litellm.aresponses(input=said, **options)
                if job.on_responses
                else await litellm.acompletion(messages=said, **options)
            )
            async for _ in reply:
                break
            del reply
            await once(MODEL, QUESTION, heard)


def warm_up() -> None:
    """Have it import what it would import late, from several threads at once, half-made."""
    litellm.completion(model=f"openai/{MODEL}", messages=[{"role": "user", "content": "hi"}], mock_response="hi")
    import_module("openai.resources.chat.completions")
    import_module("openai.resources.responses")


if __name__ == "__main__":
    warm_up()
    run_and_leave(ask)
