"""Whole replies as an upstream sends them."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

from tests.contract import chat_streams
from tests.contract.responses_streams import RUNNING, USAGE, completed, function_call, message, reasoning
from tests.kit import JSON, JSONObject

ERROR: Final[JSONObject] = {
    "error": {
        "message": "Missing required parameter: 'input'.",
        "type": "invalid_request_error",
        "param": "input",
        "code": "missing_required_parameter",
    }
}


def item(body: list[JSONObject]) -> JSONObject:
    """The done item of a streamed one."""
    found = body[-1]["item"]
    assert isinstance(found, dict)
    return deepcopy(found)


def response() -> JSONObject:
    """A text after some reasoning."""
    return completed(item(reasoning("hm")), item(message("Hello", index=1)))


def calling() -> JSONObject:
    """Two function calls."""
    return completed(item(function_call("{}")), item(function_call("{}", index=1)))


def incomplete() -> JSONObject:
    """A text that was cut short."""
    return completed(
        item(message("Hel", status="incomplete")),
        status="incomplete",
        incomplete_details={"reason": "max_output_tokens"},
    )


def failed() -> JSONObject:
    """A failure without output."""
    error: JSONObject = {"code": "server_error", "message": "sorry"}
    return completed(status="failed", error=error, usage=None)


def queued() -> JSONObject:
    """What a background request is given at once."""
    return deepcopy({**RUNNING, "status": "queued", "background": True})


def completion(*choices: JSONObject) -> JSONObject:
    """A chat completion."""
    reported = choices or (choice(0, content="Hello"),)
    return deepcopy(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5.4",
            "choices": list(reported), "usage": chat_streams.USAGE, "service_tier": "default",
            "system_fingerprint": None,
        }
    )  # fmt: skip


def choice(index: int, reason: str = "stop", **members: JSON) -> JSONObject:
    """One choice of a chat completion."""
    base: JSONObject = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
    return {"index": index, "message": {**base, **members}, "finish_reason": reason}


def called(*ids: str) -> JSONObject:
    """A chat completion of tool calls with these ids."""
    calls: list[JSON] = [
        {"id": name, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}} for name in ids
    ]
    return completion(choice(0, "tool_calls", tool_calls=calls))


def compacted() -> JSONObject:
    """Two kept messages and what the rest became."""
    kept: list[JSON] = [
        {
            "id": f"msg_{number}", "type": "message", "role": "user", "status": "completed",
            "content": [{"type": "input_text", "text": text}],
        }
        for number, text in enumerate(("Hello", "Go on"))
    ]  # fmt: skip
    last: JSONObject = {"id": "cmp_1", "type": "compaction", "encrypted_content": "gAAAAA"}
    return deepcopy(
        {
            "id": "resp_1", "object": "response.compaction", "created_at": 1767225600, "output": [*kept, last],
            "usage": USAGE,
        }
    )  # fmt: skip
