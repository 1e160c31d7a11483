"""Every condition: when it holds, and what it says when it does not."""

from __future__ import annotations

import pytest

from tests.kit import (
    JSON,
    AllOf,
    BodyCondition,
    Call,
    Condition,
    Contains,
    Endpoint,
    Equals,
    HeaderOrQueryCondition,
    Headers,
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
    group_names,
    write,
)
from tests.kit import MatchersOneOf as OneOf


def call(body: JSONObject, headers: Headers = (), query: Headers = ()) -> Call:
    return Call(endpoint=Endpoint.RESPONSES, body=body, headers=headers, query=query)


def differs(path: str, expected: str, got: str) -> tuple[Mismatch, ...]:
    return (Mismatch(path=path, expected=expected, got=got),)


def matches(pattern: str) -> Matches:
    return Matches(pattern)


def text(name: str, want: TextMatcher) -> TextCondition:
    return TextCondition(name=name, want=want)


TALK: JSONObject = {
    "model": "gpt-5.4",
    "instructions": "be kind",
    "previous_response_id": "resp_1",
    "tool_choice": "auto",
    "tools": [{"type": "function", "name": "add"}, {"type": "web_search"}],
    "input": [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "what is 1 + 2?"},
        {"type": "function_call", "call_id": "c1", "name": "add", "arguments": '{"a":1}'},
        {"type": "function_call", "call_id": "c2", "name": "look", "arguments": "{}"}, {"type": "function_call_output",
        "call_id": "c1", "output": "3"}, {"type": "function_call_output", "call_id": "c9", "output": "lost"}],
}  # fmt: skip
EVERY_TEXT = 'be kind\nbe brief\nwhat is 1 + 2?\n{"a":1}\n{}\n3\nlost'
EACH_TEXT = r'"be kind", "be brief", "what is 1 + 2?", "{\"a\":1}", "{}", "3", "lost"'
HEADERS: Headers = (("X-Team", "red"), ("x-team", "blue"))
QUERY: Headers = (("page", "2"), ("page", "3"))

