"""LangChain for Python: ChatOpenAI on both endpoints."""

from __future__ import annotations

from functools import partial
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from tests.clients.drivers.python.jobs import MODEL, QUESTION, SCHEMA, Heard, Job, ask_both, run_and_leave, weather

_SAID = [HumanMessage(QUESTION)]


_TOOL = tool("get_weather")(weather)


def _model(job: Job, name: str = MODEL) -> Any:
    return ChatOpenAI(
        model=name,
        base_url=job.base_url,
        api_key=job.key,
        timeout=job.timeout_s,
        max_retries=2,
        use_responses_api=job.on_responses,
    )


async def _send(model: Any, messages: list[Any], heard: Heard, *, streamed: bool) -> Any:
    if streamed:
        reply: Any = None
        async for chunk in model.astream(messages):
            heard.text += chunk.text
            reply = chunk if reply is None else reply + chunk
        heard.text = ""
    else:
        reply = await model.ainvoke(messages)
    if reply is not None:
        heard.text += reply.text
        found = reply.response_metadata
        heard.finish = found.get("finish_reason") or found.get("status")
    return reply


async def _once(job: Job, name: str, text: str, heard: Heard) -> None:
    await _send(_model(job, name), [HumanMessage(text)], heard, streamed=job.streamed)


async def ask(job: Job, heard: Heard) -> None:
    model = _model(job)
    match job.task:
        case "plain":
            await _send(model, _SAID, heard, streamed=job.streamed)
        case "tool":
            armed = model.bind_tools([_TOOL])
            called = await _send(armed, _SAID, heard, streamed=job.streamed)
            call = called.tool_calls[0]
            result = ToolMessage(content=_TOOL.invoke(call["args"]), tool_call_id=call["id"])
            heard.text = ""
            await _send(armed, [*_SAID, called, result], heard, streamed=job.streamed)
        case "structured":
            shaped = model.with_structured_output(SCHEMA, method="json_schema", strict=True)
            if job.streamed:
                async for growing in shaped.astream(_SAID):
                    heard.data = growing
            else:
                heard.data = await shaped.ainvoke(_SAID)
        case "title":
            await ask_both(heard, partial(_once, job))
        case "leave":
            stream = model.astream(_SAID)
            async for chunk in stream:
                if chunk.text:
                    break
            await stream.aclose()
            await _send(model, _SAID, heard, streamed=job.streamed)


if __name__ == "__main__":
    run_and_leave(ask)
