"""Values against expressions and tables of members."""

from __future__ import annotations

import pytest

from tests.kit import CONTRACT_DATE, JSON, Kind, ListOf, Literal, ReplyContract, describe_value, member_path
from tests.kit import ReplyContractOneOf as OneOf
from tests.kit import reply_contract_parse as parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", ("string",)),
        ("string|null", ("string", "null")),
        ("=response|id", (Literal("response"), "id")),
        ("#status.item", (OneOf("status.item"),)),
        ("@usage|null", (Kind("usage"), "null")),
        ("@item.*", (Kind("item", by_type=True),)),
        ("[@item.*]", (ListOf((Kind("item", by_type=True),)),)),
        ("[string|null]|null", (ListOf(("string", "null")), "null")),
    ],
)
def test_an_expression_is_its_alternatives(text: str, expected: tuple[object, ...]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "error_text"),
    [
        ("", "'' is not a type"),
        ("strin", "'strin' is not a type"),
        ("=", "'=' is not a type"),
        ("string|", "'' is not a type"),
        ("[string", "'[string' has no ']'"),
        ("[string]null", "expected '|' after a list, got 'null'"),
        ("null|[string]", None),
        ("[[string]]", "'[[string]]' is a list inside a list; use a kind for the inner one"),
    ],
)
def test_an_invalid_type_is_reported(text: str, error_text: str | None) -> None:
    if error_text is None:
        assert len(parse(text)) == 2
        return
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert str(caught.value).startswith(error_text)


CONTRACT = ReplyContract.from_data(
    {
        "kinds": {
            "box": {
                "required": {"id": "id"},
                "final": {"lid": "boolean"},
                "optional": {
                    "any": "any",
                    "void": "null",
                    "whole": "integer",
                    "count": "count",
                    "number": "number",
                    "text": "string",
                    "object": "object",
                    "list": "list",
                    "colour": "#colour|null",
                    "mark": "=x",
                    "inner": "@box|null",
                    "things": "[@thing.*]",
                    "names": "[string]|null",
                    "shape": "@shape.*",
                },
                "absent": ["ghost"],
            },
            "closed": {"closed": True, "optional": {"a": "any"}},
            "thing.ball": {"required": {"type": "=ball"}},
            "thing.other": {"required": {"type": "string"}},
            "shape.round": {"required": {"type": "=round"}},
            "shape.flat": {"required": {"type": "=flat"}},
        },
        "values": {"colour": ["red", "blue"]},
    },
    ReplyContract(),
)


def findings_of(value: JSON, kind: str = "box", *, final: bool = False) -> list[tuple[str, str, str]]:
    found = CONTRACT.tables.check(value, kind, area="chat", final=final)
    return [(one.rule.removeprefix("chat.schema."), one.path, one.message) for one in found]


@pytest.mark.parametrize(
    "members",
    [
        {}, {"any": [1]}, {"void": None}, {"whole": -3}, {"count": 0}, {"number": 1.5}, {"number": 2}, {"text": ""},
        {"object": {"x": 1}}, {"list": [1, "a"]}, {"colour": "red"}, {"colour": None}, {"mark": "x"},
        {"inner": {"id": "b"}}, {"inner": None}, {"things": [{"type": "ball"}, {"type": "cube"}]}, {"names": None},
        {"shape": {"type": "flat"}},
    ],
)  # fmt: skip
def test_a_valid_value_has_no_findings(members: dict[str, JSON]) -> None:
    assert findings_of({"id": "a", **members}) == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"id": ""}, ("value", "id", "expected id, got ''")),
        ({"id": 7}, ("type", "id", "expected id, got 7")),
        ({"ghost": 1}, ("absent", "ghost", "expected no such member, got 1")),
        ({"surprise": 1}, ("unknown", "surprise", f"unknown member in the contract of {CONTRACT_DATE}, got 1")),
        ({"void": 0}, ("type", "void", "expected null, got 0")),
        ({"lid": 1}, ("type", "lid", "expected boolean, got 1")),
        ({"whole": True}, ("type", "whole", "expected integer, got true")),
        ({"whole": 1.0}, ("type", "whole", "expected integer, got 1.0")),
        ({"count": -1}, ("value", "count", "expected count, got -1")),
        ({"count": "1"}, ("type", "count", "expected count, got '1'")),
        ({"number": False}, ("type", "number", "expected number, got false")),
        ({"text": None}, ("type", "text", "expected string, got null")),
        ({"object": []}, ("type", "object", "expected object, got a list of 0")),
        ({"list": {}}, ("type", "list", "expected list, got an object of 0 members")),
        ({"colour": "green"}, ("value", "colour", "expected blue, red or null, got 'green'")),
        ({"colour": 3}, ("type", "colour", "expected blue, red or null, got 3")),
        ({"mark": "y"}, ("value", "mark", "expected 'x', got 'y'")),
        ({"inner": {}}, ("required", "inner.id", "missing, expected id")),
        ({"inner": []}, ("type", "inner", "expected object or null, got a list of 0")),
        ({"things": [{}]}, ("required", "things[0].type", "missing, expected a type")),
        ({"things": [{"type": 1}]}, ("type", "things[0].type", "expected a type, got 1")),
        ({"things": ["ball"]}, ("type", "things[0]", "expected object, got 'ball'")),
        ({"things": {}}, ("type", "things", "expected list, got an object of 0 members")),
        ({"names": ["a", 1]}, ("type", "names[1]", "expected string, got 1")),
        ({"shape": {"type": "odd"}}, ("unknown", "shape.type", f"'odd' is unknown to the contract of {CONTRACT_DATE}")),
    ],
)
def test_an_invalid_value_has_one_finding(members: dict[str, JSON], expected: tuple[str, str, str]) -> None:
    assert findings_of({"id": "a", **members}) == [expected]


def test_a_value_in_place_of_an_object_is_reported_at_its_path() -> None:
    assert findings_of(None) == [("type", "", "expected object, got null")]
    assert findings_of({"id": "a", "things": [7]}) == [("type", "things[0]", "expected object, got 7")]


def test_a_final_member_is_required_at_the_end_alone() -> None:
    assert findings_of({"id": "a"}, final=False) == []
    assert findings_of({"id": "a"}, final=True) == [("required", "lid", "missing, expected boolean")]


def test_a_closed_kind_has_no_further_members() -> None:
    assert findings_of({"a": 1}, "closed") == []
    assert findings_of({"b": 1}, "closed") == [("absent", "b", "unknown member, got 1")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"), (True, "true"), (7, "7"), pytest.param(-(10**5000), "a very large integer", id="large"),
        (1.5, "1.5"), ("x" * 60, repr("x" * 60)), ("x" * 61, f"{'x' * 60!r}… (61 characters)"), ([1], "a list of 1"),
        ({"a": 1}, "an object of 1 members"),
    ],
)  # fmt: skip
def test_a_value_is_described_briefly(value: JSON, expected: str) -> None:
    assert describe_value(value) == expected


def test_a_path_is_short_too() -> None:
    assert member_path("", "a") == "a"
    assert member_path("a", "x" * 61) == f"a.{'x' * 60}…"
