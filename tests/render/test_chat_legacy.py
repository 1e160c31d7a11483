"""Calls for clients that still offer `functions`, from the scenario's file to the bytes."""

from __future__ import annotations

from typing import Any

from openai.types.chat import ChatCompletion

from tests.kit import judge_judge as judge
from tests.render.sdk_types import problems
from tests.server.sandboxed import CHAT, Answer, Played

CALL = "{call: get_weather, arguments: {city: Oslo}, chunks: 6}"
OFFERED: Any = {"functions": [{"name": "get_weather", "parameters": {"type": "object"}}]}
CALLED = {"name": "get_weather", "arguments": '{"city":"Oslo"}'}


def answer(items: str, end: str = "", **members: Any) -> Answer:
    answer = Played(f"stubs: [{{reply: {{output: [{items}]{end}}}}}]").ask(CHAT, **members)
    assert answer.entry.findings == ()
    assert answer.status == 200
    assert judge(answer.wire).findings == ()
    return answer


def test_a_call_is_a_function_call_where_functions_are_offered() -> None:
    body = answer(CALL, **OFFERED).json
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
