"""The gateways' published examples, member by member, whole and streamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.kit import JSON, Part, Script, Send

GREETING = "Hi! How can I help you today?"
VISIONCODER_RESPONSE: JSON = {
    "id": "resp_01HG7K2P5N6Q3T8XY",
    "object": "response",
    "created_at": 1779438767,
    "status": "completed",
    "model": "gpt-5.5",
    "output": [
        {
            "id": "msg_01HG7K2P5N6Q3T8XZ",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": GREETING}],
        }
    ],
    "output_text": GREETING,
    "usage": {"input_tokens": 8, "output_tokens": 9, "total_tokens": 17},
}
SMARTLINK_RESPONSE: JSON = {
    "id": "resp_xxx",
    "object": "response",
    "status": "completed",
    "model": "gpt-4.1",
    "output": [
        {
            "id": "msg_xxx",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": "反向代理先接收客户端请求,再转发给后端服务,并将结果统一返回给客户端。"}
            ],
        }
    ],
    "usage": {
        "input_tokens": 18,
        "output_tokens": 17,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 35,
    },
}
REFACTORED = (
    "Here is the refactored function:\n\n```python\ndef sum_pairs(xs):\n"
    "    return [a + b for a, b in zip(xs, xs[1:])]\n```"
)


def completion(model: str | None, text: str, usage: JSON, **identity: JSON) -> JSON:
    members: dict[str, JSON] = {"object": "chat.completion", **identity}
    if model is not None:
        members["model"] = model
    message: JSON = {"role": "assistant", "content": text}
    members["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    members["usage"] = usage
    return members


def tokens(prompt: int, said: int) -> JSON:
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}


WHOLE: dict[str, JSON] = {
    "visioncoder/responses": VISIONCODER_RESPONSE,
    "visioncoder/chat": completion(
        "gpt-5.4", GREETING, tokens(8, 9), id="chatcmpl-9aB2k4xQwR7vL8mN", created=1779438767
    ),
    "visioncoder/compact": completion(
        "gpt-5.3-codex", REFACTORED, tokens(412, 64), id="chatcmpl-9zZ8w3rTpQ2V6sHk", created=1779438767
    ),
    "smartlink/responses": SMARTLINK_RESPONSE,
    "apifox/responses": completion(
        None, "\n\nHello there, how may I assist you today?", tokens(9, 12), id="chatcmpl-123", created=1677652288
    ),
}


def body_of(script: Script) -> bytes:
    """What follows the head, chunk framing left out."""
    parts = (Part.BODY, Part.EVENT)
    return b"".join(one.data for one in script.frames if isinstance(one, Send) and one.part in parts)


def data_of(script: Script) -> list[JSON]:
    """The JSON of every event but `[DONE]`."""
    lines = body_of(script).decode().split("\n")
    said = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(text) for text in said if text != "[DONE]"]


def content_of(body: Any, member: str) -> str | None:
    """The text in the only choice's message or delta."""
    [choice] = body["choices"]
    content: str | None = choice[member].get("content")
    return content


@pytest.mark.parametrize("name", WHOLE)
def test_the_example_reply_is_reproduced(example: Callable[..., Script], name: str) -> None:
    assert json.loads(body_of(example(name, stream=False))) == WHOLE[name]


def test_the_example_stream_of_visioncoder_chat_is_reproduced(example: Callable[..., Script]) -> None:
    def chunk(delta: JSON, finish: JSON) -> JSON:
        return {
            "id": "chatcmpl-9aB2k4xQwR7vL8mN",
            "object": "chat.completion.chunk",
            "created": 1779438767,
            "model": "gpt-5.4",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }

    script = example("visioncoder/chat")
    assert data_of(script) == [
        chunk({"role": "assistant", "content": "Hi"}, None),
        chunk({"content": "!"}, None),
        chunk({}, "stop"),
    ]
    assert body_of(script).endswith(b"\n\ndata: [DONE]\n\n")


@pytest.mark.parametrize("name", ["visioncoder/responses", "smartlink/responses"])
def test_a_gateways_responses_stream_ends_with_its_own_shape_of_response(
    example: Callable[..., Script], name: str
) -> None:
    events = data_of(example(name))
    first, last = events[0], events[-1]
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert first["type"] == "response.created"
    assert (last["type"], last["response"]) == ("response.completed", WHOLE[name])


@pytest.mark.parametrize("name", ["visioncoder/compact", "apifox/responses"])
def test_a_gateway_that_answers_in_the_chat_shape_streams_chunks(example: Callable[..., Script], name: str) -> None:
    chunks = data_of(example(name))
    whole = WHOLE[name]
    assert isinstance(whole, dict)
    text = ""
    for chunk in chunks:
        assert isinstance(chunk, dict)
        assert chunk["object"] == "chat.completion.chunk"
        assert ("model" in chunk) is ("model" in whole)
        text += content_of(chunk, "delta") or ""
    assert text == content_of(whole, "message")
