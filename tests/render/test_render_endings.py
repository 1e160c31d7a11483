"""Every way in which a reply ends, from the scenario's file to its bytes."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.judge import judge
from mockserver.model.findings import Severity
from tests.server.sandboxed import CHAT, RESPONSES, Played, Told

SAID = "{text: The tide is rising}"


def told(reply: str, path: str = RESPONSES, **members: Any) -> Told:
    answer = Played(f"stubs: [{{reply: {reply}}}]").ask(path, **members)
    assert answer.entry.findings == ()
    return answer


def rules(answer: Told) -> list[str]:
    return [one.rule for one in judge(answer.wire).findings if one.severity is Severity.ERROR]


def terminal(answer: Told) -> Any:
    """The last event, and the response in it."""
    last = answer.events[-1]
    return last["type"], last.get("response")


def kinds(answer: Told) -> list[str]:
    """The events that are no item's."""
    beside = ("response.output", "response.content")
    return [one["type"] for one in answer.events if not one["type"].startswith(beside)]


BEGUN = ["response.created", "response.in_progress"]
ENDS = [
    ("", "completed", None, "completed"),
    (", finish: stop", "completed", None, "completed"),
    (", finish: length", "incomplete", {"reason": "max_output_tokens"}, "incomplete"),
    (", finish: content_filter", "incomplete", {"reason": "content_filter"}, "incomplete"),
    (", finish: failed", "failed", None, "completed"),
]


@pytest.mark.parametrize(("end", "status", "details", "item"), ENDS)
def test_a_response_ends_alike_streaming_or_not(end: str, status: str, details: Any, item: str) -> None:
    reply = f"{{output: [{SAID}]{end}}}"
    whole, streamed = told(reply), told(reply, stream=True)
    kind, response = terminal(streamed)
    assert kind == f"response.{status}"
    for one in (whole.json, response):
        assert (one["status"], one["incomplete_details"]) == (status, details)
        assert [said["status"] for said in one["output"]] == [item]
        assert (one["error"] is not None, one["usage"] is None) == (status == "failed", status == "failed")
    assert rules(whole) == rules(streamed) == []
    assert kinds(streamed) == [*BEGUN, f"response.{status}"]


# What the event reference lists, then what was seen beyond it.
CODES = (
    *("server_error", "rate_limit_exceeded", "invalid_prompt", "data_residency_mismatch"),
    *("bio_policy", "vector_store_timeout", "invalid_image", "invalid_image_format"),
    *("invalid_base64_image", "invalid_image_url", "image_too_large", "image_too_small"),
    *("image_parse_error", "image_content_policy_violation", "invalid_image_mode"),
    *("image_file_too_large", "unsupported_image_media_type", "empty_image_file"),
    *("failed_to_download_image", "image_file_not_found"),
    *("insufficient_quota", "context_length_exceeded", "server_is_overloaded"),
)


@pytest.mark.parametrize("code", CODES)
def test_a_response_fails_with_each_code(code: str) -> None:
    reply = f"{{output: [{SAID}, {{error: {{code: {code}, message: No.}}}}]}}"
    whole, streamed = told(reply), told(reply, stream=True)
    kind, response = terminal(streamed)
    assert kind == "response.failed"
    for one in (whole.json, response):
        assert one["status"] == "failed"
        assert one["error"] == {"code": code, "message": "No."}
    assert rules(whole) == rules(streamed) == []


