"""A request read as a call: what it asks for, read once and from bytes."""

from __future__ import annotations

import pytest

from tests.kit import Call, Endpoint, JSONObject, Request, decode_headers

USER: JSONObject = {"role": "user", "content": "hi"}
SPEECH: JSONObject = {"role": "assistant", "content": "hello"}
REQUEST = Request(
    method="POST",
    target="/v1/responses?a=b",
    path="/v1/responses",
    query=(("a", "b"),),
    headers=(("x-a", "1"),),
    body=b'{"model":"m","input":"hi","tools":[{"type":"web_search"}]}',
)

BODIES: dict[str, tuple[JSONObject, tuple[str | None, bool, bool, tuple[str, ...], str]]] = {
    "empty": ({}, (None, False, False, (), "")),
    "wrong types": ({"model": 7, "stream": 1, "stream_options": [], "tools": {}, "input": 3},
        (None, False, False, (), "")),
    "streamed": ({"model": "m", "stream": True, "stream_options": {"include_usage": True}, "input": "hi"},
        ("m", True, True, (), "hi")),
    "without usage": ({"stream_options": {"include_usage": 1}}, (None, False, False, (), "")),
    "chat tools": ({"tools": [{"type": "function", "function": {"name": "a"}},
        {"type": "custom", "custom": {"name": "b"}}, 7, {}], "functions": [{"name": "c"}]},
        (None, False, False, ("a", "b", "c"), "")),
    "responses tools": ({"tools": [{"type": "function", "name": "a"}, {"type": "web_search"},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "b"}]}]},
        (None, False, False, ("a", "web_search", "n", "b"), "")),
    "several texts": ({"input": [USER, SPEECH], "instructions": "be kind"},
        (None, False, False, (), "be kind\nhi\nhello")),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_a_call_has_its_model_mode_tools_and_texts(
    body: JSONObject, expected: tuple[str | None, bool, bool, tuple[str, ...], str]
) -> None:
    call = Call(endpoint=Endpoint.RESPONSES, body=body)
    assert (call.model, call.stream, call.include_usage, call.tools, call.input_text) == expected


def test_a_call_is_read_from_the_bytes_of_its_request() -> None:
    call = Call(Endpoint.RESPONSES, request=REQUEST)
    assert call.headers == REQUEST.headers
    assert call.query == REQUEST.query
    assert (call.model, call.user, call.tools) == ("m", "hi", ("web_search",))
    assert call.size_bytes == 0


def test_bytes_of_its_own_come_before_those_of_the_request() -> None:
    call = Call(Endpoint.RESPONSES, request=REQUEST, data=b'{"model":"unpacked"}')
    assert call.model == "unpacked"
    assert call.size_bytes == 20


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff"])
def test_bytes_that_are_no_object_read_as_an_empty_one(data: bytes) -> None:
    call = Call(Endpoint.CHAT, data=data)
    assert call.body == {}
    assert (call.user, call.input_text, call.tools) == (None, "", ())


def test_each_part_is_read_once() -> None:
    call = Call(Endpoint.RESPONSES, request=REQUEST)
    assert call.body is call.body
    assert call.conversation is call.conversation
    assert call.tools is call.tools
    assert call.input_text is call.input_text


def test_an_unread_call_reads_again() -> None:
    call = Call(Endpoint.RESPONSES, request=REQUEST, parameters={"id": "r"})
    again = call.unread()
    assert again == call
    assert again.body is not call.body
    given = Call(Endpoint.CHAT, {"model": "m"})
    assert given.unread() is given


def test_calls_are_equal_by_what_they_ask() -> None:
    body: JSONObject = {"model": "m"}
    call = Call(Endpoint.CHAT, body)
    assert call == Call(Endpoint.CHAT, data=b'{"model":"m"}')
    assert call != Call(Endpoint.RESPONSES, body)
    assert call != Call(Endpoint.CHAT, body, headers=(("a", "b"),))
    assert call != Call(Endpoint.CHAT, body, parameters={"a": "b"})
    assert call != body
    assert repr(call) == "Call('chat', {'model': 'm'})"


def test_the_model_of_the_path_counts_where_the_body_has_none() -> None:
    parameters = {"model": "deployed"}
    assert Call(Endpoint.CHAT, {}, parameters=parameters).model == "deployed"
    assert Call(Endpoint.CHAT, {"model": "m"}, parameters=parameters).model == "m"


def test_any_number_of_headers_is_decoded() -> None:
    pairs = [(b"x-n", b"%d" % number) for number in range(5000)]
    assert [decode_headers((pair,))[0][1] for pair in pairs] == [str(number) for number in range(5000)]
    assert decode_headers(((b"X", b"\xff\xc3\xa9" + b"a" * 5000),)) == (("X", "\udcffé" + "a" * 5000),)
