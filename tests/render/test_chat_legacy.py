"""Calls for clients that still offer `functions`, from the scenario's file to the bytes."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from mockserver.contract.judge import judge
from tests.render.sdk_types import problems
from tests.server.sandboxed import CHAT, Played, Told

CALL = "{call: get_weather, arguments: {city: Oslo}, chunks: 6}"
OFFERED: Any = {"functions": [{"name": "get_weather", "parameters": {"type": "object"}}]}
TOOLS: Any = {"tools": [{"type": "function", "function": {"name": "get_weather"}}]}
CALLED = {"name": "get_weather", "arguments": '{"city":"Oslo"}'}


def told(items: str, end: str = "", **members: Any) -> Told:
    answer = Played(f"stubs: [{{reply: {{output: [{items}]{end}}}}}]").ask(CHAT, **members)
    assert answer.entry.findings == ()
    assert answer.status == 200
    assert judge(answer.wire).findings == ()
    return answer


def deltas(answer: Told) -> list[Any]:
    chunks = [one for one in answer.events if one != "[DONE]"]
    assert all(problems(ChatCompletionChunk, one) == [] for one in map(unpadded, chunks))
    return [one["choices"][0]["delta"] for one in chunks]


def unpadded(chunk: Any) -> Any:
    return {name: value for name, value in chunk.items() if name != "obfuscation"}


def finish(answer: Told) -> Any:
    return answer.events[-2]["choices"][0]["finish_reason"]


def test_a_call_is_a_function_call_where_functions_are_offered() -> None:
    body = told(CALL, **OFFERED).json
    [choice] = body["choices"]
    assert problems(ChatCompletion, body) == []
    assert choice["finish_reason"] == "function_call"
    assert choice["message"] == {
        "role": "assistant",
        "content": None,
        "function_call": CALLED,
        "refusal": None,
        "annotations": [],
    }


def test_the_chunks_of_a_function_call_add_up_to_it() -> None:
    answer = told(CALL, stream=True, **OFFERED)
    assert deltas(answer) == [
        {"role": "assistant", "content": None, "refusal": None},
        {"function_call": {"name": "get_weather", "arguments": ""}},
        {"function_call": {"arguments": '{"city'}},
        {"function_call": {"arguments": '":"Osl'}},
        {"function_call": {"arguments": 'o"}'}},
        {},
    ]
    assert finish(answer) == "function_call"


@pytest.mark.parametrize(
    ("items", "members"),
    [
        (CALL, {}),
        (CALL, TOOLS),
        (CALL, {"functions": OFFERED["functions"], **TOOLS}),
        (f"{CALL}, {CALL}", OFFERED),
        ("{custom_call: run, input: ls}", OFFERED),
    ],
    ids=["nothing offered", "tools", "both", "two calls", "a custom call"],
)
def test_anything_else_is_tool_calls(items: str, members: Any) -> None:
    played = Played(f"stubs: [{{reply: {{output: [{items}]}}}}]", contract="off")
    [choice] = played.ask(CHAT, **members).json["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert "function_call" not in choice["message"]
    streamed = played.ask(CHAT, stream=True, **members)
    assert finish(streamed) == "tool_calls"
    assert judge(streamed.wire).good


@pytest.mark.parametrize(
    ("members", "end", "wanted"),
    [
        (OFFERED, "", "function_call"),
        (OFFERED, ", finish: tool_calls", "function_call"),
        (OFFERED, ", finish: stop", "stop"),
        (OFFERED, ", finish: length", "length"),
        (OFFERED | {"function_call": "auto"}, "", "function_call"),
        (OFFERED | {"function_call": {"name": "get_weather"}}, "", "stop"),
        (TOOLS, "", "tool_calls"),
        (TOOLS | {"tool_choice": "required"}, "", "tool_calls"),
        (TOOLS | {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}, "", "stop"),
        (
            TOOLS
            | {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": TOOLS["tools"]}}},
            "",
            "tool_calls",
        ),
    ],
)
def test_a_call_that_the_request_names_finishes_with_stop(members: Any, end: str, wanted: str) -> None:
    assert told(CALL, end, **members).json["choices"][0]["finish_reason"] == wanted
    assert finish(told(CALL, end, stream=True, **members)) == wanted


def test_a_function_message_answers_the_call() -> None:
    played = Played(
        f"""
        stubs:
          - when: {{tool_result: {{of: get_weather, text: "18"}}}}
            reply: Warm.
          - reply: {{output: [{CALL}]}}
        """
    )
    called = played.ask(CHAT, **OFFERED).json["choices"][0]["message"]
    said: Any = [
        {"role": "user", "content": "And now?"},
        {name: called[name] for name in ("role", "content", "function_call")},
        {"role": "function", "name": "get_weather", "content": "18"},
    ]
    answer = played.ask(CHAT, messages=said, **OFFERED)
    assert (answer.said, answer.entry.findings) == ("Warm.", ())
