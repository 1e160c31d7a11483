"""Errors under HTTP 200: what a stream tells, and what the SDK makes of it."""

from __future__ import annotations

from collections.abc import Callable

import openai
import pytest
from openai import OpenAI

from tests.clients.python_openai import asking
from tests.clients.python_openai.asking import HELPERS, STREAMS
from tests.kit import SandboxClient

STREAMED = STREAMS | HELPERS
TEXT = {"text": "I was about to"}


def kinds(client: OpenAI) -> list[str]:
    """The types of a stream's last events, until it ends or raises."""
    return [event.type for event in client.responses.create(model="m", input="x", stream=True)]


def test_iterating_over_a_failed_response_raises_nothing(
    retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[TEXT, {"error": "rate_limited", "as": "failed"}])
    *_, last = retrying.responses.create(model="m", input="x", stream=True)
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error is not None
    assert last.response.error.code == "rate_limit_exceeded"
    assert len(mockserver.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        {"output": [TEXT, {"error": "server_error", "as": "failed"}]},
        {"output": [TEXT], "finish": "length"},
        {"output": [TEXT], "finish": "content_filter"},
        {"output": [TEXT], "faults": [{"omit": "terminator"}]},
        {"output": [TEXT], "faults": [{"end": {"before": "terminator"}}]},
    ],
    ids=["failed", "length", "filtered", "no terminal event", "early end"],
)
def test_the_helper_misses_the_completed_response(
    reply: dict[str, object], client: OpenAI, says: Callable[..., None]
) -> None:
    says(**reply)
    with pytest.raises(RuntimeError, match=r"Didn\'t receive a `response\.completed` event"):
        asking.responses_helper(client, "x")


@pytest.mark.parametrize("form", ["event", "both"])
@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_a_flat_error_event_is_an_event_and_a_nested_one_is_raised(
    form: str, shape: str, client: OpenAI, says: Callable[..., None]
) -> None:
    says(output=[TEXT, {"error": "server_error", "as": form, "shape": shape}])
    if shape == "nested":
        with pytest.raises(openai.APIError) as raised:
            kinds(client)
        assert (type(raised.value), raised.value.code) == (openai.APIError, "server_error")
        return
    found = kinds(client)
    assert found[-2:] == {"event": ["response.output_item.done", "error"], "both": ["error", "response.failed"]}[form]


@pytest.mark.parametrize("way", ["chat stream", "chat helper"])
def test_an_error_chunk_in_chat_is_raised_with_its_fields(
    way: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[TEXT, {"error": "server_error"}])
    with pytest.raises(openai.APIError) as raised:
        STREAMED[way](retrying, "x")
    assert (type(raised.value), raised.value.type) == (openai.APIError, "server_error")
    assert len(mockserver.requests) == 1


@pytest.mark.parametrize("way", STREAMED)
@pytest.mark.parametrize("garbled", ["json", "utf8"])
def test_a_damaged_event_is_a_decoding_error_and_asked_for_once(
    way: str, garbled: str, retrying: OpenAI, mockserver: SandboxClient, says: Callable[..., None]
) -> None:
    says(output=[TEXT], faults=[{"garble": {garbled: "text.delta[1]"}}])
    with pytest.raises(ValueError) as raised:
        STREAMED[way](retrying, "x")
    # json.JSONDecodeError and UnicodeDecodeError are both ValueErrors, and neither is the SDK's.
    assert type(raised.value).__name__ == {"json": "JSONDecodeError", "utf8": "UnicodeDecodeError"}[garbled]
    assert len(mockserver.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"framing": {"newline": "crlf"}},
        {"framing": {"newline": "cr"}},
        {"framing": {"comment": "keep-alive"}},
        {"framing": {"id": True}},
        {"framing": {"retry": 1000}},
        {"framing": {"split_data": True}},
        {"framing": {"space": False}},
        {"framing": {"event_lines": False}},
        {"garble": {"content_type": "text/html"}},
        {"dribble": {"bytes": 1}},
        {"dribble": {"split_utf8": True}},
        {"dribble": {"coalesce": True}},
        {"repeat": "text.done[0]"},
    ],
    ids=str,
)
@pytest.mark.parametrize("way", STREAMED)
def test_other_sse_formats_read_the_same(
    fault: dict[str, object], way: str, client: OpenAI, says: Callable[..., None]
) -> None:
    if "repeat" in fault and way.startswith("chat"):
        fault = {"repeat": "finish"}
    says(output=[{"text": "Grüße, 你好 und 🦄"}], faults=[fault])
    assert STREAMED[way](client, "x") == "Grüße, 你好 und 🦄"
