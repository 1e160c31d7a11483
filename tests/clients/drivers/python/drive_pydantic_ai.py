"""pydantic-ai: its models for both endpoints, with the structured output of the API itself."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, Tool
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.drivers.python.jobs import MODEL, Heard, Job, agent_asker, run_and_leave, weather


class Weather(BaseModel):
    city: str
    celsius: int


_TOOL = Tool(weather, name="get_weather")


def _agent(job: Job, name: str = MODEL, **options: Any) -> Any:
    client = AsyncOpenAI(base_url=job.base_url, api_key=job.key, timeout=job.timeout_s)
    kind = OpenAIResponsesModel if job.on_responses else OpenAIChatModel
    return Agent(kind(name, provider=OpenAIProvider(openai_client=client)), **options)


async def _send(agent: Any, text: str, heard: Heard, *, streamed: bool, leave: bool = False) -> Any:
    if not streamed:
        reply = await agent.run(text)
        heard.text += str(reply.output)
        return reply.output
    async with agent.run_stream(text) as stream:
        if agent.output_type is not str:
            return await stream.get_output()
        async for delta in stream.stream_text(delta=True, debounce_by=None):
            heard.text += delta
            if leave:
                return None
        heard.finish = getattr(stream.response, "finish_reason", None)
        return await stream.get_output()


if __name__ == "__main__":
    run_and_leave(agent_asker(_agent, _send, _TOOL, NativeOutput(Weather, name="weather")))
