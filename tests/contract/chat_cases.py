"""For every rule of a chat stream, one that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Final, TypeAlias

from tests.contract.cases import Case
from tests.contract.chat_streams import USAGE, begun, calls, chunk, counted, delta, events, first, fragment, text
from tests.contract.mutations import at, change, remove
from tests.kit import JSON, OPENAI, Event, Finding, JSONObject, ReplyContract, Shape, judge_stream

Chunks: TypeAlias = list[JSONObject]
Mutation: TypeAlias = Callable[[Chunks], Chunks]

ERROR: Final[JSONObject] = {"error": {"message": "sorry", "type": "server_error", "param": None, "code": None}}


def formed(**chat: JSON) -> ReplyContract:
    """The official contract with a chat stream of another form."""
    return ReplyContract.from_data({"chat": chat}, OPENAI)


def judged(given: list[Event], contract: ReplyContract = OPENAI) -> tuple[Finding, ...]:
    return judge_stream(given, shape=Shape.CHAT, contract=contract)


def plain() -> Chunks:
    return text("Hel", "lo")


def failing() -> Chunks:
    return [*plain()[:2], deepcopy(ERROR)]


def tools() -> Chunks:
    return calls('{"a":1}', "{}")


def _spoilt(
    rule: str, mutate: Mutation, base: Callable[[], Chunks] = plain, contract: ReplyContract = OPENAI, note: str = ""
) -> Case:
    return Case(
        rule=rule,
        kept=lambda: judged(events(*base()), contract),
        broken=lambda: judged(events(*mutate(base())), contract),
        note=note,
    )


def _respelt(
    rule: str,
    respell: Callable[[list[Event]], list[Event]],
    base: Callable[[], Chunks] = plain,
    contract: ReplyContract = OPENAI,
    note: str = "",
    *,
    done: bool = True,
) -> Case:
    return Case(
        rule=rule,
        kept=lambda: judged(events(*base(), done=done), contract),
        broken=lambda: judged(respell(events(*base(), done=done)), contract),
        note=note,
    )


def _at(number: int, *steps: str | int, to: JSON) -> Mutation:
    def mutate(chunks: Chunks) -> Chunks:
        change(chunks[number], *steps, to=to)
        return chunks

    return mutate


def _without(number: int, *steps: str | int) -> Mutation:
    def mutate(chunks: Chunks) -> Chunks:
        remove(chunks[number], *steps)
        return chunks

    return mutate


def _with(number: int, **changes: object) -> Callable[[list[Event]], list[Event]]:
    def respell(given: list[Event]) -> list[Event]:
        given[number] = replace(given[number], **changes)  # type: ignore[arg-type]
        return given

    return respell


def _usage() -> Chunks:
    return counted(plain())


def repeating() -> Chunks:
    """A stream that says role and identity again and again, as some gateways do."""
    return [
        first(content=None),
        begun(0),
        change(begun(0), "choices", 0, "delta", "role", to="assistant"),
        chunk(delta(reason="tool_calls", role="assistant")),
    ]


def repeated(chunks: Chunks) -> Chunks:
    """The same with the role in every chunk."""
    for one in chunks[1:]:
        change(one, "choices", 0, "delta", "role", to="assistant")
    return chunks


def renumbered(chunks: Chunks) -> Chunks:
    """The same with tool calls counted from 1."""
    for one in chunks[1:-1]:
        index = at(one, *_CALL, "index")
        assert isinstance(index, int)
        change(one, *_CALL, "index", to=index + 1)
    return chunks


_CHATTY: Final = formed(role_again="required", tool_identity="required")
_IDENTIFIED: Final = formed(role_again="optional", tool_identity="required")
_LENIENT: Final = formed(role_again="optional", tool_identity="optional")
_CALL: Final = ("choices", 0, "delta", "tool_calls", 0)

CASES: Final = (
    _respelt("chat.event.json", _with(1, data=None, text="{half")),
    _respelt("chat.event.object", _with(1, data=None)),
    _respelt("chat.event.line", _with(1, name="message")),
    _spoilt("chat.id.same", _at(2, "id", to="chatcmpl-2")),
    _spoilt("chat.created.same", _at(2, "created", to=1)),
    _spoilt("chat.model.same", _at(2, "model", to="gpt-5")),
    _spoilt("chat.role.first", _without(0, "choices", 0, "delta", "role")),
    _spoilt("chat.role.first", lambda chunks: chunks[-1:], note="finish alone"),
    _spoilt("chat.role.once", _at(1, "choices", 0, "delta", "role", to="assistant")),
    _spoilt("chat.role.once", lambda _: plain(), lambda: repeated(plain()), _CHATTY, "not again"),
    _spoilt("chat.choice.order", lambda chunks: [*chunks, *text("x", index=2)]),
    _spoilt("chat.tool.order", _at(1, *_CALL, "index", to=1), tools),
    _spoilt("chat.tool.order", lambda _: tools(), lambda: renumbered(tools()), formed(tools_from=1), "from 1"),
    _spoilt("chat.tool.first", _without(1, *_CALL, "id"), tools),
    _spoilt("chat.tool.first", _without(1, *_CALL, "function", "name"), tools, note="name"),
    _spoilt("chat.tool.id", _at(4, *_CALL, "id", to="call_0"), tools),
    _spoilt("chat.tool.sequence", lambda chunks: [*chunks[:5], fragment(0, "}"), *chunks[5:]], tools),
    _spoilt("chat.tool.later", _at(2, *_CALL, "id", to="call_0"), tools),
    _spoilt("chat.tool.later", _without(2, *_CALL, "id"), repeating, _IDENTIFIED, "no id"),
    _spoilt("chat.tool.later", _at(2, *_CALL, "id", to="call_9"), repeating, _LENIENT, "other id"),
    _spoilt("chat.finish.once", lambda chunks: [*chunks, chunks[-1]]),
    _spoilt("chat.finish.last", lambda chunks: [*chunks, chunk(delta(content="!"))]),
    _spoilt("chat.finish.missing", lambda chunks: chunks[:-1]),
    _spoilt("chat.finish.empty", _at(-1, "choices", 0, "delta", "content", to="!")),
    _spoilt("chat.finish.tools", _at(-1, "choices", 0, "finish_reason", to="tool_calls")),
    _spoilt("chat.finish.tools", _at(-1, "choices", 0, "finish_reason", to="function_call"), note="function_call"),
    _spoilt("chat.usage.one", lambda chunks: [*chunks, chunks[-1]], _usage),
    _spoilt("chat.usage.one", lambda chunks: [*chunks, chunk(usage=USAGE)],
        lambda: [*plain()[:-1], {**plain()[-1], "usage": USAGE}], formed(usage_on=["finish", "own"]), "places"),
    _spoilt("chat.usage.place", _at(-1, "usage", to=USAGE)),
    _spoilt("chat.usage.place", _at(1, "usage", to=USAGE), contract=formed(usage_on=["finish"]), note="middle"),
    _spoilt("chat.usage.place", lambda chunks: [*chunks, chunk(usage=USAGE)], contract=formed(usage_on=[]),
        note="nowhere"),
    _spoilt("chat.usage.last", lambda chunks: [*chunks, first(1)], _usage),
    _spoilt("chat.usage.null", _without(1, "usage"), _usage),
    _spoilt("chat.usage.null", _at(1, "usage", to=None), contract=formed(usage_null="forbidden"), note="forbidden"),
    _spoilt("chat.usage.sum", _at(-1, "usage", "total_tokens", to=18), _usage),
    _spoilt("chat.usage.bounds", _at(-1, "usage", "completion_tokens_details", "reasoning_tokens", to=6), _usage),
    _spoilt("chat.chunk.empty", lambda chunks: [chunks[0], chunk(), *chunks[1:]]),
    _spoilt("chat.chunk.empty", lambda chunks: [*chunks[:2], chunk(), *chunks[2:]], lambda: [chunk(), *plain()],
        formed(empty_chunks="first"), "later"),
    _spoilt("chat.chunk.order", lambda chunks: [chunk(usage=USAGE), *chunks]),
    _respelt("chat.terminal.missing", lambda given: given[:2]),
    _respelt("chat.terminal.missing", lambda _: [], note="nothing"),
    _respelt("chat.terminal.missing", lambda given: given[-1:], note="marker alone"),
    _respelt("chat.terminal.missing", lambda given: given[:2], contract=formed(done="optional"), note="without [DONE]"),
    _respelt("chat.done.missing", lambda given: given[:-1]),
    _respelt("chat.done.missing", lambda given: given[:-1], _usage, note="counted"),
    _respelt("chat.done.once", lambda given: [*given, given[-1]]),
    _respelt("chat.done.last", lambda given: [*given, given[1]]),
    _respelt("chat.done.forbidden", lambda given: [*given, *events()], contract=formed(done="forbidden"), done=False),
    _spoilt("chat.error.last", lambda chunks: [*chunks, chunks[1]], failing),
    _spoilt("chat.schema.required", _without(1, "model")),
    _spoilt("chat.schema.type", _at(1, "created", to="now")),
    _spoilt("chat.schema.type", _at(1, "choices", to=None), note="choices"),
    _spoilt("chat.schema.value", _at(-1, "choices", 0, "finish_reason", to="tired")),
    _spoilt("chat.schema.unknown", _at(1, "surprise", to=1)),
    _spoilt("error.schema.type", _at(2, "error", "message", to=7), failing),
)  # fmt: skip


_AZURE: Final = chunk(id="", created=0, model="", prompt_filter_results=[{"prompt_index": 0}])
_FUNCTION: Final = chunk(delta(function_call={"name": "f", "arguments": "{}"}))


# Streams that an upstream may send and a narrower reading would refuse, each with its contract.
def _audio() -> list[JSONObject]:
    """A stream of gpt-audio-1.5 as recorded: no finish_reason, usage before the last audio."""
    role = chunk({**delta(), "delta": {"role": "assistant", "refusal": None}})
    empty = chunk(usage=None)
    del empty["choices"]
    audio: list[JSONObject] = [{"id": "audio_1", "transcript": ""}, {"data": "AA=="}]
    spoken = [chunk(delta(audio=one), usage=None) for one in audio]
    return [
        {**role, "usage": None},
        empty,
        {**role, "usage": None},
        *spoken,
        chunk(usage=USAGE),
        chunk(delta(audio={"expires_at": 1767229200}), usage=None),
    ]


# Streams with what the contract does not know, which is a notice.
NOTICED: Final[dict[str, Callable[[], Chunks]]] = {
    "a call of tomorrow": lambda: [
        first(content=None, tool_calls=[{"index": 0, "id": "call_0", "type": "mcp", "mcp": {"label": "x"}}]),
        chunk(delta(tool_calls=[{"index": 0, "mcp": {"arguments": "{}"}}])),
        chunk(delta(reason="tool_calls")),
    ],
    "an annotation of tomorrow": lambda: [
        plain()[0],
        chunk(delta(annotations=[{"type": "map_citation", "map_citation": {"place": "x"}}])),
        *plain()[1:],
    ],
}


LEGAL: Final[dict[str, tuple[Callable[[], Chunks], ReplyContract]]] = {
    "a text in two deltas": (plain, OPENAI),
    "two tool calls": (tools, OPENAI),
    "usage on demand": (_usage, OPENAI),
    "usage of null and no usage chunk": (lambda: _usage()[:-1], OPENAI),
    "moderation behind usage": (lambda: [*_usage(), chunk(moderation={"flagged": False})], OPENAI),
    "role and text in one chunk": (lambda: [first(content="Hi"), plain()[-1]], OPENAI),
    "two choices by turns":
        (lambda: [one for pair in zip(plain(), text("a", "b", index=1), strict=True) for one in pair], OPENAI),
    "two choices in one chunk": (lambda: [chunk(delta(0, role="assistant"), delta(1, role="assistant")),
        chunk(delta(0, "stop"), delta(1, "stop"))], OPENAI),
    "a function call of old": (lambda: [first(content=None), _FUNCTION, chunk(delta(reason="function_call"))], OPENAI),
    "a call that begins in the first chunk": (
        lambda: [
            chunk(
                delta(
                    role="assistant",
                    content=None,
                    tool_calls=[
                        {"index": 0, "id": "call_0", "type": "function", "function": {"name": "f", "arguments": ""}}
                    ],
                    refusal=None,
                )
            ),
            fragment(0, "{}"),
            chunk(delta(reason="tool_calls")),
        ],
        OPENAI,
    ),
    "audio": (_audio, OPENAI),
    "a custom tool": (lambda: [first(content=None),
        chunk(delta(tool_calls=[{"index": 0, "id": "call_0", "type": "custom", "custom": {"name": "sh"}}])),
        chunk(delta(tool_calls=[{"index": 0, "custom": {"input": "ls"}}])), chunk(delta(reason="tool_calls"))], OPENAI),
    "a forced call that stops": (lambda: [*tools()[:-1], chunk(delta(reason="stop"))], OPENAI),
    "an error in the middle": (failing, OPENAI),
    "usage on the finishing chunk": (lambda: [*plain()[:-1], {**plain()[-1], "usage": USAGE}],
        formed(usage_on=["finish"])),
    "usage on every chunk": (lambda: [{**one, "usage": USAGE} for one in plain()] + [chunk(usage=USAGE)],
        formed(usage_on=["every"])),
    "roles and identities again and again": (repeating, _LENIENT),
    "keep-alive chunks": (lambda: [plain()[0], chunk(), *plain()[1:], chunk()], formed(empty_chunks="anywhere")),
    "a first chunk of filter results": (lambda: [_AZURE, *plain()],
        ReplyContract.from_data({"kinds": {"chat.chunk": {"optional": {"prompt_filter_results": "list"}}},
        "chat": {"empty_chunks": "first"}}, OPENAI)),
    "reasoning before content": (lambda: [first(content=None, reasoning_content="hm"), *plain()[1:]],
        ReplyContract.from_data({"kinds": {"chat.delta": {"optional": {"reasoning_content": "string|null"}}}}, OPENAI)),
    "created that changes, forgiven": (lambda: _at(1, "created", to=7)(plain()),
        ReplyContract.from_data({"forgives": ["chat.created.same"]}, OPENAI)),
}  # fmt: skip
