"""Streams that upstreams send are legal: no finding, not even a notice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract import chat_cases, responses_cases
from tests.contract.bodies import called, completion, failed, incomplete, response
from tests.contract.chat_streams import events, text
from tests.contract.mutations import Mutation, all_of, before, change, drop, lose, put
from tests.contract.responses_cases import failing, plain, tools, unnumbered
from tests.contract.responses_streams import live, message, reasoning, shell, stream
from tests.kit import (
    CONTRACT_DATE,
    JSON,
    OPENAI,
    Finding,
    JSONObject,
    LazyReplyValidator,
    ReplyContract,
    Severity,
    Shape,
    judge_stream,
    write,
)


@pytest.mark.parametrize("name", responses_cases.LEGAL)
def test_a_responses_stream_without_fault_has_no_finding(name: str) -> None:
    given = stream(*responses_cases.LEGAL[name]())
    assert judge_stream(given, shape=Shape.RESPONSES, contract=OPENAI) == ()


@pytest.mark.parametrize("name", responses_cases.NOTICED)
def test_what_the_api_was_seen_to_send_is_a_notice(name: str) -> None:
    make, expected = responses_cases.NOTICED[name]
    found = judge_stream(stream(*make()), shape=Shape.RESPONSES, contract=OPENAI)
    assert {one.rule for one in found} == expected
    assert {one.severity for one in found} == {Severity.NOTICE}


@pytest.mark.parametrize("name", ["an event of tomorrow", "a member of tomorrow"])
def test_a_finding_about_something_unknown_names_the_date_of_the_contract(name: str) -> None:
    make, _ = responses_cases.NOTICED[name]
    [found] = judge_stream(stream(*make()), shape=Shape.RESPONSES, contract=OPENAI)
    assert CONTRACT_DATE in found.message


def test_a_responses_stream_may_have_no_numbers_at_all() -> None:
    given = unnumbered(stream(*live(message("Hi"))))
    assert judge_stream(given, shape=Shape.RESPONSES, contract=OPENAI) == ()


@pytest.mark.parametrize("name", chat_cases.NOTICED)
def test_what_the_contract_does_not_know_in_chat_is_a_notice(name: str) -> None:
    found = judge_stream(events(*chat_cases.NOTICED[name]()), shape=Shape.CHAT, contract=OPENAI)
    assert {(one.rule, one.severity) for one in found} == {("chat.schema.unknown", Severity.NOTICE)}


@pytest.mark.parametrize("name", chat_cases.LEGAL)
def test_a_chat_stream_without_fault_has_no_finding(name: str) -> None:
    chunks, contract = chat_cases.LEGAL[name]
    assert judge_stream(events(*chunks()), shape=Shape.CHAT, contract=contract) == ()


def test_an_error_chunk_may_end_a_chat_stream_without_the_marker() -> None:
    chunks, contract = chat_cases.LEGAL["an error in the middle"]
    assert judge_stream(events(*chunks(), done=False), shape=Shape.CHAT, contract=contract) == ()


def test_a_chat_stream_may_do_without_the_marker_where_that_is_agreed() -> None:
    contract = chat_cases.formed(done="optional")
    given = events(*chat_cases.plain(), done=False)
    assert judge_stream(given, shape=Shape.CHAT, contract=contract) == ()


JUDGE = LazyReplyValidator(lambda: OPENAI)


def rules(found: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("mutate", "base", "expected"),
    [
        # One mistake at the beginning is given once, and the rest of the stream is still judged.
        (drop("response.created"), plain, ["responses.created.first"]),
        (drop("response.in_progress"), plain, ["responses.in_progress.missing"]),
        (drop("response.created"), failing, ["responses.created.first"]),
        (lambda datas: datas.__delitem__(slice(0, -1)), plain, ["responses.created.first", "responses.output.same"]),
        # An item that is not done is missing from the output too, which is not given twice.
        (drop("response.output_item.done"), plain, ["responses.item.unclosed"]),
        (put("response.output_item.done", "item", to=None), plain,
            ["responses.schema.type", "responses.item.unclosed"]),
        (put("response.reasoning_summary_part.added", "part", "type", to="poem"), lambda: live(reasoning("hm")),
            ["responses.schema.unknown", "responses.part.same"]),
        (put("response.reasoning_summary_part.done", "part", to=None), lambda: live(reasoning("hm")),
            ["responses.schema.type", "responses.part.same"]),
        (put("response.output_item.done", "item", "action", "commands", to="ls"), lambda: live(shell("ls")),
            ["responses.output.same"]),
        (lose("response.in_progress", "response", "created_at"), plain, ["responses.schema.required"]),
        (put("response.content_part.added", "part", "type", to=10**5000), plain,
            ["responses.schema.type", "responses.message.order", "responses.part.same"]),
        (put("response.completed", "response", to=7), plain, ["responses.schema.type"]),
        (put("response.output_item.added", "item", to=7), plain,
            ["responses.schema.type", "responses.item.unopened", "responses.output.same"]),
        (all_of(put("response.reasoning_summary_part.added", "part", "type", to="poem"),
            put("response.reasoning_summary_part.done", "part", "type", to="poem")), lambda: live(reasoning("hm")),
            ["responses.schema.unknown", "responses.part.same"]),
        (put("response.completed", "response", "output", to=None), plain, ["responses.schema.type"]),
        (put("response.output_text.delta", "sequence_number", to=True), plain,
            ["responses.schema.type", "responses.sequence"]),
        (all_of(put("response.output_text.delta", "sequence_number", to=10**5000),
            put("response.output_text.done", "sequence_number", to=7)), plain, ["responses.sequence"]),
        (put("response.output_item.added", "output_index", to=10**5000), plain,
            ["responses.output_index.order", "responses.item.unopened", "responses.item.unclosed"]),
        (put("response.function_call_arguments.done", "arguments", to=7), tools, ["responses.schema.type"]),
        (before("response.completed", {"type": "response.audio.done"}, {"type": "audio"}), plain,
            ["responses.event.unknown"]),
    ],
)  # fmt: skip
def test_one_mistake_is_not_reported_in_every_event(mutate: Mutation, base: object, expected: list[str]) -> None:
    assert callable(base)
    datas: list[JSONObject] = base()
    mutate(datas)
    found = rules(JUDGE.stream(stream(*datas), Shape.RESPONSES))
    assert list(dict.fromkeys(found)) == expected


def test_an_event_that_is_json_text_is_validated_as_json() -> None:
    events = [replace(event, data=None, text=write(event.data)) for event in stream(*plain())]
    assert JUDGE.stream(events, Shape.RESPONSES) == ()


def test_further_events_of_a_dialect_are_legal_while_the_response_runs() -> None:
    contract = ReplyContract.from_data(
        {
            "kinds": {"event.gateway.cost": {"required": {"type": "string", "cost": "number"}}},
            "responses": {"extra_events": ["gateway.cost", "ping"], "sequence": "optional"},
        },
        OPENAI,
    )
    judge = LazyReplyValidator(lambda: contract)
    datas = plain()
    before("response.output_text.delta", {"type": "ping"}, {"type": "gateway.cost", "cost": 1})(datas)
    found = judge.stream(stream(*datas), Shape.RESPONSES)
    assert rules(found) == ["responses.schema.unknown"]
    datas.append({"type": "ping"})
    assert rules(judge.stream(stream(*datas), Shape.RESPONSES))[-1] == "responses.terminal.last"


@pytest.mark.parametrize(
    ("body", "shape", "expected"),
    [
        (change(completion(), "choices", to=[7]), Shape.CHAT, ["chat.schema.type"]),
        (change(completion(), "choices", to=7), Shape.CHAT, ["chat.schema.type"]),
        (change(completion(), "choices", 0, "message", to=7), Shape.CHAT, ["chat.schema.type"]),
        (change(called("call_1"), "choices", 0, "message", "tool_calls", to=[7]), Shape.CHAT, ["chat.schema.type"]),
        (change(response(), "output", 0, "id", to=7), Shape.RESPONSES, ["responses.schema.type"]),
        (change(completion(), "usage", to=7), Shape.CHAT, ["chat.schema.type"]),
        (change(completion(), "usage", "total_tokens", to=True), Shape.CHAT, ["chat.schema.type"]),
        (change(incomplete(), "output", to=[]), Shape.RESPONSES, []),
        (change(response(), "output", 1, "content", 0, "text", to=7), Shape.RESPONSES, ["responses.schema.type"]),
        (change({**response(), "output_text": ""}, "output", 1, "content", to=[1]), Shape.RESPONSES,
            ["responses.schema.type"]),
        (change({**response(), "output_text": ""}, *("output", 1, "content", 0),
            to={"type": "output_text", "text": 7, "annotations": []}), Shape.RESPONSES, ["responses.schema.type"]),
        (change({**response(), "output_text": ""}, "output", 1, "content", to=None), Shape.RESPONSES,
            ["responses.schema.type"]),
        (change(response(), "status", to=7), Shape.RESPONSES, ["responses.schema.type"]),
        (change(response(), "status", to="cancelled"), Shape.RESPONSES, []),
        (change(failed(), "output", to=[7]), Shape.RESPONSES, ["responses.schema.type"]),
        (None, Shape.RESPONSES, ["responses.schema.type"]),
        ([], Shape.COMPACTION, ["compaction.schema.type"]),
        ({"error": None}, Shape.CHAT, ["error.schema.type"]),
    ],
)  # fmt: skip
def test_odd_values_are_left_to_the_schema(body: JSON, shape: Shape, expected: list[str]) -> None:
    assert rules(JUDGE.body(body, shape)) == expected


@pytest.mark.parametrize(
    ("steps", "to"),
    [
        (("choices",), [7]),
        (("choices", 0, "index"), "0"),
        (("choices", 0, "delta"), 7),
        (("choices", 0, "delta", "tool_calls"), [7]),
        (("choices", 0, "delta", "tool_calls"), [{"index": "0"}]),
    ],
)
def test_odd_values_in_chunks_are_left_to_the_schema(steps: tuple[str | int, ...], to: JSON) -> None:
    chunks = text("Hel", "lo")
    change(chunks[1], *steps, to=to)
    assert rules(JUDGE.stream(events(*chunks), Shape.CHAT)) == ["chat.schema.type"]
