"""Data made for a schema fit it, are always the same, and are refused with a reason where there are none."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tests.kit import JSON, JSONObject, NoDataError, PatternError, data_for, texts_for

NODE: JSONObject = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        "twin": {"$ref": "#/$defs/node"},
    },
    "required": ["value", "next", "children"],
    "additionalProperties": False,
}
MADE: dict[str, tuple[JSON, JSON]] = {
    "anything": (True, "text"),
    "nothing said": ({}, "text"),
    "required members": (
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "null"}}, "required": ["b"]},
        {"b": None},
    ),
    "all members where none is required": ({"properties": {"a": {"type": "string"}, "b": False}}, {"a": "a"}),
    "a required member without a schema": ({"type": "object", "required": ["a"]}, {"a": "a"}),
    "members up to the least": (
        {"properties": {"a": True, "b": True, "c": True}, "required": ["a"], "minProperties": 2},
        {"a": "a", "b": "b"},
    ),
    "further members": (
        {"minProperties": 3, "additionalProperties": {"type": "integer"}, "properties": {"key1": True}},
        {"key1": "key1", "key2": 1, "key3": 1},
    ),
    "members up to the most": ({"properties": {"a": True, "b": True}, "maxProperties": 1}, {"a": "a"}),
    "const": ({"const": {"a": [1]}}, {"a": [1]}),
    "const among enum": ({"const": 2, "enum": [1, 2]}, 2),
    "enum": ({"enum": ["b", "a"]}, "b"),
    "enum of a type": ({"type": ["integer", "null"], "enum": ["a", 1.5, True, None]}, None),
    "types": ({"type": ["null", "string"]}, None),
    "boolean": ({"type": "boolean"}, True),
    "reference": ({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"const": 1}}}, 1),
    "reference into a list": ({"anyOf": [{"$ref": "#/$defs/a/prefixItems/1"}],
                              "$defs": {"a": {"prefixItems": [True, {"const": 2}]}}}, 2),
    "recursion": ({"$ref": "#/$defs/node", "$defs": {"node": NODE}}, {"value": 1, "next": None, "children": []}),
    "list": ({"type": "array", "items": {"type": "string"}}, ["text"]),
    "list of members": ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False}, [1, 2]),
    "no elements": ({"type": "array", "items": False}, []),
    "at most none": ({"type": "array", "maxItems": 0}, []),
    "different elements": ({"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
                           [1, 2, 3]),
    "different alternatives": (
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"anyOf": [{"type": "boolean"}, {"const": 1}]}},
        [True, 1, False],
    ),
    "different objects": (
        {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"properties": {"a": {"type": "string"}}}},
        [{"a": "a"}, {"a": "a2"}],
    ),
    "contained": ({"contains": {"const": 5}, "minContains": 2, "minItems": 3}, [5, 5, "text"]),
    "whole number": ({"type": "integer"}, 1),
    "from a bound": ({"type": "integer", "minimum": 2.5}, 3),
    "above a bound": ({"type": "integer", "exclusiveMinimum": 3}, 4),
    "below a bound": ({"type": "integer", "maximum": -3}, -3),
    "number between": ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.0625),
    "number of a bound": ({"minimum": 0.5, "maximum": 0.5}, 0.5),
    "multiple": ({"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
    "multiple of a part": ({"type": "integer", "multipleOf": 1.5}, 3),
    "multiple that floats": ({"type": "number", "minimum": 0.25, "multipleOf": 0.1}, 0.4),
    "length": ({"type": "string", "minLength": 6, "maxLength": 7}, "textxx"),
    "short": ({"maxLength": 2}, "te"),
    "email of a length": ({"format": "email", "minLength": 20}, "user0001@example.com"),
    "pattern": ({"pattern": "^[A-Z]{2}-\\d+$", "minLength": 6}, "AA-000"),
    "all of": (
        {"allOf": [{"properties": {"a": {"type": "number"}}, "required": ["a"]},
                   {"properties": {"a": {"type": "integer", "minimum": 3}, "b": True}, "required": ["b", "a"]}]},
        {"a": 3, "b": "b"},
    ),
    "alternatives in both": (
        {"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]},
                   {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}]},
        1,
    ),
    "all of, unlike in bounds": (
        {"type": "array", "uniqueItems": False, "minItems": 1, "items": {"enum": [1, 2]}, "allOf": [
            True, {"minItems": 2, "maxItems": 3, "items": {"enum": [2, 3]}, "uniqueItems": False},
            {"maxItems": 2, "allOf": [{"title": "x"}], "title": "y"}, {"title": "z", "allOf": [{"minItems": 2}]}]},
        [2, 2],
    ),
    "reference with more": ({"$ref": "#/$defs/a", "minimum": 5, "$defs": {"a": {"type": "integer"}}}, 5),
}  # fmt: skip
REFUSED: dict[str, tuple[JSON, str]] = {
    "false": (False, "the top: the schema false allows nothing"),
    "bounds": ({"type": "integer", "minimum": 2, "maximum": 1}, "the top: no number was found within its bounds"),
    "inside": ({"properties": {"a": {"items": False, "minItems": 1}}, "required": ["a"]},
               "a[0]: the schema false allows nothing"),
    "types": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "the top: no alternative is possible"),
    "both": ({"allOf": [{"type": "string"}, False]}, "the top: the schema false allows nothing"),
    "enum": ({"type": "integer", "enum": ["a"]}, "the top: no value of 'enum' or 'const' is allowed"),
    "endless": ({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "a.a: '#' contains itself without an end"),
    "outside": ({"$ref": "https://example.com/x"},
                "the top: the reference 'https://example.com/x' leads out of the schema"),
    "nowhere": ({"$ref": "#/$defs/x"}, "the top: the reference '#/$defs/x' leads nowhere"),
    "anchor": ({"$ref": "#x"}, "the top: the reference '#x' is no path in the schema"),
    "lengths": ({"minLength": 3, "maxLength": 2}, "the top: a text of 3 characters is required, at most 2 can be made"),
    "format": ({"format": "uuid", "maxLength": 5}, "the top: no text of 0 to 5 characters was found for its form"),
    "elements": ({"minItems": 2, "maxItems": 1}, "the top: at least 2 elements are required, at most 1 allowed"),
    "different": ({"items": {"type": "null"}, "minItems": 2, "uniqueItems": True},
                  "the top: no 2 different elements were found"),
    "members": ({"required": ["a", "b"], "maxProperties": 1}, "the top: 2 members are required, at most 1 allowed"),
    "huge": ({"type": "array", "minItems": 99_999}, "making data takes more than 50000 steps"),
    "long chain": ({"$ref": "#/$defs/0", "$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(99)}},
                   "the top: more than 60 references lead to each other"),
    "too large": ({"minimum": 10**400, "exclusiveMaximum": 10**400 + 1, "exclusiveMinimum": 10**400},
                  "its values are too deep or too large"),
    "pattern": ({"pattern": "(?=a)"},
                "the top: no text can be made for the pattern '(?=a)': assertions and flags are not supported"),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), MADE.values(), ids=MADE)
def test_data_fit_their_schema(schema: JSON, expected: JSON) -> None:
    assert data_for(schema) == expected
    assert type(data_for(schema)) is type(expected)
    Draft202012Validator(schema).validate(expected)  # type: ignore[arg-type]  # any schema


@pytest.mark.parametrize(("schema", "reason"), REFUSED.values(), ids=REFUSED)
def test_where_no_data_can_be_made_the_reason_is_said(schema: JSON, reason: str) -> None:
    with pytest.raises(NoDataError) as raised:
        data_for(schema)
    assert str(raised.value) == reason


def test_schemas_that_are_too_deep_are_refused() -> None:
    schema: JSON = {"type": "string"}
    for _ in range(3000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(NoDataError, match="too deep or too large"):
        data_for(schema)


@pytest.mark.parametrize(
    "form", ["date-time", "date", "email", "ipv4", "ipv6", "uuid", "regex", "idn-email", "hostname", "uri"]
)
def test_texts_have_their_format(form: str) -> None:
    found = data_for({"type": "array", "items": {"type": "string", "format": form}, "minItems": 3, "uniqueItems": True})
    assert isinstance(found, list)
    assert len(found) == 3
    for text in found:
        FormatChecker().check(text, form)


# --- any schema of these kinds ---

NUMBERS = st.integers(-20, 20) | st.floats(-20, 20).map(lambda number: round(number, 2))
LEAVES: st.SearchStrategy[JSON] = st.one_of(
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": "string"}, {"format": "date"}]),
    st.builds(lambda value: {"const": value}, st.integers() | st.text(max_size=3)),
    st.builds(lambda values: {"enum": values}, st.lists(st.integers(0, 9) | st.none(), min_size=1)),
    st.builds(lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more}, st.integers(0, 30),
              st.integers(0, 30)),
    st.builds(lambda low, more: {"type": "number", "minimum": low, "maximum": low + abs(more)}, NUMBERS, NUMBERS),
    st.builds(lambda low, step: {"type": "integer", "exclusiveMinimum": low, "multipleOf": step}, NUMBERS,
              st.integers(1, 9)),
    st.sampled_from(["^a+$", "[0-9]{3}", "^(x|yz)*-\\w?$", "^[^a-z]{2,}$"]).map(lambda one: {"pattern": one}),
)  # fmt: skip


def _object(properties: dict[str, JSON], required: list[str], more: bool) -> JSONObject:
    listed: list[JSON] = [name for name in properties if name in required]
    return {"type": "object", "properties": properties, "required": listed, "additionalProperties": more}


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            _object, st.dictionaries(st.sampled_from("abcd"), inner), st.lists(st.sampled_from("abcd")), st.booleans()
        ),
        st.builds(lambda one, least: {"type": "array", "items": one, "minItems": least}, inner, st.integers(0, 3)),
        st.builds(lambda ones: {"anyOf": ones}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda ones: {"prefixItems": ones, "minItems": len(ones)}, st.lists(inner, max_size=3)),
        st.builds(lambda one: {"$defs": {"one": one}, "allOf": [one, {"title": "same"}]}, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(SCHEMAS)
def test_any_schema_that_can_be_satisfied_is(schema: JSON) -> None:
    data = data_for(schema)
    Draft202012Validator(schema).validate(data)  # type: ignore[arg-type]  # any schema
    assert data_for(schema) == data


@given(st.lists(SCHEMAS, max_size=3), st.lists(SCHEMAS, min_size=1, max_size=3))
def test_schemas_that_contradict_each_other_raise_nothing_else(ones: list[JSON], others: list[JSON]) -> None:
    with suppress(NoDataError):
        first = data_for({"allOf": ones, "oneOf": others})
        assert data_for({"allOf": ones, "oneOf": others}) == first


# --- patterns ---


@pytest.mark.parametrize(
    "pattern",
    [
        "", "^$", "abc", "^a.c$", "a|b|", "(?:ab)+", "(?P<n>a)(?<m>b)", "[a-f0-9]{8}-[a-f0-9]{4}", "\\d{3}\\D\\s\\S\\W",
        "[^\\d]", "[\\w.-]+@[a-z]+\\.[a-z]{2,}", "a*?b+?c??", "a{2}", "a{2,}", "a{0,3}b", "\\x41\\u0042", "\\t\\n",
        "\\.\\*\\/", "[a\\-z]", "[-a]", "[a-]", "a++", "}", "^(\\+1)?[2-9]\\d{9}$",
    ],
)  # fmt: skip
def test_texts_match_their_pattern(pattern: str) -> None:
    for variant in range(3):
        texts = list(texts_for(pattern.replace("a++", "a+"), variant, 0, lambda _: None))
        assert texts
        assert all(re.search(re.sub(r"\(\?<(\w)", r"(?P<\1", pattern.replace("a++", "a+")), text) for text in texts)


@pytest.mark.parametrize(
    "pattern",
    ["(a", "a)", "[a", "*a", "(?=a)", "(?!a)", "(?<=a)b", "(?i)a", "\\1", "\\b", "a{x}", "a{1", "a{3,2}", "a{99999}",
     "[^\\w\\W]", "\\", "\\xzz", "(?P=n)", "(?<n"],
)  # fmt: skip
def test_what_is_not_supported_in_a_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        list(texts_for(pattern, 0, 0, lambda _: None))