CASES: dict[str, tuple[Condition, JSONObject, tuple[Mismatch, ...]]] = {
    "model equals": (text("model", Equals("gpt-5.4")), TALK, ()),
    "model differs": (text("model", Equals("gpt-4")), TALK, differs("model", '"gpt-4"', '"gpt-5.4"')),
    "model absent": (text("model", Equals("gpt-4")), {}, differs("model", '"gpt-4"', "none")),
    "model absent, not expected": (text("model", Not(Equals("gpt-4"))), {}, ()),
    "user contains": (text("user", Contains("1 + 2")), TALK, ()),
    "user does not contain": (text("user", Contains("weather")), TALK,
        differs("user", 'a text that contains "weather"', '"what is 1 + 2?"')),
    "system is one text": (text("system", Equals("be kind\nbe brief")), TALK, ()),
    "system differs": (text("system", matches("^be rude")), TALK,
        differs("system", 'a text that matches "^be rude"', '"be kind\\nbe brief"')),
    "system absent": (text("system", Contains("x")), {}, differs("system", 'a text that contains "x"', "none")),
    "any text in one": (text("any_text", Equals("3")), TALK, ()),
    "any text across": (text("any_text", Contains("brief\nwhat")), TALK, ()),
    "any text alone": (text("any_text", Equals("hi")), {"input": "hi"}, ()),
    "any text never in tools": (text("any_text", Contains("web_search")), TALK,
        differs("any_text", 'a text that contains "web_search"', f"{EACH_TEXT}, {write(EVERY_TEXT)}")),
    "none of the texts": (text("any_text", Not(Contains("weather"))), TALK, ()),
    "one of the texts": (text("any_text", Not(Contains("lost"))), {"input": "lost"},
        differs("any_text", 'not a text that contains "lost"', '"lost"')),
    "tool offered": (text("tool", Equals("add")), TALK, ()),
    "hosted tool offered": (text("tool", Equals("web_search")), TALK, ()),
    "tool not offered": (text("tool", OneOf(("sub", "mul"))), TALK,
        differs("tool", 'one of "sub", "mul"', '"add", "web_search"')),
    "tool choice by word": (text("tool_choice", Equals("auto")), TALK, ()),
    "tool choice by name": (text("tool_choice", Equals("add")), {"tool_choice": {"type": "function", "name": "add"}},
        ()),
    "tool choice in chat": (text("tool_choice", Equals("add")),
        {"tool_choice": {"type": "function", "function": {"name": "add"}}}, ()),
    "tool choice of a custom tool": (text("tool_choice", Equals("sh")),
        {"tool_choice": {"type": "custom", "custom": {"name": "sh"}}}, ()),
    "tool choice by type": (text("tool_choice", Equals("allowed_tools")),
        {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}, ()),
    "tool choice without sense": (text("tool_choice", Equals("add")), {"tool_choice": {}},
        differs("tool_choice", '"add"', "none")),
    "tool choice of another type": (text("tool_choice", Equals("add")), {"tool_choice": 7},
        differs("tool_choice", '"add"', "none")),
    "previous response": (text("previous_response", Equals("resp_1")), TALK, ()),
    "previous response absent": (text("previous_response", Equals("resp_1")), {"previous_response_id": None},
        differs("previous_response", '"resp_1"', "none")),
    "both at once": (text("user", AllOf((Contains("1"), Contains("2")))), TALK, ()),
    "only one of both": (text("user", AllOf((Contains("1"), Not(Contains("2"))))), TALK,
        differs("user", 'a text that contains "1" and not a text that contains "2"', '"what is 1 + 2?"')),
    "there is a previous response": (PresenceCondition(name="previous_response", expected=True), TALK, ()),
    "there is none": (PresenceCondition(name="previous_response", expected=True), {},
        differs("previous_response", "any", "none")),
    "there should be none": (PresenceCondition(name="tool", expected=False), TALK,
        differs("tool", "none", '"add", "web_search"')),
    "a service tier": (text("service_tier", Equals("flex")), {"service_tier": "flex"}, ()),
    "no service tier": (text("service_tier", Equals("flex")), {"service_tier": None},
        differs("service_tier", '"flex"', "none")),
    "a compaction trigger": (PresenceCondition(name="compaction_trigger", expected=True),
        {"input": ["x", {"role": "user", "content": "hi"}, {"type": "compaction_trigger", "id": "t"}]}, ()),
    "no compaction trigger": (PresenceCondition(name="compaction_trigger", expected=True),
        {"input": [{"type": "compaction"}]}, differs("compaction_trigger", "any", "none")),
    "no compaction trigger in a text": (PresenceCondition(name="compaction_trigger", expected=False),
        {"input": "compaction_trigger"}, ()),
    "a late output of a named function": (ToolResultCondition(of=Equals("add")),
        {"input": [{"type": "function_call_output", "name": "add", "output": "3"},
        {"type": "configuration_update", "reasoning": {"effort": "low"}}]}, ()),
    "streamed": (StreamCondition(expected=True), {"stream": True}, ()),
    "not streamed": (StreamCondition(expected=True), {}, differs("stream", "true", "false")),
    "turn": (TurnCondition(least=1, most=1), TALK, ()),
    "another turn": (TurnCondition(least=2, most=2), TALK, differs("turn", "2", "1")),
    "turn from": (TurnCondition(least=1, most=None), TALK, ()),
    "too early": (TurnCondition(least=2, most=None), TALK, differs("turn", "2..", "1")),
    "too late": (TurnCondition(least=0, most=0), TALK, differs("turn", "0", "1")),
    "not among the turns": (TurnCondition(least=2, most=4), TALK, differs("turn", "2..4", "1")),
    "a tool result": (ToolResultCondition(), TALK, ()),
    "no tool result": (ToolResultCondition(), {}, differs("tool_result", "a tool result", "none")),
    "no tool result expected": (ToolResultCondition(expected=False), {}, ()),
    "a tool result not expected": (ToolResultCondition(expected=False), TALK,
        differs("tool_result", "none", '"3" of "add", "lost" of "c9"')),
    "a result of one tool": (ToolResultCondition(of=Equals("add"), call_id=Equals("c1"), text=Equals("3")), TALK, ()),
    "all must hold of one output": (ToolResultCondition(of=Equals("add"), call_id=Equals("c9"), text=Contains("3")),
        TALK, differs("tool_result", 'a tool result of "add" for call "c9" with a text that contains "3"',
        '"3" of "add", "lost" of "c9"')),
    "a result of no known tool": (ToolResultCondition(of=Not(Equals("add"))), TALK, ()),
    "body": (BodyCondition(expected={"tools": {"includes": {"name": "add"}}}), TALK, ()),
    "body differs": (BodyCondition(expected={"model": "gpt-4", "n": 2}), TALK, (Mismatch(path="body.model",
        expected='"gpt-4"', got='"gpt-5.4"'), Mismatch(path="body.n", expected="2", got="none"))),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "body", "found"), CASES.values(), ids=CASES)
