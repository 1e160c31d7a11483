"""Replies of every kind as the SDK's objects, streamed and whole alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias, Unpack

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk
from openai.types.chat import ChatCompletionStreamOptionsParam as StreamOptions
from openai.types.responses import Response

from tests.clients.python_openai import asking
from tests.clients.python_openai.asking import MODEL, messages
from tests.kit import SandboxClient, ServerClient

Plain: TypeAlias = object

CITATION = {"type": "url_citation", "url": "https://example.org", "title": "birds", "start_index": 0, "end_index": 3}
BOTH: dict[str, dict[str, object]] = {
    "text": {"output": [{"text": "Hello there, 你好 🦄"}]},
    "no text": {"output": [{"text": ""}]},
    "chunks": {"output": [{"text": "ab cd", "chunks": ["a", "b c", "d"]}]},
    "annotations": {"output": [{"text": "see here", "annotations": [CITATION]}]},
    "refusal": {"output": [{"refusal": "I will not"}]},
    "call": {"output": [{"call": "a", "arguments": {"x": [1, None]}}]},
    "text and calls": {
        "output": [
            {"text": "let me"},
            {"call": "a", "arguments": {"x": 1}, "call_id": "call_1"},
            {"call": "b", "arguments": "{}"},
        ]
    },
    "usage": {"output": [{"text": "u"}], "usage": {"input": 5, "cached": 2, "output": 7, "reasoning": 3}},
    "identity": {"output": [{"text": "u"}], "id": "mine", "model": "gpt-mine", "created": 7},
    "members": {"output": [{"text": "u"}], "fields": {"service_tier": "flex"}},
}
CHAT: dict[str, dict[str, object]] = BOTH | {
    "choices": {"choices": [[{"text": "heads"}], [{"text": "tails"}]]},
    "reasoning": {"output": [{"reasoning": {"content": "hm"}}, {"text": "so"}]},
}
RESPONSES: dict[str, dict[str, object]] = BOTH | {
    "incomplete": {"output": [{"text": "and then"}], "finish": "length"},
    "filtered": {"output": [{"text": "and then"}], "finish": "content_filter"},
    "failed": {"output": [{"text": "and then"}, {"error": "server_error"}]},
    "reasoning": {
        "output": [{"reasoning": {"summary": ["one", "two"], "content": "hm", "encrypted": "gAAA"}}, {"text": "so"}]
    },
    "custom call": {"output": [{"custom_call": "patch", "input": "*** Begin"}]},
    "web search": {"output": [{"web_search": "birds"}, {"text": "found"}]},
    "compaction": {"output": [{"compaction": "gAAA"}]},
    "two messages": {"output": [{"text": "one"}, {"text": "two"}]},
}


@pytest.fixture
def twice(client: OpenAI, mockserver_host: ServerClient) -> Callable[[dict[str, object]], tuple[OpenAI, OpenAI]]:
    """Two clients, each of a new sandbox with the same scenario."""

    def make(reply: dict[str, object]) -> tuple[OpenAI, OpenAI]:
        clients = []
        for _ in range(2):
            sandbox = mockserver_host.create()
            sandbox.load({"scenario": "twice", "stubs": [{"name": "one", "reply": reply}]})
            clients.append(client.with_options(base_url=sandbox.base_url))
        return clients[0], clients[1]

    return make


@pytest.mark.parametrize("name", RESPONSES)
def test_the_last_event_of_a_responses_stream_holds_the_whole_reply(
    name: str, twice: Callable[..., tuple[OpenAI, OpenAI]]
) -> None:
    one, two = twice(RESPONSES[name])
    whole = one.responses.create(model=MODEL, input="x")
    *_, last = two.responses.create(model=MODEL, input="x", stream=True)
    assert last.type in ("response.completed", "response.incomplete", "response.failed")
    assert last.response.to_dict() == without_billing(whole)


@pytest.mark.parametrize("name", BOTH)
def test_the_final_object_of_the_responses_helper_is_the_whole_reply(
    name: str, twice: Callable[..., tuple[OpenAI, OpenAI]]
) -> None:
    one, two = twice(BOTH[name])
    whole = one.responses.create(model=MODEL, input="x")
    with two.responses.stream(model=MODEL, input="x") as stream:
        final = stream.get_final_response()
    assert said(final.to_dict()) == said(without_billing(whole))
    assert final.output_text == whole.output_text


@pytest.mark.parametrize("name", CHAT)
def test_the_final_object_of_the_chat_helper_is_the_whole_reply(
    name: str, twice: Callable[..., tuple[OpenAI, OpenAI]]
) -> None:
    one, two = twice(CHAT[name])
    number = 2 if name == "choices" else 1
    whole = one.chat.completions.create(model=MODEL, messages=messages("x"), n=number)
    with two.chat.completions.stream(
        model=MODEL, messages=messages("x"), n=number, stream_options={"include_usage": True}
    ) as stream:
        final = stream.get_final_completion()
    assert said(final.to_dict()) == said(whole.to_dict())


def without_billing(whole: Response) -> dict[str, object]:
    """A response as the last event of a stream holds it: `billing` is in whole bodies alone."""
    members = whole.to_dict()
    assert members.pop("billing") == {"payer": "developer"}
    return members


def said(value: Plain, *, call: bool = False) -> Plain:
    """Without what the SDK's helper adds: its parsed forms, empty members, indexes of calls."""
    if isinstance(value, list):
        return [said(one, call=call) for one in value]
    if isinstance(value, dict):
        added = {"parsed", "parsed_arguments"} | ({"index"} if call else set())
        return {
            key: said(inner, call=key == "tool_calls")
            for key, inner in value.items()
            if key not in added and inner not in (None, [])
        }
    return value


