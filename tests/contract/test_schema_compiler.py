"""Each keyword of a schema, on both sides of its edge, with jsonschema as the referee."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from tests.contract.shipped_requests import SCHEMAS
from tests.kit import JSON, Compiler, FaultKind, JSONObject, SchemaFault, SchemaFaults
from tests.kit import SCHEMA_COMPILER_KEYWORDS as KEYWORDS


def found(schema: JSON, value: JSON) -> SchemaFaults:
    table = Compiler({"s": schema}).table("s")
    check = table[type(value)]
    return (None if check is None else check(value)) or SchemaFaults()


def kinds(schema: JSON, value: JSON) -> list[tuple[FaultKind, list[str | int]]]:
    return [(fault.kind, fault.path[::-1]) for fault in found(schema, value).errors]


TAGGED: JSONObject = {
    "oneOf": [
        {"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}, "n": {"type": "integer"}}},
        {"type": "object", "required": ["t"], "properties": {"t": {"enum": ["b", "c"]}, "s": {"type": "string"}}},
    ]
}
HALF_TAGGED: JSONObject = {
    "anyOf": [
        {"type": "object", "required": ["r"], "properties": {"t": {"const": "a"}, "r": {"type": "string"}}},
        {"type": "object", "required": ["i"], "properties": {"t": {"enum": ["b", None]}, "i": {"type": "string"}}},
        {"type": "object", "required": ["t"], "properties": {"t": {"const": "c"}}},
    ]
}
UNTAGGED: JSONObject = {
    "anyOf": [
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        {"type": "object", "required": ["b", "c"]},
    ]
}
# `k` would not do as a tag: not every branch has it; nor would `o`, whose values overlap.
SECOND_TAG: JSONObject = {
    "anyOf": [
        {"properties": {"k": {"const": "a"}, "o": {"enum": ["x", "y"]}, "t": {"const": "a"}}},
        {"properties": {"o": {"const": "x"}, "t": {"const": "b"}}, "required": ["t"]},
    ]
}
TREE: JSONObject = {
    "$ref": "#/$defs/node",
    "$defs": {"node": {"type": "object", "required": ["v"],
        "properties": {"v": {"type": "integer"}, "all": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        "one": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}},
}  # fmt: skip

CASES: list[tuple[JSON, JSON, list[tuple[FaultKind, list[str | int]]]]] = [
    (True, {"anything": [1]}, []),
    ({}, None, []),
    # type
    ({"type": "null"}, None, []),
    ({"type": "null"}, False, [(FaultKind.TYPE, [])]),
    ({"type": "boolean"}, True, []),
    ({"type": "boolean"}, 1, [(FaultKind.TYPE, [])]),
    ({"type": "integer"}, 1, []),
    ({"type": "integer"}, 1.0, []),
    ({"type": "integer"}, 1.5, [(FaultKind.TYPE, [])]),
    ({"type": "integer"}, True, [(FaultKind.TYPE, [])]),
    ({"type": "number"}, 1, []),
    ({"type": "number"}, 1.5, []),
    ({"type": "number"}, "1", [(FaultKind.TYPE, [])]),
    ({"type": ["integer", "number"]}, 1.5, []),
    ({"type": ["string", "null"]}, None, []),
    ({"type": ["string", "null"]}, "a", []),
    ({"type": ["string", "null"]}, [], [(FaultKind.TYPE, [])]),
    ({"type": "array"}, [], []),
    ({"type": "array"}, {}, [(FaultKind.TYPE, [])]),
    ({"type": "object"}, {}, []),
    ({"type": "object"}, [], [(FaultKind.TYPE, [])]),
    # enum and const
    ({"enum": ["a", "b"]}, "b", []),
    ({"enum": ["a", "b"]}, "c", [(FaultKind.VALUE, [])]),
    ({"enum": ["a", None]}, None, []),
    ({"enum": ["a", "b"]}, None, [(FaultKind.TYPE, [])]),
    ({"enum": ["a", "b"]}, ["a"], [(FaultKind.TYPE, [])]),
    ({"enum": [1, True, "a"]}, 1.0, []),
    ({"enum": [1]}, True, [(FaultKind.TYPE, [])]),
    ({"enum": [True]}, 1, [(FaultKind.TYPE, [])]),
    ({"const": 2}, 2, []),
    ({"const": 2}, 3, [(FaultKind.VALUE, [])]),
    ({"type": "string", "const": "a"}, 1, [(FaultKind.TYPE, [])]),
    # numbers
    ({"minimum": 1}, 1, []),
    ({"minimum": 1}, 0.99, [(FaultKind.BELOW, [])]),
    ({"minimum": 1}, "not a number", []),
    ({"maximum": 1}, 1, []),
    ({"maximum": 1}, 2, [(FaultKind.ABOVE, [])]),
    ({"exclusiveMinimum": 1}, 1.01, []),
    ({"exclusiveMinimum": 1}, 1, [(FaultKind.BELOW, [])]),
    ({"exclusiveMaximum": 1}, 0.99, []),
    ({"exclusiveMaximum": 1}, 1, [(FaultKind.ABOVE, [])]),
    ({"minimum": 2, "maximum": 1}, 1.5, [(FaultKind.BELOW, []), (FaultKind.ABOVE, [])]),
    # strings
    ({"minLength": 1}, "a", []),
    ({"minLength": 1}, "", [(FaultKind.SHORT, [])]),
    ({"maxLength": 1}, "é", []),
    ({"maxLength": 1}, "ab", [(FaultKind.LONG, [])]),
    ({"maxLength": 1}, ["not", "text"], []),
    ({"pattern": "b"}, "abc", []),
    ({"pattern": "^b"}, "abc", [(FaultKind.PATTERN, [])]),
    # arrays
    ({"minItems": 1}, [1], []),
    ({"minItems": 1}, [], [(FaultKind.FEW, [])]),
    ({"maxItems": 1}, [1], []),
    ({"maxItems": 1}, [1, 2], [(FaultKind.MANY, [])]),
    ({"items": {"type": "string"}}, ["a"], []),
    ({"items": {"type": "string"}}, ["a", 1, 2], [(FaultKind.TYPE, [1]), (FaultKind.TYPE, [2])]),
    # objects
    ({"minProperties": 1}, {"a": 1}, []),
    ({"minProperties": 1}, {}, [(FaultKind.SPARSE, [])]),
    ({"maxProperties": 1}, {"a": 1}, []),
    ({"maxProperties": 1}, {"a": 1, "b": 2}, [(FaultKind.CROWDED, [])]),
    ({"required": ["a", "b"]}, {"b": 1, "a": None}, []),
    ({"required": ["a", "b"]}, {}, [(FaultKind.MISSING, ["a"]), (FaultKind.MISSING, ["b"])]),
    ({"required": ["a"]}, [], []),
    ({"properties": {"a": {"type": "string"}}}, {"a": "x"}, []),
    ({"properties": {"a": {"type": "string"}}}, {"a": 1}, [(FaultKind.TYPE, ["a"])]),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, []),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, [(FaultKind.UNKNOWN, ["b"])]),
    ({"additionalProperties": {"type": "string"}}, {"b": "x"}, []),
    ({"additionalProperties": {"type": "string"}}, {"b": 1}, [(FaultKind.TYPE, ["b"])]),
    ({"additionalProperties": True}, {"b": 1}, []),
    ({"propertyNames": {"maxLength": 2}}, {"ab": 1}, []),
    ({"propertyNames": {"maxLength": 2}}, {"abc": 1}, [(FaultKind.LONG, [])]),
    ({"propertyNames": {}}, {"abc": 1}, []),
    # all of them at once
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 2, []),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 3, [(FaultKind.ABOVE, [])]),
    ({"allOf": [{"type": "string"}, {"minLength": 1}]}, 3, [(FaultKind.TYPE, [])]),
    ({"$defs": {"a": {"minimum": 1}}, "$ref": "#/$defs/a", "maximum": 2}, 3, [(FaultKind.ABOVE, [])]),
    ({"$defs": {"a": {"minimum": 1}}, "$ref": "#/$defs/a", "maximum": 2}, 0, [(FaultKind.BELOW, [])]),
    ({"$defs": {"a~/b": {"minimum": 1}}, "$ref": "#/$defs/a~0~1b"}, 1, []),
    # conditions
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {}, []),
    ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, [(FaultKind.MISSING, ["b"])]),
    ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {"a": 1}, []),
    ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {}, [(FaultKind.MISSING, ["b"])]),
    ({"if": {"type": "string"}, "then": {"minLength": 1}}, 0, []),
    ({"if": {"type": "string"}, "then": {"minLength": 1}}, "", [(FaultKind.SHORT, [])]),
    ({"if": {"type": "string"}}, "", []),
    # unions by type
    ({"anyOf": [{"type": "string"}, {"type": "array"}]}, [], []),
    ({"anyOf": [{"type": "string"}, {"type": "array"}]}, {}, [(FaultKind.TYPE, [])]),
    ({"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]}, "", [(FaultKind.SHORT, [])]),
    ({"anyOf": [{"type": "string"}, {"enum": ["a"]}]}, "b", []),
    ({"anyOf": [{"minLength": 3}, {"enum": ["a"]}]}, "a", []),
    ({"anyOf": [{"minLength": 3}, {"enum": ["a"]}]}, "b", [(FaultKind.SHORT, [])]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 1, []),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 2.5, []),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 2, [(FaultKind.AMBIGUOUS, [])]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 1.5, [(FaultKind.TYPE, [])]),
    ({"oneOf": [{"type": "string"}, {"type": "string"}]}, "a", [(FaultKind.AMBIGUOUS, [])]),
    # unions by tag
    (TAGGED, {"t": "a", "n": 1}, []),
    (TAGGED, {"t": "c", "s": "x"}, []),
    (TAGGED, {"t": "a", "n": "x"}, [(FaultKind.TYPE, ["n"])]),
    (TAGGED, {"t": "d"}, [(FaultKind.VALUE, ["t"])]),
    (TAGGED, {"t": 1}, [(FaultKind.TYPE, ["t"])]),
    (TAGGED, {"t": []}, [(FaultKind.TYPE, ["t"])]),
    (TAGGED, {}, [(FaultKind.MISSING, ["t"])]),
    (HALF_TAGGED, {"t": "a", "r": "x"}, []),
    (HALF_TAGGED, {"t": None, "i": "x"}, []),
    (HALF_TAGGED, {"t": "c"}, []),
    (HALF_TAGGED, {"r": "x"}, []),
    (HALF_TAGGED, {"i": "x"}, []),
    (HALF_TAGGED, {}, [(FaultKind.MISSING, ["r"])]),
    (HALF_TAGGED, {"t": "b"}, [(FaultKind.MISSING, ["i"])]),
    (SECOND_TAG, {"t": "b", "o": "x"}, []),
    (SECOND_TAG, {"t": "b", "o": "y"}, [(FaultKind.VALUE, ["o"])]),
    (SECOND_TAG, {"t": "c"}, [(FaultKind.VALUE, ["t"])]),
    # unions that nothing tells apart
    (UNTAGGED, {"a": 1}, []),
    (UNTAGGED, {"b": 1, "c": 2}, []),
    (UNTAGGED, {"b": 1}, [(FaultKind.MISSING, ["c"])]),
    (UNTAGGED, {"a": "x"}, [(FaultKind.TYPE, ["a"])]),
    # recursion
    (TREE, {"v": 1, "all": [{"v": 2, "one": {"v": 3}}], "one": None}, []),
    (TREE, {"v": 1, "all": [{"v": 2, "one": {}}]}, [(FaultKind.MISSING, ["all", 0, "one", "v"])]),
    (TREE, {"v": 1, "one": 5}, [(FaultKind.TYPE, ["one"])]),
]


@pytest.mark.parametrize(("schema", "value", "expected"), CASES)
def test_a_keyword_finds_its_faults_and_jsonschema_agrees_on_validity(
    schema: JSON, value: JSON, expected: list[tuple[FaultKind, list[str | int]]]
) -> None:
    assert kinds(schema, value) == expected
    assert Draft202012Validator(schema).is_valid(value) == (not expected)  # type: ignore[arg-type]


def test_every_keyword_has_a_case() -> None:
    used: set[str] = set()

    def collect(schema: JSON) -> None:
        if isinstance(schema, dict):
            used.update(schema)
            for value in schema.values():
                collect(value)
        elif isinstance(schema, list):
            for value in schema:
                collect(value)

    for schema, _, _ in CASES:
        collect(schema)
    said_only = {"$schema", "$id", "$comment", "title", "description", "default", "examples"}
    assert KEYWORDS - used == said_only | {"deprecated", "format"}


@pytest.mark.parametrize(
    ("schema", "value", "names"),
    [
        ({"properties": {"a": {}}}, {"a": 1, "b": 2}, ["b"]),
        ({"properties": {"a": {}}, "additionalProperties": True}, {"b": 2}, []),
        ({"type": "object"}, {"b": 2}, []),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, {"a": 1, "b": 1, "c": 1}, ["c"]),
        ({"properties": {"a": {}}, "oneOf": [{"properties": {"b": {}}}]}, {"a": 1, "b": 1, "c": 1}, ["c"]),
        ({"properties": {"a": {}}, "allOf": [{"additionalProperties": True}]}, {"c": 1}, []),
        ({"anyOf": [{"properties": {"a": {}}}, {"type": "null"}]}, {"a": 1, "b": 1}, ["b"]),
        ({"properties": {"a": {}}, "if": {"required": ["a"]}, "then": {"properties": {"b": {}}}},
            {"a": 1, "b": 1, "c": 1}, ["c"]),
        ({"$defs": {"x": {"properties": {"a": {}}}}, "$ref": "#/$defs/x"}, {"b": 1}, ["b"]),
        ({"$defs": {"x": {"properties": {"a": {}}}}, "$ref": "#/$defs/x", "properties": {"b": {}}},
            {"a": 1, "b": 1, "c": 1}, ["c"]),
        ({"items": {"properties": {"a": {}}}}, [{"b": 1}], ["b"]),
        ({"oneOf": [{"properties": {"a": {"type": "null"}, "b": {}}}, {"required": ["z"]}]}, {"b": 1, "c": 1}, ["c"]),
    ],
)  # fmt: skip
def test_a_member_that_no_schema_names_is_noticed_once(schema: JSON, value: JSON, names: list[str]) -> None:
    faults = found(schema, value)
    assert [fault.path[0] for fault in faults.notices] == names
    assert faults.errors == []


@pytest.mark.parametrize(
    ("schema", "error_text"),
    [
        ({"minimun": 1}, "s#: keyword 'minimun' is not understood; did you mean 'minimum'?"),
        ({"prefixItems": []}, "s#: keyword 'prefixItems' is not understood"),
        ({"properties": {"a": {"zzz": 1}}}, "s#/properties/a: keyword 'zzz' is not understood"),
        ({"properties": {"a": 5}}, "s#/properties/a: a schema is an object or true, found 5"),
        ({"items": False}, "s#/items: a schema is an object or true, found False"),
        ({"type": "text"}, "s#: 'type' must be one or more of"),
        ({"type": []}, "s#: 'type' must be one or more of"),
        ({"type": [{}]}, "s#: 'type' must be one or more of"),
        ({"enum": "a"}, "s#: 'enum' must be made of strings, numbers, booleans and null, found 'a'"),
        ({"const": {}}, "s#: 'const' must be made of strings, numbers, booleans and null, found {}"),
        ({"const": 1, "enum": [1]}, "s#: 'enum' must be omitted when 'const' is given, found [1]"),
        ({"minimum": "1"}, "s#: 'minimum' must be a number, found '1'"),
        ({"maximum": True}, "s#: 'maximum' must be a number, found True"),
        ({"maxLength": -1}, "s#: 'maxLength' must be a whole number from 0, found -1"),
        ({"minItems": 1.5}, "s#: 'minItems' must be a whole number from 0, found 1.5"),
        ({"maxItems": True}, "s#: 'maxItems' must be a whole number from 0, found True"),
        ({"pattern": "("}, "s#: 'pattern' must be a regular expression, found '('"),
        ({"pattern": 1}, "s#: 'pattern' must be a regular expression, found 1"),
        ({"properties": []}, "s#: 'properties' must be an object, found []"),
        ({"required": "a"}, "s#: 'required' must be a list of names, found 'a'"),
        ({"required": [1]}, "s#: 'required' must be a list of names, found [1]"),
        ({"allOf": []}, "s#: 'allOf' must be a list of one or more schemas, found []"),
        ({"anyOf": {}}, "s#: 'anyOf' must be a list of one or more schemas, found {}"),
        ({"$ref": 1}, "s#: '$ref' must be a string, found 1"),
        ({"$ref": "t#"}, "s#: no schema file 't'; there are ['s']"),
        ({"$ref": "#/$defs/x"}, "s#: '#/$defs/x' leads nowhere: there is no '$defs'"),
    ],
)
def test_an_invalid_schema_is_reported_with_its_location(schema: JSON, error_text: str) -> None:
    with pytest.raises(ValueError) as raised:
        Compiler({"s": schema}).table("s")
    assert str(raised.value).startswith(error_text)


def test_a_missing_schema_file_is_reported() -> None:
    with pytest.raises(ValueError, match="no schema file 'other'"):
        Compiler({"s": {}}).table("other")


def test_a_schema_that_only_refers_to_itself_still_compiles() -> None:
    compiler = Compiler({"s": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}})
    assert set(compiler.table("s")) == {type(None), bool, int, float, str, list, dict}
    assert compiler.names("s") == frozenset()


def test_errors_and_notices_are_bounded_and_neither_hides_the_other() -> None:
    schema: JSON = {"properties": {"bad": {"items": {"type": "string"}}, "odd": {"items": {"properties": {"a": {}}}}}}
    value: JSON = {"odd": [{"b": 1}] * 1000, "bad": [1] * 1000, **{f"x{n}": 1 for n in range(1000)}}
    faults = found(schema, value)
    assert (len(faults.errors), len(faults.notices)) == (20, 20)
    assert faults.errors[0] == SchemaFault(kind=FaultKind.TYPE, value=1, expected=["string"], path=[0, "bad"])


def objects(value: JSON) -> Iterator[dict[str, JSON]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_valid_one_and_compiles(name: str) -> None:
    schema = SCHEMAS[name]
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]
    Compiler(SCHEMAS).table(name)


@pytest.mark.parametrize("name", ["openai-chat.json", "openai-responses.json"])
def test_every_parameter_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    assert isinstance(schema, dict)
    assert isinstance(schema["properties"], dict)
    bare = [
        parameter
        for parameter, given in schema["properties"].items()
        if isinstance(given, dict) and not {"description", "$ref"} & given.keys()
    ]
    assert bare == []


def test_no_definition_is_left_over() -> None:
    used = {
        str(reported["$ref"]).rpartition("/")[2]
        for schema in SCHEMAS.values()
        for reported in objects(schema)
        if "$ref" in reported
    }
    defined = {
        name
        for schema in SCHEMAS.values()
        if isinstance(schema, dict) and isinstance(definitions := schema.get("$defs", {}), dict)
        for name in definitions
    }
    assert defined <= used
