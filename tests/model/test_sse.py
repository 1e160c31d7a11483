"""Event streams as text: the parts add up, and each says what readers would hear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import is_stream, read_event, split_events

CASES = {
    "two events": ("data: 1\n\ndata: 2\n\n", ("data: 1\n\n", "data: 2\n\n")),
    "CRLF": ("data: 1\r\n\r\ndata: 2\r\n\r\n", ("data: 1\r\n\r\n", "data: 2\r\n\r\n")),
    "comments before": (": hi\n\ndata: 1\n\n", (": hi\n\ndata: 1\n\n",)),
    "comments after": ("data: 1\n\n: bye\n\n", ("data: 1\n\n: bye\n\n",)),
    "comments alone": (": hi\n\n", (": hi\n\n",)),
    "unfinished": ("data: 1\n\ndata: 2", ("data: 1\n\n", "data: 2")),
    "a name alone": ("event: x\n\ndata\n\n", ("event: x\n\n", "data\n\n")),
    "nothing": ("", ()),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_a_part_holds_one_event(text: str, parts: tuple[str, ...]) -> None:
    assert split_events(text) == parts


@given(st.text(st.sampled_from("dat:event \r\n1")))
def test_the_parts_add_up(text: str) -> None:
    assert "".join(split_events(text)) == text


SAID = {
    "data: 1\n\n": (None, "1"),
    "event: x\ndata:1\ndata:  2\nid: 7\n\n": ("x", "1\n 2"),
    ": hi\r\n\r\nevent\r\ndata\r\n\r\n": (None, ""),
    "\ufeffdata: 1": (None, "1"),
    "id: 7\n\n": (None, None),
}


@pytest.mark.parametrize(("part", "said"), SAID.items())
def test_a_part_says_its_name_and_data(part: str, said: tuple[str | None, str | None]) -> None:
    assert tuple(read_event(part)) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: 1", True),
        (": c\n\nevent: x", True),
        ("\ufeffid\n", True),
        ("database: 1", False),
        ("{}", False),
        (": c", False),
    ],
)
def test_a_stream_is_known_by_its_beginning(text: str, expected: bool) -> None:
    assert is_stream(text) is expected
