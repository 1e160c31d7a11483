"""The registry, and what holds for every item in it."""

from __future__ import annotations

import pytest

from mockserver.errors import UsageError
from tests.kit import JSON, RULES, SHAPES, Dialects, ItemSpec, Text, load_text, register, registry, write

EVERY_FORM: dict[str, JSON] = {
    "text": {"text": "hi", "phase": "final_answer"},
    "json": {"json": {"a": 1}},
    "refusal": {"refusal": "no"},
    "reasoning": {"reasoning": {"summary": "s", "content": ["a", "b"], "encrypted": "x"}},
    "call": {"call": "f", "arguments": {"a": 1}},
    "custom_call": {"custom_call": "f", "input": "text"},
    "audio": {"audio": ["YQ==", "Yg=="], "transcript": "hi"},
    "web_search": {"web_search": "news", "sources": [{"type": "url", "url": "https://e.org"}]},
    "file_search": {"file_search": ["a", "b"], "results": []},
    "code_interpreter": {"code_interpreter": "1 + 1", "outputs": ["2"]},
    "image": {"image": "YQ==", "partials": ["YQ=="], "size": "1x1"},
    "mcp_list_tools": {"mcp_list_tools": "s", "tools": [{"name": "f", "input_schema": {}}]},
    "mcp_call": {"mcp_call": "f", "server": "s", "error": "broken"},
    "mcp_approval": {"mcp_approval": "f", "server": "s"},
    "compaction": {"compaction": "x"},
    "item": {"item": {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}}},
    "error": {"error": "server_error"},
}


@pytest.mark.parametrize("key", registry().forms)
def test_every_form_can_be_written_and_keeps_the_contract(key: str) -> None:
    scenario = write({"stubs": [{"reply": {"output": [EVERY_FORM[key]]}}]})
    [stub] = load_text(scenario, "f.yaml", Dialects()).stubs
    assert stub.on


@pytest.mark.parametrize("spec", registry().typed, ids=lambda spec: spec.type)
def test_every_event_of_a_grammar_has_a_type_and_every_type_an_event(spec: ItemSpec) -> None:
    events = {word.partition(" ")[0] for row in spec.steps.values() for word in row}
    assert events - {"output_item.done"} == spec.event_types.keys()


@pytest.mark.parametrize("spec", registry().typed, ids=lambda spec: spec.type)
def test_events_that_texts_and_parts_name_are_in_the_table(spec: ItemSpec) -> None:
    named = spec.deltas | spec.ends.keys() | spec.parts_opened | spec.parts_ended.keys()
    assert named <= spec.event_types.keys()
    assert set(spec.restarts) <= {index.member for event in spec.event_types.values() for index in event.indexes}


def test_an_unknown_type_is_added_and_done_with_status_and_members_as_they_are() -> None:
    spec = registry().spec("tomorrow_call")
    assert (spec.prefix, spec.grammar, spec.events) == ("", "", None)


def test_the_reason_why_a_shape_cannot_express_an_item_names_both() -> None:
    reasons = {shape: Text(text="hi").unsupported_reason(shape) for shape in SHAPES.names}
    assert set(reasons.values()) == {None}


def test_an_item_replaces_that_of_its_type() -> None:
    spec = ItemSpec(type="compaction", prefix="c_")
    extended = registry().extended(spec)
    assert extended.spec("compaction") is spec
    assert len(extended.specs) == len(registry().specs)


def test_items_are_registered_before_the_contract_is_loaded() -> None:
    assert RULES
    with pytest.raises(UsageError, match="before the first scenario is loaded"):
        register(ItemSpec(type="late"))


def test_streamed_members_of_items_have_rules_of_their_own() -> None:
    assert registry().text_rules == {
        "arguments": "responses.arguments.same",
        "code": "responses.code.same",
        "input": "responses.input.same",
    }
