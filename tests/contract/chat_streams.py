"""Chat streams as an upstream sends them, built so that a case can mutate one."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

from tests.kit import JSON, Event, JSONObject

USAGE: Final[JSONObject] = {
    "prompt_tokens": 12,
    "completion_tokens": 5,
    "total_tokens": 17,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 0, "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0},
}  # fmt: skip


def chunk(*choices: JSONObject, **members: JSON) -> JSONObject:
    """One chunk with these choices."""
    base: JSONObject = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1767225600, "model": "gpt-5.4",
        "service_tier": "default", "system_fingerprint": None,
    }  # fmt: skip
    return deepcopy({**base, "choices": list(choices), **members})


def delta(index: int = 0, reason: str | None = None, **members: JSON) -> JSONObject:
    """One choice of a chunk."""
    return {"index": index, "delta": dict(members), "logprobs": None, "finish_reason": reason}


def first(index: int = 0, **members: JSON) -> JSONObject:
    """The chunk that begins a choice."""
    reported: JSONObject = {"role": "assistant", "content": "", "refusal": None, **members}
    return chunk({**delta(index), "delta": reported})


def text(*pieces: str, index: int = 0, reason: str = "stop") -> list[JSONObject]:
    """A choice that says something in pieces."""
    reported = [chunk(delta(index, content=piece)) for piece in pieces]
    return [first(index), *reported, chunk(delta(index, reason))]


def fragment(number: int, arguments: str, **identity: JSON) -> JSONObject:
    """A later fragment of a tool call, or with an identity another one."""
    return chunk(delta(tool_calls=[{"index": number, "function": {"arguments": arguments}, **identity}]))


def begun(number: int) -> JSONObject:
    """The first fragment of a tool call."""
    function: JSONObject = {"name": "get_weather", "arguments": ""}
    return fragment(number, "", id=f"call_{number}", type="function", function=function)


def calls(*arguments: str) -> list[JSONObject]:
    """Tool calls, one after another, the arguments of each in two pieces."""
    given = [
        one
        for number, written in enumerate(arguments)
        for one in (begun(number), fragment(number, written[:2]), fragment(number, written[2:]))
    ]
    return [first(content=None), *given, chunk(delta(reason="tool_calls"))]


def counted(chunks: list[JSONObject]) -> list[JSONObject]:
    """The same with the usage chunk that include_usage asks for."""
    return [*({**one, "usage": None} for one in chunks), chunk(usage=USAGE)]


def events(*chunks: JSONObject, done: bool = True) -> list[Event]:
    """Events that carry the chunks, and the marker that ends them."""
    given = [Event(label=f"chunk[{number}]", ordinal=number, data=data) for number, data in enumerate(deepcopy(chunks))]
    end = Event(label="terminator", ordinal=len(given), data=None, text="[DONE]")
    return [*given, end] if done else given