FLAT = {"type": "error", "code": "insufficient_quota", "param": None}
NESTED = {"type": "insufficient_quota", "code": "insufficient_quota", "param": None}


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ("", [*BEGUN, "response.failed"]),
        (", as: failed", [*BEGUN, "response.failed"]),
        (", as: event", [*BEGUN, "error"]),
        (", as: both", [*BEGUN, "error", "response.failed"]),
    ],
)
@pytest.mark.parametrize("shape", ["flat", "nested"])
@pytest.mark.parametrize("before", ["", f"{SAID}, "], ids=["at once", "after a text"])
def test_a_stream_fails_in_each_form(form: str, wanted: list[str], shape: str, before: str) -> None:
    reply = f"{{output: [{before}{{error: insufficient_quota{form}, shape: {shape}}}]}}"
    streamed = told(reply, stream=True)
    assert streamed.status == 200
    assert kinds(streamed) == wanted
    for event in streamed.events:
        if event["type"] == "error":
            holder = event if shape == "flat" else event["error"]
            like = FLAT if shape == "flat" else NESTED
            assert {name: holder[name] for name in like} == like
            assert holder["message"].startswith("You exceeded your current quota")
    assert rules(streamed) == []


@pytest.mark.parametrize(("form", "status"), [("failed", 200), ("both", 200), ("event", 429)])
def test_a_non_streaming_response_fails_in_its_body_or_by_its_status(form: str, status: int) -> None:
    whole = told(f"{{output: [{SAID}, {{error: insufficient_quota, as: {form}}}]}}")
    assert whole.status == status
    assert whole.json["error"]["code"] == "insufficient_quota"
    assert whole.json.get("status") == ("failed" if status == 200 else None)
    assert rules(whole) == []


def test_a_cancelled_response_has_that_status_and_its_stream_just_ends() -> None:
    reply = f"{{output: [{SAID}], finish: cancelled}}"
    whole, streamed = told(reply), told(reply, stream=True)
    assert whole.json["status"] == "cancelled"
    assert rules(whole) == []
    assert kinds(streamed) == BEGUN
    assert streamed.wire.endswith(b"\r\n0\r\n\r\n")
    # Proven at load all the same: that a cancelled stream has no end is its nature.
    assert rules(streamed) == ["responses.terminal.missing"]


@pytest.mark.parametrize(
    ("path", "last", "rule"),
    [
        (RESPONSES, "response.output_item.done", "responses.terminal.missing"),
        (CHAT, "chat.completion.chunk", "chat.done.missing"),
    ],
)
def test_a_stream_that_just_ends(path: str, last: str, rule: str) -> None:
    reply = f"{{output: [{SAID}], faults: [{{end: {{before: terminator}}}}]}}"
    streamed = told(reply, path, stream=True)
    assert streamed.events[-1].get("type", streamed.events[-1].get("object")) == last
    assert streamed.wire.endswith(b"\r\n0\r\n\r\n")
    assert rules(streamed) == [rule]


def test_a_chat_stream_that_ends_in_the_middle() -> None:
    reply = f"{{output: [{SAID}], faults: [{{end: {{after: 'text.delta[1]'}}}}]}}"
    streamed = told(reply, CHAT, stream=True)
    assert [one["choices"][0]["delta"].get("content") for one in streamed.events] == ["", "The ", "tide "]
    assert rules(streamed) == ["chat.terminal.missing"]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("", "stop"),
        (", finish: stop", "stop"),
        (", finish: length", "length"),
        (", finish: content_filter", "content_filter"),
    ],
)
def test_a_chat_reply_ends_alike_streaming_or_not(end: str, reason: str) -> None:
    reply = f"{{output: [{SAID}]{end}}}"
    whole, streamed = told(reply, CHAT), told(reply, CHAT, stream=True)
    assert whole.json["choices"][0]["finish_reason"] == reason
    assert streamed.events[-2]["choices"][0]["finish_reason"] == reason
    assert streamed.events[-1] == "[DONE]"
    assert rules(whole) == rules(streamed) == []


def test_an_error_ends_a_chat_stream_in_the_middle() -> None:
    reply = f"{{output: [{SAID}, {{error: overloaded}}]}}"
    streamed = told(reply, CHAT, stream=True)
    assert streamed.events[-1]["error"]["code"] == "server_is_overloaded"
    assert rules(streamed) == []
    whole = told(reply, CHAT)
    assert (whole.status, whole.json["error"]["code"]) == (503, "server_is_overloaded")
