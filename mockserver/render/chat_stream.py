"""Streams in the chat shape: the chunks of one completion and its `[DONE]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import Final

from mockserver.items.events import align_logprobs, split_text
from mockserver.model.dialect import CHUNK_TEXT, ChatStyle
from mockserver.model.endpoint import Shape
from mockserver.model.findings import ApiError
from mockserver.model.frames import DONE, TERMINATOR, RawEvent
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import CONTENT, ChatCall, ChatMember, ChatText, Cutter, Output
from mockserver.render.chat import (
    ASSISTANT,
    PARTS,
    REASONING,
    Choice,
    choices,
    identity,
    logprobs_member,
    tail,
    thinking_part,
)
from mockserver.render.context import (
    RenderContext,
    Tokens,
    chat_usage,
    count_tokens,
    index_of,
    traits_of_reply,
    with_own,
)
from mockserver.render.replies import fill_envelope

_CALLS = frozenset({"tool_calls", "function_call"})


def chunks(output: Output, context: RenderContext) -> Iterator[RawEvent]:
    """The chunks of a stream and its `[DONE]`, or its error chunk and nothing more."""
    style = context.dialect.chat
    renderer = _ChunkRenderer(output, context, style)
    if style.first:
        yield RawEvent(data=context.dialect.keep("chat.chunk", renderer.identity | style.first) | style.first)
    rendered = choices(output, context)
    streams = [renderer.deltas(choice) for choice in rendered]
    bodies = [chunk for row in zip_longest(*streams) for chunk in row if chunk is not None]
    if style.usage == "running" and "usage" not in output.fields:
        bodies = [*renderer.with_running_usage(bodies)]
    unfinished = any(renderer.ends_bare(choice) for choice in rendered)
    if unfinished and renderer.own_usage:
        bodies.insert(-1, renderer.usage_chunk())
    yield from (RawEvent(data=chunk) for chunk in bodies)
    if output.failure is not None:
        failed = next(choice for choice in rendered if choice.failed)
        error = context.dialect.error(output.failure.error, Shape.CHAT, context.model)
        yield RawEvent(data=renderer.error_chunk(failed, error))
        return
    if renderer.own_usage and not unfinished:
        yield RawEvent(data=renderer.usage_chunk())
    yield RawEvent(text=DONE)


class _ChunkRenderer:
    def __init__(self, output: Output, context: RenderContext, style: ChatStyle) -> None:
        self._dialect = context.dialect
        self._context = context
        self._style = style
        self._output = output
        self.identity = self._dialect.keep("chat.chunk", identity(output, context, "chat.completion.chunk"))
        self._tokens = count_tokens(output, context)
        self._usage = self._usage_of(self._tokens)
        self._asked = context.call.include_usage
        self.own_usage = style.usage == "own" and self._asked
        member = CONTENT if style.reasoning == PARTS else style.reasoning
        self._reasoning = style.reasoning if self._dialect.sends("chat.message", member) else ""
        self._padded = style.obfuscation and context.pads_deltas
        self._pads_all = style.padding == "chunks"
        self._pads = 0
        self._traits = traits_of_reply(output, context)
        self._chunks = output.chunks or self._dialect.chunks
        self._tail = tail(context)

    def _usage_of(self, tokens: Tokens) -> JSONObject:
        return self._dialect.keep("usage.chat", chat_usage(tokens))

    def with_running_usage(self, chunks: Sequence[JSONObject]) -> Iterator[JSONObject]:
        """The chunks with a usage that grows with the text that is sent, up to that of the whole reply."""
        sizes = [_text_size(chunk) for chunk in chunks]
        whole, sent = max(sum(sizes), 1), 0
        for place, (chunk, size) in enumerate(zip(chunks, sizes, strict=True), 1):
            sent += size
            output, reasoning = (
                count if place == len(chunks) else count * sent // whole
                for count in (self._tokens.output, self._tokens.reasoning)
            )
            so_far = self._usage_of(self._tokens._replace(output=output, reasoning=reasoning))
            yield chunk | {"usage": so_far} if chunk.get("usage") is not None else chunk

    def usage_chunk(self) -> JSONObject:
        return self._finish_chunk([], self._usage)

    def error_chunk(self, choice: Choice, error: ApiError) -> JSONObject:
        """The envelope alone, or in a chunk that finishes the choice."""
        body = fill_envelope(self._dialect.envelope, error, self._context.ids)
        if self._style.error == "own":
            return body
        last: JSONObject = {"index": choice.index, "delta": {"content": ""}, "finish_reason": "error"}
        return self.identity | {"choices": [last]} | body

    def deltas(self, choice: Choice) -> Iterator[JSONObject]:
        deltas = list(self._sent_deltas(choice))
        content: JSON = None if choice.content is None else ""
        if self._style.role == "own":
            yield self._chunk(choice, self._kept({"role": ASSISTANT, "content": content, "refusal": None}))
        elif self._style.role == "by_content":
            yield self._chunk(choice, self._kept(self._first(choice, deltas)))
        elif not deltas or choice.content == "":
            deltas.insert(0, ({"content": content}, None))
        for place, (delta, logprobs) in enumerate(deltas):
            named = self._style.role == "every" or (self._style.role == "joined" and place == 0)
            renderer: JSONObject = {"role": ASSISTANT} if named else {}
            yield self._chunk(choice, renderer | delta, logprobs=logprobs, pads=True)
        if not choice.failed and not self.ends_bare(choice):
            last: JSONObject = {"role": ASSISTANT} if self._style.role == "every" else {}
            yield self._chunk(choice, last, finish=choice.finish)

    def ends_bare(self, choice: Choice) -> bool:
        """Whether the choice has no finish, as audio of some models."""
        return self._traits.bare_audio and "audio" in choice.members

    def _first(self, choice: Choice, deltas: list[tuple[JSONObject, JSON]]) -> JSONObject:
        """The delta with the role; the start of a single call is taken from `deltas` into it."""
        role: JSONObject = {"role": ASSISTANT}
        if self.ends_bare(choice):
            return role | {"refusal": None}
        if choice.content is not None:
            return role | {"content": "", "refusal": None}
        role["content"] = None
        if choice.text("refusal"):
            return role | {"refusal": ""}
        if len(choice.calls) > 1:
            return role
        if deltas and not _CALLS.isdisjoint(deltas[0][0]):
            role |= deltas.pop(0)[0]
        return role | {"refusal": None}

    def _kept(self, delta: JSONObject) -> JSONObject:
        kind = "chat.delta" if "chat.delta" in self._dialect.members else "chat.message"
        return self._dialect.keep(kind, delta)

    def _sent_deltas(self, choice: Choice) -> Iterator[tuple[JSONObject, JSON]]:
        """The deltas that the dialect has, each with its logprobs."""
        for delta, logprobs in self._all_deltas(choice):
            kept = self._kept(delta)
            if kept:
                yield kept, logprobs

    def _all_deltas(self, choice: Choice) -> Iterator[tuple[JSONObject, JSON]]:
        calls = iter(enumerate(choice.calls))
        for part in choice.parts:
            cut = partial(split_text, chunks=part.chunks or self._chunks)
            match part:
                case ChatText():
                    yield from self._text(part, cut)
                case ChatCall():
                    fragments = (
                        _legacy(choice.function, part, cut) if choice.function else _fragments(*next(calls), part, cut)
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
                    if self._reasoning == PARTS:
                        yield {CONTENT: [thinking_part(piece)]}, None
                    else:
                        yield {CONTENT: None, self._reasoning: piece}, None
            return
        for piece, probable in align_logprobs(part.text, part.logprobs, pieces):
            logprobs: JSON = {"content": probable, "refusal": None} if probable else None
            yield {part.member: piece}, logprobs

    def _chunk(
        self, choice: Choice, delta: JSONObject, *, logprobs: JSON = None, finish: str | None = None, pads: bool = False
    ) -> JSONObject:
        members: JSONObject = {"index": choice.index, "delta": delta}
        members |= logprobs_member(logprobs, self._traits)
        kept = self._dialect.keep("chat.chunk.choice", members | {"finish_reason": finish})
        if delta.get("content"):
            kept |= self._dialect.adds.get(CHUNK_TEXT, {})
        usage: JSON = None
        if self._style.usage in ("every", "running") or (self._style.usage == "finish" and finish):
            usage = self._usage
        return self._finish_chunk([kept], usage, pads=pads)

    def _finish_chunk(self, choices: list[JSON], usage: JSON, *, pads: bool = False) -> JSONObject:
        chunk = self.identity | self._tail | {"choices": choices}
        if usage is not None or self.own_usage:
            chunk["usage"] = usage
        # A usage of the scenario goes where there is one.
        kept = with_own(
            self._output, self._dialect.keep("chat.chunk", chunk), but=() if usage is not None else ("usage",)
        )
        if self._padded and (pads or self._pads_all) and "obfuscation" not in self._output.omit:
            kept["obfuscation"] = self._context.padding(self._pads)
            self._pads += 1
        return kept


def _text_size(value: JSON) -> int:
    """The length of the texts in the deltas of a chunk."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_text_size, value))
    if isinstance(value, dict):
        return sum(_text_size(one) for name, one in value.items() if name in _TEXTS)
    return 0


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


