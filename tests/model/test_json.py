"""JSON as text, in and out."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import JSON, JSONReadError, JSONReadErrorKind, read, read_text, write, write_bytes

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_reads_the_same(value: JSON) -> None:
    assert read(write_bytes(value)) == value
    assert json.loads(write(value)) == value


WRITTEN: dict[str, tuple[JSON, str]] = {
    "compact, in order": ({"b": [1, 2.5, None], "a": True}, '{"b":[1,2.5,null],"a":true}'),
    "raw UTF-8": ("18 °C ☂ 𝄞", '"18 °C ☂ 𝄞"'),
    "control characters escaped": ("a\n\x00", '"a\\n\\u0000"'),
    "line separators raw": ("\u2028", '"\u2028"'),
    "lone surrogates escaped": ("\ud800x\udfff", '"\\ud800x\\udfff"'),
}


@pytest.mark.parametrize(("value", "text"), WRITTEN.values(), ids=WRITTEN)
def test_how_values_are_written(value: JSON, text: str) -> None:
    assert write(value) == text
    assert write_bytes(value) == text.encode()


FAULTS: dict[str, tuple[bytes, JSONReadErrorKind, str]] = {
    "nothing": (b"", JSONReadErrorKind.EMPTY, "empty"),
    "white space": (b" \r\n\t", JSONReadErrorKind.EMPTY, "empty"),
    "no UTF-8": (b'"\xff"', JSONReadErrorKind.NOT_UTF8, "invalid UTF-8 at byte 1"),
    "a byte order mark": (b"\xef\xbb\xbf1", JSONReadErrorKind.SYNTAX, "expecting value at line 1 column 1"),
    "half an object": (b'{"a":\n', JSONReadErrorKind.SYNTAX, "expecting value at line 2 column 1"),
    "two values": (b"1 2", JSONReadErrorKind.SYNTAX, "extra data at line 1 column 3"),
    "a duplicate": (b'[{"b":1,"a":1,"a":1}]', JSONReadErrorKind.DUPLICATE, "duplicate member 'a'"),
    "NaN": (b"[NaN]", JSONReadErrorKind.NOT_A_NUMBER, "NaN is not a JSON value"),
    "infinity": (b"-Infinity", JSONReadErrorKind.NOT_A_NUMBER, "-Infinity is not a JSON value"),
    "a number too large": (b"1e400", JSONReadErrorKind.NOT_A_NUMBER, "a number beyond the range of floating point"),
}


@pytest.mark.parametrize(("data", "kind", "message"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_json(data: bytes, kind: JSONReadErrorKind, message: str) -> None:
    assert read(data) == JSONReadError(kind=kind, message=message)


def test_an_integer_of_too_many_digits_is_an_error() -> None:
    error = read(b"1" * (sys.get_int_max_str_digits() + 1))
    assert isinstance(error, JSONReadError)
    assert error.kind is JSONReadErrorKind.SYNTAX


@pytest.mark.parametrize("text", ["[1]", " [1]", "[1]\n"])
def test_white_space_around_a_value_is_skipped(text: str) -> None:
    assert read_text(text) == read(text.encode()) == [1]


def test_deep_nesting_is_an_error() -> None:
    error = read_text("[" * 200_000)
    assert error == JSONReadError(kind=JSONReadErrorKind.TOO_DEEP, message="nested too deeply")


def test_an_indented_value_escapes_what_no_utf_8_has() -> None:
    assert write_bytes({"a": ["é\ud800", {}]}, indent=2) == '{\n  "a": [\n    "é\\ud800",\n    {}\n  ]\n}'.encode()
    assert write_bytes({"a": 1}) == b'{"a":1}'
