"""What a client does with chat chunks: add them up to a message.

What a message lacks, what is null and what is an empty list are the same to a client; an empty
text is not.
"""

from __future__ import annotations

from copy import deepcopy

from tests.kit import JSON, JSONObject
from tests.render.stage import dig

_IDENTITY = ("id", "created", "model", "service_tier", "system_fingerprint")
_JOINED = ("content", "refusal", "reasoning", "reasoning_content")


def added_up(chunks: list[JSON]) -> JSONObject:
    """The completion that chunks make, in terms of the members they have."""
    assert chunks.pop() == "[DONE]"
    first = dig(chunks[0])
    body: JSONObject = {name: first[name] for name in _IDENTITY if name in first}
    body["object"] = "chat.completion"
    choices: dict[JSON, JSONObject] = {}
    for chunk in map(dig, chunks):
        if chunk.get("usage") is not None:
            body["usage"] = chunk["usage"]
        found = chunk["choices"]
        assert isinstance(found, list)
        for choice in map(dig, found):
            index = choice["index"]
            assert isinstance(index, int)
            _add(choices.setdefault(index, {"index": index, "message": {}}), choice)
    body["choices"] = [choices[index] for index in sorted(choices, key=str)]
    return plain(body)


def plain(body: JSONObject) -> JSONObject:
    """A completion whose messages have no null and no empty list."""
    choices = body["choices"]
    assert isinstance(choices, list)
    return body | {
        "choices": [
            choice
            | {
                "message": {
                    name: value for name, value in dig(choice, "message").items() if value is not None and value != []
                }
            }
            for choice in map(dig, choices)
        ]
    }


def _add(whole: JSONObject, choice: JSONObject) -> None:
    if "logprobs" in choice:
        whole["logprobs"] = _with_logprobs(whole.get("logprobs"), choice["logprobs"])
    whole["finish_reason"] = choice["finish_reason"]
    message = dig(whole, "message")
    for name, value in dig(choice, "delta").items():
        if name == "tool_calls":
            assert isinstance(value, list)
            calls = message.setdefault("tool_calls", [])
            assert isinstance(calls, list)
            for fragment in map(dig, value):
                _add_fragment(calls, fragment)
        elif name in ("audio", "function_call"):
            _add_members(message.setdefault(name, {}), dig(value))
        elif name == "annotations":
            message[name] = value
        elif name in _JOINED and value is not None:
            message[name] = f"{message.get(name) or ''}{value}"
        else:
            message.setdefault(name, value)


def _add_members(whole: JSON, more: JSONObject) -> None:
    assert isinstance(whole, dict)
    for name, value in more.items():
        joined = isinstance(value, str) and name in whole
        whole[name] = f"{whole[name]}{value}" if joined else value


def _with_logprobs(before: JSON, now: JSON) -> JSON:
    if before is None or now is None:
        return before if now is None else now
    found, more = dig(before)["content"], dig(now)["content"]
    assert isinstance(found, list)
    assert isinstance(more, list)
    return dig(before) | {"content": [*found, *more]}


def _add_fragment(calls: list[JSON], fragment: JSONObject) -> None:
    index = fragment["index"]
    assert isinstance(index, int)
    if index == len(calls):
        calls.append(deepcopy({name: fragment[name] for name in fragment if name != "index"}))
        return
    call = dig(calls[index])
    for kind in ("function", "custom"):
        for member, text in dig(fragment[kind]).items() if kind in fragment else ():
            holder = dig(call, kind)
            holder[member] = f"{holder[member]}{text}"
