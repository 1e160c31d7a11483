"""YAML as documents with places, and everything that is rejected."""

from __future__ import annotations

import json
import re
import sys
from typing import TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.errors import ScenarioError
from tests.kit import JSON, Document, read_yaml, resolve, yaml_reader
from tests.kit import YAML_READER_MAX_DEPTH as MAX_DEPTH

BOTH = pytest.mark.parametrize("fast", [True, False], ids=["fast", "python"])
Outcome: TypeAlias = "tuple[JSON, dict[str, object], list[str]] | list[str]"


def problems(data: bytes | str, *, fast: bool = True) -> list[str]:
    """Every problem, whether it ends the reading or not."""
    try:
        return [str(problem) for problem in read_yaml(data, "f.yaml", fast=fast).problems]
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]


def places(document: Document) -> dict[str, tuple[str, str]]:
    """Key and value of every path, each as line:column."""
    return {
        str(path): (f"{place.key_line}:{place.key_column}", f"{place.line}:{place.column}")
        for path, place in document.places.items()
    }


@BOTH
def test_every_key_and_value_has_a_place(*, fast: bool) -> None:
    text = "# a comment\na: 1\nlist:\n  - x: {y: [2, 'three']}\n    z: |\n      text\n  -\n"
    document = read_yaml(text, "f.yaml", fast=fast)
    assert document.value == {"a": 1, "list": [{"x": {"y": [2, "three"]}, "z": "text\n"}, None]}
    assert places(document) == {
        "()": ("2:1", "2:1"), "('a',)": ("2:1", "2:4"), "('list',)": ("3:1", "4:3"), "('list', 0)": ("4:5", "4:5"),
        "('list', 0, 'x')": ("4:5", "4:8"), "('list', 0, 'x', 'y')": ("4:9", "4:12"),
        "('list', 0, 'x', 'y', 0)": ("4:13", "4:13"), "('list', 0, 'x', 'y', 1)": ("4:16", "4:16"),
        "('list', 0, 'z')": ("5:5", "5:8"), "('list', 1)": ("7:4", "7:4"),
    }  # fmt: skip


@BOTH
def test_scalars_remember_how_they_are_written(*, fast: bool) -> None:
    document = read_yaml("a: 1.50\nb: '1.50'\nc: []\n", "f.yaml", fast=fast)
    assert {path: place.source for path, place in document.places.items()} == {
        (): None,
        ("a",): "1.50",
        ("b",): "1.50",
        ("c",): None,
    }


@BOTH
def test_keys_are_always_strings(*, fast: bool) -> None:
    document = read_yaml("on: 1\n50256: 2\ntrue: 3\n~: 4\n'<<': 5\n", "f.yaml", fast=fast)
    assert document.value == {"on": 1, "50256": 2, "true": 3, "~": 4, "<<": 5}
    assert document.problems == ()


@BOTH
def test_an_aliased_value_has_the_place_of_its_anchor(*, fast: bool) -> None:
    document = read_yaml("a: &x {b: 1}\nc: *x\n&k d: *k\n", "f.yaml", fast=fast)
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}, "d": "d"}
    assert places(document)["('c', 'b')"] == ("1:8", "1:11")
    assert places(document)["('c',)"] == ("2:1", "1:4")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{user: how are you?, b: [x?y]}", {"user": "how are you?", "b": ["x?y"]}),
        ("a:\tb\t# c\nb: [x,\ty]\n", {"a": "b", "b": ["x", "y"]}),
        ("a: b\tc", {"a": "b\tc"}),
        ("a: b\n  c\n\n  d", {"a": "b c\nd"}),
        ("a: b\u2028  c\x85  d", {"a": "b\u2028c d"}),
    ],
)
@BOTH
def test_plain_scalars_are_scanned_as_in_yaml_1_2(text: str, value: JSON, fast: bool) -> None:
    assert read_yaml(text, "f.yaml", fast=fast).value == value


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfa: 1\n", "\ufeffa: 1\n", b"a: 1", "--- \na: 1\n...\n", "%YAML 1.2\n---\na: 1"]
)
def test_a_byte_order_mark_and_document_markers_are_accepted(data: bytes | str) -> None:
    document = read_yaml(data, "f.yaml")
    assert (document.value, document.problems) == ({"a": 1}, ())


