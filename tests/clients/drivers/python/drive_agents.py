"""The OpenAI Agents SDK: its models for both endpoints."""

from __future__ import annotations

from typing import Any

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    function_tool,
)
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent
from pydantic import BaseModel

from tests.clients.drivers.python.jobs import MODEL, Heard, Job, agent_asker, run_and_leave, weather


class Weather(BaseModel):
    city: str
    celsius: int


_TOOL = function_tool(weather, name_override="get_weather")


def _agent(job: Job, name: str = MODEL, **options: Any) -> Any:
    client = AsyncOpenAI(base_url=job.base_url, api_key=job.key, timeout=job.timeout_s)
    kind = OpenAIResponsesModel if job.on_responses else OpenAIChatCompletionsModel
    return Agent(
        name="teller",
        instructions="Be short.",
        model=kind(model=name, openai_client=client),
        model_settings=ModelSettings(),
        **options,
    )


_QUIET = RunConfig(tracing_disabled=True)


async def _send(agent: Any, text: str, heard: Heard, *, streamed: bool, leave: bool = False) -> Any:
    if not streamed:
        reply = await Runner.run(agent, text, run_config=_QUIET, max_turns=4)
        heard.text += str(reply.final_output)
        return reply.final_output
    result = Runner.run_streamed(agent, text, run_config=_QUIET, max_turns=4)
    async for event in result.stream_events():
        if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent):
            heard.text += event.data.delta
            if leave:
                result.cancel()
                break
    return result.final_output


if __name__ == "__main__":
    run_and_leave(agent_asker(_agent, _send, _TOOL, Weather))
