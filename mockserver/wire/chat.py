"""Replies in the chat shape: one `chat.completion`, or its chunks.

Both forms are told from the same `_Choice` values, so that the chunks of a stream add up to the
whole reply. Members beyond the dialect's lists are taken off by `Dialect.keep`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from mockserver.core.dialect import ChatStyle
from mockserver.core.endpoint import Shape
from mockserver.core.jsontext import JSON, Object
from mockserver.core.reply import (
    Chunks,
    CustomCall,
    Failure,
    Finish,
    FunctionCall,
    Item,
    Output,
    Reasoning,
    Refusal,
    Text,
)
from mockserver.wire import usage
from mockserver.wire.cutting import cut, spell
from mockserver.wire.errors import envelope
from mockserver.wire.labels import DONE, Unlabelled
from mockserver.wire.occasion import Occasion

_FINISH_REASONS = {
    Finish.STOP: "stop",
    Finish.LENGTH: "length",
    Finish.CONTENT_FILTER: "content_filter",
    Finish.TOOL_CALLS: "tool_calls",
}
FINISHES = frozenset(_FINISH_REASONS)
"""The ways to end that the chat shape can express."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    index: int
    items: tuple[Item, ...]
    finish: str
    calls: tuple[Object, ...]

    @property
    def content(self) -> str | None:
        texts = [item.text for item in self.items if isinstance(item, Text)]
        return "".join(texts) if texts else None

    @property
    def refusal(self) -> str | None:
        return "".join(item.text for item in self.items if isinstance(item, Refusal)) or None

    @property
    def reasoning(self) -> str:
        return "".join(
            "".join(item.content or item.summary)
            for item in self.items
            if isinstance(item, Reasoning)
        )

    @property
    def annotations(self) -> list[JSON]:
        found: list[JSON] = []
        offset = 0
        for item in self.items:
            if isinstance(item, Text):
                found.extend(_annotation(one, offset) for one in item.annotations)
                offset += len(item.text)
        return found

    @property
    def logprobs(self) -> list[JSON]:
        return [entry for item in self.items if isinstance(item, Text) for entry in item.logprobs]


def _annotation(annotation: Object, offset: int) -> JSON:
    """The Responses shape of an annotation turned into chat's, which nests a citation; `offset`
    is where its text begins in the content."""
    kind = annotation.get("type")
    if not isinstance(kind, str) or kind in annotation:
        return annotation
    inner: Object = {}
    for name in ("end_index", "start_index", "title", "url"):
        value = annotation.get(name)
        if name in annotation:
            inner[name] = value + offset if isinstance(value, int) else value
    return {"type": kind, kind: inner}


def _choices(output: Output, occasion: Occasion) -> tuple[_Choice, ...]:
    found: list[_Choice] = []
    minted = 0
    refuses = occasion.dialect.sends("chat.message", "refusal")
    for index, scripted in enumerate(output.choices):
        # Where a message has no place for a refusal, it is said like any text.
        items = tuple(
            Text(text=item.text, chunks=item.chunks)
            if isinstance(item, Refusal) and not refuses
            else item
            for item in scripted
        )
        calls: list[Object] = []
        for item in items:
            if not isinstance(item, FunctionCall | CustomCall):
                continue
            call_id = item.call_id or occasion.mint.id("call_", minted)
            minted += 1
            calls.append(_tool_call(item, call_id))
        default = Finish.TOOL_CALLS if calls else Finish.STOP
        finish = _FINISH_REASONS.get(output.finish or default, "stop")
        found.append(_Choice(index=index, items=items, finish=finish, calls=tuple(calls)))
    return tuple(found)


def _tool_call(item: FunctionCall | CustomCall, call_id: str) -> Object:
    if isinstance(item, FunctionCall):
        function: Object = {"name": item.name, "arguments": item.arguments}
        return {"id": call_id, "type": "function", "function": function}
    custom: Object = {"name": item.name, "input": item.input}
    return {"id": call_id, "type": "custom", "custom": custom}


def _identity(output: Output, occasion: Occasion, kind: str) -> Object:
    return {
        "id": output.id or occasion.mint.id("chatcmpl-"),
        "object": kind,
        "created": occasion.mint.created if output.created is None else output.created,
        "model": output.model or occasion.model,
    }


_SPEAKER = "assistant"
_TAIL: Object = {"service_tier": "default", "system_fingerprint": None}


def whole(output: Output, occasion: Occasion) -> Object:
    """The `chat.completion` object."""
    dialect = occasion.dialect
    choices: list[JSON] = []
    for choice in _choices(output, occasion):
        message: Object = {"role": _SPEAKER, "content": choice.content}
        if dialect.chat.reasoning and choice.reasoning:
            message[dialect.chat.reasoning] = choice.reasoning
        if choice.calls:
            message["tool_calls"] = list(choice.calls)
        message["refusal"] = choice.refusal
        message["annotations"] = choice.annotations
        logprobs: JSON = None
        if choice.logprobs:
            logprobs = {"content": choice.logprobs, "refusal": None}
        choices.append(
            dialect.keep(
                "chat.choice",
                {
                    "index": choice.index,
                    "message": dialect.keep("chat.message", message),
                    "logprobs": logprobs,
                    "finish_reason": choice.finish,
                },
            )
        )
    spent = dialect.keep("usage.chat", usage.chat_usage(usage.count(output, occasion)))
    body = _identity(output, occasion, "chat.completion")
    body |= {"choices": choices, "usage": spent}
    return dialect.keep("chat.completion", body | _TAIL) | dict(output.fields)


