"""The tables of text in an item's record, and the schema of a form."""

from __future__ import annotations

import pytest

from tests.kit import NAME, STRING, EventType, Form, IndexRule, ItemSpec, StreamedText, Text
from tests.kit import KeysKey as Key
from tests.kit import spec_rows as rows

AT = "item_id:id output_index:count"


@pytest.mark.parametrize(
    ("row", "event"),
    [
        ("", EventType(AT, "", ())),
        ("delta:string  -> text.delta[#]", EventType(f"{AT} delta:string", "text.delta[#]", ())),
        ("-item_id code:string", EventType("output_index:count code:string", "", ())),
        (
            "part_index:next part:object",
            EventType(f"{AT} part_index:count part:object", "", (IndexRule("part_index", True, True),)),
        ),
        ("part_index:last", EventType(f"{AT} part_index:count", "", (IndexRule("part_index", False, False),))),
        ("part_index:coming", EventType(f"{AT} part_index:count", "", (IndexRule("part_index", True, False),))),
    ],
)
def test_a_row_of_an_event(row: str, event: EventType) -> None:
    assert EventType.read(row) == event


def test_rows_continue_on_indented_lines() -> None:
    assert rows("""
a  x:string
    y?:string
b

c  -> label
""") == {"a": "x:string y?:string", "b": "", "c": "-> label"}


def test_a_grammar_goes_from_state_to_event_to_state() -> None:
    spec = ItemSpec(
        grammar="""
open: job.started > in progress, done
in progress: job.delta, job.ended > open
"""
    )
    assert spec.steps == {
        "open": {"job.started": "in progress", "output_item.done": "closed"},
        "in progress": {"job.delta": "in progress", "job.ended": "open"},
        "closed": {},
    }


def test_an_item_without_a_grammar_is_added_and_done() -> None:
    assert ItemSpec().steps == {"open": {"output_item.done": "closed"}, "closed": {}}


def test_members_of_the_added_item_are_empty_as_it_is_sent_or_as_the_record_says() -> None:
    assert ItemSpec(added={"code": ""}).empty_values == {"code": ("",)}
    assert ItemSpec(added={"code": ""}, empty={}).empty_values == {}


def test_a_streamed_text_has_a_rule_of_its_own_or_that_of_its_member() -> None:
    assert StreamedText("job", "text").rule_id == "responses.text.same"
    assert StreamedText("job", "text", rule="job").rule_id == "responses.job.same"


def test_the_schema_of_a_form_requires_its_first_key() -> None:
    form = Form(
        Key("job", NAME, "The job."),
        Key("input", STRING, "What it gets.", required=True),
        Key("note", STRING, "A note."),
        make=Text,
        in_response=False,
    )
    assert (form.key, form.definition) == ("job", "job_item")
    assert form.schema == {
        "type": "object",
        "additionalProperties": False,
        "required": ["job", "input"],
        "properties": {
            "job": {"type": "string", "minLength": 1, "description": "The job."},
            "input": {"type": "string", "description": "What it gets."},
            "note": {"type": "string", "description": "A note."},
        },
    }