@dataclass(slots=True)
class ChatLabeller:
    """Labels of a chat stream; without chunks of choices they are plain numbers."""

    counts: Counter[str] = field(default_factory=Counter)
    calls: dict[tuple[int | None, int | None], int] = field(default_factory=dict)
    seconds: set[str] = field(default_factory=set)

    def names(self, event: RawEvent) -> tuple[str, str | None]:
        data = event.data
        if event.text is not None or not isinstance(data, dict):
            return (TERMINATOR if event.text == DONE else self._numbered("text_event"), None)
        if "error" in data:
            return "error", None
        choices = data.get("choices")
        if not isinstance(choices, list) or not choices:
            return ("usage" if data.get("usage") is not None else self._numbered("chunk"), None)
        choice = choices[0]
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(delta, dict):
            return self._numbered("chunk"), None
        first = self._name(choice, delta)
        return first, self._second(choice, delta, first)

    def _second(self, choice: JSONObject, delta: JSONObject, first: str) -> str | None:
        """The role or finish that shares its chunk with something else, the first time."""
        for name, present in (("role", "role" in delta), ("finish", choice.get("finish_reason") is not None)):
            second = self._choice_name(name, choice)
            if present and second not in (first, *self.seconds):
                self.seconds.add(second)
                return second
        return None

    def _name(self, choice: JSONObject, delta: JSONObject) -> str:
        for member, name in _DELTAS.items():
            if delta.get(member):
                return self._numbered("reasoning.delta" if isinstance(delta[member], list) else name)
        fragments = delta.get("tool_calls")
        if isinstance(fragments, list) and fragments and isinstance(fragments[0], dict):
            return self._fragment(choice, fragments[0])
        legacy = delta.get("function_call")
        if isinstance(legacy, dict):
            return self._fragment(choice, {"function": legacy})
        for name, present in (("finish", choice.get("finish_reason") is not None), ("role", "role" in delta)):
            if present:
                self.seconds.add(self._choice_name(name, choice))
                return self._choice_name(name, choice)
        return self._numbered("chunk")

    def _fragment(self, choice: JSONObject, fragment: JSONObject) -> str:
        key = (index_of(choice, "index"), index_of(fragment, "index"))
        started = key in self.calls
        call = self.calls.setdefault(key, len(self.calls))
        if not started:
            return f"call[{call}].start"
        kind = "input" if isinstance(fragment.get("custom"), dict) else "arguments"
        return self._numbered(f"call[{call}].{kind}.delta")

    @staticmethod
    def _choice_name(name: str, choice: JSONObject) -> str:
        index = index_of(choice, "index") or 0
        return f"{name}[{index}]" if index else name

    def _numbered(self, name: str) -> str:
        number = self.counts[name]
        self.counts[name] += 1
        return f"{name}[{number}]"


# Members of a chunk that hold the texts of its deltas, and those that hold these.
_TEXTS: Final = frozenset(
    {
        *("choices", "delta", "content", "refusal", "reasoning_content", "reasoning", "thinking", "text", "audio"),
        *("transcript", "tool_calls", "function", "custom", "function_call", "arguments", "input"),
    }
)
_DELTAS: Mapping[str, str] = {
    "content": "text.delta",
    "refusal": "refusal.delta",
    "reasoning_content": "reasoning.delta",
    "reasoning": "reasoning.delta",
    "audio": "audio.delta",
}
