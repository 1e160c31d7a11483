"""Chat replies, whole and in chunks, as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import (
    JSON,
    Audio,
    CustomCall,
    Dialect,
    ErrorRef,
    FinishReason,
    FunctionCall,
    Item,
    JSONObject,
    Output,
    Reasoning,
    Refusal,
    Shape,
    StreamError,
    Text,
    Usage,
)
from tests.render import stage
from tests.render.stage import DIALECTS, IDS, output

ID = IDS.id("chatcmpl-")
CALL_ID, NEXT_CALL_ID = IDS.id("call_"), IDS.id("call_", 1)
PLAIN = stage.styled(obfuscation=False)
DETAILS: JSONObject = {
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
# "hello" is two tokens of four bytes, and so is "It is".
USAGE: JSONObject = {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4, **DETAILS}
CITATION: JSONObject = {
    "type": "url_citation",
    "url": "https://example.org",
    "title": "t",
    "start_index": 0,
    "end_index": 2,
}
LOGPROB: JSONObject = {"token": "It is", "logprob": -0.5, "bytes": None, "top_logprobs": []}


def cited(start: int, end: int) -> JSONObject:
    inner: JSONObject = {"end_index": end, "start_index": start, "title": "t", "url": "https://example.org"}
    return {"type": "url_citation", "url_citation": inner}


def function(call_id: str, name: str, arguments: str) -> JSONObject:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_a_completion() -> None:
    whole = stage.whole(output(Text(text="It is")), Shape.CHAT)
    assert whole.json == {
        "id": ID,
        "object": "chat.completion",
        "created": 1767225600,
        "model": "my-model",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "It is", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
        "service_tier": "default",
        "system_fingerprint": None,
    }
    assert whole.body.startswith(b'{\n  "id": "chatcmpl-')


def message(content: str | None, **members: JSON) -> JSONObject:
    return {"role": "assistant", "content": content, "refusal": None, "annotations": [], **members}


MESSAGES: dict[str, tuple[Output, JSONObject, str]] = {
    "nothing": (output(), message(None), "stop"),
    "an empty text": (output(Text(text="")), message(""), "stop"),
    "texts are one": (output(Text(text="a"), Text(text="b")), message("ab"), "stop"),
    "a refusal": (output(Refusal(text="no")), message(None, refusal="no"), "stop"),
    "an empty refusal is none": (output(Refusal(text="")), message(None), "stop"),
    "reasoning has no field": (output(Reasoning(summary=("hm",)), Text(text="a")), message("a"), "stop"),
    "calls": (
        output(FunctionCall(name="f", arguments="{}"), CustomCall(name="p", input="do")),
        message(
            None,
            tool_calls=[
                function(CALL_ID, "f", "{}"),
                {"id": NEXT_CALL_ID, "type": "custom", "custom": {"name": "p", "input": "do"}},
            ],
        ),
        "tool_calls",
    ),
    "a call with an id of its own, beside text": (
        output(Text(text="a"), FunctionCall(name="f", arguments="{}", call_id="mine")),
        message("a", tool_calls=[function("mine", "f", "{}")]),
        "tool_calls",
    ),
    "a forced call finishes with stop": (
        output(FunctionCall(name="f", arguments="{}"), finish=FinishReason.STOP),
        message(None, tool_calls=[function(CALL_ID, "f", "{}")]),
        "stop",
    ),
    "cut by length": (output(Text(text="a"), finish=FinishReason.LENGTH), message("a"), "length"),
    "filtered": (output(Text(text="a"), finish=FinishReason.CONTENT_FILTER), message("a"), "content_filter"),
    "annotations are nested and count in the whole content": (
        output(Text(text="ab", annotations=(CITATION,)), Text(text="cd", annotations=(CITATION,))),
        message("abcd", annotations=[cited(0, 2), cited(2, 4)]),
        "stop",
    ),
    "annotations in chat's own shape stay": (
        output(Text(text="ab", annotations=(cited(0, 1), {"odd": True}))),
        message("ab", annotations=[cited(0, 1), {"odd": True}]),
        "stop",
    ),
    "annotations of which little is known": (
        output(Text(text="ab", annotations=({"type": "file_path", "file_id": "f"},))),
        message("ab", annotations=[{"type": "file_path", "file_path": {}}]),
        "stop",
    ),
}


@pytest.mark.parametrize(("said", "expected", "finish"), MESSAGES.values(), ids=MESSAGES)
def test_messages(said: Output, expected: JSONObject, finish: str) -> None:
    choice = stage.dig(stage.body(said, Shape.CHAT), "choices", 0)
    assert choice == {"index": 0, "message": expected, "logprobs": None, "finish_reason": finish}


def test_logprobs_of_all_texts() -> None:
    said = output(Text(text="It is", logprobs=(LOGPROB,)), Text(text="x", logprobs=({"token": "x"},)))
    choice = stage.dig(stage.body(said, Shape.CHAT), "choices", 0)
    assert choice["logprobs"] == {"content": [LOGPROB, {"token": "x"}], "refusal": None}


def test_reasoning_is_sent_where_the_dialect_has_a_field_for_it() -> None:
    dialect = stage.styled(reasoning="reasoning_content")
    said = output(Reasoning(summary=("short",), content=("long", "er")), Text(text="a"))
    found = stage.dig(stage.body(said, Shape.CHAT, dialect), "choices", 0, "message")
    assert list(found) == ["role", "content", "reasoning_content", "refusal", "annotations"]
    assert found["reasoning_content"] == "longer"
    summed = output(Reasoning(summary=("short",)))
    found = stage.dig(stage.body(summed, Shape.CHAT, dialect), "choices", 0, "message")
    assert found["reasoning_content"] == "short"


def test_id_model_and_time_of_a_completion_can_be_scripted() -> None:
    said = output(id="mine", model="m", created=7, fields={"more": [1], "service_tier": "flex"})
    body = stage.body(said, Shape.CHAT)
    assert {name: body[name] for name in ("id", "model", "created", "more", "service_tier")} == {
        "id": "mine",
        "model": "m",
        "created": 7,
        "more": [1],
        "service_tier": "flex",
    }
    for chunk in stage.data(said, Shape.CHAT)[:-1]:
        assert stage.dig(chunk)["more"] == [1]
        assert stage.dig(chunk)["id"] == "mine"


# --- chunks ------------------------------------------------------------------------------------

Delta = tuple[JSONObject, str | None]


def deltas(said: Output, dialect: Dialect = PLAIN, **members: JSON) -> list[Delta]:
    """Delta and finish of each chunk that has a choice."""
    found: list[Delta] = []
    for chunk in stage.data(said, Shape.CHAT, dialect, **members):
        if isinstance(chunk, dict) and chunk.get("choices"):
            choice = stage.dig(chunk, "choices", 0)
            finish = choice["finish_reason"]
            assert finish is None or isinstance(finish, str)
            found.append((stage.dig(choice, "delta"), finish))
    return found


def test_a_complete_stream() -> None:
    identity: JSONObject = {
        "id": ID,
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "my-model",
        "service_tier": "default",
        "system_fingerprint": None,
    }

    def choice(delta: JSONObject, finish: str | None = None) -> list[JSON]:
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]

    options: JSONObject = {"include_usage": True, "include_obfuscation": False}
    said = output(Text(text="It is"))
    assert stage.data(said, Shape.CHAT, stream_options=options) == [
        identity | {"choices": choice({"role": "assistant", "content": "", "refusal": None}), "usage": None},
        identity | {"choices": choice({"content": "It"}), "usage": None},
        identity | {"choices": choice({"content": " is"}), "usage": None},
        identity | {"choices": choice({}, "stop"), "usage": None},
        identity | {"choices": [], "usage": USAGE},
        "[DONE]",
    ]


START: Delta = ({"role": "assistant", "content": "", "refusal": None}, None)
NULL_START: Delta = ({"role": "assistant", "content": None, "refusal": None}, None)


def fragment(index: int, **members: JSON) -> Delta:
    return {"tool_calls": [{"index": index, **members}]}, None


DELTAS: dict[str, tuple[Output, list[Delta]]] = {
    "nothing": (output(), [NULL_START, ({}, "stop")]),
    "an empty text": (output(Text(text="")), [START, ({}, "stop")]),
    "tokens, as the dialect cuts": (
        output(Text(text="one two.")),
        [START, ({"content": "one"}, None), ({"content": " two"}, None), ({"content": "."}, None), ({}, "stop")],
    ),
    "words": (
        output(Text(text="one  two"), chunks="word"),
        [START, ({"content": "one  "}, None), ({"content": "two"}, None), ({}, "stop")],
    ),
    "the reply's chunks, unless the item has its own": (
        output(Text(text="abcd"), Text(text="ef", chunks="char"), chunks=3),
        [
            START,
            ({"content": "abc"}, None),
            ({"content": "d"}, None),
            ({"content": "e"}, None),
            ({"content": "f"}, None),
            ({}, "stop"),
        ],
    ),
    "a refusal": (
        output(Refusal(text="no way")),
        [
            ({"role": "assistant", "content": None, "refusal": ""}, None),
            ({"refusal": "no"}, None),
            ({"refusal": " way"}, None),
            ({}, "stop"),
        ],
    ),
    "calls": (
        output(FunctionCall(name="f", arguments='{"a": 1}'), CustomCall(name="p", input="do", chunks="char")),
        [
            ({"role": "assistant", "content": None}, None),
            fragment(0, id=CALL_ID, type="function", function={"name": "f", "arguments": ""}),
            fragment(0, function={"arguments": '{"'}),
            fragment(0, function={"arguments": "a"}),
            fragment(0, function={"arguments": '":'}),
            fragment(0, function={"arguments": " 1"}),
            fragment(0, function={"arguments": "}"}),
            fragment(1, id=NEXT_CALL_ID, type="custom", custom={"name": "p", "input": ""}),
            fragment(1, custom={"input": "d"}),
            fragment(1, custom={"input": "o"}),
            ({}, "tool_calls"),
        ],
    ),
    "annotations come once, at the end": (
        output(Text(text="ab", annotations=(CITATION,)), Text(text="cd", annotations=(CITATION,))),
        [
            START,
            ({"content": "ab"}, None),
            ({"content": "cd"}, None),
            ({"annotations": [cited(0, 2), cited(2, 4)]}, None),
            ({}, "stop"),
        ],
    ),
}


@pytest.mark.parametrize(("said", "expected"), DELTAS.values(), ids=DELTAS)
def test_deltas(said: Output, expected: list[Delta]) -> None:
    assert deltas(said) == expected


SPELLED: dict[str, tuple[Text, list[tuple[JSON, JSON]]]] = {
    "a token a chunk": (
        Text(text="It is", logprobs=({"token": "It"}, {"token": " is"})),
        [("It", [{"token": "It"}]), (" is", [{"token": " is"}])],
    ),
    "tokens that spell something else": (
        Text(text="It is", logprobs=({"token": "x"},)),
        [("It", [{"token": "x"}]), (" is", None)],
    ),
    "what is no token": (Text(text="It is", logprobs=({"token": 7},)), [("It", [{"token": 7}]), (" is", None)]),
    "tokens of no text": (Text(text="", logprobs=({"token": "x"},)), [("", [{"token": "x"}])]),
}


@pytest.mark.parametrize(("text", "expected"), SPELLED.values(), ids=SPELLED)
def test_logprobs_in_chunks(text: Text, expected: list[tuple[JSON, JSON]]) -> None:
    found = []
    for chunk in stage.data(output(text), Shape.CHAT)[1:-2]:
        choice = stage.dig(chunk, "choices", 0)
        logprobs = choice["logprobs"]
        if isinstance(logprobs, dict):
            assert logprobs["refusal"] is None
            logprobs = logprobs["content"]
        found.append((stage.dig(choice, "delta")["content"], logprobs))
    assert found == expected


def test_choices_stream_in_turn() -> None:
    said = Output(choices=((Text(text="a b"),), (Text(text="c"),)))
    found = []
    for chunk in stage.data(said, Shape.CHAT)[:-1]:
        choice = stage.dig(chunk, "choices", 0)
        found.append((choice["index"], stage.dig(choice, "delta").get("content"), choice["finish_reason"]))
    assert found == [
        (0, "", None),
        (1, "", None),
        (0, "a", None),
        (1, "c", None),
        (0, " b", None),
        (1, None, "stop"),
        (0, None, "stop"),
    ]


def test_calls_of_all_choices_have_ids_of_their_own() -> None:
    call = FunctionCall(name="f", arguments="{}")
    said = Output(choices=((call,), (call,)))
    body = stage.body(said, Shape.CHAT)
    ids = [stage.dig(body, "choices", n, "message", "tool_calls", 0)["id"] for n in (0, 1)]
    assert ids == [CALL_ID, NEXT_CALL_ID]


FAILURE = StreamError(error=ErrorRef(name="server_error"))
MESSAGE = stage.dig(stage.body(output(FAILURE), Shape.CHAT), "error")


def test_a_failure_ends_the_stream_without_done() -> None:
    stream = stage.streamed(output(Text(text="It is"), FAILURE), Shape.CHAT, PLAIN)
    assert [event.label for event in stream.events] == ["role", "text.delta[0]", "text.delta[1]", "error"]
    assert stream.events[-1].data == {"error": MESSAGE}
    assert stream.closes
    assert not stage.streamed(output(), Shape.CHAT).closes


def test_a_failure_in_one_choice_leaves_the_others_complete() -> None:
    said = Output(choices=((Text(text="a"),), (Text(text="b"), FAILURE)))
    assert stage.labels(said, Shape.CHAT) == ["role", "role[1]", "text.delta[0]", "text.delta[1]", "finish", "error"]


# --- styles ------------------------------------------------------------------------------------

A, B = Text(text="a"), Text(text="b")
SPEAKER: JSONObject = {"role": "assistant"}
ROLES: dict[str, tuple[str, tuple[Item, ...], list[Delta]]] = {
    "joined": ("joined", (A, B), [({**SPEAKER, "content": "a"}, None), ({"content": "b"}, None), ({}, "stop")]),
    "joined with a call": (
        "joined",
        (FunctionCall(name="f", arguments="", call_id="c"),),
        [
            (
                {
                    **SPEAKER,
                    "tool_calls": [
                        {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
                    ],
                },
                None,
            ),
            ({}, "tool_calls"),
        ],
    ),
    "joined with nothing": ("joined", (), [({**SPEAKER, "content": None}, None), ({}, "stop")]),
    "joined with an empty text": (
        "joined",
        (Text(text=""), Refusal(text="no")),
        [({**SPEAKER, "content": ""}, None), ({"refusal": "no"}, None), ({}, "stop")],
    ),
    "every": (
        "every",
        (A, B),
        [({**SPEAKER, "content": "a"}, None), ({**SPEAKER, "content": "b"}, None), (SPEAKER, "stop")],
    ),
    "every, with nothing": ("every", (), [({**SPEAKER, "content": None}, None), (SPEAKER, "stop")]),
}


@pytest.mark.parametrize(("role", "items", "expected"), ROLES.values(), ids=ROLES)
def test_the_role_is_where_the_style_puts_it(role: str, items: tuple[Item, ...], expected: list[Delta]) -> None:
    assert deltas(output(*items), stage.styled(PLAIN, role=role)) == expected


ASKED: JSONObject = {"include_usage": True}
ABSENT = "absent"
USAGES: dict[str, tuple[str, JSONObject, list[JSON]]] = {
    "own, asked for": ("own", ASKED, [None, None, None, 2]),
    "own, not asked for": ("own", {}, [ABSENT, ABSENT, ABSENT]),
    "finish": ("finish", {}, [ABSENT, ABSENT, 2]),
    "finish, asked for": ("finish", ASKED, [ABSENT, ABSENT, 2]),
    "every": ("every", {}, [2, 2, 2]),
    "never": ("never", ASKED, [ABSENT, ABSENT, ABSENT]),
}


@pytest.mark.parametrize(("usage", "options", "expected"), USAGES.values(), ids=USAGES)
def test_usage_is_where_the_style_puts_it(usage: str, options: JSONObject, expected: list[JSON]) -> None:
    chunks = stage.data(output(A), Shape.CHAT, stage.styled(usage=usage), stream_options=options)
    found: list[JSON] = []
    for chunk in chunks[:-1]:
        spent = stage.dig(chunk).get("usage", ABSENT)
        found.append(spent["prompt_tokens"] if isinstance(spent, dict) else spent)
    assert found == expected


def test_reasoning_deltas_come_with_null_content() -> None:
    dialect = stage.styled(PLAIN, reasoning="reasoning")
    said = output(Reasoning(summary=("s",), content=("a b",)), Text(text="c"))
    assert deltas(said, dialect) == [
        START,
        ({"content": None, "reasoning": "a"}, None),
        ({"content": None, "reasoning": " b"}, None),
        ({"content": "c"}, None),
        ({}, "stop"),
    ]
    assert stage.labels(said, Shape.CHAT, dialect) == [
        "role",
        "reasoning.delta[0]",
        "reasoning.delta[1]",
        "text.delta[0]",
        "finish",
        "terminator",
    ]


def test_reasoning_is_left_out_where_the_message_has_no_field_for_it() -> None:
    dialect = stage.styled(DIALECTS["visioncoder"], reasoning="reasoning")
    said = output(Reasoning(content=("a",)), Text(text="c"))
    assert deltas(said, dialect) == [({**SPEAKER, "content": "c"}, None), ({}, "stop")]


def test_a_first_chunk_and_comments() -> None:
    first: JSONObject = {"choices": [], "prompt_filter_results": []}
    dialect = stage.styled(first=first, comment="processing")
    stream = stage.streamed(output(A), Shape.CHAT, dialect)
    assert stream.comment == "processing"
    assert stream.events[0].label == "chunk[0]"
    assert stream.events[0].data == {
        "id": ID,
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "my-model",
        **first,
    }
    assert [event.label for event in stream.events[1:3]] == ["role", "text.delta[0]"]


@pytest.mark.parametrize(("padding", "ends"), [("deltas", False), ("chunks", True)])
def test_padding_is_on_deltas_or_all_chunks(padding: str, ends: bool) -> None:
    chunks = stage.data(output(A, B), Shape.CHAT, stage.styled(padding=padding))[:-1]
    assert ["obfuscation" in stage.dig(chunk) for chunk in chunks] == [ends, True, True, ends]


def test_padding_differs_and_can_be_forbidden() -> None:
    pads = [stage.dig(chunk)["obfuscation"] for chunk in stage.data(output(A, B), Shape.CHAT)[1:3]]
    assert len(set(pads)) == 2
    for chunk in stage.data(output(A), Shape.CHAT, stream_options={"include_obfuscation": False})[:-1]:
        assert "obfuscation" not in stage.dig(chunk)


# --- what other dialects leave out -------------------------------------------------------------


def test_a_message_of_few_members() -> None:
    said = output(
        Text(text="It is", annotations=(CITATION,), logprobs=(LOGPROB,)),
        Refusal(text="no"),
        FunctionCall(name="f", arguments="{}"),
    )
    assert stage.body(said, Shape.CHAT, DIALECTS["apifox"]) == {
        "id": ID,
        "object": "chat.completion",
        "created": 1767225600,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "It isno", "tool_calls": [function(CALL_ID, "f", "{}")]},
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5},
    }
    found = deltas(said, DIALECTS["apifox"])
    assert [list(delta) for delta, _ in found] == [
        ["role", "content"],
        ["content"],
        ["content"],
        ["tool_calls"],
        ["tool_calls"],
        [],
    ]


def test_a_dialect_can_list_the_fields_of_deltas() -> None:
    dialect = replace(PLAIN, members={**PLAIN.members, "chat.delta": ("content",)})
    said = output(Text(text="a", annotations=(CITATION,)), Refusal(text="no"))
    assert deltas(said, dialect) == [({"content": ""}, None), ({"content": "a"}, None), ({}, "stop")]


def test_usage_can_be_stated() -> None:
    said = output(usage=Usage(input=9, cached=4, output=7, reasoning=3))
    assert stage.body(said, Shape.CHAT)["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": 7,
        "total_tokens": 16,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 3,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


# --- audio -------------------------------------------------------------------------------------

AUDIO_ID = IDS.id("audio_")
SPEECH = Audio(data=("QQ==", "Qg=="), transcript="a b")
TONE: JSONObject = {"id": AUDIO_ID, "data": "QQ==Qg==", "expires_at": 1767229200, "transcript": "a b"}


def test_audio_in_a_message() -> None:
    found = stage.dig(stage.body(output(SPEECH), Shape.CHAT), "choices", 0, "message")
    assert found == message(None, audio=TONE)
    own = replace(SPEECH, id="mine", expires=7)
    found = stage.dig(stage.body(output(own), Shape.CHAT), "choices", 0, "message")
    assert found["audio"] == TONE | {"id": "mine", "expires_at": 7}
    found = stage.dig(stage.body(output(SPEECH, CALL), Shape.CHAT), "choices", 0, "message")
    assert {"audio", "tool_calls"} <= found.keys()


def test_audio_in_chunks() -> None:
    assert deltas(output(SPEECH)) == [
        NULL_START,
        ({"audio": {"id": AUDIO_ID, "transcript": ""}}, None),
        ({"audio": {"transcript": "a"}}, None),
        ({"audio": {"transcript": " b"}}, None),
        ({"audio": {"data": "QQ=="}}, None),
        ({"audio": {"data": "Qg=="}}, None),
        ({"audio": {"expires_at": 1767229200}}, None),
        ({}, "stop"),
    ]
    assert stage.labels(output(SPEECH), Shape.CHAT)[1:3] == ["audio.delta[0]", "audio.delta[1]"]


def test_audio_is_sent_as_text_where_a_message_has_no_field_for_it() -> None:
    dialect = DIALECTS["visioncoder"]
    found = stage.dig(stage.body(output(SPEECH), Shape.CHAT, dialect), "choices", 0, "message")
    assert found == {"role": "assistant", "content": "a b"}
    assert deltas(output(SPEECH), dialect) == [
        ({**SPEAKER, "content": "a "}, None),
        ({"content": "b"}, None),
        ({}, "stop"),
    ]


# --- the older function call, and calls that are forced ----------------------------------------

OFFERED: list[JSON] = [{"name": "f"}]
CALL = FunctionCall(name="f", arguments="1 2")
CUSTOM = CustomCall(name="p", input="x")
OLD: JSONObject = {"name": "f", "arguments": "1 2"}
FORCED: JSONObject = {"type": "function", "function": {"name": "f"}}
CALLED: dict[str, tuple[Output, JSONObject, str, str]] = {
    "tools": (output(CALL), {"tools": OFFERED}, "tool_calls", "tool_calls"),
    "functions": (output(CALL), {"functions": OFFERED}, "function_call", "function_call"),
    "functions, said outright": (
        output(CALL, finish=FinishReason.TOOL_CALLS),
        {"functions": OFFERED},
        "function_call",
        "function_call",
    ),
    "functions and tools": (output(CALL), {"functions": OFFERED, "tools": OFFERED}, "tool_calls", "tool_calls"),
    "several calls": (output(CALL, CALL), {"functions": OFFERED}, "tool_calls", "tool_calls"),
    "a custom call": (output(CUSTOM), {"functions": OFFERED}, "tool_calls", "tool_calls"),
    "an automatic function": (
        output(CALL),
        {"functions": OFFERED, "function_call": "auto"},
        "function_call",
        "function_call",
    ),
    "functions, cut by length": (
        output(CALL, finish=FinishReason.LENGTH),
        {"functions": OFFERED},
        "function_call",
        "length",
    ),
    "a forced tool": (output(CALL), {"tool_choice": FORCED}, "tool_calls", "stop"),
    "a forced function": (
        output(CALL),
        {"functions": OFFERED, "function_call": {"name": "f"}},
        "function_call",
        "stop",
    ),
    "any tool": (output(CALL), {"tool_choice": "required"}, "tool_calls", "tool_calls"),
    "allowed tools": (output(CALL), {"tool_choice": {"type": "allowed_tools"}}, "tool_calls", "tool_calls"),
    "said outright, though forced": (
        output(CALL, finish=FinishReason.TOOL_CALLS),
        {"tool_choice": FORCED},
        "tool_calls",
        "tool_calls",
    ),
}


@pytest.mark.parametrize(("said", "members", "member", "finish"), CALLED.values(), ids=CALLED)
def test_a_call_is_a_tool_call_or_a_function_call_by_the_request(
    said: Output, members: JSONObject, member: str, finish: str
) -> None:
    choice = stage.dig(stage.body(said, Shape.CHAT, PLAIN, **members), "choices", 0)
    found = [name for name in ("tool_calls", "function_call") if name in stage.dig(choice, "message")]
    assert (found, choice["finish_reason"]) == ([member], finish)
    chunks = deltas(said, PLAIN, **members)
    assert chunks[-1] == ({}, finish)
    assert {next(iter(delta)) for delta, _ in chunks[1:-1]} == {member}


def test_a_legacy_function_call_streams_in_chunks() -> None:
    assert deltas(output(CALL), PLAIN, functions=OFFERED) == [
        (NULL_START[0] | {"function_call": {"name": "f", "arguments": ""}}, None),
        ({"function_call": {"arguments": "1"}}, None),
        ({"function_call": {"arguments": " 2"}}, None),
        ({}, "function_call"),
    ]
    choice = stage.dig(stage.body(output(CALL), Shape.CHAT, PLAIN, functions=OFFERED), "choices", 0)
    assert stage.dig(choice, "message")["function_call"] == OLD


def test_a_legacy_function_call_is_a_tool_call_where_messages_have_none() -> None:
    body = stage.body(output(CALL), Shape.CHAT, DIALECTS["visioncoder"], functions=OFFERED)
    assert "tool_calls" in stage.dig(body, "choices", 0, "message")


def test_an_error_in_a_chunk_that_finishes_its_choice() -> None:
    said = Output(choices=((Text(text="a"),), (FAILURE,)))
    events = stage.streamed(said, Shape.CHAT, stage.styled(error="chunk")).events
    last = stage.dig(events[-1].data)
    assert (events[-1].label, last["error"]) == ("error", MESSAGE)
    assert last["choices"] == [{"index": 1, "delta": {"content": ""}, "finish_reason": "error"}]
    assert last["id"] == ID
