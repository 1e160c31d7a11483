"""Streams in the chat shape: the chunks of one completion and its `[DONE]`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import zip_longest

from mockserver.items.events import align_logprobs, split_text
from mockserver.model.dialect import ChatStyle
from mockserver.model.endpoint import Shape
from mockserver.model.events import RawEvent
from mockserver.model.findings import ApiError
from mockserver.model.item import ChatCall, ChatMember, ChatText, Cutter
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Output
from mockserver.render import usage
from mockserver.render.chat import ASSISTANT, REASONING, TAIL, Choice, choices, identity
from mockserver.render.context import RenderContext
from mockserver.render.errors import envelope
from mockserver.render.labels import DONE


def chunks(output: Output, occasion: RenderContext) -> Iterator[RawEvent]:
    """The chunks of a stream and its `[DONE]`, or its error chunk and nothing more."""
    style = occasion.dialect.chat
    clerk = _ChunkRenderer(output, occasion, style)
    if style.first:
        yield RawEvent(data=clerk.identity | style.first)
    told = choices(output, occasion)
    lanes = [clerk.deltas(choice) for choice in told]
    for row in zip_longest(*lanes):
        for chunk in row:
            if chunk is not None:
                yield RawEvent(data=chunk)
    if output.failure is not None:
        failed = next(choice for choice in told if choice.failed)
        error = occasion.dialect.error(output.failure.error, Shape.CHAT, occasion.model)
        yield RawEvent(data=clerk.error_chunk(failed, error))
        return
    if clerk.own_usage:
        yield RawEvent(data=clerk.usage_chunk())
    yield RawEvent(text=DONE)


class _ChunkRenderer:
    """Writes the chunks of one stream."""

    def __init__(self, output: Output, occasion: RenderContext, style: ChatStyle) -> None:
        self._dialect = occasion.dialect
        self._occasion = occasion
        self._style = style
        self._output = output
        own = identity(output, occasion, "chat.completion.chunk")
        self.identity = self._dialect.keep("chat.chunk", own)
        self._spent = self._dialect.keep(
            "usage.chat", usage.chat_usage(usage.count(output, occasion))
        )
        self._asked = occasion.call.include_usage
        self.own_usage = style.usage == "own" and self._asked
        sent = self._dialect.sends("chat.message", style.reasoning)
        self._reasoning = style.reasoning if sent else ""
        self._padded = style.obfuscation and occasion.pads_deltas
        self._pads = 0

    def usage_chunk(self) -> JSONObject:
        return self._sealed([], self._spent)

    def error_chunk(self, choice: Choice, error: ApiError) -> JSONObject:
        """The envelope alone, or in a chunk that finishes the choice."""
        told = envelope(error, self._occasion)
        if self._style.error == "own":
            return told
        last: JSONObject = {
            "index": choice.index,
            "delta": {"content": ""},
            "finish_reason": "error",
        }
        return self.identity | {"choices": [last]} | told

    def deltas(self, choice: Choice) -> Iterator[JSONObject]:
        said = list(self._said(choice))
        content: JSON = None if choice.content is None else ""
        if self._style.role == "own":
            yield self._chunk(
                choice, self._kept({"role": ASSISTANT, "content": content, "refusal": None})
            )
        elif not said or choice.content == "":
            said.insert(0, ({"content": content}, None))
        for place, (delta, logprobs) in enumerate(said):
            named = self._style.role == "every" or (self._style.role == "joined" and place == 0)
            speaker: JSONObject = {"role": ASSISTANT} if named else {}
            yield self._chunk(choice, speaker | delta, logprobs=logprobs, pads=True)
        if not choice.failed:
            last: JSONObject = {"role": ASSISTANT} if self._style.role == "every" else {}
            yield self._chunk(choice, last, finish=choice.finish)

    def _kept(self, delta: JSONObject) -> JSONObject:
        kind = "chat.delta" if "chat.delta" in self._dialect.members else "chat.message"
        return self._dialect.keep(kind, delta)

    def _said(self, choice: Choice) -> Iterator[tuple[JSONObject, JSON]]:
        """The deltas that the dialect has, each with its logprobs."""
        for delta, logprobs in self._all_said(choice):
            kept = self._kept(delta)
            if kept:
                yield kept, logprobs

    def _all_said(self, choice: Choice) -> Iterator[tuple[JSONObject, JSON]]:
        calls = iter(enumerate(choice.calls))
        for part in choice.parts:
            cut = partial(split_text, chunks=part.chunks or self._output.chunks)
            match part:
                case ChatText():
                    yield from self._text(part, cut)
                case ChatCall():
                    fragments = (
                        _legacy(choice.function, part, cut)
                        if choice.function
                        else _fragments(*next(calls), part, cut)
                    )
                    yield from ((fragment, None) for fragment in fragments)
                case ChatMember():
                    yield from (({part.member: value}, None) for value in part.deltas(cut))
        # In one delta: readers that add up lists of objects ask each for an index.
        if choice.annotations:
            yield {"annotations": choice.annotations}, None

    def _text(self, part: ChatText, cut: Cutter) -> Iterator[tuple[JSONObject, JSON]]:
        pieces = cut(part.text)
        if part.member == REASONING:
            if self._reasoning:
                for piece in pieces:
                    yield {"content": None, self._reasoning: piece}, None
            return
        for piece, probable in align_logprobs(part.text, part.logprobs, pieces):
            logprobs: JSON = {"content": probable, "refusal": None} if probable else None
            yield {part.member: piece}, logprobs

    def _chunk(
        self,
        choice: Choice,
        delta: JSONObject,
        *,
        logprobs: JSON = None,
        finish: str | None = None,
        pads: bool = False,
    ) -> JSONObject:
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

    def _sealed(self, choices: list[JSON], spent: JSON, *, pads: bool = False) -> JSONObject:
        chunk = self.identity | TAIL | {"choices": choices}
        if spent is not None or self.own_usage:
            chunk["usage"] = spent
        kept = self._dialect.keep("chat.chunk", chunk) | dict(self._output.fields)
        if pads and self._padded:
            kept["obfuscation"] = self._occasion.padding(self._pads)
            self._pads += 1
        return kept


def _legacy(function: JSONObject, call: ChatCall, cut: Cutter) -> Iterator[JSONObject]:
    yield {"function_call": function | {call.member: ""}}
    for piece in cut(call.text):
        yield {"function_call": {call.member: piece}}


def _fragments(index: int, sent: JSONObject, call: ChatCall, cut: Cutter) -> Iterator[JSONObject]:
    first: JSONObject = {
        "index": index,
        "id": sent["id"],
        "type": call.type,
        call.type: {"name": call.name, call.member: ""},
    }
    yield {"tool_calls": [first]}
    for piece in cut(call.text):
        yield {"tool_calls": [{"index": index, call.type: {call.member: piece}}]}
