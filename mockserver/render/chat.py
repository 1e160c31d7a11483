"""Whole replies in the chat shape: one `chat.completion`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import (
    Audio,
    CustomCall,
    FinishReason,
    FunctionCall,
    Item,
    Output,
    Reasoning,
    Refusal,
    Text,
)
from mockserver.render import usage
from mockserver.render.context import RenderContext


def whole(output: Output, occasion: RenderContext) -> JSONObject:
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


def _message(choice: Choice, occasion: RenderContext) -> JSONObject:
    message: JSONObject = {"role": ASSISTANT, "content": choice.content}
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


ASSISTANT = "assistant"
TAIL: JSONObject = {"service_tier": "default", "system_fingerprint": None}
"""Members at the end of a completion and of every chunk."""

_FINISH_REASONS = {
    FinishReason.STOP: "stop",
    FinishReason.LENGTH: "length",
    FinishReason.CONTENT_FILTER: "content_filter",
    FinishReason.TOOL_CALLS: "tool_calls",
}
FINISHES = frozenset(_FINISH_REASONS)
"""The ways to end that the chat shape can express."""

_LEGACY = "function_call"
_NAMED = frozenset({"function", "custom"})
# Audio can be spoken of in later turns for so long.
_AUDIO_LIVES_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`calls` are tool calls; `function` is a function call of the old kind in their place."""

    index: int
    items: tuple[Item, ...]
    finish: str
    calls: tuple[JSONObject, ...] = ()
    function: JSONObject | None = None
    audio: JSONObject | None = None

    @property
    def content(self) -> str | None:
        """The texts joined, None where there is none."""
        texts = [item.text for item in self.items if isinstance(item, Text)]
        return "".join(texts) if texts else None

    @property
    def refusal(self) -> str | None:
        """The refusals joined, None where there is none."""
        return "".join(item.text for item in self.items if isinstance(item, Refusal)) or None

    @property
    def reasoning(self) -> str:
        """What was thought, the summary where the reasoning itself is not told."""
        return "".join(
            "".join(item.content or item.summary)
            for item in self.items
            if isinstance(item, Reasoning)
        )

    @property
    def annotations(self) -> list[JSON]:
        """Citations of all texts, in chat's shape."""
        found: list[JSON] = []
        offset = 0
        for item in self.items:
            if isinstance(item, Text):
                found.extend(_annotation(one, offset) for one in item.annotations)
                offset += len(item.text)
        return found

    @property
    def logprobs(self) -> list[JSON]:
        """The tokens of all texts."""
        return [entry for item in self.items if isinstance(item, Text) for entry in item.logprobs]


def _annotation(annotation: JSONObject, offset: int) -> JSON:
    """The Responses shape of an annotation turned into chat's, which nests a citation; `offset`
    is where its text begins in the content."""
    kind = annotation.get("type")
    if not isinstance(kind, str) or kind in annotation:
        return annotation
    inner: JSONObject = {}
    for name in ("end_index", "start_index", "title", "url"):
        value = annotation.get(name)
        if name in annotation:
            inner[name] = value + offset if isinstance(value, int) else value
    return {"type": kind, kind: inner}


def choices(output: Output, occasion: RenderContext) -> tuple[Choice, ...]:
    """The choices of an output on an occasion, ids minted."""
    found: list[Choice] = []
    minted = 0
    for index, scripted in enumerate(output.choices):
        items = tuple(_sayable(scripted, occasion))
        calls: list[JSONObject] = []
        for item in items:
            if isinstance(item, FunctionCall | CustomCall):
                call_id = item.call_id or occasion.mint.id("call_", minted)
                minted += 1
                calls.append(_tool_call(item, call_id))
        function = _legacy_call(items, occasion)
        found.append(
            Choice(
                index=index,
                items=items,
                finish=_finish(output.finish, function, calls, occasion),
                calls=() if function else tuple(calls),
                function=function,
                audio=_audio(items, index, occasion),
            )
        )
    return tuple(found)


def _sayable(items: tuple[Item, ...], occasion: RenderContext) -> Iterator[Item]:
    """The items; where a message has no place for a refusal or for audio, it is text."""
    for item in items:
        match item:
            case Refusal(text=text) if not occasion.dialect.sends("chat.message", "refusal"):
                yield Text(text=text, chunks=item.chunks)
            case Audio(transcript=text) if not occasion.dialect.sends("chat.message", "audio"):
                yield Text(text=text, chunks=item.chunks)
            case _:
                yield item


def _tool_call(item: FunctionCall | CustomCall, call_id: str) -> JSONObject:
    if isinstance(item, FunctionCall):
        function: JSONObject = {"name": item.name, "arguments": item.arguments}
        return {"id": call_id, "type": "function", "function": function}
    custom: JSONObject = {"name": item.name, "input": item.input}
    return {"id": call_id, "type": "custom", "custom": custom}


def _legacy_call(items: tuple[Item, ...], occasion: RenderContext) -> JSONObject | None:
    """The call as `function_call`, where the request offers `functions` and no `tools`. A message
    has place for one; several calls are tool calls all the same."""
    body = occasion.call.body
    calls = [item for item in items if isinstance(item, FunctionCall | CustomCall)]
    if not body.get("functions") or body.get("tools") or len(calls) != 1:
        return None
    [call] = calls
    if isinstance(call, CustomCall) or not occasion.dialect.sends("chat.message", _LEGACY):
        return None
    return {"name": call.name, "arguments": call.arguments}


def _finish(
    scripted: FinishReason | None,
    function: JSONObject | None,
    calls: list[JSONObject],
    occasion: RenderContext,
) -> str:
    called = _LEGACY if function else _FINISH_REASONS[FinishReason.TOOL_CALLS]
    if scripted is not None:
        return (
            called if scripted is FinishReason.TOOL_CALLS else _FINISH_REASONS.get(scripted, "stop")
        )
    return called if calls and not _forced(occasion) else _FINISH_REASONS[FinishReason.STOP]


def _forced(occasion: RenderContext) -> bool:
    """Whether the request names the one function to call: a reply to that finishes with `stop`."""
    body = occasion.call.body
    choice = body.get("tool_choice") or body.get(_LEGACY)
    return isinstance(choice, dict) and ("name" in choice or choice.get("type") in _NAMED)


def _audio(items: tuple[Item, ...], index: int, occasion: RenderContext) -> JSONObject | None:
    item = next((item for item in items if isinstance(item, Audio)), None)
    if item is None:
        return None
    expires = occasion.mint.created + _AUDIO_LIVES_S if item.expires is None else item.expires
    return {
        "id": item.id or occasion.mint.id("audio_", index),
        "data": "".join(item.data),
        "expires_at": expires,
        "transcript": item.transcript,
    }


def identity(output: Output, occasion: RenderContext, kind: str) -> JSONObject:
    """The members that tell which reply this is; `kind` is its `object`."""
    return {
        "id": output.id or occasion.mint.id("chatcmpl-"),
        "object": kind,
        "created": occasion.mint.created if output.created is None else output.created,
        "model": output.model or occasion.model,
    }
