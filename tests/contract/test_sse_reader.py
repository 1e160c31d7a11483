"""Event streams read by the rules of the WHATWG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.capture import SseMessage, read_stream


def told(data: bytes) -> list[tuple[str | None, str]]:
    return [(message.name, message.data) for message in read_stream(data).messages]


def rules(data: bytes) -> list[str]:
    return [remark.rule for remark in read_stream(data).findings]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"data: a\n\n", [(None, "a")]),
        (b"data:a\n\n", [(None, "a")]),
        (b"data:  a\n\n", [(None, " a")]),
        (b"data\n\n", [(None, "")]),
        (b"data:\n\n", [(None, "")]),
        (b"data: a\ndata: b\n\n", [(None, "a\nb")]),
        (b"data: a\n\ndata: b\n\n", [(None, "a"), (None, "b")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [(None, "a"), (None, "b")]),
        (b"data: a\r\rdata: b\r\r", [(None, "a"), (None, "b")]),
        (b"data: a\r\n\ndata: b\n\r\n", [(None, "a"), (None, "b")]),
        (b"event: x\ndata: a\n\ndata: b\n\n", [("x", "a"), (None, "b")]),
        (b"event:\ndata: a\n\n", [(None, "a")]),
        (b"event: x\nevent: y\ndata: a\n\n", [("y", "a")]),
        (b"event: x\n\ndata: a\n\n", [(None, "a")]),
        (b": hi\ndata: a\n\n", [(None, "a")]),
        (b"id: 1\nretry: 10\ndata: a\n\n", [(None, "a")]),
        (b"id: 1\n\n", []),
        (b"data: a", []),
        (b"data: a\n", []),
        (b"data: a\n\ndata: b\n", [(None, "a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [(None, "a")]),
        (b"data: \xc3\xa9\xff\n\n", [(None, "é\ufffd")]),
        ("data: a\u2028b\x0bc\n\n".encode(), [(None, "a\u2028b\x0bc")]),
    ],
)
def test_a_stream_is_read_as_a_browser_reads_it(
    data: bytes, wanted: list[tuple[str | None, str]]
) -> None:
    assert told(data) == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"data: a\n\n", []),
        (b": only a comment", []),
        (b"id: 1\nretry: 10", []),
        (b"data: a\n", ["sse.final_blank"]),
        (b"event: a", ["sse.final_blank"]),
        (b"event: a\n\n", ["sse.data"]),
        (b"\xef\xbb\xbf", ["sse.bom"]),
        (b"\xff", ["sse.utf8", "sse.field"]),
        (b"Data: a\n\n", ["sse.field"]),
        (b"id: a\0b\n\n", ["sse.id"]),
        (b"retry:\n\n", ["sse.retry"]),
        (b"retry: -1\n\n", ["sse.retry"]),
        ("retry: ²\n\n".encode(), ["sse.retry"]),
    ],
)
def test_what_readers_pass_over_is_said(data: bytes, wanted: list[str]) -> None:
    assert rules(data) == wanted


def test_a_message_has_its_line_and_the_comments_before_it() -> None:
    stream = read_stream(b": one\n\n:two\ndata: a\n: three\n\ndata: b\n\n")
    assert stream.messages == (
        SseMessage(name=None, data="a", line=4, comments=("one", "two", "three")),
        SseMessage(name=None, data="b", line=7),
    )


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@given(
    st.lists(st.tuples(st.none() | LINE.filter(bool), st.lists(LINE, min_size=1))),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(events: list[tuple[str | None, list[str]]], newline: str) -> None:
    text = "".join(
        (f"event: {name}{newline}" if name else "")
        + "".join(f"data: {line}{newline}" for line in lines)
        + newline
        for name, lines in events
    )
    assert told(text.encode()) == [(name, "\n".join(lines)) for name, lines in events]
    assert rules(text.encode()) == []
