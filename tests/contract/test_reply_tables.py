"""Values against expressions and tables of members."""

from __future__ import annotations

import pytest

from mockserver.contract.json_diff import describe_value, member_path
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.types import (
    Expression,
    Kind,
    ListOf,
    Literal,
    OneOf,
    TypeViolation,
    Word,
    parse,
)
from mockserver.model.json import JSON


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("string", (Word.STRING,)),
        ("string|null", (Word.STRING, Word.NULL)),
        ("=response|id", (Literal("response"), Word.ID)),
        ("#status.item", (OneOf("status.item"),)),
        ("@usage|null", (Kind("usage"), Word.NULL)),
        ("@item.*", (Kind("item", by_type=True),)),
        ("[@item.*]", (ListOf(Expression((Kind("item", by_type=True),))),)),
        ("[string|null]|null", (ListOf(Expression((Word.STRING, Word.NULL))), Word.NULL)),
    ],
)
def test_an_expression_is_its_alternatives(text: str, wanted: tuple[object, ...]) -> None:
    assert parse(text).alternatives == wanted


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is no type"),
        ("strin", "'strin' is no type"),
        ("=", "'=' is no type"),
        ("string|", "'' is no type"),
        ("[string", "'[string' has no ']'"),
        ("[string]null", "'null' after a list, '|' would be right"),
        ("null|[string]", None),
        ("[[string]]", "'[[string]]' is a list inside a list"),
    ],
)
def test_what_is_no_expression_is_named(text: str, complaint: str | None) -> None:
    if complaint is None:
        assert len(parse(text).alternatives) == 2
        return
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert str(caught.value).startswith(complaint)


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


def breaches(value: JSON, kind: str = "box", *, final: bool = False) -> list[tuple[str, str, str]]:
    found = CONTRACT.tables.check(value, kind, "", final=final)
    return [(one.problem, one.path, one.message) for one in found]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"any": [1]},
        {"void": None},
        {"whole": -3},
        {"count": 0},
        {"number": 1.5},
        {"number": 2},
        {"text": ""},
        {"object": {"x": 1}},
        {"list": [1, "a"]},
        {"colour": "red"},
        {"colour": None},
        {"mark": "x"},
        {"inner": {"id": "b"}},
        {"inner": None},
        {"things": [{"type": "ball"}, {"type": "cube"}]},
        {"names": None},
        {"shape": {"type": "flat"}},
    ],
)
def test_a_value_as_told_has_no_breach(members: dict[str, JSON]) -> None:
    assert breaches({"id": "a", **members}) == []


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ({"id": ""}, ("value", "id", "found '', id would be right")),
        ({"id": 7}, ("type", "id", "found 7, id would be right")),
        ({"ghost": 1}, ("absent", "ghost", "found 1, no such member would be right")),
        ({"surprise": 1}, ("unknown", "surprise", "found 1, no such member is known")),
        ({"void": 0}, ("type", "void", "found 0, null would be right")),
        ({"lid": 1}, ("type", "lid", "found 1, boolean would be right")),
        ({"whole": True}, ("type", "whole", "found true, integer would be right")),
        ({"whole": 1.0}, ("type", "whole", "found 1.0, integer would be right")),
        ({"count": -1}, ("value", "count", "found -1, count would be right")),
        ({"count": "1"}, ("type", "count", "found '1', count would be right")),
        ({"number": False}, ("type", "number", "found false, number would be right")),
        ({"text": None}, ("type", "text", "found null, string would be right")),
        ({"object": []}, ("type", "object", "found a list of 0, object would be right")),
        ({"list": {}}, ("type", "list", "found an object of 0 members, list would be right")),
        (
            {"colour": "green"},
            ("value", "colour", "found 'green', blue, red or null would be right"),
        ),
        ({"colour": 3}, ("type", "colour", "found 3, blue, red or null would be right")),
        ({"mark": "y"}, ("value", "mark", "found 'y', 'x' would be right")),
        ({"inner": {}}, ("required", "inner.id", "missing, id would be right")),
        ({"inner": []}, ("type", "inner", "found a list of 0, object or null would be right")),
        ({"things": [{}]}, ("required", "things[0].type", "missing, a type would be right")),
        (
            {"things": [{"type": 1}]},
            ("type", "things[0].type", "found 1, a type would be right"),
        ),
        ({"things": ["ball"]}, ("type", "things[0]", "found 'ball', object would be right")),
        ({"things": {}}, ("type", "things", "found an object of 0 members, list would be right")),
        ({"names": ["a", 1]}, ("type", "names[1]", "found 1, string would be right")),
        (
            {"shape": {"type": "odd"}},
            ("value", "shape.type", "found 'odd', one of flat, round would be right"),
        ),
    ],
)
def test_a_value_not_as_told_is_one_breach(
    members: dict[str, JSON], wanted: tuple[str, str, str]
) -> None:
    assert breaches({"id": "a", **members}) == [wanted]


def test_what_is_no_object_is_a_breach_at_its_place() -> None:
    assert breaches(None) == [("type", "", "found null, object would be right")]
    found = list(CONTRACT.tables.check_by_type(1, "thing", "here", final=True))
    message = "found 1, object would be right"
    assert found == [TypeViolation(problem="type", path="here", message=message)]


def test_a_final_member_is_required_at_the_end_alone() -> None:
    assert breaches({"id": "a"}, final=False) == []
    assert breaches({"id": "a"}, final=True) == [
        ("required", "lid", "missing, boolean would be right")
    ]


def test_a_closed_kind_has_no_further_members() -> None:
    assert breaches({"a": 1}, "closed") == []
    assert breaches({"b": 1}, "closed") == [("absent", "b", "found 1, no such member is known")]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        pytest.param(-(10**5000), "a very large integer", id="large"),
        (1.5, "1.5"),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, f"{'x' * 60!r}… (61 characters)"),
        ([1], "a list of 1"),
        ({"a": 1}, "an object of 1 members"),
    ],
)
def test_a_value_is_shown_short(value: JSON, wanted: str) -> None:
    assert describe_value(value) == wanted


def test_a_path_is_short_too() -> None:
    assert member_path("", "a") == "a"
    assert member_path("a", "x" * 61) == f"a.{'x' * 60}…"