@pytest.mark.parametrize("data", ["", "\n", "# only a comment\n", b"", b"\xef\xbb\xbf", "---\n"])
def test_an_empty_text_is_null(data: bytes | str) -> None:
    assert read_yaml(data, "f.yaml").value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d\ude00"', "😀"), (r'"\U0001F600"', "😀"), (r'"\ud83d"', "\ud83d"), (r'"\x41\t\0"', "A\t\0"),
        (r"'\ud83d'", r"\ud83d"),
    ],
)  # fmt: skip
@BOTH
def test_escapes_mean_what_they_mean_in_json(text: str, value: str, fast: bool) -> None:
    assert read_yaml(text, "f.yaml", fast=fast).value == value


WRONG: list[tuple[str, bytes | str, list[str]]] = [
    ("duplicate key", "a: 1\nb:\n  c: 1\n  c: 2\na: 2\n",
        ["f.yaml:4:3: b.c: duplicate key 'c', written before at line 3, column 3",
        "f.yaml:5:1: a: duplicate key 'a', written before at line 1, column 1"]),
    ("keys that are equal as text", "{1: a, '1': b}",
        ["f.yaml:1:8: 1: duplicate key '1', written before at line 1, column 2"]),
    ("merge key", "a: &a {x: 1}\nb:\n  <<: *a\n",
        [("f.yaml:3:3: b.<<: merge keys are no part of YAML 1.2; write the keys out or use 'defaults'")]),
    ("key that is a list", "? [a]\n: 1\n", ["f.yaml:1:3: ?: a key is a string, not a list or mapping"]),
    ("tag", "a: !!str 1\nb: !ruby/object {}\nc: ! x\n",
        ["f.yaml:1:4: a: tag '!!str' is not allowed; quotes make a value a string",
        "f.yaml:2:4: b: tag '!ruby/object' is not allowed; quotes make a value a string",
        "f.yaml:3:4: c: tag '!' is not allowed; quotes make a value a string"]),
    ("tag that would run code", "!!python/object/apply:os.system [echo]",
        [("f.yaml:1:1: tag '!!python/object/apply:os.system' is not allowed; quotes make a value a string")]),
    ("second document", "a: 1\n---\nb: 2\n", ["f.yaml:2:1: a second document begins here; a file contains one"]),
    ("unknown alias", "a: *b\n",
        [("f.yaml:1:4: not YAML: found undefined alias 'b'; an anchor such as &name comes before its aliases")]),
    ("anchor that is defined twice", "[&x 1, *x, &x 2]",
        ["f.yaml:1:12: an anchor of this name exists; give each anchor its own name"]),
    ("alias of itself", "a: &a [*a]\n", ["f.yaml:1:4: a[0]: an alias is inside the value that it refers to"]),
    ("alias of itself in a mapping", "a: &a {b: *a}\n",
        ["f.yaml:1:8: a.b: an alias is inside the value that it refers to"]),
    ("problem in an aliased value", "a: &a {b: .inf}\nc: *a\n",
        ["f.yaml:1:11: a.b: .inf is no JSON number; quote it to make it a string"]),
    ("tag of a key", "!!str a: 1\n", ["f.yaml:1:1: a: a key has no tag"]),
    ("numbers that JSON has not", "a: .inf\nb: [.nan, 1e999]\nc: " + "9" * 1001,
        ["f.yaml:1:4: a: .inf is no JSON number; quote it to make it a string",
        "f.yaml:2:5: b[0]: .nan is no JSON number; quote it to make it a string",
        "f.yaml:2:11: b[1]: 1e999 is no JSON number; quote it to make it a string",
        "f.yaml:3:4: c: 99999999999999999999… is no JSON number; quote it to make it a string"]),
    ("not UTF-8", b"a: 1\nb: \xe4\n", ["f.yaml:2:4: not UTF-8: byte 0xe4; save the file as UTF-8"]),
    ("UTF-16", "a: 1".encode("utf-16"), ["f.yaml:1:1: not UTF-8: byte 0xff; save the file as UTF-8"]),
    ("control character", "a: 1\nb: x\x00\n",
        [("f.yaml:2:5: character U+0000 is not allowed in YAML; in double quotes it can be written as an escape")]),
    ("surrogate in a text given from Python", "a: \ud800",
        [("f.yaml:1:4: character U+D800 is not allowed in YAML; in double quotes it can be written as an escape")]),
    ("tab as indentation", "a:\n\tb: 1\n", [("f.yaml:2:1: not YAML: found character '\\t' that cannot start any token "
        "while scanning for the next token; indent with spaces, not with tabs")]),
    ("colon in a text", "a: b: c\n",
        [("f.yaml:1:5: not YAML: mapping values are not allowed here; a string with ': ' in it needs quotes")]),
    ("text that begins with a reserved character", "a: @b\n",
        [("f.yaml:1:4: not YAML: found character '@' that cannot start any token "
        "while scanning for the next token; a string that begins with this character needs quotes")]),
    ("indentation that does not fit", "a:\n    b: 1\n  c: 2\n",
        [("f.yaml:3:3: not YAML: expected <block end>, but found '<block mapping start>' "
        "while parsing a block mapping that begins at line 1; "
        "check the indentation, and quotes that end too early")]),
    ("text behind a quote", "a: 'b' c\n", [("f.yaml:1:8: not YAML: expected <block end>, but found '<scalar>' "
        "while parsing a block mapping that begins at line 1; "
        "check the indentation, and quotes that end too early")]),
    ("quote that is not closed", 'a: "b\n', [("f.yaml:2:1: not YAML: found unexpected end of stream "
        "while scanning a quoted scalar that begins at line 1; a quote is not closed")]),
    ("bracket that is not closed", "a: [1, 2\nb: 3\n", [("f.yaml:2:2: not YAML: expected ',' or ']', but got ':' "
        "while parsing a flow sequence that begins at line 1")]),
    ("key without a colon", "a: 1\nb\nc: 2\n", [("f.yaml:3:1: not YAML: could not find expected ':' "
        "while scanning a simple key that begins at line 2; a key ends with ': '")]),
    ("escape that names no character", 'a: "\\UFFFFFFFF"',
        ["f.yaml:1:7: not YAML: an escape that is not a character"]),
    ("another version", "%YAML 2.0\n---\na: 1",
        ["f.yaml:1:1: not YAML: found incompatible YAML document (version 1.* is required)"]),
    ("too deep", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        [f"f.yaml:1:{MAX_DEPTH + 1}: nested deeper than {MAX_DEPTH} levels"]),
    ("several problems", "a: 1\na: !!int 2\nb: .inf\n",
        ["f.yaml:2:1: a: duplicate key 'a', written before at line 1, column 1",
        "f.yaml:3:4: b: .inf is no JSON number; quote it to make it a string"]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
@BOTH
def test_every_problem_is_reported_with_its_position(data: bytes | str, expected: list[str], *, fast: bool) -> None:
    assert problems(data, fast=fast) == expected


def bomb(levels: int, width: int) -> str:
    """Each level holds the one before it `width` times."""
    lines = [f"l0: &l0 [{', '.join(['x'] * width)}]"]
    lines += [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * width)}]" for level in range(1, levels)]
    return "\n".join(lines)


@BOTH
def test_expansion_stops_at_the_alias_that_exceeds_the_bound(*, fast: bool) -> None:
    assert problems(bomb(30, 10), fast=fast) == ["f.yaml:5:5: l4[7]: aliases expand to more than 100000 values"]


def test_aliases_of_long_strings_are_bounded() -> None:
    text = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 50)}]\n"
    assert problems(text) == ["f.yaml:2:4: b[9]: aliases expand to more than 100000 values"]


def test_the_depth_of_aliased_values_is_bounded() -> None:
    lines = [f"l0: &l0 {'[' * 60}x{']' * 60}", f"l1: &l1 {'[' * 39}*l0{']' * 39}"]
    assert problems("\n".join(lines)) == []
    lines = [f"l0: &l0 {'[' * 60}x{']' * 60}", f"l1: &l1 {'[' * 40}*l0{']' * 40}"]
    assert problems("\n".join(lines)) == ["f.yaml:1:68: nested deeper than 100 levels"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_rejected_while_nodes_are_composed(opening: str) -> None:
    assert [problem[-28:] for problem in problems(opening * 100_000)] == ["nested deeper than 100 levels"[-28:]]


# YAML takes no raw DEL, and no key of more than 1024 characters before its colon.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=80)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(json_values)
def test_json_is_read_as_json(value: JSON) -> None:
    document = read_yaml(json.dumps(value), "f.yaml")
    assert (document.value, document.problems) == (value, ())


SCRAPS = [
    *["a", "on", "1", "1.5", "~", "true", "'", '"', "''", '"\\"', "\\x", "é", "😀", "\ufeff", ":", "-", "?", "[", "]",
        "{", "}", ",", "!", "!<x>", "|", ">", "|2-", ">+"],
    *["---", "<<:", "<<", "@", "`", "%", "=", "\x00", "\x07"],
    *("x y", ": ", "- ", "? ", ", ", "&a ", "*a ", "!!str ", "# c", "%YAML 1.2\n", "%TAG ! x\n"),
    *("\n", "\n  ", "\n\t", " ", "\t", "\r\n", "\r", "\x85", "\u2028", "---\n", "...\n"),
]  # fmt: skip


def outcome(text: str, *, fast: bool) -> Outcome:
    try:
        document = read_yaml(text, "f.yaml", fast=fast)
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]
    found = {str(path): place for path, place in document.places.items()}
    return document.value, {**found}, [str(problem) for problem in document.problems]


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=25).map("".join))
@example("{user: how are you?, b: [?]}")
@example("a: b\t# c\n\t\n- \tb")
@example("a: b\n \tc\n\n d\n---")
@example("?")
def test_both_loaders_give_the_same_result_for_any_text(text: str) -> None:
    assert outcome(text, fast=True) == outcome(text, fast=False)


@settings(deadline=None)
@given(st.text() | st.binary())
def test_any_input_gives_a_document_or_problems(data: str | bytes) -> None:
    assert problems(data) is not None


def test_every_character_python_can_print_is_allowed_in_yaml() -> None:
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))
    assert read_yaml(f"# {printable}\nstubs: []\n", "all.yaml").value == {"stubs": []}
    assert re.search(yaml_reader.UNPRINTABLE, printable) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"), ("true", True),
        ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False), ("tRUE", "tRUE"),
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("y", "y"), ("0", 0), ("-0", 0), ("12", 12),
        ("+12", 12), ("-12", -12), ("0123", 123), ("0o17", 15), ("-0o17", "-0o17"), ("0o18", "0o18"), ("0x1F", 31),
        ("0xfg", "0xfg"), ("0b11", "0b11"), ("1_000", "1_000"), ("12:30", "12:30"), ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"), ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("1.5", 1.5), ("1.", 1.0),
        (".5", 0.5), ("-.5", -0.5), ("1e3", 1000.0), ("1E+3", 1000.0), ("1.5e-3", 0.0015), ("1e", "1e"), (".", "."),
        ("-", "-"), ("+", "+"), ("..3", "..3"), ("1..", "1.."), ("2..4", "2..4"), ("1.2.3", "1.2.3"),
        ("200ms", "200ms"), ("١٢", "١٢"), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_a_plain_scalar_has_its_value_of_yaml_1_2(text: str, value: JSON) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text", [".inf", "-.inf", "+.INF", ".nan", ".NaN", "1e999", "-1e999", "9" * 1001, "0x" + "f" * 1000]
)
def test_a_number_outside_json_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):
        resolve(text)
