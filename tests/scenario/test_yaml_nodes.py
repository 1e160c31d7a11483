"""YAML as documents with places, and everything about it that is refused."""

from __future__ import annotations

import json
import re
import sys
from typing import TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.errors import ScenarioError
from mockserver.model.json import JSON
from mockserver.scenario import yaml_nodes
from mockserver.scenario.document import Document
from mockserver.scenario.yaml_composer import MAX_DEPTH
from mockserver.scenario.yaml_nodes import PARSERS, Loader, read_yaml
from mockserver.scenario.yaml_parser import PythonParser

BOTH = pytest.mark.parametrize("parsers", [PARSERS, (PythonParser,)], ids=["fast", "python"])
Told: TypeAlias = "tuple[JSON, dict[str, object], list[str]] | list[str]"


def problems(data: bytes | str, parsers: tuple[Loader, ...] = PARSERS) -> list[str]:
    """Every problem, whether it ends the reading or not."""
    try:
        return [str(problem) for problem in read_yaml(data, "f.yaml", parsers).problems]
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]


def places(document: Document) -> dict[str, tuple[str, str]]:
    """Key and value of every path, each as line:column."""
    return {
        str(path): (f"{place.key_line}:{place.key_column}", f"{place.line}:{place.column}")
        for path, place in document.places.items()
    }


@BOTH
def test_every_key_and_value_has_its_place(parsers: tuple[Loader, ...]) -> None:
    text = "# a comment\na: 1\nlist:\n  - x: {y: [2, 'three']}\n    z: |\n      text\n  -\n"
    document = read_yaml(text, "f.yaml", parsers)
    assert document.value == {"a": 1, "list": [{"x": {"y": [2, "three"]}, "z": "text\n"}, None]}
    assert places(document) == {
        "()": ("2:1", "2:1"),
        "('a',)": ("2:1", "2:4"),
        "('list',)": ("3:1", "4:3"),
        "('list', 0)": ("4:5", "4:5"),
        "('list', 0, 'x')": ("4:5", "4:8"),
        "('list', 0, 'x', 'y')": ("4:9", "4:12"),
        "('list', 0, 'x', 'y', 0)": ("4:13", "4:13"),
        "('list', 0, 'x', 'y', 1)": ("4:16", "4:16"),
        "('list', 0, 'z')": ("5:5", "5:8"),
        "('list', 1)": ("7:4", "7:4"),
    }


@BOTH
def test_scalars_remember_how_they_are_written(parsers: tuple[Loader, ...]) -> None:
    document = read_yaml("a: 1.50\nb: '1.50'\nc: []\n", "f.yaml", parsers)
    assert {path: place.source for path, place in document.places.items()} == {
        (): None,
        ("a",): "1.50",
        ("b",): "1.50",
        ("c",): None,
    }


@BOTH
def test_keys_are_text_whatever_they_look_like(parsers: tuple[Loader, ...]) -> None:
    document = read_yaml("on: 1\n50256: 2\ntrue: 3\n~: 4\n'<<': 5\n", "f.yaml", parsers)
    assert document.value == {"on": 1, "50256": 2, "true": 3, "~": 4, "<<": 5}
    assert document.problems == ()


@BOTH
def test_an_alias_stands_for_its_value_where_that_is_written(parsers: tuple[Loader, ...]) -> None:
    document = read_yaml("a: &x {b: 1}\nc: *x\n&k d: *k\n", "f.yaml", parsers)
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}, "d": "d"}
    assert places(document)["('c', 'b')"] == ("1:8", "1:11")
    assert places(document)["('c',)"] == ("2:1", "1:4")


@BOTH
def test_an_anchor_may_be_used_again_for_another_value(parsers: tuple[Loader, ...]) -> None:
    assert read_yaml("[&x 1, *x, &x 2, *x]", "f.yaml", parsers).value == [1, 1, 2, 2]


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfa: 1\n", "\ufeffa: 1\n", b"a: 1", "--- \na: 1\n...\n", "%YAML 1.2\n---\na: 1"],
)
def test_a_byte_order_mark_and_a_marked_document_are_fine(data: bytes | str) -> None:
    document = read_yaml(data, "f.yaml")
    assert (document.value, document.problems) == ({"a": 1}, ())


@pytest.mark.parametrize("data", ["", "\n", "# only a comment\n", b"", b"\xef\xbb\xbf", "---\n"])
def test_nothing_at_all_is_read_as_nothing(data: bytes | str) -> None:
    assert read_yaml(data, "f.yaml").value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\ud83d\ude00"', "😀"),
        (r'"\U0001F600"', "😀"),
        (r'"\ud83d"', "\ud83d"),
        (r'"\x41\t\0"', "A\t\0"),
        (r"'\ud83d'", r"\ud83d"),
    ],
)
@BOTH
def test_escapes_mean_what_they_mean_in_json(
    text: str, value: str, parsers: tuple[Loader, ...]
) -> None:
    assert read_yaml(text, "f.yaml", parsers).value == value


