"""Compactions: the user's messages as they came, then one item."""

from __future__ import annotations

import pytest

from tests.kit import JSON, Compaction, ErrorRef, JSONObject, Output, Shape, StreamError, Text
from tests.render import stage
from tests.render.stage import IDS, OPENAI, output

PART: JSONObject = {"type": "input_text", "text": "hello"}


def kept(place: int, *content: JSON) -> JSONObject:
    return {
        "id": IDS.id("msg_", place),
        "type": "message",
        "status": "completed",
        "content": list(content),
        "role": "user",
    }


def compacted(text: str) -> JSONObject:
    return {"id": IDS.id("cmp_"), "type": "compaction", "encrypted_content": text}


def test_a_compaction() -> None:
    assert stage.body(output(Compaction(encrypted="gAAAA")), Shape.COMPACTION) == {
        "id": IDS.id("resp_"),
        "object": "response.compaction",
        "created_at": 1767225600,
        "output": [kept(0, PART), compacted("gAAAA")],
        "usage": {
            "input_tokens": 2,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 4,
        },
    }


WRAPPED: dict[str, tuple[Output, str]] = {
    "as scripted": (output(Compaction(encrypted="x")), "x"),
    "text is wrapped": (output(Text(text="a"), Text(text="b°")), "gAAAAAYWLCsA=="),
    "the scripted content wins": (output(Text(text="a"), Compaction(encrypted="x")), "x"),
    "nothing": (output(), "gAAAAA"),
    "a lone surrogate": (output(Text(text="\ud800")), "gAAAAA7aCA"),
}


@pytest.mark.parametrize(("said", "encrypted"), WRAPPED.values(), ids=WRAPPED)
def test_the_encrypted_content(said: Output, encrypted: str) -> None:
    body = stage.body(said, Shape.COMPACTION)
    assert stage.dig(body, "output", -1) == compacted(encrypted)


IMAGE: JSONObject = {"type": "input_image", "image_url": "data:"}
INPUTS: dict[str, tuple[JSON, list[JSON]]] = {
    "a string": ("hello", [kept(0, PART)]),
    "nothing": (None, []),
    "user messages only, parts as they came": (
        [
            {"role": "developer", "content": "be kind"},
            {"type": "message", "role": "user", "content": [PART, IMAGE]},
            {"role": "assistant", "content": "hi"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"role": "user", "content": "hello"},
            {"role": "user", "content": 7},
            "odd",
        ],
        [kept(0, PART, IMAGE), kept(1, PART)],
    ),
}


@pytest.mark.parametrize(("given", "messages"), INPUTS.values(), ids=INPUTS)
def test_the_messages_that_are_kept(given: JSON, messages: list[JSON]) -> None:
    body = stage.body(output(Compaction(encrypted="x")), Shape.COMPACTION, OPENAI, input=given)
    assert body["output"] == [*messages, compacted("x")]


def test_id_and_time_of_a_compaction_can_be_scripted() -> None:
    body = stage.body(output(id="mine", created=7, fields={"more": 1}), Shape.COMPACTION)
    assert (body["id"], body["created_at"], body["more"]) == ("mine", 7, 1)


def test_a_failure_is_an_http_error() -> None:
    failure = StreamError(error=ErrorRef(name="rate_limited"))
    assert stage.whole(output(failure), Shape.COMPACTION).status == 429
