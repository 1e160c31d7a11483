"""The walker on schemas of its own, and what it says; and how values are told."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from mockserver.errors import Position
from mockserver.model.cursor import Cursor, Document, Place, ProblemLog, format_path
from mockserver.model.json import JSON, JSONObject
from mockserver.model.messages import alternatives, quoted, shown, unknown
from mockserver.scenario.format_check import FormatChecker


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
        (
            {"type": "integer", "minimum": 1, "maximum": 3},
            0,
            ["expected a whole number from 1 to 3, got 0"],
        ),
        (
            {"type": ["string", "null"]},
            3,
            ["expected a string or nothing, got 3; quote it to make it a string"],
        ),
        ({"type": "boolean"}, "yes", ["expected true or false, got 'yes'"]),
        ({"type": "number"}, None, ["expected a number, got nothing"]),
        ({"type": "string", "maxLength": 1}, "ab", ["expected a string, got 'ab'"]),
        ({"type": "object"}, [], ["expected a mapping, got an empty list"]),
    ],
)
def test_the_walker_understands_its_keywords_as_jsonschema_does(
    schema: JSONObject, value: JSON, expected: list[str]
) -> None:
    assert [flaw.message for flaw in FormatChecker(schema).check(value)] == expected
    assert Draft202012Validator(schema).is_valid(value) == (not expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        (10**100, "1" + "0" * 59 + "…"),
        ("it's", '"it\'s"'),
        ("x" * 61, "'" + "x" * 60 + "'…"),
        ([], "an empty list"),
        ([1], "a list"),
        ({}, "an empty mapping"),
        ({"a": 1}, "a mapping"),
    ],
)
def test_values_are_told_as_a_person_would_and_in_bounds(value: JSON, expected: str) -> None:
    assert shown(value) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], "unknown error 'x'; none is known"),
        (["b", "a"], "unknown error 'x'; known are a, b"),
        (["xy", "a"], "unknown error 'x'; did you mean 'xy'?"),
        (map(str, range(21)), "unknown error 'x'; `mockserver errors` lists them"),
    ],
)
def test_what_is_unknown_is_told_with_what_is_known(known: list[str], expected: str) -> None:
    assert unknown("error", "x", known) == expected


def test_names_are_listed_as_in_speech() -> None:
    assert [alternatives(names) for names in ("a", "ab", "abc")] == ["a", "a or b", "a, b or c"]
    assert quoted("x" * 100) == "'" + "x" * 60 + "'…"


DOCUMENT = Document(
    origin="f.yaml",
    value={"a.b": [{"c": 1}]},
    places={
        (): Place(1, 1, 1, 1),
        ("a.b",): Place(1, 6, 1, 1),
        ("a.b", 0): Place(2, 3, 2, 3),
        ("a.b", 0, "c"): Place(2, 6, 2, 3, "1"),
    },
)


@pytest.mark.parametrize(
    ("key_path", "place"),
    [
        ("", (1, 1)),
        ("a.b", (1, 6)),
        ("a.b[0]", (2, 3)),
        ("a.b[0].c", (2, 6)),
        ("a.b[0].d", (2, 3)),
        ("a.b[0].c.d[1].e", (2, 6)),
        ("a.b[1]", (1, 6)),
        ("nowhere", (1, 1)),
    ],
)
def test_a_written_path_is_located_or_the_nearest_around_it(
    key_path: str, place: tuple[int, int]
) -> None:
    assert DOCUMENT.locate(key_path) == Position(file="f.yaml", line=place[0], column=place[1])


def test_a_path_is_placed_at_its_value_or_its_key() -> None:
    path = ("a.b", 0, "c")
    assert format_path(path) == "a.b[0].c"
    assert str(DOCUMENT.problem(path, "bad")) == "f.yaml:2:6: a.b[0].c: bad"
    assert str(DOCUMENT.problem(path, "bad", key=True)) == "f.yaml:2:3: a.b[0].c: bad"
    assert str(DOCUMENT.problem((), "bad")) == "f.yaml:1:1: bad"


@pytest.mark.parametrize("reader", ["text", "whole", "object", "objects"])
def test_a_spot_of_another_type_than_the_schema_admits_is_a_mistake_of_ours(reader: str) -> None:
    spot = Cursor(ProblemLog(document=DOCUMENT), (), None)
    with pytest.raises(TypeError):
        getattr(spot, reader)


@pytest.mark.parametrize(
    ("value", "expected"), [(None, ""), (True, "true"), (False, "false"), (1.5, "1.5"), ("x", "x")]
)
def test_a_scalar_without_a_source_is_told_as_it_would_be_written(
    value: JSON, expected: str
) -> None:
    inline = ProblemLog(document=Document(origin="inline", value=value))
    assert inline.root.source == expected
