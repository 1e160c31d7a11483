"""The loops of the SDK work with what is served without a path: a conversation, tools, parsed output."""

from __future__ import annotations

import json
from enum import Enum
from typing import Literal

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.responses import FunctionToolParam, ResponseInputParam
from pydantic import BaseModel, Field

from tests.clients.python_openai.asking import MODEL, STREAMS, WAYS, messages
from tests.kit import offline

pytestmark = pytest.mark.mockserver(str(offline()), time_scale=0.0)

PARAMETERS: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2, "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
RESPONSES_TOOL: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "parameters": PARAMETERS,
    "strict": True,
}
CHAT_TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": PARAMETERS, "strict": True},
}


class Mood(Enum):
    calm = "calm"
    rough = "rough"


class Part(BaseModel):
    name: str
    parts: list[Part]


class Sea(BaseModel):
    mood: Mood
    tide: Literal["high", "low"]
    depth: float = Field(gt=0, lt=1)
    harbour: str | None
    map: Part
    buoys: list[int] = Field(min_length=2)
    code: str = Field(pattern="^[A-Z]{3}-[0-9]{2}$")


@pytest.mark.parametrize("way", [*WAYS])
def test_it_repeats_what_is_said(client: OpenAI, way: str) -> None:
    assert WAYS[way](client, "Write a knowledge base article") == "You said: Write a knowledge base article"


def test_a_loop_of_tools_on_chat_ends_with_the_result(client: OpenAI) -> None:
    said: list[ChatCompletionMessageParam] = [{"role": "user", "content": "How is the weather?"}]
    turns = []
    for _ in range(5):
        answer = client.chat.completions.create(model=MODEL, messages=said, tools=[CHAT_TOOL]).choices[0].message
        turns.append(answer.content)
        if not answer.tool_calls:
            break
        said.append(answer.to_dict())  # type: ignore[arg-type]  # as the SDK's own examples do
        for call in answer.tool_calls:
            assert call.type == "function"
            assert (call.function.name, json.loads(call.function.arguments)) == (
                "get_weather",
                {"city": "city", "days": 2},
            )
            said.append({"role": "tool", "tool_call_id": call.id, "content": "rain"})
    assert turns == [None, "The tool answered: rain"]


def test_a_loop_of_tools_on_responses_ends_with_the_result(client: OpenAI) -> None:
    said: ResponseInputParam = [{"role": "user", "content": "How is the weather?"}]
    answer = client.responses.create(model=MODEL, input=said, tools=[RESPONSES_TOOL])
    [call] = answer.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "city", "days": 2}
    said.append(call.to_dict())  # type: ignore[arg-type]  # as the SDK's own examples do
    said.append({"type": "function_call_output", "call_id": call.call_id, "output": "rain"})
    answer = client.responses.create(model=MODEL, input=said, tools=[RESPONSES_TOOL])
    assert answer.output_text == "The tool answered: rain"


def test_structured_output_is_parsed_on_both_endpoints(client: OpenAI) -> None:
    chat = client.chat.completions.parse(model=MODEL, messages=messages("the sea"), response_format=Sea)
    response = client.responses.parse(model=MODEL, input="the sea", text_format=Sea)
    expected = Sea(
        mood=Mood.calm,
        tide="high",
        depth=0.0625,
        harbour="harbour",
        map=Part(name="name", parts=[]),
        buoys=[1, 1],
        code="AAA-00",
    )
    assert (chat.choices[0].message.parsed, response.output_parsed) == (expected, expected)


def test_faults_are_raised_on_demand(client: OpenAI) -> None:
    for word, error in (("rate-limit", openai.RateLimitError), ("502", openai.InternalServerError)):
        with pytest.raises(error):
            client.chat.completions.create(model=MODEL, messages=messages(f"mock:{word}"))
    for ask in STREAMS.values():
        with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|connection|closed"):
            ask(client, "mock:cut")
