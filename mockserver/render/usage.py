"""Token counts: stated by the script, or counted from the texts by one fixed rule."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.json import JSONObject
from mockserver.model.reply import Output
from mockserver.render.context import RenderContext, estimate_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Counts of one reply; `cached` is part of `input`, `reasoning` part of `output`."""

    input: int
    cached: int
    output: int
    reasoning: int


def count(output: Output, occasion: RenderContext) -> Tokens:
    """The counts of a reply on an occasion; what is counted never contradicts what is stated."""
    stated = output.usage
    items = [item for choice in output.choices for item in choice]
    reasoning = stated.reasoning
    if reasoning is None:
        reasoning = estimate_tokens("".join(item.reasoning_text for item in items))
        reasoning = reasoning if stated.output is None else min(reasoning, max(stated.output, 0))
    said = stated.output
    if said is None:
        said = estimate_tokens("".join(item.counted_text for item in items)) + reasoning
    cached = stated.cached or 0
    asked = stated.input
    if asked is None:
        asked = max(occasion.prompt_tokens, cached)
    return Tokens(input=asked, cached=cached, output=said, reasoning=reasoning)


def chat_usage(tokens: Tokens) -> JSONObject:
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


def responses_usage(tokens: Tokens) -> JSONObject:
    """The `usage` member of a response."""
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": 0},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }
