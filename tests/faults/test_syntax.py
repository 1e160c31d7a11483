"""The fields in which faults declare their syntax: what they read, and what they reject."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tests.kit import (
    DURATION,
    FLAG,
    JSON,
    LABEL,
    TRUE,
    FaultValueError,
    Field,
    any_members,
    choice,
    either,
    list_of,
    listed,
    mapping,
    nearest,
    pattern,
    text,
    whole,
)
from tests.kit import SyntaxKey as Key
from tests.kit import syntax_unknown as unknown

A, B, C = Key("a", whole(0)), Key("b", text("a name")), Key("c", FLAG)
PAIR = either(
    mapping("{a: 1, c: true}", required=(A, C)).map(lambda found: (found[A], found[C])),
    mapping("{b: x}", required=(B,)).map(lambda found: (found[B], None)),
)
PERCENT = pattern(r"\d+%", "a share", lambda written: int(written[:-1]) or None)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (whole(1), 1, 1), (text("a name"), "x", "x"), (LABEL, "role", "role"), (FLAG, False, False), (TRUE, True, True),
        (DURATION, "200ms", 0.2), (DURATION, 0, 0.0), (choice({"lf": "\n", "cr": "\r"}), "cr", "\r"),
        (PERCENT, "5%", 5), (list_of(whole(0), "sizes"), [3, 7], (3, 7)),
        (list_of(whole(0), "a pair", least=2, most=2), [3, 7], (3, 7)),
        (any_members("members"), {"x": [1]}, {"x": [1]}), (either(whole(0), text("a name")), "x", "x"),
        (either(whole(0), text("a name")), 3, 3), (PAIR, {"a": 1, "c": True}, (1, True)),
        (PAIR, {"b": "x"}, ("x", None)), (whole(0).map(str), 3, "3"),
    ],
)  # fmt: skip
def test_a_valid_value_is_read_and_fits_the_schema(field: Field[object], value: JSON, expected: object) -> None:
    assert field.read(value, "x") == expected
    assert Draft202012Validator(field.schema).is_valid(value)


GROUPS = "expected exactly one of 'a', 'b', got "


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        (whole(1), 0, "x: expected a whole number from 1 up, got 0"),
        (whole(1), 1.5, "x: expected a whole number from 1 up, got 1.5"),
        (whole(1), True, "x: expected a whole number from 1 up, got true"),
        (text("a name"), "", 'x: expected a name, got ""'),
        (text("a name"), 3, "x: expected a name, got 3"),
        (LABEL, 3, "x: expected the label of an event, such as 'text.delta[1]', got 3"),
        (FLAG, 1, "x: expected true or false, got 1"),
        (TRUE, False, "x: expected true or no such key, got false"),
        (DURATION, 5, "x: expected a duration such as '200ms' or '1.5s', got 5"),
        (choice({"lf": 1}), "cr", "x: expected 'lf', got \"cr\""),
        (choice({"lf": 1, "cr": 2}), 1, "x: expected one of 'lf', 'cr', got 1"),
        (PERCENT, "5", 'x: expected a share, got "5"'),
        (PERCENT, 5, "x: expected a share, got 5"),
        (list_of(whole(0), "sizes"), [], "x: expected sizes, got []"),
        (list_of(whole(0), "sizes"), 3, "x: expected sizes, got 3"),
        (list_of(whole(0), "sizes"), [1, -1], "x[1]: expected a whole number from 0 up, got -1"),
        (list_of(whole(0), "a pair", least=2, most=2), [1, 2, 3], "x: expected a pair, got [1,2,3]"),
        (any_members("members"), {}, "x: expected members, got {}"),
        (any_members("members"), [1], "x: expected members, got [1]"),
        (mapping("{a: 1}", A), 3, "x: expected a mapping such as {a: 1}, got 3"),
        (mapping("{a: 1}", A), {"a": -1}, "x.a: expected a whole number from 0 up, got -1"),
        (mapping("{a: 1}", A), {"q": 1}, "x.q: unknown key 'q'; expected one of 'a'"),
        (
            mapping("{a: 1}", A),
            {"chance": 1},
            "x.chance: 'chance' belongs next to the name of the fault, not inside its value",
        ),
        (mapping("{a: 1}", required=(A,)), {}, "x: 'a' is missing; expected a whole number from 0 up"),
        (mapping("{a: 1}", C, one_of=(A, B)), {"c": True}, f"x: {GROUPS}none"),
        (mapping("{a: 1}", one_of=(A, B)), {"a": 1, "b": "x"}, f"x: {GROUPS}'a', 'b'"),
        (mapping("{a: 1}", any_of=(A, B)), {}, "x: expected at least one of 'a', 'b', got none"),
        (either(whole(0), text("a name")), -1, "x: expected a whole number from 0 up, got -1"),
        (either(whole(0), text("a name")), [], "x: expected a whole number from 0 up or a name, got []"),
        (PAIR, {"a": 1, "c": 2}, "x.c: expected true or false, got 2"),
        (PAIR, {"c": True}, f'x: expected {PAIR.what}, got {{"c":true}}'),
    ],
)
def test_an_invalid_value_is_rejected_with_its_path_and_what_is_right(
    field: Field[object], value: JSON, error: str
) -> None:
    with pytest.raises(FaultValueError) as caught:
        field.read(value, "x")
    assert str(caught.value) == error
    assert not Draft202012Validator(field.schema).is_valid(value)


def test_the_syntaxes_of_either_are_described_together() -> None:
    assert either(whole(0), text("a name")).what == "a whole number from 0 up or a name"


@pytest.mark.parametrize(("inner", "path"), [("", "x"), ("c", "x.c")])
def test_an_error_of_a_builder_gets_the_path_of_its_value(inner: str, path: str) -> None:
    def build(_: int) -> None:
        raise FaultValueError(inner, "too many")

    with pytest.raises(FaultValueError) as caught:
        whole(0).map(build).read(3, "x")
    assert (caught.value.key_path, caught.value.message) == (path, "too many")


def test_the_members_of_a_mapping_are_read_by_key() -> None:
    found = mapping("{}", A, B).read({"b": "x"}, "x")
    assert (A in found, B in found) == (False, True)
    assert (found.get(A), found.get(B), found[B]) == (None, "x", "x")
    assert found.one((B,)) == "x"


def test_words_are_suggested_by_similarity() -> None:
    assert nearest("rest", ["cut", "reset"]) == "reset"
    assert nearest("xyz", ["cut"]) is None
    assert listed(["a", "b"]) == "'a', 'b'"
    assert unknown("key", "ba", ["bar", "x"]) == "unknown key 'ba'; the nearest is 'bar'"
