"""Whole replies in the chat shape: one `chat.completion`."""

from __future__ import annotations

from mockserver.core.jsontext import JSON, Object
from mockserver.core.reply import Output
from mockserver.wire import usage
from mockserver.wire.chat_choices import SPEAKER, TAIL, Choice, choices, identity
from mockserver.wire.occasion import Occasion


def whole(output: Output, occasion: Occasion) -> Object:
    """The `chat.completion` object."""
    keep = occasion.dialect.keep
    told: list[JSON] = [
        keep(
            "chat.choice",
            {
                "index": choice.index,
                "message": keep("chat.message", _message(choice, occasion)),
                "logprobs": _logprobs(choice),
                "finish_reason": choice.finish,
            },
        )
        for choice in choices(output, occasion)
    ]
    body = identity(output, occasion, "chat.completion")
    body |= {
        "choices": told,
        "usage": keep("usage.chat", usage.chat_usage(usage.count(output, occasion))),
    }
    return keep("chat.completion", body | TAIL) | dict(output.fields)


def _message(choice: Choice, occasion: Occasion) -> Object:
    message: Object = {"role": SPEAKER, "content": choice.content}
    reasoning = occasion.dialect.chat.reasoning
    if reasoning and choice.reasoning:
        message[reasoning] = choice.reasoning
    if choice.calls:
        message["tool_calls"] = list(choice.calls)
    if choice.function:
        message["function_call"] = choice.function
    message["refusal"] = choice.refusal
    if choice.audio:
        message["audio"] = choice.audio
    message["annotations"] = choice.annotations
    return message


def _logprobs(choice: Choice) -> JSON:
    return {"content": choice.logprobs, "refusal": None} if choice.logprobs else None
