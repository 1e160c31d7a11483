"""Streams in the chat shape: the chunks of one completion and its `[DONE]`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from mockserver.model.dialect import ChatStyle
from mockserver.model.endpoint import Shape
from mockserver.model.events import RawEvent
from mockserver.model.findings import ApiError
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import (
    Audio,
    Chunks,
    CustomCall,
    FunctionCall,
    Item,
    Output,
    Reasoning,
    Refusal,
    StreamError,
    Text,
)
from mockserver.render import usage
from mockserver.render.chat import ASSISTANT, TAIL, Choice, choices, identity
from mockserver.render.chunking import align_logprobs, split_text
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
    failed = next(
        ((one, item) for one in told for item in one.items if isinstance(item, StreamError)), None
    )
    if failed is not None:
        choice, failure = failed
        error = occasion.dialect.error(failure.error, Shape.CHAT, occasion.model)
        yield RawEvent(data=clerk.error_chunk(choice, error))
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
        if not any(isinstance(item, StreamError) for item in choice.items):
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
        for item in choice.items:
            if isinstance(item, Text):
                yield from self._text(item)
            else:
                yield from ((delta, None) for delta in self._deltas_of(item, choice, calls))
        # In one delta: readers that add up lists of objects ask each for an index.
        if choice.annotations:
            yield {"annotations": choice.annotations}, None

    def _deltas_of(
        self, item: Item, choice: Choice, calls: Iterator[tuple[int, JSONObject]]
    ) -> Iterator[JSONObject]:
        default = self._output.chunks
        match item:
            case Refusal():
                for piece in split_text(item.text, item.chunks or default):
                    yield {"refusal": piece}
            case Reasoning() if self._reasoning:
                for piece in split_text(
                    "".join(item.content or item.summary), item.chunks or default
                ):
                    yield {"content": None, self._reasoning: piece}
            case Audio() if choice.audio:
                yield from _audio_deltas(choice.audio, item, item.chunks or default)
            case FunctionCall() if choice.function:
                yield from _legacy(
                    choice.function, split_text(item.arguments, item.chunks or default)
                )
            case FunctionCall() | CustomCall():
                index, call = next(calls)
                yield from _fragments(index, call, item, item.chunks or default)
            case _:
                pass

    def _text(self, item: Text) -> Iterator[tuple[JSONObject, JSON]]:
        pieces = split_text(item.text, item.chunks or self._output.chunks)
        for piece, probable in align_logprobs(item.text, item.logprobs, pieces):
            yield {"content": piece}, {"content": probable, "refusal": None} if probable else None

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


def _audio_deltas(whole: JSONObject, item: Audio, chunks: Chunks) -> Iterator[JSONObject]:
    """Audio as it is spoken: who it is, the words, the sound, and how long it can be spoken of."""
    yield {"audio": {"id": whole["id"], "transcript": ""}}
    for piece in split_text(item.transcript, chunks):
        yield {"audio": {"transcript": piece}}
    for sound in item.data or ("",):
        yield {"audio": {"data": sound}}
    yield {"audio": {"expires_at": whole["expires_at"]}}


def _legacy(call: JSONObject, pieces: tuple[str, ...]) -> Iterator[JSONObject]:
    yield {"function_call": call | {"arguments": ""}}
    for piece in pieces:
        yield {"function_call": {"arguments": piece}}


def _fragments(
    index: int, call: JSONObject, item: FunctionCall | CustomCall, chunks: Chunks
) -> Iterator[JSONObject]:
    kind, member, text = (
        ("function", "arguments", item.arguments)
        if isinstance(item, FunctionCall)
        else ("custom", "input", item.input)
    )
    first: JSONObject = {
        "index": index,
        "id": call["id"],
        "type": kind,
        kind: {"name": item.name, member: ""},
    }
    yield {"tool_calls": [first]}
    for piece in split_text(text, chunks):
        yield {"tool_calls": [{"index": index, kind: {member: piece}}]}
