"""The schemas that ship: valid 2020-12, described, and complete against their own references."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from mockserver.contract.schema_compiler import Compiler
from mockserver.model.json import JSON
from tests.contract.requests.shipped import SCHEMAS


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
        for parameter, told in schema["properties"].items()
        if isinstance(told, dict) and not {"description", "$ref"} & told.keys()
    ]
    assert bare == []


def test_no_definition_is_left_over() -> None:
    used = {
        str(said["$ref"]).rpartition("/")[2]
        for schema in SCHEMAS.values()
        for said in objects(schema)
        if "$ref" in said
    }
    defined = {
        name
        for schema in SCHEMAS.values()
        if isinstance(schema, dict) and isinstance(definitions := schema.get("$defs", {}), dict)
        for name in definitions
    }
    assert defined <= used
