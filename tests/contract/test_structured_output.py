"""Data of a reply against the schema that a request asks for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import JSON, RULE, Finding, JSONObject, may_be_slow, schema_of
from tests.kit import structured_output_judge as judge

CITY: JSONObject = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "array", "items": {"$ref": "#/$defs/day"}}},
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"day": {"type": "object", "properties": {"low": {"type": "number"}}}},
}
ASKED: JSONObject = {"type": "json_schema", "name": "city", "strict": True, "schema": CITY}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"text": {"format": ASKED}}, CITY),
        ({"response_format": {"type": "json_schema", "json_schema": ASKED}}, CITY),
        ({"text": {"format": {**ASKED, "strict": None}}}, CITY),
        ({"text": {"format": {**ASKED, "strict": False}}}, None),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": CITY}}}, None),
        ({"response_format": {"type": "json_schema", "json_schema": {**ASKED, "strict": False}}}, None),
        ({}, None),
        ({"text": {}}, None),
        ({"text": {"format": {"type": "text"}}}, None),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, None),
        ({"text": "x", "response_format": "y"}, None),
        ({"response_format": {"type": "json_object"}}, None),
        ({"response_format": {"type": "json_schema"}}, None),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "n"}}}, None),
    ],
)
def test_the_schema_is_found_where_each_endpoint_has_it(body: JSONObject, expected: JSON) -> None:
    assert schema_of(body) == expected


AT = "the data does not match the request's schema at"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"city": "Oslo", "days": [{"low": -3}]}, []),
        ({"city": 5}, [("city", f"{AT} city: 5 is not of type 'string'")]),
        ({}, [("", f"{AT} the top: 'city' is a required property")]),
        ({"city": "Oslo", "days": [{}, {"low": "cold"}]},
            [("days[1].low", f"{AT} days[1].low: 'cold' is not of type 'number'")]),
        ({"city": None, "days": 1, "more": 2},
            [("", f"{AT} the top: Additional properties are not allowed ('more' was unexpected)"),
            ("city", f"{AT} city: None is not of type 'string'"), ("days", f"{AT} days: 1 is not of type 'array'")]),
    ],
)  # fmt: skip
def test_a_finding_names_the_place(data: JSON, expected: list[tuple[str, str]]) -> None:
    assert list(judge(data, CITY)) == [Finding(rule=RULE, path=path, message=message) for path, message in expected]


def test_only_a_few_places_are_reported() -> None:
    assert len(judge({"city": "x", "days": [{"low": ""}] * 9}, CITY)) == 5


def test_long_values_are_truncated() -> None:
    [finding] = judge("x" * 1000, {"type": "object"})
    assert finding.message == f"{AT} the top: '{'x' * 199}…"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "strnig"}, "'strnig' is not valid under any of the given schemas"),
        (5, "5 is not of type 'object', 'boolean'"),
        ({"$ref": "#/$defs/none"}, "PointerToNowhere"),
        ({"$ref": "https://example.org/far.json"}, "Unresolvable"),
        ({"pattern": "("}, "'(' is not a 'regex'"),
        ({"$ref": "#"}, "recursion"),
    ],
)
def test_a_schema_that_cannot_be_evaluated_is_reported_and_nothing_is_fetched(schema: JSON, expected: str) -> None:
    [finding] = judge("data", schema)
    assert finding.message.startswith("the request's schema cannot be evaluated: ")
    assert expected in finding.message


def doubling(levels: int) -> JSONObject:
    """References that double at each level."""
    given: JSONObject = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**given, f"a{levels}": {"type": "string"}}}


CANNOT = "the request's schema cannot be evaluated: "
SENTENCE = "It is eighteen degrees in Paris today, and it will stay so!"


@pytest.mark.parametrize(
    ("data", "schema", "expected"),
    [
        ("2026-01-01", {"pattern": r"^\d{4}-\d\d-\d\d$"}, ""),
        ("now", {"pattern": r"^\d{4}$"}, f"{AT} the top: 'now' does not match '^\\\\d{{4}}$'"),
        (5, {"pattern": "x"}, ""),
        (SENTENCE, {"pattern": r"^(\w+\s?)*$"}, ""),
        (SENTENCE, {"pattern": r"^(([a-zA-Z ])+)+$"}, ""),
        (
            {"a": "b"},
            {"patternProperties": {"^(a+)+$": {"type": "string"}}},
            f"{CANNOT}the pattern '^(a+)+$' of names could take long",
        ),
        ({"a": 1}, {"prefixItems": [True], "patternProperties": {"^a": {"type": "number"}}}, ""),
        ("x", {"pattern": "a{99999999999}"}, f"{CANNOT}the repetition number is too large"),
        ("x", doubling(10), ""),
        ({}, {"enum": [{}, *range(49_000)]}, ""),
        ({}, {"enum": [{}] * 60_000}, f"{CANNOT}it has more than 50000 values"),
        ("x", doubling(40), f"{CANNOT}evaluation takes more than 20000 steps"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_evaluating_a_schema_is_bounded(data: JSON, schema: JSONObject, expected: str) -> None:
    given = [finding.message for finding in judge(data, schema)]
    assert given == ([expected] if expected else [])


# A pattern, and the longest text of 6, 20, 60 and 1,000 characters in which it is looked for.
QUICK: dict[str, int] = {
    r"^\d{4}-\d{2}-\d{2}$": 1000, r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$": 1000, r"^[*+?|{(]\*\(\)\+$": 1000,
    r"^(?:GET|POST)$": 1000, "[]*]+[^]*]": 1000, r"^https?://": 1000, r"^[A-Z][a-z]+ [A-Z][a-z]+$": 60,
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$": 20, r"^[a-z]+(-[a-z]+)*$": 6, r"^(\w+\s?)*$": 6, "(a+)+$": 6, "(a|a|a|a)*b": 6,
    "(a|a){30}b": 6, "a*a*a*a*a*a*a*a*b": 0, "((((a*)*)*)*)*b": 6, "(?=(a|aa)*b)(?=(a|aa)*c)": 6,
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "longest"), QUICK.items())
def test_a_pattern_is_looked_for_in_texts_up_to_a_length(pattern: str, longest: int) -> None:
    lengths = (6, 20, 60, 1000)
    quick = [length for length in lengths if not may_be_slow(pattern, length)]
    assert quick == [length for length in lengths if length <= longest]


PIECES = st.sampled_from(["a", "b", "(", ")", "*", "+", "?", "|", "{2}", "{1,3}", "[ab]", "(?:", "."])


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.text("ab", max_size=40))
def test_what_is_looked_for_is_found_or_not_in_time(pattern: str, text: str) -> None:
    """The suite's own net would catch a match that never ends."""
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    if not may_be_slow(pattern, len(text)):
        compiled.search(text)
