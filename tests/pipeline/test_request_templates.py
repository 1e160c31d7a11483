"""Quoting the request: names are found, filled in, and never harm what they stand in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    Audio,
    Call,
    Compaction,
    Content,
    CustomCall,
    Endpoint,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    FunctionCall,
    Item,
    JSONObject,
    MissingValueError,
    Output,
    RawBytes,
    RawItem,
    Reasoning,
    Refusal,
    Reply,
    ScriptedEvent,
    StreamError,
    TemplateContext,
    Text,
    is_match_name,
    is_templated,
    names,
    names_in,
    problem,
    read_text,
    substitute,
)

BODY: JSONObject = {
    "model": "gpt-5.4",
    "instructions": "Be brief.",
    "input": [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": 'Say "hi"\nto Åse'}],
    "metadata": {"run": "r7", "tries": 3, "tags": ["a", "b"], "deep": {"er": None}},
}
CALL = Call(endpoint=Endpoint.RESPONSES, body=BODY, headers=(("X-Team", "blue"), ("x-team", "red")))
QUOTED = TemplateContext(call=CALL, number=4, groups={"city": "Oslo"}, now_s=1_800_000_000.25)


def reply(content: Content | Item, **members: object) -> Reply:
    said = content if isinstance(content, Content) else Output(choices=((content,),))
    return Reply(content=said, **members)  # type: ignore[arg-type]


def templated(reply: Reply) -> bool:
    return is_templated(reply.content, reply.headers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("request.user", 'Say "hi"\nto Åse'),
        ("request.system", "Be brief.\nBe kind."),
        ("request.model", "gpt-5.4"),
        ("request.body.model", "gpt-5.4"),
        ("request.body.metadata.run", "r7"),
        ("request.body.metadata.tries", "3"),
        ("request.body.metadata.tags", '["a","b"]'),
        ("request.body.metadata.tags[1]", "b"),
        ("request.body.metadata.tags.0", "a"),
        ("request.body.metadata.deep", '{"er":null}'),
        ("request.body.metadata.deep.er", "null"),
        ("request.body.input[1].role", "user"),
        ("request.header.x-team", "blue"),
        ("request.header.X-TEAM", "blue"),
        ("match.city", "Oslo"),
        ("call", "4"),
    ],
)
def test_a_name_stands_for_a_text_of_the_request(name: str, expected: str) -> None:
    assert QUOTED.resolve(name) == expected
    assert substitute(reply(Text(text=f"<{{{{{name}}}}}>")), QUOTED.resolve) == reply(Text(text=f"<{expected}>"))


@pytest.mark.parametrize(
    "name",
    [
        "request.body.absent", "request.body.metadata.tags[2]", "request.body.metadata.run.x",
        "request.body.metadata.tags.first", "request.header.x-none", "match.country", "request.everything", "",
    ],
)  # fmt: skip
def test_a_name_without_a_value_in_the_request_raises(name: str) -> None:
    with pytest.raises(MissingValueError, match="the request has no value for") as raised:
        QUOTED.resolve(name)
    assert raised.value.name == name


def test_a_request_without_user_or_system_has_no_value_for_them() -> None:
    bare = replace(QUOTED, call=Call(endpoint=Endpoint.CHAT, body={}))
    for name in ("request.user", "request.system", "request.model", "request.tool_result"):
        with pytest.raises(MissingValueError):
            bare.resolve(name)


FORMS = "iso, http_date, unix, unix_ms, seconds"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("now", "2027-01-15T08:00:00.250Z"),
        ("now + 1m | iso", "2027-01-15T08:01:00.250Z"),
        ("now + 30s | http_date", "Fri, 15 Jan 2027 08:00:30 GMT"),
        ("now-2h|unix", "1799992800"),
        ("now + 1d | unix_ms", "1800086400250"),
        ("now + 1500ms | seconds", "2"),
        ("now - 30s | seconds", "-30"),
    ],
)
def test_a_time_is_that_of_the_clock(name: str, text: str) -> None:
    assert problem(name, ()) is None
    assert QUOTED.resolve(name) == text


def test_a_time_that_counts_is_a_number_in_json() -> None:
    times: JSONObject = {"at": "{{now + 30s | unix}}", "in": ["{{ now + 30s | seconds }}"], "text": "x{{now | unix}}"}
    body = ExactBody(json=times)
    filled = substitute(reply(body), QUOTED.resolve)
    expected: JSONObject = {"at": 1_800_000_030, "in": [30], "text": "x1800000000"}
    assert filled.content == ExactBody(json=expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("call", None),
        ("request.user", None),
        ("request.system", None),
        ("request.model", None),
        ("request.body.anything.at.all", None),
        ("request.header.x-any", None),
        ("match.city", None),
        ("now", None),
        ("now+1.5h|unix", None),
        ("now - 36500d | iso", None),
        ("now + 36501d", "'now + 36501d' is too far from now; expected at most 36500d"),
        ("now + 30", "'now + 30' is no time; expected now, now + 30s or now - 2h, and | with one of " + FORMS),
        ("now | date", "a time has no form 'date'; expected one of " + FORMS),
        ("match.town", "no regular expression of this stub has a group 'town' (known are: city, day)"),
        ("user", ("unknown name 'user' in a template; known are request.user, request.system, "
            "request.model, request.tool_result, request.body.PATH, request.header.NAME, request.path.NAME, "
            "request.query.NAME, match.GROUP, call, now")),
    ],
)  # fmt: skip
def test_a_name_that_no_request_can_have_anything_for_is_a_problem(name: str, expected: str | None) -> None:
    assert problem(name, frozenset({"day", "city"})) == expected


@pytest.mark.parametrize("name", ["", "request", "request.body.", "request.header.", "calls"])
def test_half_a_name_is_a_problem(name: str) -> None:
    assert str(problem(name, frozenset())).startswith(f"unknown name {name!r} in a template; ")


def test_a_group_of_a_stub_without_groups_is_a_problem() -> None:
    message = "no regular expression of this stub has a group 'x' (known are: none)"
    assert problem("match.x", frozenset()) == message


def test_only_a_group_is_is_match_name() -> None:
    assert [is_match_name(name) for name in ("match.city", "call")] == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing", ()), ("{{call}} and {{ request.user }}", ("call", "request.user")), ("{{'{{call}}'}}", ()),
        ("{ {call} }", ()), ("{{}}", ("",)), ("{{call} }", ()),
    ],
)  # fmt: skip
def test_names_are_found_in_a_text(text: str, expected: tuple[str, ...]) -> None:
    assert names_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{'{{'}}call}}", "{{call}}"), ("{{'{{call}}'}}", "{{call}}"), ("{{ 'plain' }}", "plain"), ("{{''}}", ""),
        ("{call} {{ call }} }}", "{call} 4 }}"),
    ],
)  # fmt: skip
def test_literal_braces_can_be_sent(text: str, expected: str) -> None:
    said = reply(Text(text=text))
    assert templated(said)
    assert substitute(said, QUOTED.resolve) == reply(Text(text=expected))


def test_values_are_not_read_as_templates() -> None:
    call = Call(endpoint=Endpoint.CHAT, body={"model": "{{request.user}}"})
    look = replace(QUOTED, call=call).resolve
    assert substitute(reply(Text(text="{{request.model}}")), look) == reply(Text(text="{{request.user}}"))


CITE: JSONObject = {"type": "url_citation", "title": "{{call}}", "start_index": 0}
EVERYWHERE: list[tuple[Content | Item, Content | Item]] = [
    (Text(text="{{call}}", annotations=(CITE,), chunks=("{{", "x")),
        Text(text="4", annotations=(CITE | {"title": "4"},), chunks=("{{", "x"))),
    (Text(text="a {{call}}", chunks=("a ", "{{call}}")), Text(text="a 4", chunks=("a ", "4"))),
    (Refusal(text="{{call}}", chunks="word"), Refusal(text="4", chunks="word")),
    (Reasoning(summary=("{{call}}",), content=("{{call}}", "x")), Reasoning(summary=("4",), content=("4", "x"))),
    (FunctionCall(name="f_{{call}}", arguments='{"n":"{{call}}"}'), FunctionCall(name="f_4", arguments='{"n":"4"}')),
    (FunctionCall(name="f", arguments="{n: {{call}}"), FunctionCall(name="f", arguments="{n: 4")),
    (CustomCall(name="f_{{call}}", input="{{call}}"), CustomCall(name="f_4", input="4")),
    (Audio(data=("A",), transcript="{{call}}"), Audio(data=("A",), transcript="4")),
    (RawItem(item={"type": "x", "list": ["{{call}}", 1, None, {"a": "{{call}}"}]}),
        RawItem(item={"type": "x", "list": ["4", 1, None, {"a": "4"}]})),
    (Compaction(encrypted="{{call}}"), Compaction(encrypted="4")),
    (StreamError(error=ErrorRef(name="x", members={"message": "{{call}}", "status": 500})),
        StreamError(error=ErrorRef(name="x", members={"message": "4", "status": 500}))),
    (Output(choices=((), (Text(text="{{call}}"),)), id="i{{call}}", fields={"a": "{{call}}"}),
        Output(choices=((), (Text(text="4"),)), id="i4", fields={"a": "4"})),
    (Output(choices=((),), model="{{call}}", chunks=("{{call}}",)), Output(choices=((),), model="4", chunks=("4",))),
    (ErrorReply(error=ErrorRef(members={"code": "{{call}}"})), ErrorReply(error=ErrorRef(members={"code": "4"}))),
    (ExactBody(json={"a": ["{{call}}"]}), ExactBody(json={"a": ["4"]})),
    (ExactBody(text="<{{call}}>"), ExactBody(text="<4>")),
    (ExactEvents(events=(ScriptedEvent(json={"a": "{{call}}"}), ScriptedEvent(text="{{call}}"))),
        ExactEvents(events=(ScriptedEvent(json={"a": "4"}), ScriptedEvent(text="4")))),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), EVERYWHERE, ids=lambda one: type(one).__name__)
def test_every_content_may_have_templates(said: Content | Item, expected: Content | Item) -> None:
    assert templated(reply(said))
    assert names(reply(said)) == ("call",)
    assert substitute(reply(said), QUOTED.resolve) == reply(expected)
    assert not templated(reply(expected))


def test_exact_bytes_have_no_templates() -> None:
    raw = reply(RawBytes(data=b"{{call}}"))
    assert not templated(raw)
    assert substitute(raw, QUOTED.resolve) == raw


def test_names_are_listed_once_in_the_order_of_the_texts() -> None:
    said = Output(choices=((Text(text="{{match.b}} {{call}}"), Text(text="{{match.b}}")),))
    assert names(reply(said, headers=(("x", "{{request.user}}"),))) == ("match.b", "call", "request.user")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"), ("a\r\nx-evil: 1", "a x-evil: 1"), ("\0nul\x7f ", "nul"), ("18 °C", "18 °C"),
        ("日本", "??"),
        ("\ud800", "?"),
    ],
)  # fmt: skip
def test_a_header_carries_what_a_head_can_carry(value: str, expected: str) -> None:
    said = reply(Text(text="hi"), headers=(("x-said", "{{it}}"), ("x-fix", "a")))
    assert substitute(said, lambda _: value).headers == (("x-said", expected), ("x-fix", "a"))


@given(value=st.text(), data=st.recursive(st.text() | st.none(), st.lists, max_leaves=4))
def test_any_value_keeps_json_valid(value: str, data: JSON) -> None:
    held: JSON = {"it": "«{{it}}»", "beside": data}
    text = json.dumps(held, ensure_ascii=False).replace("{{it}}", "{{ it }}")
    found = substitute(
        reply(Output(choices=((Text(text=text, structured=True), FunctionCall(name="f", arguments=text)),))),
        lambda name: value if name == "it" else "",
    )
    assert isinstance(found.content, Output)
    said, called = found.content.items
    assert isinstance(said, Text)
    assert isinstance(called, FunctionCall)
    assert said.text == called.arguments
    read = read_text(said.text)
    assert isinstance(read, dict)
    assert read["it"] == f"«{value}»"