WRONG: list[tuple[str, bytes | str, list[str]]] = [
    (
        "duplicate key",
        "a: 1\nb:\n  c: 1\n  c: 2\na: 2\n",
        [
            "f.yaml:4:3: b.c: duplicate key 'c', written before at line 3, column 3",
            "f.yaml:5:1: a: duplicate key 'a', written before at line 1, column 1",
        ],
    ),
    (
        "keys that are equal as text",
        "{1: a, '1': b}",
        ["f.yaml:1:8: 1: duplicate key '1', written before at line 1, column 2"],
    ),
    (
        "merge key",
        "a: &a {x: 1}\nb:\n  <<: *a\n",
        [
            (
                "f.yaml:3:3: b.<<: merge keys are no part of YAML 1.2; "
                "write the keys out or use 'defaults'"
            )
        ],
    ),
    (
        "key that is a list",
        "? [a]\n: 1\n",
        ["f.yaml:1:3: ?: a key is a text, not a list or mapping"],
    ),
    (
        "tag",
        "a: !!str 1\nb: !ruby/object {}\nc: ! x\n",
        [
            "f.yaml:1:4: a: tag '!!str' is not allowed; quotes make a value text",
            "f.yaml:2:4: b: tag '!ruby/object' is not allowed; quotes make a value text",
            "f.yaml:3:4: c: tag '!' is not allowed; quotes make a value text",
        ],
    ),
    (
        "tag that would run code",
        "!!python/object/apply:os.system [echo]",
        [
            (
                "f.yaml:1:1: tag '!!python/object/apply:os.system' is not allowed; "
                "quotes make a value text"
            )
        ],
    ),
    (
        "second document",
        "a: 1\n---\nb: 2\n",
        ["f.yaml:2:1: a second document begins here; a file holds one"],
    ),
    ("unknown alias", "a: *b\n", ["f.yaml:1:4: a: alias 'b' names no anchor"]),
    (
        "alias of itself",
        "a: &a [*a]\n",
        ["f.yaml:1:8: a[0]: alias 'a' stands inside what it names"],
    ),
    (
        "numbers that JSON has not",
        "a: .inf\nb: [.nan, 1e999]\nc: " + "9" * 1001,
        [
            "f.yaml:1:4: a: .inf is no JSON number; quote it to make it text",
            "f.yaml:2:5: b[0]: .nan is no JSON number; quote it to make it text",
            "f.yaml:2:11: b[1]: 1e999 is no JSON number; quote it to make it text",
            "f.yaml:3:4: c: 99999999999999999999… is no JSON number; quote it to make it text",
        ],
    ),
    ("not UTF-8", b"a: 1\nb: \xe4\n", ["f.yaml:2:4: not UTF-8: byte 0xe4; save the file as UTF-8"]),
    (
        "UTF-16",
        "a: 1".encode("utf-16"),
        ["f.yaml:1:1: not UTF-8: byte 0xff; save the file as UTF-8"],
    ),
    (
        "control character",
        "a: 1\nb: x\x00\n",
        [
            (
                "f.yaml:2:5: character U+0000 may not stand in YAML; "
                "in double quotes it can be written as an escape"
            )
        ],
    ),
    (
        "surrogate in a text given from Python",
        "a: \ud800",
        [
            (
                "f.yaml:1:4: character U+D800 may not stand in YAML; "
                "in double quotes it can be written as an escape"
            )
        ],
    ),
    (
        "tab as indentation",
        "a:\n\tb: 1\n",
        [
            (
                "f.yaml:2:1: not YAML: found character '\\t' that cannot start any token "
                "while scanning for the next token; indent with spaces, not with tabs"
            )
        ],
    ),
    (
        "colon in a text",
        "a: b: c\n",
        [
            (
                "f.yaml:1:5: not YAML: mapping values are not allowed here; "
                "a text with ': ' in it needs quotes"
            )
        ],
    ),
    (
        "text that begins with a reserved character",
        "a: @b\n",
        [
            (
                "f.yaml:1:4: not YAML: found character '@' that cannot start any token "
                "while scanning for the next token; a text that begins so needs quotes"
            )
        ],
    ),
    (
        "indentation that does not fit",
        "a:\n    b: 1\n  c: 2\n",
        [
            (
                "f.yaml:3:3: not YAML: expected <block end>, but found '<block mapping start>' "
                "while parsing a block mapping that begins at line 1; "
                "check the indentation, and quotes that end too early"
            )
        ],
    ),
    (
        "text behind a quote",
        "a: 'b' c\n",
        [
            (
                "f.yaml:1:8: not YAML: expected <block end>, but found '<scalar>' "
                "while parsing a block mapping that begins at line 1; "
                "check the indentation, and quotes that end too early"
            )
        ],
    ),
    (
        "quote that is not closed",
        'a: "b\n',
        [
            (
                "f.yaml:2:1: not YAML: found unexpected end of stream "
                "while scanning a quoted scalar that begins at line 1; a quote is not closed"
            )
        ],
    ),
    (
        "bracket that is not closed",
        "a: [1, 2\nb: 3\n",
        [
            (
                "f.yaml:2:2: not YAML: expected ',' or ']', but got ':' "
                "while parsing a flow sequence that begins at line 1"
            )
        ],
    ),
    (
        "key without a colon",
        "a: 1\nb\nc: 2\n",
        [
            (
                "f.yaml:3:1: not YAML: could not find expected ':' "
                "while scanning a simple key that begins at line 2; a key ends with ': '"
            )
        ],
    ),
    (
        "escape that names no character",
        'a: "\\UFFFFFFFF"',
        [
            (
                "f.yaml:1:1: a: not YAML: an escape such as '\\UFFFFFFFF', which stands behind, "
                "names no character"
            )
        ],
    ),
    (
        "another version",
        "%YAML 2.0\n---\na: 1",
        ["f.yaml:1:1: not YAML: found incompatible YAML document (version 1.* is required)"],
    ),
    (
        "too deep",
        "[" * (MAX_DEPTH + 1),
        [f"f.yaml:1:{MAX_DEPTH + 1}: nested deeper than {MAX_DEPTH} levels"],
    ),
    (
        "flaws before the end of reading",
        "a: 1\na: !!int 2\nb: *c\nd: [\n",
        [
            "f.yaml:2:1: a: duplicate key 'a', written before at line 1, column 1",
            "f.yaml:2:4: a: tag '!!int' is not allowed; quotes make a value text",
            "f.yaml:3:4: b: alias 'c' names no anchor",
            (
                "f.yaml:5:1: not YAML: expected the node content, but found '<stream end>' "
                "while parsing a flow node that begins at line 5"
            ),
        ],
    ),
]


@pytest.mark.parametrize(
    ("data", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
@BOTH
def test_what_is_wrong_is_told_with_its_place(
    data: bytes | str, expected: list[str], parsers: tuple[Loader, ...]
) -> None:
    assert problems(data, parsers) == expected


def bomb(levels: int, width: int) -> str:
    """Each level holds the one before it `width` times."""
    lines = [f"l0: &l0 [{', '.join(['x'] * width)}]"]
    lines += [
        f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * width)}]"
        for level in range(1, levels)
    ]
    return "\n".join(lines)


@BOTH
def test_an_alias_bomb_is_stopped_at_the_alias_that_is_too_much(
    parsers: tuple[Loader, ...],
) -> None:
    assert problems(bomb(30, 10), parsers) == [
        "f.yaml:5:45: l4[7]: aliases stand for more than 100000 values"
    ]


def test_a_bomb_of_long_texts_is_stopped_too() -> None:
    text = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 50)}]\n"
    assert problems(text) == ["f.yaml:2:41: b[9]: aliases stand for more than 100000 values"]


def test_aliases_cannot_pile_up_depth() -> None:
    lines = [f"l0: &l0 {'[' * 60}x{']' * 60}", f"l1: &l1 {'[' * 39}*l0{']' * 39}"]
    assert problems("\n".join(lines)) == []
    lines = [f"l0: &l0 {'[' * 60}x{']' * 60}", f"l1: &l1 {'[' * 40}*l0{']' * 40}"]
    assert problems("\n".join(lines)) == ["f.yaml:2:49: nested deeper than 100 levels"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_before_it_costs_anything(opening: str) -> None:
    assert [problem[-28:] for problem in problems(opening * 100_000)] == [
        "nested deeper than 100 levels"[-28:]
    ]


# YAML takes no raw DEL, and no key of more than 1024 characters before its colon.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=80)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(json_values)
def test_json_is_read_as_json(value: JSON) -> None:
    document = read_yaml(json.dumps(value), "f.yaml")
    assert (document.value, document.problems) == (value, ())


SCRAPS = [
    *(
        "a",
        "b",
        "on",
        "1",
        "1.5",
        "~",
        "true",
        "x y",
        "'",
        '"',
        "''",
        '"\\"',
        "\\x",
        "é",
        "😀",
        "\ufeff",
    ),
    *(
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "?",
        "\n",
        "\n  ",
        "\n\t",
        " ",
        "\t",
        "\r\n",
        "\r",
        "\x85",
        "\u2028",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        ",",
        ", ",
        "&a ",
        "*a ",
        "!",
        "!!str ",
        "!<x> ",
        "|",
        ">",
        "|2-",
        ">+",
        "# c",
    ),
    *(
        "---",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "%TAG ! x\n",
        "<<: ",
        "<<",
        "@",
        "`",
        "%",
        "=",
        "\x00",
        "\x07",
    ),
]


def told(text: str, parsers: tuple[Loader, ...]) -> Told:
    try:
        document = read_yaml(text, "f.yaml", parsers)
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
def test_both_parsers_say_the_same_of_any_text(text: str) -> None:
    assert told(text, PARSERS) == told(text, (PythonParser,))


@settings(deadline=None)
@given(st.text() | st.binary())
def test_any_input_is_read_or_refused(data: str | bytes) -> None:
    assert problems(data) is not None


def test_whatever_python_can_print_may_stand_in_yaml() -> None:
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))
    assert read_yaml(f"# {printable}\nstubs: []\n", "all.yaml").value == {"stubs": []}
    assert re.search(yaml_nodes._UNPRINTABLE, printable) is None
