"""Whole replies in the chat shape: one `chat.completion`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_traits import ModelTraits
from mockserver.model.reply import (
    CONTENT,
    ChatCall,
    ChatMember,
    ChatPart,
    ChatText,
    FinishReason,
    Item,
    Output,
    StreamError,
)
from mockserver.render.context import RenderContext, chat_usage, count_tokens, model_name, traits_of_reply, with_own


def whole(output: Output, context: RenderContext) -> JSONObject:
    keep = context.dialect.keep
    traits = traits_of_reply(output, context)
    rendered: list[JSON] = []
    for choice in choices(output, context):
        members: JSONObject = {"index": choice.index, "message": keep("chat.message", _message(choice, context))}
        members |= logprobs_member(_logprobs(choice), traits)
        rendered.append(keep("chat.choice", members | {"finish_reason": choice.finish}))
    body = identity(output, context, "chat.completion")
    body |= {"choices": rendered, "usage": keep("usage.chat", chat_usage(count_tokens(output, context)))}
    return with_own(output, keep("chat.completion", body | tail(context)))


def _message(choice: Choice, context: RenderContext) -> JSONObject:
    message: JSONObject = {"role": ASSISTANT, "content": choice.content}
    member, reasoning = context.dialect.chat.reasoning, choice.text(REASONING)
    if member == PARTS and reasoning:
        said: list[JSON] = [{"type": "text", "text": choice.content}] if choice.content else []
        message["content"] = [thinking_part(reasoning), *said]
    elif member and reasoning:
        message[member] = reasoning
    if choice.calls:
        message["tool_calls"] = list(choice.calls)
    if choice.function:
        message["function_call"] = choice.function
    message["refusal"] = choice.text("refusal") or None
    message |= choice.members
    message["annotations"] = choice.annotations
    return message


def thinking_part(text: str) -> JSONObject:
    """A part of content with reasoning."""
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _logprobs(choice: Choice) -> JSON:
    return {"content": choice.logprobs, "refusal": None} if choice.logprobs else None


ASSISTANT = "assistant"
FUNCTION = "function"
REASONING = "reasoning"
PARTS = "parts"
"""The style of reasoning that is sent in parts of a list in `content`."""
_FINISH_REASONS = {
    FinishReason.STOP: "stop",
    FinishReason.LENGTH: "length",
    FinishReason.CONTENT_FILTER: "content_filter",
    FinishReason.TOOL_CALLS: "tool_calls",
}
FINISHES = frozenset(_FINISH_REASONS)
"""The ways to end that the chat shape can express."""

_LEGACY = "function_call"
_NAMED = frozenset({FUNCTION, "custom"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`calls` are tool calls; `function` is a function call of the old kind in their place."""

    index: int
    parts: tuple[ChatPart, ...]
    finish: str
    calls: tuple[JSONObject, ...] = ()
    function: JSONObject | None = None
    failed: bool = False

    def text(self, member: str) -> str | None:
        texts = [part.text for part in self._texts if part.member == member]
        return "".join(texts) if texts else None

    @property
    def content(self) -> str | None:
        return self.text(CONTENT)

    @property
    def members(self) -> JSONObject:
        """Members of the message that are no text and no call."""
        return {part.member: part.value for part in self.parts if isinstance(part, ChatMember)}

    @property
    def annotations(self) -> list[JSON]:
        found: list[JSON] = []
        offset = 0
        for part in self._texts:
            if part.member == CONTENT:
                found.extend(_annotation(one, offset) for one in part.annotations)
                offset += len(part.text)
        return found

    @property
    def logprobs(self) -> list[JSON]:
        return [entry for part in self._texts for entry in part.logprobs]

    @property
    def _texts(self) -> Iterator[ChatText]:
        return (part for part in self.parts if isinstance(part, ChatText))


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


def choices(output: Output, context: RenderContext) -> tuple[Choice, ...]:
    found: list[Choice] = []
    generated = 0
    for index, items in enumerate(output.choices):
        parts = tuple(_parts(items, index, context))
        calls: list[JSONObject] = []
        for part in parts:
            if isinstance(part, ChatCall):
                calls.append(_tool_call(part, part.call_id or context.ids.id("call_", generated)))
                generated += 1
        function = _legacy_call(parts, context)
        found.append(
            Choice(
                index=index,
                parts=parts,
                finish=_finish(output.finish, function, calls, context),
                calls=() if function else tuple(calls),
                function=function,
                failed=any(isinstance(item, StreamError) for item in items),
            )
        )
    return tuple(found)


def _parts(items: tuple[Item, ...], index: int, context: RenderContext) -> Iterator[ChatPart]:
    """What the items add to the message. A member that the dialect does not have goes out as content."""
    sends = context.dialect.sends
    for item in items:
        part = item.chat(context.ids, index)
        match part:
            case None:
                pass
            case ChatMember(member=member) | ChatText(member="refusal" as member) if not sends("chat.message", member):
                yield ChatText(member=CONTENT, text=part.text, chunks=part.chunks)
            case _:
                yield part


def _tool_call(call: ChatCall, call_id: str) -> JSONObject:
    inner: JSONObject = {"name": call.name, call.member: call.text}
    return {"id": call_id, "type": call.type, call.type: inner}


def _legacy_call(parts: tuple[ChatPart, ...], context: RenderContext) -> JSONObject | None:
    """The call as `function_call`, where the request offers `functions` and no `tools`. A message
    has place for one; several calls are tool calls all the same."""
    body = context.call.body
    calls = [part for part in parts if isinstance(part, ChatCall)]
    if not body.get("functions") or body.get("tools") or len(calls) != 1:
        return None
    [call] = calls
    if call.type != FUNCTION or not context.dialect.sends("chat.message", _LEGACY):
        return None
    return {"name": call.name, call.member: call.text}


def _finish(
    scripted: FinishReason | None, function: JSONObject | None, calls: list[JSONObject], context: RenderContext
) -> str:
    called = _LEGACY if function else _FINISH_REASONS[FinishReason.TOOL_CALLS]
    if scripted is not None:
        return called if scripted is FinishReason.TOOL_CALLS else _FINISH_REASONS.get(scripted, "stop")
    return called if calls and not _forced(context) else _FINISH_REASONS[FinishReason.STOP]


def _forced(context: RenderContext) -> bool:
    """Whether the request names the one function to call: a reply to that finishes with `stop`."""
    body = context.call.body
    choice = body.get("tool_choice") or body.get(_LEGACY)
    return isinstance(choice, dict) and ("name" in choice or choice.get("type") in _NAMED)


def logprobs_member(logprobs: JSON, traits: ModelTraits) -> JSONObject:
    """The member `logprobs` of a choice, which a reasoning model leaves out where there are none."""
    return {"logprobs": logprobs} if logprobs is not None or traits.logprobs else {}


def tail(context: RenderContext) -> JSONObject:
    """The members at the end of a completion and of every chunk."""
    return {"service_tier": context.tier_served, "system_fingerprint": None}


def identity(output: Output, context: RenderContext, kind: str) -> JSONObject:
    """The members that identify the reply; `kind` is its `object`."""
    return {
        "id": output.id or context.ids.id("chatcmpl-"),
        "object": kind,
        "created": context.ids.created if output.created is None else output.created,
        "model": model_name(output, context),
    }
