"""Conditions as written, and the values they become."""

from __future__ import annotations

import pytest

from mockserver.errors import ScenarioError
from tests.kit import (
    AllOf,
    AnyOfCondition,
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
    NoneOfCondition,
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
        ("last: {role: user}", (TextCondition(name="last.role", want=Equals("user")),)),
        ("last: {type: {not: message}, text: {contains: a, matches: b}}", (
            TextCondition(name="last.type", want=Not(Equals("message"))),
            TextCondition(name="last.text", want=AllOf((Contains("a"), Matches("b")))))),
        ("last: {role: {one_of: [user, tool]}}", (TextCondition(name="last.role", want=OneOf(("user", "tool"))),)),
        ("last: {role: {matches: u, not: {contains: t}}}",
            (TextCondition(name="last.role", want=AllOf((Matches("u"), Not(Contains("t"))))),)),
        ("all_of: [{user: a}, {model: b, turn: 0}]", (TextCondition(name="user", want=Equals("a")),
            TextCondition(name="model", want=Equals("b")), TurnCondition(least=0, most=0))),
        ("any_of: [{user: a}, {all_of: [{user: b}, {turn: 0}]}]", (AnyOfCondition(groups=(
            (TextCondition(name="user", want=Equals("a")),),
            (TextCondition(name="user", want=Equals("b")), TurnCondition(least=0, most=0)))),)),
        ("none_of: [{stream: true}, {stream: true, user: a}]", (StreamCondition(expected=False), NoneOfCondition(
            group=(StreamCondition(expected=True), TextCondition(name="user", want=Equals("a"))),
            written={"stream": True, "user": "a"}, index=1))),
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


_USER: JSONObject = {"role": "user", "content": "a"}
_CALL: JSONObject = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
_OUTPUT: JSONObject = {"type": "function_call_output", "call_id": "c", "output": "18"}


@pytest.mark.parametrize(
    ("text", "body", "expected"),
    [
        ("last: {role: user}", {"input": "a"}, ()),
        ("last: {role: user, text: a}", {"messages": [_USER]}, ()),
        ("last: {type: message}", {"messages": [_USER]}, ()),
        ("last: {type: function_call_output, text: '18'}", {"input": [_USER, _CALL, _OUTPUT]}, ()),
        ("last: {type: function_call_output}", {"input": [_USER, _CALL, _OUTPUT, _USER]},
            (Mismatch(path="last.type", expected='"function_call_output"', got='"message"'),)),
        ("last: {role: tool}", {"input": [_USER, _CALL, _OUTPUT]},
            (Mismatch(path="last.role", expected='"tool"', got="none"),)),
        ("last: {text: {not: x}}", {"messages": []}, ()),
        ("last: {type: message}", {"input": [3]}, (Mismatch(path="last.type", expected='"message"', got="none"),)),
        ("last: {type: x}", {"input": [{"type": "x"}]}, ()),
        ("any_of: [{user: a}, {model: b}]", {"messages": [_USER]}, ()),
        ("any_of: [{user: b}, {model: b, turn: 1}]", {"messages": [_USER], "model": "c"},
            (Mismatch(path="any_of", expected='user: "b" or model: "b" and turn: 1',
            got='user: "a", model: "c", turn: 0'),)),
        ("none_of: [{user: b}, {model: c, turn: 0}]", {"messages": [_USER], "model": "c"},
            (Mismatch(path="none_of[1]", expected='not {"model":"c","turn":0}', got="all of it"),)),
        ("none_of: [{user: b}, {model: c, turn: 1}]", {"messages": [_USER], "model": "c"}, ()),
    ],
)  # fmt: skip
def test_what_differs_is_told_by_condition(text: str, body: JSONObject, expected: tuple[Mismatch, ...]) -> None:
    endpoint = Endpoint.RESPONSES if "input" in body else Endpoint.CHAT
    call = Call(endpoint=endpoint, body=body)
    assert tuple(found for one in conditions(text) for found in one.mismatches(call)) == expected


def test_the_group_of_an_alternative_that_holds_is_captured() -> None:
    stub = load_stub("{reply: 'in {{match.city}}', when: {any_of: [{model: x}, {user: {matches: 'to (?P<city>.+)'}}]}}")
    call = Call(endpoint=Endpoint.CHAT, body={"messages": [{"role": "user", "content": "to Oslo"}]})
    assert [dict(one.captures(call)) for one in stub.when] == [{"city": "Oslo"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last: {role: usr}", "stubs[0].when.last.role: unknown role 'usr'; did you mean 'user'?"),
        ("last: {role: {equals: usr}}", "stubs[0].when.last.role.equals: unknown role 'usr'; did you mean 'user'?"),
        ("last: {role: {one_of: [user, tol]}}",
            "stubs[0].when.last.role.one_of[1]: unknown role 'tol'; did you mean 'tool'?"),
        ("last: {role: {not: usr}}", "stubs[0].when.last.role.not: unknown role 'usr'; did you mean 'user'?"),
        ("last: {}", "stubs[0].when.last: expected a mapping of role, type, text, got an empty mapping"),
        ("last: user", "stubs[0].when.last: expected a mapping of role, type, text, got 'user'"),
        ("any_of: []", "stubs[0].when.any_of: expected a list of mappings of conditions, got an empty list"),
        ("all_of: [{}]", "stubs[0].when.all_of[0]: expected a mapping of conditions, got an empty mapping"),
        ("none_of: [{any_of: [{usr: a}]}]",
            "stubs[0].when.none_of[0].any_of[0].usr: unknown key 'usr'; did you mean 'user'?"),
        ("body: {a: {contains: a, matches: '['}}",
            "stubs[0].when.body.a.matches: '[' is no regular expression: unterminated character set at position 0"),
    ],
)  # fmt: skip
def test_a_bad_condition_is_reported_in_its_place(text: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        conditions(text)
    assert [f"{one.key_path}: {one.message}" for one in raised.value.problems] == [expected]
