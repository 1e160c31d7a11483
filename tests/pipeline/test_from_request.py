"""Items made for a request: which tool, which arguments, which text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit import (
    JSON,
    Call,
    CustomCall,
    Endpoint,
    ErrorRef,
    ErrorReply,
    FromRequestError,
    FunctionCall,
    Item,
    JSONObject,
    Output,
    Reply,
    Text,
    load_text,
    made_for,
)
from tests.server.sandboxed import DIALECTS

CITY: JSONObject = {"type": "object", "properties": {"city": {"type": "string"}}}
DAY: JSONObject = {"type": "object", "properties": {"day": {"type": "integer"}}}


def flat(name: str, schema: JSON = None, type_: str = "function") -> dict[str, Any]:
    return {"type": type_, "name": name, "parameters": schema}


def nested(name: str, schema: JSON = None, type_: str = "function") -> dict[str, Any]:
    return {"type": type_, type_: {"name": name, "parameters": schema}}


OFFERED = FunctionCall(name="offered", arguments="from_schema", offered=True, from_schema=True, call_id="c")


def made(item: Item, body: dict[str, Any]) -> Item:
    said: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}]} | body
    content = made_for(Reply(content=Output(choices=((item,),))), Call(Endpoint.CHAT, said)).content
    assert isinstance(content, Output)
    return content.items[0]


def called(name: str, arguments: str, namespace: str | None = None) -> FunctionCall:
    return FunctionCall(name=name, arguments=arguments, namespace=namespace, call_id="c")


CUSTOM = CustomCall(name="shell", input="Hi", call_id="c")
CALLS: dict[str, tuple[dict[str, Any], Item]] = {
    "first": ({"tools": [nested("a", CITY), nested("b", DAY)]}, called("a", '{"city":"city"}')),
    "first, flat": ({"tools": [flat("a", DAY)]}, called("a", '{"day":1}')),
    "first function": (
        {"tools": [{"type": "web_search"}, nested("shell", type_="custom"), nested("b", DAY)]},
        called("b", '{"day":1}'),
    ),
    "without a schema": ({"tools": [nested("a")]}, called("a", "{}")),
    "of a schema without a type": ({"tools": [nested("a", {})]}, called("a", "{}")),
    "chosen": (
        {"tools": [nested("a"), nested("b", DAY)], "tool_choice": nested("b")},
        called("b", '{"day":1}'),
    ),
    "chosen, flat": ({"tools": [flat("a"), flat("b")], "tool_choice": flat("b")}, called("b", "{}")),
    "chosen custom tool": ({"tools": [nested("a"), nested("shell", type_="custom")],
                            "tool_choice": nested("shell", type_="custom")}, CUSTOM),
    "allowed": (
        {"tools": [nested("a"), nested("b")],
         "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [nested("b")]}}},
        called("b", "{}"),
    ),
    "allowed, flat": (
        {"tools": [flat("a"), flat("b")],
         "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [flat("b")]}},
        called("b", "{}"),
    ),
    "of a namespace": (
        {"tools": [{"type": "namespace", "name": "crm", "tools": [flat("a", DAY)]}]},
        called("a", '{"day":1}', namespace="crm"),
    ),
    "old functions": ({"functions": [{"name": "a", "parameters": CITY}]}, called("a", '{"city":"city"}')),
    "old choice": (
        {"functions": [{"name": "a"}, {"name": "b"}], "function_call": {"name": "b"}}, called("b", "{}")
    ),
}  # fmt: skip
NO_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "no tools": ({}, "the request offers no function (offered are: none)"),
    "custom only": ({"tools": [nested("shell", type_="custom")]},
                    "the request offers no function (offered are: shell)"),
    "none": ({"tools": [nested("a")], "tool_choice": "none"}, "tool_choice is 'none', so no tool may be called"),
    "chosen but not offered": ({"tools": [nested("a")], "tool_choice": nested("b")},
                               "the request offers no tool 'b' (offered are: a)"),
    "chosen hosted tool": ({"tools": [nested("a")], "tool_choice": {"type": "web_search"}},
                           "tool_choice asks for a tool 'web_search', which no client runs"),
    "impossible": (
        {"tools": [nested("a", {"properties": {"x": False}, "required": ["x"]})]},
        "no data can be made for the request's schema: x: the schema false allows nothing",
    ),
    "contradictory": (
        {"tools": [nested("a", {"not": {"type": "object"}})]},
        "no data can be made for the request's schema: the data does not match the request's schema at the top: {}",
    ),
    "no schema": ({"tools": [nested("a", {"type": "strong"})]}, "the request's schema cannot be evaluated: "),
    "false": ({"tools": [nested("a", False)]},
              "no data can be made for the request's schema: the top: the schema false allows nothing"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), CALLS.values(), ids=CALLS)
def test_a_tool_of_the_request_is_called(body: dict[str, Any], expected: Item) -> None:
    assert made(OFFERED, body) == expected


@pytest.mark.parametrize(("body", "reason"), NO_CALLS.values(), ids=NO_CALLS)
def test_where_no_tool_can_be_called_the_reason_is_said(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(FromRequestError) as raised:
        made(OFFERED, body)
    assert raised.value.findings[0].message.startswith(reason)
    assert {one.rule for one in raised.value.findings} == {"reply.from_request"}


def test_arguments_are_those_of_a_named_tool() -> None:
    item = FunctionCall(name="b", arguments="from_schema", from_schema=True)
    assert made(item, {"tools": [nested("a", CITY), nested("b", DAY)]}) == FunctionCall(name="b", arguments='{"day":1}')
    with pytest.raises(FromRequestError, match="offers no tool 'b'"):
        made(item, {"tools": [nested("a", CITY)]})


def test_an_offered_tool_may_have_arguments_of_its_own() -> None:
    item = FunctionCall(name="offered", arguments='{"x":1}', offered=True)
    assert made(item, {"tools": [nested("a")]}) == FunctionCall(name="a", arguments='{"x":1}')


FORMATS: dict[str, tuple[dict[str, Any], JSON]] = {
    "chat": ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": CITY}}},
             {"city": "city"}),
    "responses": ({"text": {"format": {"type": "json_schema", "name": "x", "schema": DAY}}}, {"day": 1}),
    "without a schema": ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, {}),
    "any object": ({"response_format": {"type": "json_object"}}, {"text": "Hi"}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "data"), FORMATS.values(), ids=FORMATS)
def test_a_text_has_the_format_of_the_request(body: dict[str, Any], data: JSON) -> None:
    found = made(Text(text="from_format", from_format=True), body)
    assert isinstance(found, Text)
    assert (json.loads(found.text), found.structured, found.from_format) == (data, True, False)


@pytest.mark.parametrize("body", [{}, {"response_format": {"type": "text"}}, {"text": {"verbosity": "low"}}])
def test_a_request_without_a_format_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(FromRequestError, match="the request asks for no JSON"):
        made(Text(text="from_format", from_format=True), body)


def test_a_format_that_nothing_fits_is_refused() -> None:
    body = {"text": {"format": {"type": "json_schema", "schema": {"type": "string", "maxLength": -1}}}}
    with pytest.raises(FromRequestError, match="the request's schema cannot be evaluated"):
        made(Text(text="from_format", from_format=True), body)


def test_what_takes_nothing_from_the_request_stays_as_it_is() -> None:
    call = Call(Endpoint.CHAT, {})
    for content in (Output(choices=((Text(text="hi"),),)), ErrorReply(error=ErrorRef(name="server_error"))):
        reply = Reply(content=content)
        assert made_for(reply, call) is reply
        assert reply.static


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("{call: offered}", FunctionCall(name="offered", arguments="{}", offered=True)),
        ("{call: a, arguments: from_schema}", FunctionCall(name="a", arguments="from_schema", from_schema=True)),
        ("{text: from_format}", Text(text="from_format", from_format=True)),
        ("\"{{'offered'}}\"", Text(text="{{'offered'}}")),
        ("{call: \"{{'offered'}}\"}", FunctionCall(name="{{'offered'}}", arguments="{}")),
    ],
)  # fmt: skip
def test_the_words_of_a_scenario(item: str, expected: Item) -> None:
    written = f"output: [{item}]" if item.startswith("{") else f"output: [{{text: {item}}}]"
    text = f"stubs: [{{on: [chat, responses], reply: {{{written}}}}}]"
    [stub] = load_text(text, origin="f.yaml", dialects=DIALECTS).stubs
    content = stub.replies[0].content
    assert isinstance(content, Output)
    assert content.items == (expected,)