def chunks(output: Output, occasion: Occasion) -> Iterator[Unlabelled]:
    """The chunks of a stream and its `[DONE]`, or its error chunk and nothing more."""
    style = occasion.dialect.chat
    clerk = _Clerk(output, occasion, style)
    if style.first:
        yield Unlabelled(data=clerk.identity | style.first)
    choices = _choices(output, occasion)
    lanes = [clerk.deltas(choice) for choice in choices]
    for row in zip_longest(*lanes):
        for chunk in row:
            if chunk is not None:
                yield Unlabelled(data=chunk)
    failure = next(
        (item for choice in choices for item in choice.items if isinstance(item, Failure)), None
    )
    if failure is not None:
        error = occasion.dialect.error(failure.error, Shape.CHAT, occasion.model)
        yield Unlabelled(data=envelope(error, occasion))
        return
    if clerk.own_usage:
        yield Unlabelled(data=clerk.usage_chunk())
    yield Unlabelled(text=DONE)


class _Clerk:
    """Writes the chunks of one stream."""

    def __init__(self, output: Output, occasion: Occasion, style: ChatStyle) -> None:
        self._dialect = occasion.dialect
        self._occasion = occasion
        self._style = style
        self._output = output
        self.identity = _identity(output, occasion, "chat.completion.chunk")
        self._spent = self._dialect.keep(
            "usage.chat", usage.chat_usage(usage.count(output, occasion))
        )
        self._asked = occasion.call.include_usage
        self.own_usage = style.usage == "own" and self._asked
        sent = self._dialect.sends("chat.message", style.reasoning)
        self._reasoning = style.reasoning if sent else ""
        self._padded = style.obfuscation and occasion.obfuscates
        self._pads = 0

    def usage_chunk(self) -> Object:
        return self._sealed([], self._spent)

    def deltas(self, choice: _Choice) -> Iterator[Object]:
        said = list(self._said(choice))
        content: JSON = None if choice.content is None else ""
        if self._style.role == "own":
            yield self._chunk(
                choice, self._kept({"role": _SPEAKER, "content": content, "refusal": None})
            )
        elif not said or choice.content == "":
            said.insert(0, ({"content": content}, None))
        for place, (delta, logprobs) in enumerate(said):
            named = self._style.role == "every" or (self._style.role == "joined" and place == 0)
            speaker: Object = {"role": _SPEAKER} if named else {}
            yield self._chunk(choice, speaker | delta, logprobs=logprobs, pads=True)
        if not any(isinstance(item, Failure) for item in choice.items):
            last: Object = {"role": _SPEAKER} if self._style.role == "every" else {}
            yield self._chunk(choice, last, finish=choice.finish)

    def _kept(self, delta: Object) -> Object:
        kind = "chat.delta" if "chat.delta" in self._dialect.members else "chat.message"
        return self._dialect.keep(kind, delta)

    def _said(self, choice: _Choice) -> Iterator[tuple[Object, JSON]]:
        """The deltas that the dialect has, each with its logprobs."""
        for delta, logprobs in self._all_said(choice):
            kept = self._kept(delta)
            if kept:
                yield kept, logprobs

    def _all_said(self, choice: _Choice) -> Iterator[tuple[Object, JSON]]:
        default = self._output.chunks
        calls = iter(enumerate(choice.calls))
        for item in choice.items:
            match item:
                case Text():
                    yield from self._text(item)
                case Refusal():
                    for piece in cut(item.text, item.chunks or default):
                        yield {"refusal": piece}, None
                case Reasoning() if self._reasoning:
                    for piece in cut("".join(item.content or item.summary), item.chunks or default):
                        yield {"content": None, self._reasoning: piece}, None
                case FunctionCall() | CustomCall():
                    index, call = next(calls)
                    for fragment in _fragments(index, call, item, item.chunks or default):
                        yield {"tool_calls": [fragment]}, None
                case _:
                    pass
        # In one delta: readers that add up lists of objects ask each for an index.
        if choice.annotations:
            yield {"annotations": choice.annotations}, None

    def _text(self, item: Text) -> Iterator[tuple[Object, JSON]]:
        pieces = cut(item.text, item.chunks or self._output.chunks)
        for piece, probable in spell(item.text, item.logprobs, pieces):
            yield {"content": piece}, {"content": probable, "refusal": None} if probable else None

    def _chunk(
        self,
        choice: _Choice,
        delta: Object,
        *,
        logprobs: JSON = None,
        finish: str | None = None,
        pads: bool = False,
    ) -> Object:
        kept = self._dialect.keep(
            "chat.chunk.choice",
            {
                "index": choice.index,
                "delta": delta,
                "logprobs": logprobs,
                "finish_reason": finish,
            },
        )
        spent: JSON = None
        if self._style.usage == "every" or (self._style.usage == "finish" and finish):
            spent = self._spent
        return self._sealed([kept], spent, pads=pads)

    def _sealed(self, choices: list[JSON], spent: JSON, *, pads: bool = False) -> Object:
        chunk = self.identity | _TAIL | {"choices": choices}
        if spent is not None or self.own_usage:
            chunk["usage"] = spent
        kept = self._dialect.keep("chat.chunk", chunk) | dict(self._output.fields)
        if pads and self._padded:
            kept["obfuscation"] = self._occasion.padding(self._pads)
            self._pads += 1
        return kept


def _fragments(
    index: int, call: Object, item: FunctionCall | CustomCall, chunks: Chunks
) -> Iterator[Object]:
    kind, member, text = (
        ("function", "arguments", item.arguments)
        if isinstance(item, FunctionCall)
        else ("custom", "input", item.input)
    )
    yield {
        "index": index,
        "id": call["id"],
        "type": kind,
        kind: {"name": item.name, member: ""},
    }
    for piece in cut(text, chunks):
        yield {"index": index, kind: {member: piece}}
