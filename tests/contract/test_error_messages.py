"""The sentences of the catalogue, word for word."""

from __future__ import annotations

import pytest

from tests.contract.shipped_requests import chat, responses, validate
from tests.kit import ERROR_MESSAGES_SCHEMA_RULES as SCHEMA_RULES
from tests.kit import (
    JSON,
    REQUEST_RULES,
    ApiError,
    Endpoint,
    FaultKind,
    Finding,
    JSONObject,
    SchemaFault,
    Severity,
    compile_contract,
    to_rejection,
)

SENTENCES: list[tuple[Endpoint, JSONObject, str, str]] = [
    (Endpoint.RESPONSES, responses(max_output_tokens=1), "integer_below_min_value",
        ("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.")),
    (Endpoint.RESPONSES, responses(temperature=2.5), "decimal_above_max_value",
        ("Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.")),
    (Endpoint.CHAT, chat(temperature="warm"), "invalid_type",
        "Invalid type for 'temperature': expected a decimal, but got a string instead."),
    (Endpoint.CHAT, chat(n=1.5), "invalid_type",
        "Invalid type for 'n': expected an integer, but got a decimal instead."),
    (Endpoint.CHAT, chat(messages=[{"role": "user", "content": {}}]), "invalid_type",
        ("Invalid type for 'messages[0].content': expected one of a string or array of "
        "objects, but got an object instead.")),
    (
        Endpoint.CHAT,
        chat(messages=[{"role": "user", "content": None}]),
        "invalid_type",
        ("Invalid type for 'messages[0].content': expected one of a string or array of objects, but got null instead."),
    ),
    (Endpoint.RESPONSES, {"input": "x"}, "missing_required_parameter", "Missing required parameter: 'model'."),
    (Endpoint.RESPONSES, responses(input=[{"role": "user", "content": "x", "mood": 1}]), "unknown_parameter",
        "Unknown parameter: 'input[0].mood'."),
    (Endpoint.CHAT, chat(messages=[{"role": "boss", "content": "x"}]), "invalid_value",
        ("Invalid value: 'boss'. Supported values are: 'system', 'developer', 'user', "
        "'assistant', 'tool', and 'function'.")),
    (Endpoint.CHAT, chat(modalities=["smell"]), "invalid_value",
        "Invalid value: 'smell'. Supported values are: 'text' and 'audio'."),
    (Endpoint.CHAT, chat(messages=[]), "empty_array",
        ("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")),
    (Endpoint.CHAT, chat(stop=list("abcde")), "array_above_max_length",
        ("Invalid 'stop': array too long. Expected an array with maximum length 4, but got "
        "an array with length 5 instead.")),
    (Endpoint.RESPONSES, responses(safety_identifier="x" * 65), "string_above_max_length",
        ("Invalid 'safety_identifier': string too long. Expected a string with maximum "
        "length 64, but got a string with length 65 instead.")),
    (Endpoint.RESPONSES, responses(tools=[{"type": "function", "name": "a b"}]), "invalid_value",
        ("Invalid 'tools[0].name': string does not match pattern. Expected a string that "
        "matches the pattern '^[a-zA-Z0-9_-]+$'.")),
    (Endpoint.RESPONSES, responses(tools=[{"type": "function", "name": ""}]), "empty_string",
        ("Invalid 'tools[0].name': empty string. Expected a string with minimum length 1, "
        "but got an empty string instead.")),
    (Endpoint.RESPONSES, responses(metadata={f"k{number}": "v" for number in range(17)}), "object_above_max_properties",
        ("Invalid 'metadata': object has too many properties. Expected an object with at "
        "most 16 properties, but got an object with 17 properties instead.")),
    (Endpoint.RESPONSES, responses(metadata={"k" * 65: "v"}), "property_name_above_max_length",
        ("Invalid 'metadata': property name too long. Expected a property name with "
        "maximum length 64, but got a property name with length 65 instead. The name in "
        f"question is '{'k' * 65}'.")),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "body", "code", "message"), SENTENCES)
def test_the_error_of_a_fault_is_that_of_the_upstream(
    endpoint: Endpoint, body: JSONObject, code: str, message: str
) -> None:
    first = validate(body, endpoint)[0]
    assert (first.error.code, first.error.message) == (code, message)


def own(schema: JSON, value: JSON) -> list[tuple[str, JSON, JSON, str]]:
    """What a dialect of one parameter `p` has to say to a value."""
    contract = compile_contract(forms={"chat": "own"}, files={"own": {"properties": {"p": schema}}})
    found = contract.judge(Endpoint.CHAT, {"p": value}, strict=False)
    return [(one.finding.rule, one.error.code, one.error.param, one.error.message) for one in found]


