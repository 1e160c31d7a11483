"""The format's JSON Schema is valid and described; the check agrees with jsonschema on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tests.kit import (
    FAULTS,
    JSON,
    FormatChecker,
    JSONObject,
    format_checker,
    format_schema,
    read_format,
    read_yaml,
    shipped_dialects,
)
from tests.kit import FORMAT_CHECK_KEYWORDS as KEYWORDS
from tests.scenario.mutations import ALL, EVERYTHING, SCENARIOS, alone, mutated, properties, schemas

FORMAT = read_format()
REFEREE = Draft202012Validator(FORMAT)


@pytest.mark.parametrize("schema", [read_format(), format_schema()], ids=["checked", "printed"])
def test_the_schema_is_a_valid_one_of_draft_2020_12(schema: JSONObject) -> None:
    Draft202012Validator.check_schema(schema)


def test_every_key_has_a_description() -> None:
    silent = [
        f"{path}/{name}"
        for path, schema in ALL.items()
        for name, said in properties(schema).items()
        if not isinstance(said, dict) or not said.get("description")
    ]
    assert silent == []


def test_every_keyword_of_the_format_is_supported() -> None:
    assert {keyword for schema in ALL.values() for keyword in schema} <= KEYWORDS


def test_every_reference_leads_somewhere() -> None:
    refs = {str(schema["$ref"]) for schema in ALL.values() if "$ref" in schema}
    assert {ref for ref in refs if ref not in ALL} == set()


def test_every_definition_is_used() -> None:
    refs = {str(schema["$ref"]) for schema in ALL.values() if "$ref" in schema}
    defs = {path for path in ALL if path.count("/") == 2 and path.startswith("#/$defs/")}
    assert defs - refs == set()


def test_the_printed_schema_has_every_fault() -> None:
    fault = dict(schemas(format_schema()))["#/$defs/fault"]
    assert list(properties(fault)) == [*FAULTS, "chance"]
    assert fault["description"] == "A fault on the wire."


def test_the_file_of_everything_has_every_key() -> None:
    written: set[str] = set()

    def collect(value: JSON) -> None:
        if isinstance(value, dict):
            written.update(value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(EVERYTHING)
    assert {name for schema in ALL.values() for name in properties(schema)} - written == set()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_satisfy_the_printed_schema(path: Path) -> None:
    value = read_yaml(path.read_bytes(), path.name).value
    assert list(Draft202012Validator(format_schema()).iter_errors(value)) == []


def test_everything_satisfies_both_forms_of_the_schema() -> None:
    assert format_checker().check(EVERYTHING) == ()
    assert list(Draft202012Validator(format_schema()).iter_errors(EVERYTHING)) == []


def test_the_shipped_dialects_are_found() -> None:
    assert sorted(shipped_dialects()) == ["apifox", "azure", "openai", "smartlink", "visioncoder"]


@settings(deadline=None)
@given(mutated(alone()))
def test_the_check_and_jsonschema_agree(value: JSON) -> None:
    problems = format_checker().check(value)
    errors = list(REFEREE.iter_errors(value))
    assert bool(problems) == bool(errors), (problems, errors)


@settings(deadline=None)
@given(mutated(alone()))
def test_every_problem_has_a_path_in_the_value(value: JSON) -> None:
    for problem in format_checker().check(value):
        here: JSON = value
        for step in problem.path:
            assert isinstance(here, dict | list)
            here = here[step]  # type: ignore[index]
        assert problem.message


def test_a_log_starts_with_the_problems_of_the_format() -> None:
    document = read_yaml("stubs:\n- rply: hi\n", "f.yaml")
    log = format_checker().start(document)
    assert [str(problem) for problem in log.problems] == [
        "f.yaml:2:3: stubs[0].rply: unknown key 'rply'; did you mean 'reply'?"
    ]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"uniqueItems": True}, [1, True, 0, False, "1", None], []),
        ({"uniqueItems": True}, [True, True], ["true is listed twice"]),
        ({"uniqueItems": True}, [1, 1.0], ["1.0 is listed twice"]),
        ({"const": 0}, 0.0, []),
        ({"const": 0}, False, ["expected 0, got false"]),
        ({"enum": [1, None]}, None, []),
        ({"enum": [1, None]}, True, ["expected 1 or nothing, got true"]),
        ({"type": "integer"}, 3.0, []),
        ({"type": "integer"}, 3.5, ["expected a whole number, got 3.5"]),
        ({"type": "integer", "maximum": 3}, 4, ["expected a whole number to 3, got 4"]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 0, ["expected a whole number from 1 to 3, got 0"]),
        ({"type": ["string", "null"]}, 3, ["expected a string or nothing, got 3; quote it to make it a string"]),
        ({"type": "boolean"}, "yes", ["expected true or false, got 'yes'"]),
        ({"type": "number"}, None, ["expected a number, got nothing"]),
        ({"type": "string", "maxLength": 1}, "ab", ["expected a string, got 'ab'"]),
        ({"type": "object"}, [], ["expected a mapping, got an empty list"]),
        ({"anyOf": [{"type": "string"}, {"enum": [1]}]}, None, ["expected a string or 1, got nothing"]),
    ],
)
def test_keywords_have_the_meaning_of_json_schema(schema: JSONObject, value: JSON, expected: list[str]) -> None:
    assert [problem.message for problem in FormatChecker(schema).check(value)] == expected
    assert Draft202012Validator(schema).is_valid(value) == (not expected)
