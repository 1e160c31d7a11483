"""Events as bytes, and what an independent reader makes of them."""

from __future__ import annotations

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from mockserver.model.events import Event, SseFormat
from mockserver.model.json import JSON, write
from mockserver.render.http1 import sse_event, sse_stream


def event(data: JSON = None, *, text: str | None = None, name: str | None = None) -> Event:
    return Event(label="e", ordinal=4, data=data, text=text, name=name)


def read(body: bytes) -> list[ServerSentEvent]:
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
    # Behind an id, this reader makes an empty event of each comment block; the format does not.
    return [one for one in EventSource(response).iter_sse() if one.data]


@pytest.mark.parametrize(
    ("given_event", "expected"),
    [
        (event({"a": 1, "b": "é\n"}), 'data: {"a":1,"b":"é\\n"}\n\n'),
        (event({"type": "x.y"}, name="x.y"), 'event: x.y\ndata: {"type":"x.y"}\n\n'),
        (event(text="[DONE]"), "data: [DONE]\n\n"),
        (
            event(text="one\ntwo\r\nthree\rfour"),
            "data: one\ndata: two\ndata: three\ndata: four\n\n",
        ),
        (event(text=""), "data: \n\n"),
        (event(text="", name=""), "event: \ndata: \n\n"),
    ],
)
def test_an_event_is_spelled_as_the_upstream_does(given_event: Event, expected: str) -> None:
    assert sse_event(given_event) == expected.encode()


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (SseFormat(newline="\r\n"), 'event: n\r\ndata: {"a":[1]}\r\n\r\n'),
        (SseFormat(newline="\r"), 'event: n\rdata: {"a":[1]}\r\r'),
        (SseFormat(comment="keep-alive"), ': keep-alive\n\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(comment="a\nb"), ': a\n: b\n\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(id=True), 'id: 4\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(retry_ms=1000), 'retry: 1000\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(split_data=True), 'event: n\ndata: {\ndata: "a":[1]\ndata: }\n\n'),
        (SseFormat(space=False), 'event:n\ndata:{"a":[1]}\n\n'),
        (SseFormat(final_blank=False), 'event: n\ndata: {"a":[1]}\n'),
        (SseFormat(event_lines=False), 'data: {"a":[1]}\n\n'),
    ],
)
def test_a_spelling_changes_one_thing(spelling: SseFormat, expected: str) -> None:
    found = sse_event(event({"a": [1]}, name="n"), spelling, first=True, last=True)
    assert found == expected.encode()


def test_first_and_last_events_alone_have_retry_and_no_blank() -> None:
    spelling = SseFormat(retry_ms=5, final_blank=False)
    assert sse_stream([event(1), event(2), event(3)], spelling) == (
        b"retry: 5\ndata: 1\n\n",
        b"data: 2\n\n",
        b"data: 3\n",
    )


def test_a_text_is_never_divided_for_no_reader_would_join_it_again() -> None:
    assert sse_event(event(text="[DONE]"), SseFormat(split_data=True)) == b"data: [DONE]\n\n"
    assert sse_event(event("scalar"), SseFormat(split_data=True)) == b'data: "scalar"\n\n'


def test_a_leading_space_of_the_text_survives_without_the_spelling_s_own() -> None:
    assert sse_event(event(text=" x"), SseFormat(space=False)) == b"data:  x\n\n"


def test_a_lone_surrogate_goes_out_as_it_can() -> None:
    assert sse_event(event(text="\ud800")) == b"data: \xed\xa0\x80\n\n"
    assert sse_event(event("\ud800")) == b'data: "\\ud800"\n\n'


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LEGAL = st.builds(
    SseFormat,
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    comment=st.none() | st.just("keep-alive"),
    id=st.booleans(),
    retry_ms=st.none() | st.just(10),
    split_data=st.booleans(),
    space=st.booleans(),
)


@given(st.lists(VALUES, min_size=1, max_size=4), LEGAL)
def test_every_legal_spelling_reads_back_as_the_same_events(
    values: list[JSON], spelling: SseFormat
) -> None:
    events = [
        Event(label=str(place), ordinal=place, data=value, name=f"n{place}")
        for place, value in enumerate(values)
    ]
    found = read(b"".join(sse_stream(events, spelling)))
    assert [(one.event, one.json()) for one in found] == [
        (f"n{place}", value) for place, value in enumerate(values)
    ]
    if not spelling.split_data:
        assert [one.data for one in found] == [write(value) for value in values]


def test_without_the_final_blank_a_reader_never_sees_the_last_event() -> None:
    body = b"".join(sse_stream([event({"a": 1}), event({"b": 2})], SseFormat(final_blank=False)))
    lines = body.decode().split("\n")
    assert lines[-2:] == ['data: {"b":2}', ""]
    assert not body.endswith(b"\n\n")
