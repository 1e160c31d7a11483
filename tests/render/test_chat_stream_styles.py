"""The ways in which vendors bend chat: each an option of a dialect, and legal there."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.kit import (
    JSON,
    DialectDataError,
    ErrorRef,
    FunctionCall,
    JSONObject,
    Output,
    Reasoning,
    Shape,
    StreamError,
    Text,
    build,
)
from tests.render import stage
from tests.render.judged import COUNTED, STREAM, dialect, findings, rules, wire

CHAT = Shape.CHAT
SAID = stage.output(
    Reasoning(content=("It is late. ",), summary=("Late.",)),
    Text(text="Good night"),
    FunctionCall(name="dim", arguments='{"to":0}'),
)
FILTERED: JSONObject = {
    "id": "",
    "created": 0,
    "model": "",
    "choices": [],
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
}


@dataclass(frozen=True, kw_only=True)
class Bend:
    """How a dialect says it, and what the official contract says to it."""

    chat: JSONObject
    breaks: set[str] = field(default_factory=set)
    streams: tuple[JSONObject, ...] = (STREAM, COUNTED)


BENDS = {
    "reasoning_content": Bend(chat={"reasoning": "reasoning_content"}, breaks={"chat.schema.unknown"}),
    "reasoning": Bend(chat={"reasoning": "reasoning"}, breaks={"chat.schema.unknown"}),
    "the role with the first delta": Bend(chat={"role": "joined"}),
    "the role on every chunk": Bend(chat={"role": "every"}, breaks={"chat.role.once", "chat.finish.empty"}),
    "usage on the finish chunk": Bend(chat={"usage": "finish"}, breaks={"chat.usage.place"}),
    "usage on every chunk": Bend(chat={"usage": "every"}, breaks={"chat.usage.place", "chat.usage.one"}),
    "a usage that grows": Bend(chat={"usage": "running"}, breaks={"chat.usage.place", "chat.usage.one"}),
    "reasoning in parts": Bend(chat={"reasoning": "parts"}, breaks={"chat.schema.type"}),
    "no usage at all": Bend(chat={"usage": "never"}),
    "keep-alive comments": Bend(chat={"comment": "keep-alive"}),
    "a first chunk of filter results": Bend(
        chat={"first": FILTERED}, breaks={"chat.chunk.empty", "chat.schema.unknown"}
    ),
    "no padding": Bend(chat={"obfuscation": False}),
    "all at once": Bend(
        chat={
            "reasoning": "reasoning_content",
            "role": "every",
            "usage": "every",
            "comment": "keep-alive",
            "first": FILTERED,
            "error": "chunk",
        },
        breaks={
            "chat.chunk.empty",
            "chat.finish.empty",
            "chat.role.once",
            "chat.schema.unknown",
            "chat.usage.one",
            "chat.usage.place",
        },
    ),
}


@pytest.mark.parametrize("members", [{}, STREAM, COUNTED], ids=["whole", "stream", "usage"])
@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
def test_a_style_keeps_the_contract_of_its_dialect(bend: Bend, members: JSONObject) -> None:
    assert findings(SAID, CHAT, dialect(chat=bend.chat), members=members) == ()


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
def test_a_style_violates_the_official_contract_by_the_expected_rules(bend: Bend) -> None:
    spoken = dialect(chat=bend.chat)
    assert rules(SAID, CHAT, spoken, stage.OPENAI, members=STREAM) == bend.breaks


def test_an_explicit_contract_overrides_what_the_style_implies() -> None:
    strict = dialect(chat={"role": "every"}, contract={"chat": {"role_again": "forbidden"}})
    assert rules(SAID, CHAT, strict, members=STREAM) == {"chat.role.once", "chat.finish.empty"}


def test_a_dialect_may_undo_the_style_of_its_base() -> None:
    bent = dialect(chat={"role": "every", "usage": "every", "first": FILTERED})
    straight = build({"dialect": "straight", "chat": {"role": "own", "usage": "own", "first": {}}}, bent)
    assert findings(SAID, CHAT, straight, members=COUNTED) == ()
    assert rules(SAID, CHAT, bent, straight, members=STREAM) == {
        "chat.chunk.empty",
        "chat.finish.empty",
        "chat.role.once",
        "chat.schema.unknown",
        "chat.usage.one",
        "chat.usage.place",
    }


def test_keep_alive_comments_precede_every_chunk() -> None:
    stream = wire(SAID, CHAT, dialect(chat={"comment": "OPENROUTER PROCESSING"}), stream=True)
    assert stream.count(b": OPENROUTER PROCESSING\n\n") == stream.count(b"data: ")


def test_a_style_sends_only_fields_of_its_dialect() -> None:
    spoken = dialect(chat={"first": {"choices": [], "filter": {}}}, members={"chat.chunk": ["id", "object", "choices"]})
    [first, *_] = stage.data(SAID, CHAT, spoken)
    assert list(stage.dig(first)) == ["id", "object", "choices", "filter"]


FAILING = Output(
    choices=((Text(text="Good"), StreamError(error=ErrorRef(name="overloaded"))), (Text(text="Bad night"),))
)
FAILURE: JSONObject = {
    "message": "Our servers are currently overloaded. Please try again later.",
    "type": "service_unavailable_error",
    "param": None,
    "code": "server_is_overloaded",
}


def test_an_error_chunk_finishes_its_choice_and_has_the_envelope() -> None:
    envelope: JSON = {"error": {"code": "$status", "message": "$message"}, "user_id": "user_mock"}
    spoken = dialect(chat={"error": "chunk"}, envelope=envelope)
    last = stage.dig(stage.data(FAILING, CHAT, spoken)[-1])
    assert last == {
        "id": stage.IDS.id("chatcmpl-"),
        "object": "chat.completion.chunk",
        "created": stage.IDS.created,
        "model": "my-model",
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
        "error": {"code": 503, "message": FAILURE["message"]},
        "user_id": "user_mock",
    }


def test_reasoning_in_parts_is_a_list_as_content() -> None:
    spoken = dialect(chat={"reasoning": "parts", "obfuscation": False})
    thought: JSONObject = {"type": "thinking", "thinking": [{"type": "text", "text": "It is late. "}]}
    whole = stage.body(SAID, CHAT, spoken)
    assert stage.dig(whole, "choices", 0, "message")["content"] == [thought, {"type": "text", "text": "Good night"}]
    silent = stage.body(stage.output(Reasoning(content=("It is late. ",))), CHAT, spoken)
    assert stage.dig(silent, "choices", 0, "message")["content"] == [thought]
    both = stage.output(Reasoning(content=("late ",)), Text(text="Good"), chunks="word")
    assert stage.labels(both, CHAT, spoken)[:3] == ["role", "reasoning.delta[0]", "text.delta[0]"]
    deltas = [stage.dig(one, "choices", 0, "delta") for one in stage.data(both, CHAT, spoken)[1:3]]
    assert deltas == [
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "late "}]}]},
        {"content": "Good"},
    ]


def test_a_running_usage_grows_to_that_of_the_whole_reply() -> None:
    spoken = dialect(chat={"usage": "running", "reasoning": "reasoning_content"})
    said = stage.output(Reasoning(content=("abcd" * 4,)), Text(text="abcd" * 4), chunks=8)
    usages = [stage.dig(one, "usage") for one in stage.data(said, CHAT, spoken)[:-1]]
    counts = [
        (usage["completion_tokens"], stage.dig(usage, "completion_tokens_details")["reasoning_tokens"])
        for usage in usages
    ]
    assert counts == [(0, 0), (2, 1), (4, 2), (6, 3), (8, 4), (8, 4)]


@pytest.mark.parametrize("word", ["content", "role", "tool_calls"])
def test_reasoning_cannot_take_the_member_of_something_else(word: str) -> None:
    with pytest.raises(DialectDataError) as caught:
        dialect(chat={"reasoning": word})
    assert str(caught.value) == (
        f"chat.reasoning: {word!r} has a meaning of its own; expected a member such as 'reasoning_content', or 'parts'"
    )
