"""Ids, members and counts that a scenario states or leaves out, as a client gets them."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Dialects, load_text
from tests.server.sandboxed import CHAT, COMPACT, RESPONSES, Answer, Played

PATHS = {"chat": CHAT, "responses": RESPONSES, "compact": COMPACT}


def scenario(reply: str, on: str = "responses", more: str = "") -> str:
    return f"stubs:\n  - name: s\n    on: {on}\n{more}    reply:\n      {reply}\n"


def asked(reply: str, on: str = "responses", **members: Any) -> Answer:
    found = Played(scenario(reply, on)).ask(PATHS[on], **members)
    assert found.entry.findings == ()
    return found


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "s.yaml", Dialects())
    return [f"{one.key_path}: {one.message}" for one in caught.value.problems]


def deep(value: Any, *path: str | int) -> Any:
    for step in path:
        value = value[step]
    return value


# --- ids ---


@pytest.mark.parametrize(
    "item",
    [
        "{text: hi, id: msg_own}",
        "{json: {a: 1}, id: msg_own}",
        "{refusal: no, id: msg_own}",
        "{reasoning: {}, id: rs_own}",
        "{call: f, id: fc_own}",
        "{custom_call: f, input: x, id: ctc_own}",
        "{compaction: x, id: cmp_own}",
        "{web_search: x, id: ws_own}",
    ],
)
def test_an_item_has_the_id_that_the_scenario_states(item: str) -> None:
    reply = f"output: [{item}]"
    own = item.rpartition("id: ")[2].rstrip("}")
    assert deep(asked(reply).json, "output", 0, "id") == own
    events = asked(reply, stream=True).events
    ids = {event["item"]["id"] for event in events if "item" in event} | {
        event["item_id"] for event in events if "item_id" in event
    }
    assert ids == {own}


# --- compactions ---


def test_a_compaction_has_the_kept_messages_and_ids_that_the_scenario_states() -> None:
    kept = "[{role: user, content: first}, {id: msg_own, role: user, content: [{type: input_text, text: b}]}]"
    output = asked(f"output: [{{compaction: x, id: cmp_own, kept: {kept}}}]", "compact").json["output"]
    generated = output[0].pop("id")
    assert generated.startswith("msg_")
    assert output == [
        {"type": "message", "status": "completed", "content": [{"type": "input_text", "text": "first"}],
            "role": "user"},
        {"id": "msg_own", "type": "message", "status": "completed", "content": [{"type": "input_text", "text": "b"}],
            "role": "user"},
        {"id": "cmp_own", "type": "compaction", "encrypted_content": "x"},
    ]  # fmt: skip


@pytest.mark.parametrize(("kept", "count"), [("", 2), (", kept: []", 1)])
def test_without_kept_messages_those_of_the_user_are_kept(kept: str, count: int) -> None:
    assert len(asked(f"output: [{{compaction: x{kept}}}]", "compact").json["output"]) == count


# --- members that are left out ---


def test_members_of_a_reply_are_left_out_of_each_form() -> None:
    reply = "output: [{text: hi}]\n      omit: [service_tier, choices.message.annotations]"
    whole = asked(reply, "chat").json
    assert "service_tier" not in whole
    assert "annotations" not in whole["choices"][0]["message"]
    for chunk in asked(reply, "chat", stream=True).events[:-1]:
        assert "service_tier" not in chunk
    padded = asked("output: [{text: hi}]\n      omit: obfuscation", "chat", stream=True)
    assert not any("obfuscation" in chunk for chunk in padded.events[:-1])


def test_members_of_a_response_are_left_out_of_every_snapshot() -> None:
    reply = "output: [{text: hi}]\n      omit: [safety_identifier, usage.input_tokens_details.cache_write_tokens]"
    assert "safety_identifier" not in asked(reply).json
    assert "cache_write_tokens" not in asked(reply).json["usage"]["input_tokens_details"]
    responses = [event["response"] for event in asked(reply, stream=True).events if "response" in event]
    assert len(responses) == 3
    assert not any("safety_identifier" in one for one in responses)


def test_members_of_an_item_are_left_out_of_both_snapshots_and_its_events() -> None:
    reply = "output: [{text: hi, omit: [content.logprobs]}]"
    assert "logprobs" not in deep(asked(reply).json, "output", 0, "content", 0)
    for event in asked(reply, stream=True).events:
        assert "logprobs" not in event.get("part", {})
        assert not any("logprobs" in part for part in event.get("item", {}).get("content", ()))
    hosted = "output: [{file_search: x, omit: results}]"
    assert "results" not in deep(asked(hosted).json, "output", 0)
    added = asked(hosted, stream=True).events[2]
    assert "results" not in added["item"]


def test_members_of_a_compaction_are_left_out() -> None:
    played = Played(
        scenario(
            "output: [{compaction: x, omit: encrypted_content}]\n      breaks: [compaction.schema.required]", "compact"
        )
    )
    assert "encrypted_content" not in played.ask(COMPACT).json["output"][-1]


def test_what_is_left_out_against_the_contract_is_a_breach() -> None:
    found = problems(scenario("output: [{text: hi}]\n      omit: [id]"))
    assert any("id: " in one for one in found)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("output: [{text: hi}]\n      omit: [servce_tier]",
            "reply.omit: no form of this reply has 'servce_tier', so that nothing is left out"),
        ("output: [{text: hi, omit: [results]}]", "reply.output[0].omit: no form of this reply has 'results'"),
        ("choices: [[{text: hi}], [{text: a, omit: [status]}]]", "no form of this reply has 'status'"),
        ("output: [{text: hi}]\n      omit: []", "reply.omit: expected the path of a member, or a list of paths"),
        ("output: [{text: hi}]\n      omit: ['a..b']", "expected the path of a member"),
        ("output: [{text: hi}]\n      omit: [a, a]", "'a' is listed twice"),
        ("output: [{text: hi, omit: 7}]", "expected the path of a member, or a list of paths, got 7"),
        ("output: [{text: hi, id: ''}]", "reply.output[0].id: expected a string that is not empty, got ''"),
        ("output: [{error: server_error, omit: [code]}]", "'omit'"),
        ("error: rate_limited\n      omit: [error]", "'omit' does not apply to a reply with 'error'"),
        ("output: [{compaction: x, kept: {}}]", "reply.output[0].kept: expected a list of mappings"),
        ("output: [{text: hi}]\n      usage: {cached: -1}", "usage.cached: expected a whole number from 0, or null"),
        ("output: [{text: hi}]\n      usage: {cached: x}", "usage.cached: expected a whole number from 0, or null"),
    ],
)  # fmt: skip
def test_a_value_that_has_no_meaning_is_an_error(reply: str, message: str) -> None:
    found = problems(scenario(reply, "chat" if "choices" in reply else "responses"))
    assert any(message in one for one in found), found


# --- usage ---


@pytest.mark.parametrize(
    ("usage", "chat", "responses"),
    [
        ("{cached: null}", {"prompt_tokens_details": {"audio_tokens": 0}},
            {"input_tokens_details": {"cache_write_tokens": 0}}),
        ("{cache_write: null}", {"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}},
            {"input_tokens_details": {"cached_tokens": 0}}),
    ],
)  # fmt: skip
def test_a_count_of_null_is_left_out(usage: str, chat: dict[str, Any], responses: dict[str, Any]) -> None:
    for on, expected in (("chat", chat), ("responses", responses)):
        text = scenario(f"output: [{{text: hi}}]\n      usage: {usage}\n      BREAKS", on)
        rule = f"[{on}.schema.required]" if "cached" in usage and on == "responses" else ""
        try:
            found = Played(text.replace("      BREAKS\n", "")).ask(PATHS[on]).json["usage"]
        except ScenarioError:
            found = Played(text.replace("BREAKS", f"breaks: {rule}")).ask(PATHS[on]).json["usage"]
        for name, value in expected.items():
            assert found[name] == value


def test_a_count_of_null_replaces_that_of_the_defaults() -> None:
    text = "defaults: {usage: {cache_write: 3}}\n" + scenario("output: [{text: hi}]\n      usage: {cache_write: null}")
    assert Played(text).ask(RESPONSES).json["usage"]["input_tokens_details"] == {"cached_tokens": 0}


# --- fields ---


def test_what_a_response_has_when_it_ends_is_not_in_its_first_events() -> None:
    fields = (
        "{completed_at: 1767225700, usage: {input_tokens: 1, input_tokens_details: {cached_tokens: 0}, "
        "output_tokens: 1, output_tokens_details: {reasoning_tokens: 0}, total_tokens: 2}, more: 1}"
    )
    reply = f"output: [{{text: hi}}]\n      fields: {fields}"
    created, *_, completed = [event["response"] for event in asked(reply, stream=True).events if "response" in event]
    assert (created["completed_at"], created["usage"], created["more"]) == (None, None, 1)
    assert (completed["completed_at"], completed["usage"]["total_tokens"], completed["more"]) == (1767225700, 2, 1)
    assert asked(reply).json["usage"]["total_tokens"] == 2


def test_a_usage_of_a_chat_is_where_its_stream_has_one() -> None:
    usage = "{prompt_tokens: 1, completion_tokens: 1, total_tokens: 2}"
    reply = f"output: [{{text: hi}}]\n      fields: {{usage: {usage}, more: 1}}"
    plain = asked(reply, "chat", stream=True).events[:-1]
    assert not any("usage" in chunk for chunk in plain)
    assert all(chunk["more"] == 1 for chunk in plain)
    counted = asked(reply, "chat", stream=True, stream_options={"include_usage": True}).events[:-1]
    assert [chunk["usage"] for chunk in counted[:-1]] == [None] * (len(counted) - 1)
    assert counted[-1]["usage"]["total_tokens"] == 2
    assert asked(reply, "chat").json["usage"]["total_tokens"] == 2


@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_further_members_of_an_error_are_in_its_events_and_in_the_failed_response(shape: str) -> None:
    reply = f"output: [{{error: {{name: server_error, fields: {{hint: later}}}}, as: both, shape: {shape}}}]"
    *_, error, failed = Played(scenario(reply)).ask(RESPONSES, stream=True).events
    assert (error if shape == "flat" else error["error"])["hint"] == "later"
    assert failed["response"]["error"]["hint"] == "later"
