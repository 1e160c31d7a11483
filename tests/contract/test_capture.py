"""Captured replies taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.framing_cases import chunked, head
from tests.kit import Capture, read_capture, read_stream

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Capture(body=b"")),
        (b"data: a\n\n", Capture(body=b"data: a\n\n")),
        (b"HTTP/1.1 204 \r\n\r\n", Capture(status=204, body=b"")),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\na:  2 \r\nX-Empty:\r\n\r\nbody",
            Capture(status=200, headers={"a": "2", "x-empty": ""}, body=b"body")),
        (b"HTTP/2 200\n\nbody", Capture(status=200, body=b"body")),
        (CONTINUE + b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", Capture(status=200, body=b"x")),
        (CONTINUE, Capture(status=100, body=b"")),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nunpacked by curl",
            Capture(status=200, headers={"content-encoding": "gzip", "content-length": "9"}, body=b"unpacked by curl")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ndata: a\n\n",
            Capture(status=200, headers={"transfer-encoding": "chunked"}, body=b"data: a\n\n")),
        (OK + CHUNKED + b"3 ;ext=1\r\nabc\r\n00\r\nTrailer: x\r\n\r\n",
            Capture(status=200, headers={"transfer-encoding": "chunked"}, body=b"abc")),
    ],
)  # fmt: skip
def test_a_capture_is_head_and_body(data: bytes, expected: Capture) -> None:
    assert read_capture(data) == expected


@pytest.mark.parametrize(
    ("data", "body", "rule"),
    [
        (b"HTTP/1.1 twohundred\r\n\r\nx", b"x", "http.head"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\nx", b"x", "http.head"),
        (b"HTTP/1.1 200 OK\r\nA: 1", b"", "http.head"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx", b"x", "http.head"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nx", b"x", "http.body.short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", b"x", "http.body.long"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xff\xfe", b"", "http.coding"),
        (head(Transfer_Encoding="chunked"), b"", "http.chunk.last"),
        (head(Transfer_Encoding="chunked") + b"zz\r\nab\r\n", b"", "http.chunk"),
        (head(Transfer_Encoding="chunked") + b"2\r\nabcd", b"ab", "http.chunk"),
        (head(Transfer_Encoding="chunked") + b"2\r\nab\r\nzz\r\n", b"ab", "http.chunk"),
        (head(Transfer_Encoding="chunked") + b"9\r\nab\r\n", b"ab\r\n", "http.chunk.last"),
        (head(Transfer_Encoding="chunked") + b"2\r\nab", b"ab", "http.chunk.last"),
        (head(Transfer_Encoding="chunked") + b"2\r\nab\r\n0\r\n", b"ab", "http.chunk.last"),
        (head(Transfer_Encoding="chunked") + b"2\r\nab\r\n0\r\n\r\nx", b"ab", "http.body.long"),
    ],
)
def test_what_is_wrong_is_a_remark_and_the_rest_is_kept(data: bytes, body: bytes, rule: str) -> None:
    capture = read_capture(data)
    assert capture.body == body
    assert [remark.rule for remark in capture.findings] == [rule]


@given(st.binary(min_size=1), st.integers(1, 50))
def test_chunks_are_joined_whatever_their_size(body: bytes, size: int) -> None:
    capture = read_capture(head(Transfer_Encoding="chunked") + chunked(body, size))
    assert (capture.body, capture.findings) == (body, ())


def messages_in(data: bytes) -> list[tuple[str | None, str]]:
    return [(message.name, message.data) for message in read_stream(data).messages]


def rules(data: bytes) -> list[str]:
    return [remark.rule for remark in read_stream(data).findings]


@pytest.mark.parametrize(
    ("data", "expected"),
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
def test_a_stream_is_read_as_a_browser_reads_it(data: bytes, expected: list[tuple[str | None, str]]) -> None:
    assert messages_in(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\n\n", []), (b": only a comment", []), (b"id: 1\nretry: 10", []), (b"data: a\n", ["sse.final_blank"]),
        (b"event: a", ["sse.final_blank"]), (b"event: a\n\n", ["sse.data"]), (b"\xef\xbb\xbf", ["sse.bom"]),
        (b"\xff", ["sse.utf8", "sse.field"]), (b"Data: a\n\n", ["sse.field"]), (b"id: a\0b\n\n", ["sse.id"]),
        (b"retry:\n\n", ["sse.retry"]), (b"retry: -1\n\n", ["sse.retry"]), ("retry: ²\n\n".encode(), ["sse.retry"]),
    ],
)  # fmt: skip
def test_fields_that_readers_ignore_are_reported(data: bytes, expected: list[str]) -> None:
    assert rules(data) == expected


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))


@given(
    st.lists(st.tuples(st.none() | LINE.filter(bool), st.lists(LINE, min_size=1))),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(events: list[tuple[str | None, list[str]]], newline: str) -> None:
    text = "".join(
        (f"event: {name}{newline}" if name else "") + "".join(f"data: {line}{newline}" for line in lines) + newline
        for name, lines in events
    )
    assert messages_in(text.encode()) == [(name, "\n".join(lines)) for name, lines in events]
    assert rules(text.encode()) == []