def test_a_chat_completion_has_what_the_scenario_defines(client: OpenAI, says: Callable[..., None]) -> None:
    says(output=[{"text": "Hello"}], usage={"input": 5, "cached": 2, "output": 7, "reasoning": 3})
    found = asking.chat(client, "x")
    assert (found.object, found.created, found.model) == ("chat.completion", 1767225600, f"{MODEL}-2026-03-05")
    assert found.id.startswith("chatcmpl-")
    [choice] = found.choices
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
    usage = found.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (5, 7, 12)
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 2
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.reasoning_tokens == 3


def test_a_response_has_what_the_scenario_defines(client: OpenAI, says: Callable[..., None]) -> None:
    says(output=[{"text": "Hello"}], usage={"input": 5, "cached": 2, "output": 7, "reasoning": 3})
    found = asking.response(client, "x")
    assert (found.object, found.created_at, found.model) == ("response", 1767225600, f"{MODEL}-2026-03-05")
    assert found.id.startswith("resp_")
    assert (found.status, found.error, found.incomplete_details) == ("completed", None, None)
    [item] = found.output
    assert item.type == "message"
    assert (item.role, item.status) == ("assistant", "completed")
    usage = found.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (5, 7, 12)
    assert usage.input_tokens_details.cached_tokens == 2
    assert usage.output_tokens_details.reasoning_tokens == 3


def chunks(client: OpenAI, **options: Unpack[StreamOptions]) -> list[ChatCompletionChunk]:
    stream = client.chat.completions.create(model=MODEL, messages=messages("x"), stream=True, stream_options=options)
    return list(stream)


def test_headers_of_a_reply_reach_the_caller(client: OpenAI, says: Callable[..., None]) -> None:
    says(output=[{"text": "Hi"}], headers={"x-mine": "yes"}, status=201)
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=messages("x"))
    assert (raw.status_code, raw.headers["x-mine"]) == (201, "yes")
    assert "date" not in raw.headers
    assert raw.request_id is not None
    assert raw.parse().choices[0].message.content == "Hi"


def test_the_journal_knows_what_the_sdk_sent(
    client: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[{"text": "Hi"}])
    client.responses.create(model=MODEL, input="hello", instructions="be kind", stream=False)
    asked = mockserver.last
    assert (asked.method, asked.path, asked.status) == ("POST", "/v1/responses", 200)
    assert (asked.user, asked.system, asked.model, asked.stream) == ("hello", "be kind", MODEL, False)
    assert json.loads(asked.body) == asked.json
    assert asked.key == mockserver.api_key
    assert asked.headers["user-agent"].startswith("OpenAI/Python")
