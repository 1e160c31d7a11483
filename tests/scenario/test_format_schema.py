"""The format's JSON Schema: valid, described, and walked as jsonschema understands it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from mockserver.faults import FAULTS
from mockserver.model.json import JSON, JSONObject
from mockserver.scenario.files import format_schema, read_format, shipped_dialects
from mockserver.scenario.format_check import KEYWORDS, format_checker
from mockserver.scenario.yaml_reader import read_yaml
from tests.scenario.mutations import ALL, EVERYTHING, SCENARIOS, alone, mutated, properties, schemas

FORMAT = read_format()
REFEREE = Draft202012Validator(FORMAT)


@pytest.mark.parametrize("schema", [read_format(), format_schema()], ids=["walked", "printed"])
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


def test_the_walker_knows_every_keyword() -> None:
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
    assert fault["description"] == "Something that goes wrong on the wire."


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
    assert sorted(shipped_dialects()) == ["apifox", "openai", "smartlink", "visioncoder"]


@settings(deadline=None)
@given(mutated(alone()))
def test_the_walker_and_jsonschema_agree(value: JSON) -> None:
    flaws = format_checker().check(value)
    errors = list(REFEREE.iter_errors(value))
    assert bool(flaws) == bool(errors), (flaws, errors)


@settings(deadline=None)
@given(mutated(alone()))
def test_what_the_walker_finds_stands_where_it_says(value: JSON) -> None:
    for flaw in format_checker().check(value):
        here: JSON = value
        for step in flaw.path:
            assert isinstance(here, dict | list)
            here = here[step]  # type: ignore[index]
        assert flaw.message


def test_a_sheet_tells_the_flaws_in_its_documents_words() -> None:
    document = read_yaml("stubs:\n- rply: hi\n", "f.yaml")
    sheet = format_checker().start(document)
    assert [str(problem) for problem in sheet.problems] == [
        "f.yaml:2:3: stubs[0].rply: unknown key 'rply'; did you mean 'reply'?"
    ]