@pytest.mark.parametrize(
    ("schema", "value", "rule", "code", "message"),
    [
        ({"minLength": 3}, "ab", "request.length", "string_below_min_length",
            ("Invalid 'p': string too short. Expected a string with minimum length 3, but "
            "got a string with length 2 instead.")),
        ({"minItems": 2}, [1], "request.length", "array_below_min_length",
            ("Invalid 'p': array too short. Expected an array with minimum length 2, but "
            "got an array with length 1 instead.")),
        ({"minProperties": 2}, {"a": 1}, "request.count", "object_below_min_properties",
            ("Invalid 'p': object has too few properties. Expected an object with at least "
            "2 properties, but got an object with 1 properties instead.")),
        ({"propertyNames": {"minLength": 1}}, {"": 1}, "request.name", "empty_property_name",
            ("Invalid 'p': empty property name. Expected a property name with minimum "
            "length 1, but got an empty property name instead. The name in question is ''.")),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, "request.name", "invalid_property_name",
            ("Invalid 'p': property name does not match pattern. Expected a property name "
            "that matches the pattern '^a'. The name in question is 'b'.")),
        ({"propertyNames": {"enum": ["a", "b"]}}, {"c": 1}, "request.name", "invalid_property_name",
            "Invalid value: 'c'. Supported values are: 'a' and 'b'. The name in question is 'c'."),
        ({"const": "a"}, "b", "request.value", "invalid_value", "Invalid value: 'b'. Value must be 'a'."),
        ({"enum": [1, 2]}, 3, "request.value", "invalid_value", "Invalid value: 3. Supported values are: 1 and 2."),
        ({"exclusiveMinimum": 0, "type": "number"}, 0, "request.range", "decimal_below_min_value",
            "Invalid 'p': decimal below minimum value. Expected a value > 0, but got 0 instead."),
        ({"exclusiveMaximum": 1, "type": "integer"}, 1, "request.range", "integer_above_max_value",
            "Invalid 'p': integer above maximum value. Expected a value < 1, but got 1 instead."),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}, {"a": 1, "b": 1}, "request.form",
            "invalid_value", "Invalid 'p': fits 2 forms where one is expected."),
        ({"type": ["string", "integer", "boolean", "null"]}, [], "request.type", "invalid_type",
            ("Invalid type for 'p': expected one of a string, integer, or boolean, but got an array instead.")),
        ({"type": "null"}, 1, "request.type", "invalid_type",
            "Invalid type for 'p': expected null, but got an integer instead."),
    ],
)  # fmt: skip
def test_a_keyword_of_a_dialect_s_own_has_its_sentence_too(
    schema: JSON, value: JSON, rule: str, code: str, message: str
) -> None:
    assert own(schema, value) == [(rule, code, "p", message)]


def test_a_rejection_has_the_whole_error() -> None:
    sentence = "Unknown parameter: 'flavour'."
    (found,) = validate(responses(flavour=1), Endpoint.RESPONSES)
    assert found.finding == Finding(rule="request.unknown", path="flavour", message=sentence, severity=Severity.NOTICE)
    assert found.error == ApiError(
        status=400, type="invalid_request_error", code="unknown_parameter", param="flavour", message=sentence
    )


def test_long_values_and_names_are_not_echoed_whole() -> None:
    (value,) = validate(responses(truncation="x" * 10_000), Endpoint.RESPONSES)
    (name,) = validate(responses(**{"x" * 10_000: 1}), Endpoint.RESPONSES)
    assert value.error.message.startswith(f"Invalid value: '{'x' * 200}…'.")
    assert name.error.message == f"Unknown parameter: '{'x' * 200}…'."


def test_a_fault_of_the_whole_body_has_no_param() -> None:
    found = to_rejection(SchemaFault(kind=FaultKind.TYPE, value=[], expected=["object"]), Severity.ERROR)
    assert found.error.param is None
    assert found.error.message == ("Invalid type for the request body: expected an object, but got an array instead.")


def test_rule_ids_are_unique_and_have_meanings() -> None:
    assert len({rule.id for rule in REQUEST_RULES}) == len(REQUEST_RULES)
    for rule in REQUEST_RULES:
        assert rule.id.startswith("request.")
        assert rule.meaning
        assert rule.source


def test_every_rule_of_the_schemas_has_a_sentence_here() -> None:
    seen = {one.finding.rule for endpoint, body, *_ in SENTENCES for one in validate(body, endpoint)}
    assert {rule.id for rule in SCHEMA_RULES} - seen == {"request.form"}
