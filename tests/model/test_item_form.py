"""Forms of items: order, members that are filled in, and what the added item shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import ITEM_FORM_PLAIN as PLAIN
from tests.kit import NEUTRAL, IdGenerator, ItemForm, JSONObject, formed_object, write
from tests.kit import item_form_form_of as form_of

IDS = IdGenerator(seed=0, scenario="a scenario", stub="a stub", call=3)
PHASED = replace(NEUTRAL, phase=True)
FORMS = {
    "item.message": ItemForm(order=("type", "content", "phase", "role"), by_trait={"phase": "final_answer"}),
    "item.reasoning": ItemForm(defaults={"content": []}, renewed=("encrypted_content",)),
    "item.web_search_call": ItemForm(order=("type", "action"), added={"action": {"type": "search"}}),
    "action.search": ItemForm(order=("type", "queries"), lists={"queries": "query"}),
    "annotation.url_citation": ItemForm(order=("type", "title")),
}
CITED: JSONObject = {"type": "output_text", "annotations": [{"url": "u", "title": "t", "type": "url_citation"}, 7]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"role": "assistant", "more": 1, "type": "message", "content": [CITED]},
            (
                '{"type":"message","content":[{"type":"output_text","annotations":[{"type":"url_citation","title":"t",'
                '"url":"u"},7]}],"phase":"final_answer","role":"assistant","more":1}'
            ),
        ),
        ({"type": "message", "phase": "commentary"}, '{"type":"message","phase":"commentary"}'),
        ({"type": "reasoning", "content": [1]}, '{"content":[1],"type":"reasoning"}'),
        ({"type": "reasoning"}, '{"content":[],"type":"reasoning"}'),
        (
            {"type": "web_search_call", "action": {"query": "q", "type": "search"}},
            '{"type":"web_search_call","action":{"type":"search","queries":["q"],"query":"q"}}',
        ),
        (
            {"type": "web_search_call", "action": {"query": "q", "type": "search", "queries": []}},
            '{"type":"web_search_call","action":{"type":"search","queries":[],"query":"q"}}',
        ),
        ({"type": "another", "action": {"type": "click"}}, '{"type":"another","action":{"type":"click"}}'),
    ],
)
def test_an_item_has_the_order_and_the_members_of_its_form(given: JSONObject, expected: str) -> None:
    assert write(formed_object(given, "item", FORMS, PHASED)) == expected


def test_a_model_without_the_trait_has_no_such_member() -> None:
    assert formed_object({"type": "message"}, "item", FORMS, NEUTRAL) == {"type": "message"}


def test_the_added_item_has_members_of_its_own() -> None:
    added = FORMS["item.web_search_call"].opened({"status": "in_progress", "type": "web_search_call"}, IDS, 0)
    assert write(added) == '{"type":"web_search_call","action":{"type":"search"},"status":"in_progress"}'


@pytest.mark.parametrize("text", ["", "short", "gAAAAAbutlonger"])
def test_a_renewed_text_has_the_length_and_the_version_of_the_final_one(text: str) -> None:
    renewed = FORMS["item.reasoning"].opened({"encrypted_content": text}, IDS, 0)["encrypted_content"]
    assert isinstance(renewed, str)
    assert len(renewed) == len(text)
    assert renewed != text or not text
    assert renewed.startswith("gAAAAA") == text.startswith("gAAAAA")


def test_a_renewed_text_is_the_same_in_every_call_and_another_for_each_item() -> None:
    form = FORMS["item.reasoning"]
    given: JSONObject = {"encrypted_content": "x" * 20}
    later = IdGenerator(seed=0, scenario="a scenario", stub="a stub", call=9)
    assert form.opened(given, IDS, 0) == form.opened(given, later, 0)
    assert form.opened(given, IDS, 0) != form.opened(given, IDS, 1)


def test_a_member_that_is_not_there_is_not_renewed() -> None:
    assert FORMS["item.reasoning"].opened({"type": "reasoning"}, IDS, 0) == {"type": "reasoning"}


def test_an_object_without_a_form_is_as_it_is() -> None:
    assert form_of({"type": "tomorrow"}, "item", FORMS) is PLAIN
