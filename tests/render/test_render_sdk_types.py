"""What the official dialect sends, read strictly by the types of the official SDK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import CompactedResponse, Response, ResponseStreamEvent

from tests.kit import JSON, ErrorDelivery, ErrorRef, JSONObject, Output, RawItem, Shape, StreamError
from tests.render import outputs, stage
from tests.render.sdk_types import problems
from tests.render.test_render_properties import CHATS, COMPACTIONS, FEW, RESPONSES

# Where the wire is known to say more than the types, or something else.
FORGIVEN = tuple(
    re.compile(pattern)
    for pattern in (
        # Sent since 2025, in no document and in no type.
        r"^(\.response)?\.(frequency_penalty|presence_penalty|store): unknown in Response$",
        r"\.obfuscation: unknown in Response\w+DeltaEvent$",
        r"\.status: unknown in ResponseCustomToolCall$",
        # A stream's type of logprobs has no bytes; the scenario's own logprobs go out whole.
        r"^\.logprobs\[\d+\]\.bytes: unknown in Logprob$",
        # Chat streams of search models, and of custom tools.
        r"\.delta\.annotations: unknown in ChoiceDelta$",
        r"\.tool_calls\[\d+\]\.custom: unknown in ChoiceDeltaToolCall$",
        r"\.tool_calls: \[\{'index': \d+, 'id': '\w+', 'type': 'custom', .* is no NoneType$",
        # Known once the tool has run.
        r"\.item\.action: missing in ResponseFunctionWebSearch$",
        # The user messages that a compaction keeps.
        r"^\.output\[\d+\]\.(role|content)\b",
        # The nested form of the error event; the list of codes is open.
        r"^\.(error: unknown|message: missing) in ResponseErrorEvent$",
        r"^(\.response)?\.error\.code: 'insufficient_quota' is none of ",
        # Recorded events and items of tomorrow.
        r"^\.type: 'response\.apply_patch_call_operation_diff\.(delta|done)' is none of ",
        r"'tomorrow_call' is none of ",
    )
)


def unforgiven(expected: Any, value: JSON) -> list[str]:
    found = problems(expected, value)
    stranger = any("tomorrow_call" in one or "apply_patch_call_op" in one for one in found)
    return [one for one in found if not stranger and not any(known.search(one) for known in FORGIVEN)]


def differences(said: Output, shape: Shape, whole: Any, event: Any) -> Iterator[str]:
    yield from unforgiven(whole, stage.body(said, shape))
    for data in stage.data(said, shape, stream_options={"include_usage": True}):
        if data != "[DONE]":
            yield from unforgiven(event, data)


@FEW
@given(said=CHATS)
def test_chat_completions_and_chunks(said: Output) -> None:
    assert list(differences(said, Shape.CHAT, ChatCompletion, ChatCompletionChunk)) == []


@FEW
@given(said=RESPONSES)
def test_responses_and_their_events(said: Output) -> None:
    assert list(differences(said, Shape.RESPONSES, Response, ResponseStreamEvent)) == []


ITEMS = [*outputs.plain_items("a b"), *outputs.hosted_items("a b")]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["type"])
def test_raw_items(item: JSONObject) -> None:
    said = stage.output(RawItem(item=item))
    assert list(differences(said, Shape.RESPONSES, Response, ResponseStreamEvent)) == []


@FEW
@given(said=COMPACTIONS)
def test_compactions(said: Output) -> None:
    assert unforgiven(CompactedResponse, stage.body(said, Shape.COMPACTION)) == []


@pytest.mark.parametrize("form", ErrorDelivery)
def test_failures(form: ErrorDelivery) -> None:
    said = stage.output(StreamError(error=ErrorRef(name="insufficient_quota"), form=form))
    for data in stage.data(said, Shape.RESPONSES):
        assert unforgiven(ResponseStreamEvent, data) == []


def test_every_function_tool_is_echoed_in_full() -> None:
    tools: list[JSON] = [{"type": "function", "name": "f"}]
    assert unforgiven(Response, stage.body(stage.output(), Shape.RESPONSES, tools=tools)) == []


def test_strict_parsing_reports_unknown_and_missing_fields() -> None:
    body = stage.body(stage.output(), Shape.CHAT)
    del body["model"]
    assert problems(ChatCompletion, body | {"more": 1, "created": "now", "choices": {}}) == [
        ".choices: {} is no list",
        ".created: 'now' is no int",
        ".model: missing in ChatCompletion",
        ".more: unknown in ChatCompletion",
    ]
