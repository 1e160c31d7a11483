"""Structured answers and tools, by the SDK's own means."""

from __future__ import annotations

import json

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import FunctionToolParam, ResponseInputItemParam
from pydantic import BaseModel, ConfigDict

from tests.clients.python_openai.asking import MODEL, messages
from tests.kit import SandboxClient

ORDERED = '{"city":"Paris","days":3}'
RESPONSES_TOOL: FunctionToolParam = {
    "type": "function",
    "name": "Trip",
    "parameters": {"type": "object"},
    "strict": False,
}


class Trip(BaseModel):
    """A trip to book."""

    model_config = ConfigDict(extra="forbid")

    city: str
    days: int


PARIS = Trip(city="Paris", days=3)


def test_a_chat_stream_is_parsed_into_a_model(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(reply={"output": [{"text": ORDERED, "chunks": 5}]})
    with client.chat.completions.stream(model=MODEL, messages=messages("book"), response_format=Trip) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_completion()
    assert final.choices[0].message.parsed == PARIS
    assert events.count("content.delta") == -(-len(ORDERED) // 5) + 1
    assert events.count("content.done") == 1


def test_a_response_is_parsed_into_a_model(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(on="responses", reply=ORDERED)
    found = client.responses.parse(model=MODEL, input="book", text_format=Trip)
    assert found.output_parsed == PARIS
    assert mockserver.last.json["text"]["format"]["name"] == "Trip"


def test_a_responses_stream_is_parsed_into_a_model(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(reply={"output": [{"text": ORDERED, "chunks": 5}]})
    with client.responses.stream(model=MODEL, input="book", text_format=Trip) as stream:
        snapshots = [one.snapshot for one in stream if one.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots == [ORDERED[:end] for end in range(5, len(ORDERED) + 5, 5)]
    assert final.output_parsed == PARIS


def test_arguments_of_a_call_are_parsed_into_a_model(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(when={"tool": "Trip"}, reply={"output": [{"call": "Trip", "arguments": ORDERED}]})
    found = client.chat.completions.parse(
        model=MODEL, messages=messages("book"), tools=[openai.pydantic_function_tool(Trip)]
    )
    [call] = found.choices[0].message.tool_calls or []
    assert call.function.parsed_arguments == PARIS


def test_an_agent_of_two_calls_and_an_answer_in_chat(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.load(AGENT)
    conversation: list[ChatCompletionMessageParam] = messages("How are Paris and Rome?")
    with client.chat.completions.stream(
        model=MODEL, messages=conversation, tools=[openai.pydantic_function_tool(Trip)]
    ) as stream:
        first = stream.get_final_completion().choices[0].message
    calls = first.tool_calls or []
    cities = [json.loads(call.function.arguments)["city"] for call in calls]
    assert cities == ["Paris", "Rome"]
    conversation.append(
        {
            "role": "assistant",
            "content": first.content,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.function.name, "arguments": call.function.arguments},
                }
                for call in calls
            ],
        }
    )
    conversation.extend({"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in calls)
    second = client.chat.completions.create(
        model=MODEL, messages=conversation, tools=[openai.pydantic_function_tool(Trip)]
    )
    assert second.choices[0].message.content == "Sunny in both."
    assert [one.of for one in mockserver.last.tool_results] == ["Trip", "Trip"]
    mockserver.assert_order("looks up", "tells")


def test_an_agent_of_two_calls_and_an_answer_in_responses(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.load(AGENT)
    conversation: list[ResponseInputItemParam] = [{"role": "user", "content": "How are Paris and Rome?"}]
    with client.responses.stream(model=MODEL, input=conversation, tools=[RESPONSES_TOOL]) as stream:
        first = stream.get_final_response()
    for item in first.output:
        assert item.type == "function_call"
        conversation.append(
            {"type": "function_call", "call_id": item.call_id, "name": item.name, "arguments": item.arguments}
        )
    for item in first.output:
        assert item.type == "function_call"
        conversation.append({"type": "function_call_output", "call_id": item.call_id, "output": "sunny"})
    second = client.responses.create(model=MODEL, input=conversation)
    assert second.output_text == "Sunny in both."
    mockserver.assert_order("looks up", "tells")


AGENT: dict[str, object] = {
    "scenario": "agent",
    "stubs": [
        {
            "name": "tells",
            "when": {"tool_result": {"of": "Trip", "text": {"contains": "sunny"}}},
            "times": 1,
            "reply": "Sunny in both.",
        },
        {
            "name": "looks up",
            "when": {"user": {"contains": "Paris"}, "tool_result": False},
            "times": 1,
            "reply": {
                "output": [
                    {"call": "Trip", "arguments": {"city": "Paris", "days": 1}},
                    {"call": "Trip", "arguments": {"city": "Rome", "days": 1}},
                ]
            },
        },
    ],
}


def test_a_tool_output_without_its_call_is_refused_as_upstream_would(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.load(AGENT)
    mockserver.allow(findings=True, counts=True)
    with pytest.raises(openai.BadRequestError, match="call_nobody_made") as raised:
        client.responses.create(
            model=MODEL,
            input=[
                {"role": "user", "content": "Paris?"},
                {"type": "function_call_output", "call_id": "call_nobody_made", "output": "sunny"},
            ],
        )
    assert raised.value.type == "invalid_request_error"


def test_a_conversation_goes_on_by_the_id_of_its_last_response(client: OpenAI, mockserver: SandboxClient) -> None:
    mockserver.expect(when={"previous_response": False}, reply={"output": [{"text": "one"}], "id": "resp_1"})
    mockserver.expect(when={"previous_response": "resp_1"}, reply="two")
    first = client.responses.create(model=MODEL, input="hello")
    second = client.responses.create(model=MODEL, input="and?", previous_response_id=first.id)
    assert (first.output_text, second.output_text) == ("one", "two")
    assert second.previous_response_id == "resp_1"