def test_what_differs(condition: Condition, body: JSONObject, found: tuple[Mismatch, ...]) -> None:
    assert condition.mismatches(call(body)) == found


FIELDS: dict[str, tuple[str, str, TextMatcher | bool, tuple[Mismatch, ...]]] = {
    "a header, case aside": ("header", "X-TEAM", Equals("blue"), ()),
    "a header differs": ("header", "x-team", Equals("green"), differs("header.x-team", '"green"', '"red", "blue"')),
    "a header absent": ("header", "x-none", Contains("a"),
        differs("header.x-none", 'a text that contains "a"', "none")),
    "a header present": ("header", "x-team", True, ()),
    "a header not present": ("header", "x-none", True, differs("header.x-none", "any", "none")),
    "a header forbidden": ("header", "x-team", False, differs("header.x-team", "none", '"red", "blue"')),
    "a header rightly absent": ("header", "x-none", False, ()),
    "a parameter": ("query", "page", Equals("3"), ()),
    "a parameter's case counts": ("query", "Page", Equals("3"), differs("query.Page", '"3"', "none")),
}  # fmt: skip


@pytest.mark.parametrize(("place", "name", "want", "found"), FIELDS.values(), ids=FIELDS)
def test_headers_and_parameters(place: str, name: str, want: TextMatcher | bool, found: tuple[Mismatch, ...]) -> None:
    condition = HeaderOrQueryCondition(place=place, name=name, want=want)
    assert condition.mismatches(call({}, HEADERS, QUERY)) == found


NAMED = matches(r"(?P<left>\d) \+ (?P<right>\d)(?P<never>x)?")
SAID = matches(r"(?P<result>\d+)")
GROUPS: dict[str, tuple[Condition, dict[str, str]]] = {
    "of a text": (text("user", NAMED), {"left": "1", "right": "2"}),
    "of several wants": (text("user", AllOf((NAMED, matches(r"^(?P<word>\w+)"), Contains("is")))),
        {"left": "1", "right": "2", "word": "what"}),
    "of no pattern": (text("user", Equals("x")), {}),
    "of a pattern that is not found": (text("user", matches(r"(?P<x>weather)")), {}),
    "never of what must not be": (text("user", Not(NAMED)), {}),
    "of a tool result": (ToolResultCondition(of=Equals("add"), text=SAID), {"result": "3"}),
    "of the result that agrees": (ToolResultCondition(text=matches("(?P<what>l.st)")), {"what": "lost"}),
    "of no result": (ToolResultCondition(of=Equals("mul")), {}),
    "of a header": (HeaderOrQueryCondition(place="header", name="x-team", want=matches("(?P<team>b.*)")),
        {"team": "blue"}),
    "of presence": (HeaderOrQueryCondition(place="header", name="x-team", want=True), {}),
    "of a stream": (StreamCondition(expected=True), {}),
    "of a turn": (TurnCondition(least=0, most=None), {}),
    "of a body": (BodyCondition(expected={}), {}),
    "of presence of a text": (PresenceCondition(name="user", expected=True), {}),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "groups"), GROUPS.values(), ids=GROUPS)
def test_named_groups(condition: Condition, groups: dict[str, str]) -> None:
    assert condition.captures(call(TALK, HEADERS)) == groups


class Refusing:
    def mismatches(self, body: JSON) -> tuple[Mismatch, ...]:
        return differs("schema", "better", str(body))


def test_a_schema_is_asked_of_the_validator_given() -> None:
    condition = SchemaCondition(schema={}, validator=Refusing())
    assert condition.mismatches(call({})) == differs("schema", "better", "{}")
    assert condition.captures(call({})) == {}


NAMES: dict[str, tuple[TextMatcher, set[str]]] = {
    "of a pattern, found or not": (NAMED, {"left", "right", "never"}),
    "of several wants": (AllOf((NAMED, SAID, Equals("x"))), {"left", "right", "never", "result"}),
    "of what must not be": (Not(NAMED), set()),
    "of no pattern": (OneOf(("x",)), set()),
}


@pytest.mark.parametrize(("want", "names"), NAMES.values(), ids=NAMES)
def test_names_of_groups_are_known_beforehand(want: TextMatcher, names: set[str]) -> None:
    assert group_names(want) == names
