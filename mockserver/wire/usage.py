"""Token counts: stated by the script, or counted from the texts by one fixed rule."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.jsontext import Object, write
from mockserver.core.reply import (
    CustomCall,
    FunctionCall,
    Item,
    Output,
    Reasoning,
    Refusal,
    Text,
    WireItem,
)
from mockserver.wire.occasion import Occasion

_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Counts of one reply; `cached` is part of `input`, `reasoning` part of `output`."""

    input: int
    cached: int
    output: int
    reasoning: int


def counted(text: str) -> int:
    """UTF-8 bytes divided by four, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


def count(output: Output, occasion: Occasion) -> Tokens:
    """The counts of a reply on an occasion."""
    stated = output.usage
    items = [item for choice in output.choices for item in choice]
    reasoning = stated.reasoning
    if reasoning is None:
        reasoning = counted("".join(map(_thought, items)))
    said = stated.output
    if said is None:
        said = counted("".join(map(_said, items))) + reasoning
    asked = stated.input
    if asked is None:
        asked = counted(occasion.call.input_text)
    return Tokens(input=asked, cached=stated.cached or 0, output=said, reasoning=reasoning)


def _said(item: Item) -> str:
    match item:
        case Text() | Refusal():
            return item.text
        case FunctionCall():
            return item.arguments
        case CustomCall():
            return item.input
        case WireItem():
            return "".join(
                value if isinstance(value, str) else write(value)
                for name, value in item.item.items()
                if name in ("arguments", "input", "code")
            )
        case _:
            return ""


def _thought(item: Item) -> str:
    return "".join((*item.summary, *item.content)) if isinstance(item, Reasoning) else ""


def chat_usage(tokens: Tokens) -> Object:
    """The `usage` member of a chat completion."""
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def responses_usage(tokens: Tokens) -> Object:
    """The `usage` member of a response."""
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }
