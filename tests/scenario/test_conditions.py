"""Conditions as written, and the values they become."""

from __future__ import annotations

import pytest

from tests.kit import (
    AllOf,
    BodyCondition,
    Call,
    Condition,
    Contains,
    Endpoint,
    Equals,
    HeaderOrQueryCondition,
    JSONObject,
    Matches,
    Mismatch,
    Not,
    PresenceCondition,
    SchemaCondition,
    StreamCondition,
    TextCondition,
    TextMatcher,
    ToolResultCondition,
    TurnCondition,
)
from tests.kit import MatchersOneOf as OneOf
from tests.scenario.loading import load_stub


def conditions(text: str) -> tuple[Condition, ...]:
    return load_stub(f"{{reply: hi, when: {{{text}}}}}").when


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("hello", Equals("hello")),
        ("{equals: hello}", Equals("hello")),
        ("{contains: ell}", Contains("ell")),
        ("{matches: '^h.*o$'}", Matches("^h.*o$")),
        ("{one_of: [a, b]}", OneOf(("a", "b"))),
        ("{not: hello}", Not(Equals("hello"))),
        ("{not: {contains: a, matches: b}}", Not(AllOf((Contains("a"), Matches("b"))))),
        ("{not: {not: a}}", Not(Not(Equals("a")))),
        ("{matches: b, contains: a}", AllOf((Matches("b"), Contains("a")))),
        ("on", Equals("on")),
        ("'true'", Equals("true")),
        ("''", Equals("")),
    ],
)
@pytest.mark.parametrize("name", ["model", "user", "system", "any_text", "tool", "tool_choice", "previous_response"])
def test_a_text_condition_has_the_matcher_as_written(name: str, text: str, want: TextMatcher) -> None:
    assert conditions(f"{name}: {text}") == (TextCondition(name=name, want=want),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("model: true", (PresenceCondition(name="model", expected=True),)),
        ("previous_response: false", (PresenceCondition(name="previous_response", expected=False),)),
        ("stream: true", (StreamCondition(expected=True),)),
        ("stream: false", (StreamCondition(expected=False),)),
        ("turn: 0", (TurnCondition(least=0, most=0),)),
        ("turn: 1..", (TurnCondition(least=1, most=None),)),
        ("turn: ..3", (TurnCondition(least=0, most=3),)),
        ("turn: '2'", (TurnCondition(least=2, most=2),)),
        ("turn: 2.0", (TurnCondition(least=2, most=2),)),
        ("tool_result: true", (ToolResultCondition(expected=True),)),
        ("tool_result: false", (ToolResultCondition(expected=False),)),
        ("tool_result: {of: a}", (ToolResultCondition(of=Equals("a")),)),
        ("tool_result: {text: {contains: '1'}, call_id: c}",
            (ToolResultCondition(call_id=Equals("c"), text=Contains("1")),)),
        ("header: {X-Team: a, x-trace: true, x-other: false}", (HeaderOrQueryCondition(place="header", name="X-Team",
            want=Equals("a")), HeaderOrQueryCondition(place="header", name="x-trace", want=True),
            HeaderOrQueryCondition(place="header", name="x-other", want=False))),
        ("query: {v: {not: '1'}}", (HeaderOrQueryCondition(place="query", name="v", want=Not(Equals("1"))),)),
        ("body: {n: 1, matches: x, list: [{a: {matches: '^x'}}], none: }",
            (BodyCondition(expected={"n": 1, "matches": "x", "list": [{"a": {"matches": "^x"}}], "none": None}),)),
        ("user: a, model: b, stream: true", (TextCondition(name="user", want=Equals("a")),
            TextCondition(name="model", want=Equals("b")), StreamCondition(expected=True))),
    ],
)  # fmt: skip
def test_conditions_stand_in_the_order_written(text: str, expected: tuple[Condition, ...]) -> None:
    assert conditions(text) == expected


def mismatches(schema: str, body: JSONObject) -> tuple[Mismatch, ...]:
    [condition] = conditions(f"schema: {schema}")
    assert isinstance(condition, SchemaCondition)
    assert condition.captures(Call(endpoint=Endpoint.CHAT, body=body)) == {}
    return condition.mismatches(Call(endpoint=Endpoint.CHAT, body=body))


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        ("true", {"a": 1}, ()),
        ("{required: [a]}", {"a": 1}, ()),
        ("false", {"a": 1}, (Mismatch(path="schema", expected="false", got='{"a":1}'),)),
        ("{required: [b]}", {"a": 1}, (Mismatch(path="schema", expected='{"required":["b"]}', got='{"a":1}'),)),
        ("{properties: {a: {items: {type: string}}, b: {maximum: 1}}}", {"b": 2, "a": ["x", 1]},
            (Mismatch(path="schema.a[1]", expected='{"type":"string"}', got="1"),
            Mismatch(path="schema.b", expected='{"maximum":1}', got="2"))),
        ("{items: false, properties: {a: {items: {type: string}}}}", {"a": [1, 2, 3, 4, 5, 6, 7]},
            tuple(Mismatch(path=f"schema.a[{index}]", expected='{"type":"string"}',
            got=str(index + 1)) for index in range(5))),
        ('{$defs: {x: {type: string}}, properties: {a: {$ref: "#/$defs/x"}}}', {"a": "1"}, ()),
        ('{$id: "urn:x", $defs: {x: {$anchor: y, type: string}}, properties: {a: {$ref: "#y"}}}', {"a": 1},
            (Mismatch(path="schema.a", expected='{"type":"string"}', got="1"),)),
        ('{enum: [{$ref: "#/nowhere"}]}', {"$ref": "#/nowhere"}, ()),
    ],
)  # fmt: skip
def test_a_schema_condition_reports_the_first_mismatches(
    schema: str, body: JSONObject, expected: tuple[Mismatch, ...]
) -> None:
    assert mismatches(schema, body) == expected


def test_a_schema_without_an_end_is_a_mismatch_and_no_crash() -> None:
    [found] = mismatches('{$ref: "#"}', {"a": 1})
    assert found.path == "schema"
    assert found.expected == "a schema whose references and patterns can be followed"


def test_schema_conditions_of_equal_schemas_are_equal() -> None:
    assert conditions("schema: {required: [a]}") == conditions("schema: {required: [a]}")
    assert conditions("schema: {required: [a]}") != conditions("schema: {required: [b]}")
