"""Scenarios written of recorded exchanges: readable, loadable, told apart, and the same when they are replayed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mockserver
from tests.kit import (
    JSON,
    ExactEvents,
    JSONObject,
    RawBytes,
    RecordedExchange,
    ReplyWriter,
    load_text,
    read,
    read_recording,
    read_yaml,
    scenario_text,
    yaml_lines,
)
from tests.recording.replay import DIALECTS, asked, completion, exchange, replayed, said, written


def loaded(text: str) -> Any:
    return read_yaml(text, "recorded.yaml").value


def body(**members: JSON) -> bytes:
    return json.dumps(completion(**members), indent=2).encode() + b"\n"


def reply_of(found: RecordedExchange, **options: bool) -> dict[str, Any]:
    [stub] = loaded(written([found], **options).text)["stubs"]
    reply: dict[str, Any] = stub["reply"]
    return reply


CALL: JSONObject = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
CUSTOM: JSONObject = {"id": "call_2", "type": "custom", "custom": {"name": "g", "input": "x"}}
CITED: JSONObject = {
    "type": "url_citation",
    "url_citation": {"end_index": 5, "start_index": 0, "title": "t", "url": "https://e.org"},
}


def choice(finish: str = "stop", **message: JSON) -> list[JSON]:
    whole: JSONObject = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
    return [{"index": 0, "message": whole | message, "finish_reason": finish}]


OUTPUTS: dict[str, tuple[list[JSON], dict[str, Any]]] = {
    "text": (choice(content="Hello."), {"output": [{"text": "Hello."}]}),
    "length": (choice("length", content="Hel"), {"output": [{"text": "Hel"}], "finish": "length"}),
    "refusal": (choice(refusal="No."), {"output": [{"refusal": "No."}]}),
    "braces": (choice(content="{{x}} {{{"), {"output": [{"text": "{{'{{'}}x}} {{'{{'}}{"}]}),
    "a word for the request's format": (choice(content="from_format"), {"output": [{"text": "{{'from_format'}}"}]}),
    "citation": (
        choice(content="Hello.", annotations=[CITED]),
        {
            "output": [
                {
                    "text": "Hello.",
                    "annotations": [
                        {"type": "url_citation", "end_index": 5, "start_index": 0, "title": "t", "url": "https://e.org"}
                    ],
                }
            ]
        },
    ),
}


@pytest.mark.parametrize(("choices", "expected"), OUTPUTS.values(), ids=OUTPUTS)
def test_a_reply_that_renders_to_the_same_is_an_output(choices: list[JSON], expected: dict[str, Any]) -> None:
    found = exchange(asked(), body(choices=choices))
    reply = reply_of(found)
    assert {name: reply.get(name) for name in expected} == expected
    [answer] = replayed(written([found]).text, [found])
    assert read(answer.body) == read(found.reply_body)


def test_calls_are_an_output() -> None:
    tools: list[JSON] = [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "g"}}]
    message = choice("tool_calls", tool_calls=[CALL, CUSTOM])
    found = exchange(asked(tools=tools), body(choices=message))
    assert reply_of(found)["output"] == [
        {"call": "f", "arguments": {"a": 1}, "call_id": "call_1"},
        {"custom_call": "g", "input": "x", "call_id": "call_2"},
    ]
    forced = choice("stop", tool_calls=[CALL | {"function": {"name": "f", "arguments": "{bad"}}])
    reply = reply_of(exchange(asked(tools=tools), body(choices=forced)))
    assert (reply["output"], reply["finish"]) == ([{"call": "f", "arguments": "{bad", "call_id": "call_1"}], "stop")


def test_two_choices_are_choices() -> None:
    two = [*choice(content="Heads."), choice(content="Tails.")[0] | {"index": 1}]  # type: ignore[operator]
    reply = reply_of(exchange(asked(n=2), body(choices=two)))
    assert reply["choices"] == [[{"text": "Heads."}], [{"text": "Tails."}]]


def test_what_the_api_adds_is_in_fields() -> None:
    assert reply_of(exchange(asked(), body(system_fingerprint="fp_1")))["fields"] == {"system_fingerprint": "fp_1"}


CHUNK = (
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    '"choices":[{"index":0,"delta":%s,"finish_reason":%s}]}'
)
DELTAS = (CHUNK % ('{"role":"assistant","content":"Hi"}', "null"), CHUNK % ("{}", '"stop"'))
STREAM = "".join(f"data: {one}\n\n" for one in (*DELTAS, "[DONE]"))


def test_a_stream_is_kept_event_by_event() -> None:
    found = exchange(asked(stream=True), STREAM.encode())
    reply = reply_of(found)
    assert reply == {"events": [*({"data": json.loads(one)} for one in DELTAS), "[DONE]"]}
    [answer] = replayed(written([found]).text, [found])
    assert answer.body == found.reply_body


SPELLED = {
    "comments": ": OPENROUTER PROCESSING\n\n" + STREAM + ": bye\n\n",
    "CRLF": STREAM.replace("\n", "\r\n"),
    "no space": STREAM.replace("data: ", "data:"),
    "spaces in JSON": STREAM.replace('":', '": '),
    "ids": STREAM.replace("data: ", "id: 7\ndata: "),
    "event lines": STREAM.replace("data: ", "event: chunk\ndata: "),
    "no final blank line": STREAM[:-1],
    "no events": "data: hello\n\n",
    "braces": STREAM.replace("Hi", "{{x}}"),
    "braces in spelled events": ": x\n\n" + STREAM.replace("Hi", "{{x}}"),
    "empty data": "data\n\n" + STREAM,
    "two lines": STREAM.replace('"delta"', '\ndata: "delta"'),
    "a list": "data: [1, 2]\n\ndata: [DONE]\n\n",
    "a byte order mark": "\ufeff" + STREAM,
    "types": 'event: response.created\ndata: {"type":"response.created","response":{}}\n\n',
    "other names": 'event: x\ndata: {"type":"response.created","sequence_number":0,"response":{}}\n\n',
    "no names": 'data: {"type":"response.created","sequence_number":0,"response":{}}\n\n',
    "numbers": STREAM.replace('"created":1', '"created":1.0'),
}


@pytest.mark.parametrize("stream", SPELLED.values(), ids=SPELLED)
def test_a_stream_of_any_spelling_has_the_same_bytes(stream: str) -> None:
    kinds = (("content-type", "text/event-stream"),)
    found = exchange(asked(stream=True), stream.encode(), reply_headers=kinds)
    if "response.created" in stream:
        request = b'{"model":"m","input":"x","stream":true}'
        found = exchange(request, stream.encode(), url="https://h/v1/responses", reply_headers=kinds)
    text = written([found]).text
    scenario = load_text(text, "x.yaml", DIALECTS)
    assert isinstance(scenario.stubs[0].replies[0].content, ExactEvents)
    [answer] = replayed(text, [found])
    assert answer.body == found.reply_body
    assert "content-type: text/event-stream" in answer.head


BODIES = {
    "as the API writes it": body(choices=[]),
    "compact": json.dumps(completion(), separators=(",", ":"), indent=None).encode() + b" ",
    "no JSON": b"<html>busy</html>",
    "a list": b"[1]",
    "empty": b"",
    "braces": b'{"x": "{{y}}"}',
    "no UTF-8": b"\xff\xfe",
    "duplicates": b'{"a":1,"a":2}',
    "line ends": b'{"a":\r\n"\\u2028\xe2\x80\xa8"}\r\n',
}


@pytest.mark.parametrize("status", [200, 400, 503])
@pytest.mark.parametrize("data", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_output_has_the_same_bytes(data: bytes, status: int) -> None:
    for headers in ((), (("content-type", "application/json"),), (("content-type", "text/x"), ("retry-after", "3"))):
        found = exchange(asked(), data, status=status, reply_headers=headers)
        [answer] = replayed(written([found]).text, [found])
        if b"created" in data:
            assert read(answer.body) == read(data)
        else:
            assert answer.body == data
        # Raw bytes have their status in their head.
        assert f" {status} " in answer.head
        for name, value in headers if data != b"\xff\xfe" else headers[:1]:
            assert f"{name}: {value}\r\n" in answer.head


def test_a_stream_of_another_endpoint_is_kept_as_text() -> None:
    found = exchange(b'{"model":"m","input":"x","stream":true}', STREAM.encode(), url="https://h/v1/responses")
    assert reply_of(found)["body"] == STREAM
    [answer] = replayed(written([found]).text, [found])
    assert (answer.body, "content-type: text/event-stream" in answer.head) == (found.reply_body, True)


def test_an_error_is_an_error() -> None:
    error = {"error": {"message": "Slow {{down}}.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    found = exchange(asked(), json.dumps(error, indent=4).encode(), status=429, reply_headers=(("Retry-After", "2"),))
    reply = reply_of(found)
    assert reply["error"]["status"] == 429
    assert reply["headers"] == {"retry-after": "2"}
    [answer] = replayed(written([found]).text, [found])
    assert (answer.status, read(answer.body)) == (429, error)


def test_what_breaks_the_contract_is_named() -> None:
    stream = STREAM.replace("data: [DONE]\n\n", "")
    assert reply_of(exchange(asked(stream=True), stream.encode()))["breaks"] == ["chat.done.missing"]
    text = written([exchange(asked(made_up=1), body())]).text
    assert loaded(text)["stubs"][0]["contract"] == "report"
    assert replayed(text, [exchange(asked(made_up=1), body())])[0].status == 200


def test_headers_that_clients_act_on_are_kept_and_others_on_demand() -> None:
    headers = (
        ("Content-Type", "application/json"),
        ("X-RateLimit-Remaining-Requests", "9"),
        ("Server", "x"),
        ("Set-Cookie", "a"),
        ("set-cookie", "b"),
        ("Content-Length", "3"),
        ("bad name", "x"),
        ("empty", ""),
    )
    found = exchange(asked(), body(), reply_headers=headers)
    assert reply_of(found)["headers"] == {"x-ratelimit-remaining-requests": "9"}
    kept = {"x-ratelimit-remaining-requests": "9", "server": "x", "set-cookie": ["a", "b"]}
    assert reply_of(found, all_headers=True)["headers"] == kept


def test_a_capture_that_ends_early_is_cut_where_it_ends() -> None:
    cut = STREAM[: STREAM.index("[DONE]") - 20]
    found = exchange(asked(stream=True), cut.encode(), complete=False)
    reply = reply_of(found)
    assert reply["faults"] == [{"cut": {"after": 2}}]
    [answer] = replayed(written([found]).text, [found])
    assert answer.body == found.reply_body
    headers = (("content-length", "99"), ("content-type", "application/json"))
    half = exchange(asked(), b'{"id":', complete=False, reply_headers=headers)
    assert "content-length: 99\r\n" in reply_of(half)["raw"]
    unknown = exchange(asked(), b'{"id":', complete=False, reply_headers=())
    assert "content-length: 7\r\n" in reply_of(unknown)["raw"]
    scenario = load_text(written([half]).text, "x.yaml", DIALECTS)
    assert isinstance(scenario.stubs[0].replies[0].content, RawBytes)


def test_portions_inside_events_are_kept() -> None:
    found = exchange(asked(stream=True), STREAM.encode(), splits=(10, 30, len(STREAM)), times_s=(0.1, 0.15, 0.4))
    reply = reply_of(found)
    assert reply["pace"] == {"first": "100ms"}
    assert reply["faults"] == [{"delay": {"at_byte": 10, "for": "50ms"}}, {"delay": {"at_byte": 30, "for": "250ms"}}]
    assert "faults" not in reply_of(found, paced=False)
    # The sizes of chunks without their times.
    untimed = reply_of(exchange(asked(stream=True), STREAM.encode(), splits=(10, len(STREAM)), complete=False))
    assert untimed["faults"] == [{"delay": {"at_byte": 10, "for": "0ms"}}, {"cut": {"after": 3}}]
    many = exchange(asked(stream=True), STREAM.encode(), splits=tuple(range(1, len(STREAM) + 1)))
    assert "faults" not in reply_of(many)


PACES = {
    "even": ((0.1, 0.15, 0.2), {"first": "100ms", "gap": "50ms"}),
    "uneven": ((0.1, 0.15, 0.4), {"per_event": ["100ms", "50ms", "250ms"]}),
    "at once": ((0.1, 0.1, 0.1), {"first": "100ms"}),
    "no time": ((0.0, 0.0, 0.0), None),
    "back in time": ((0.1, 0.0, 0.0), {"first": "100ms"}),
}


@pytest.mark.parametrize(("times", "pace"), PACES.values(), ids=PACES)
def test_the_pace_is_that_of_the_recording(times: tuple[float, ...], pace: JSONObject | None) -> None:
    first = len(f"data: {DELTAS[0]}\n\n")
    second = first + len(f"data: {DELTAS[1]}\n\n")
    found = exchange(asked(stream=True), STREAM.encode(), splits=(first, second, len(STREAM)), times_s=times)
    assert reply_of(found).get("pace") == pace
    assert "pace" not in reply_of(found, paced=False)


def test_a_whole_reply_waits_until_it_had_come() -> None:
    found = exchange(asked(), body(), splits=(3, len(body())), times_s=(0.1, 0.25))
    assert reply_of(found)["pace"] == {"first": "250ms"}


# --- stubs ---


def user(text: str, **members: JSON) -> bytes:
    return asked(text, **members)


def talk(*messages: JSON, **members: JSON) -> bytes:
    return json.dumps({"model": "m", "messages": [*messages], **members}).encode()


HI: JSON = {"role": "user", "content": "hi"}
DONE: JSON = {"role": "assistant", "content": None, "tool_calls": [CALL]}
OTHER: JSON = {"role": "assistant", "content": None, "tool_calls": [CALL | {"id": "call_9"}]}
RESULT: JSON = {"role": "tool", "tool_call_id": "call_1", "content": "18"}
TURNS = {
    "a tool loop": (talk(HI), talk(HI, DONE, RESULT), talk(HI, DONE, RESULT, DONE, RESULT)),
    "the reverse": (talk(HI, DONE, RESULT), talk(HI)),
    "a longer talk": (talk(HI), talk(HI, {"role": "assistant", "content": "ho"}, HI)),
    "another system text": (
        talk(HI),
        talk({"role": "system", "content": "x"}, HI),
        talk({"role": "system", "content": "y"}, HI),
    ),
    "call ids": (talk(HI, DONE, RESULT), talk(HI, OTHER, RESULT | {"tool_call_id": "call_9"})),  # type: ignore[operator]
    "members": (talk(HI), talk(HI, temperature=1), talk(HI, temperature=1, top_p=1), talk(HI, temperature=0)),
    "members in the reverse": (talk(HI, temperature=1, top_p=1), talk(HI, temperature=1), talk(HI)),
    "both ways": (talk(HI, temperature=1), talk(HI, top_p=1), talk(HI)),
    "two members": (talk(HI, seed=1, top_p=1), talk(HI, seed=1, top_p=0), talk(HI, seed=2, top_p=1)),
    "nested members": (talk(HI, metadata={"a": "1"}), talk(HI, metadata={"a": "1", "b": "2"})),
    "stream": (talk(HI), talk(HI, stream=True)),
    "tools": (talk(HI), talk(HI, tool_choice="none"), talk(HI, tool_choice="auto")),
    "no user": (talk({"role": "system", "content": "x"}), talk()),
    "no model": (b'{"messages": [{"role": "user", "content": "hi"}]}', talk(HI)),
    "equal texts": (
        talk(HI, {"role": "assistant", "content": "x"}, HI),
        talk(HI, {"role": "assistant", "content": "y"}, HI),
    ),
    "long texts": (talk({"role": "user", "content": "a\n" * 500}), talk({"role": "user", "content": "a\n" * 499})),
}


@pytest.mark.parametrize("requests", TURNS.values(), ids=TURNS)
def test_every_request_finds_its_own_stub(requests: Sequence[bytes]) -> None:
    found = [exchange(one, b"%d" % place) for place, one in enumerate(requests)]
    text = written(found).text
    for order in (found, found[::-1]):
        assert [answer.body for answer in replayed(text, order)] == [one.reply_body for one in order]


def test_previous_responses_tell_turns_apart() -> None:
    bodies = [{"model": "m", "input": "hi"}, {"model": "m", "input": "hi", "previous_response_id": "resp_1"}]
    found = [exchange(json.dumps(one).encode(), b"[]", url="https://h/v1/responses") for one in bodies]
    stubs = loaded(written(found).text)["stubs"]
    assert [stub["when"].get("previous_response") for stub in stubs] == [False, "resp_1"]


def test_the_same_request_becomes_a_sequence() -> None:
    found = [exchange(asked(temperature=0), b"1"), exchange(asked(temperature=0.0), b"2"), exchange(user("bye"), b"3")]
    text = written(found).text
    assert len(loaded(text)["stubs"]) == 2
    assert [answer.body for answer in replayed(text, found)] == [b"1", b"2", b"3"]
    again = [found[0], found[0]]
    assert "reply" in loaded(written(again).text)["stubs"][0]


def test_conditions_are_the_least() -> None:
    [stub] = loaded(written([exchange(asked(seed=1), body())]).text)["stubs"]
    assert (stub["name"], stub["on"]) == ("hi", "chat")
    assert stub["when"] == {"model": "gpt-5.4", "user": "hi", "stream": False}
    [stub] = loaded(written([exchange(talk(HI, DONE, RESULT), body())]).text)["stubs"]
    assert stub["name"] == "result of f"
    assert stub["when"] == {"model": "m", "tool_result": {"of": "f", "text": "18"}, "stream": False}
    [stub] = loaded(written([exchange(talk(HI, RESULT), body())]).text)["stubs"]
    assert stub["name"] == "result of a tool"


def test_a_reply_alone_answers_anything() -> None:
    responses = b'data: {"type":"response.created","sequence_number":0,"response":{}}\n\n'
    for data, on in ((body(), "chat"), (responses, "responses"), (b'{"object":"response.compaction"}', "compact")):
        [one] = read_recording(data, "f").exchanges
        [stub] = loaded(written([one]).text)["stubs"]
        assert (stub["on"], stub["name"]) == (on, "recorded")
    stubs = loaded(written([*read_recording(body(), "f").exchanges, exchange(asked(), b"1")]).text)["stubs"]
    assert [stub["name"] for stub in stubs] == ["hi", "recorded"]


def test_other_traffic_is_skipped() -> None:
    found = written([exchange(b"", b"{}", url="https://h/v1/models", method="GET"), exchange(b"[", b"{}")])
    assert found.stubs == 0
    assert found.skipped == (
        "test: GET https://h/v1/models is none of the endpoints",
        "test: the request has no JSON object as its body",
    )
    assert found.text == "scenario: recorded\nstubs: []\n"


def test_the_text_says_where_it_came_from() -> None:
    text = written([exchange(asked("a\tvery " * 20), body(), origin="a\nb: exchange 1" + "x" * 400)]).text
    assert "  # a b: exchange 1xxx" in text
    assert '- name: "a very a very a very' in text
    assert max(map(len, text.splitlines())) < 400
    assert written([exchange(asked("\ufdd0"), body())]).stubs == 1


def test_another_dialect_is_named() -> None:
    writer = ReplyWriter(dialects=DIALECTS, dialect="visioncoder")
    text = scenario_text([exchange(asked(), body())], name="x", writer=writer).text
    assert "\ndialect: visioncoder\n" in f"\n{text}"


def test_an_endpoint_that_a_dialect_answers_otherwise_is_text() -> None:
    writer = ReplyWriter(dialects=DIALECTS, dialect="apifox")
    found = exchange(b'{"input": [], "model": "m"}', b'{"object":"response"}', url="https://h/v1/responses")
    [stub] = loaded(scenario_text([found], name="x", writer=writer).text)["stubs"]
    assert stub["reply"]["body"] == '{"object":"response"}'


def test_a_reply_of_another_shape_than_the_request_asks_for_is_text() -> None:
    found = exchange(b'{"model":"m","input":"x"}', body(), url="https://h/v1/responses/compact")
    [answer] = replayed(written([found]).text, [found])
    assert read(answer.body) == read(found.reply_body)


def test_an_imported_recording_can_be_cut_anywhere(tmp_path: Any) -> None:
    path = tmp_path / "recorded.yaml"
    path.write_text(written([exchange(asked(stream=True), SPELLED["comments"].encode())]).text)
    cases = mockserver.cuts(str(path), on="chat")
    assert len(cases) > 3


# --- YAML ---

TEXTS = st.text(st.characters(codec="utf-16"), max_size=40) | st.sampled_from(
    [
        "no",
        "1e5",
        "0x1f",
        "null",
        "",
        " x",
        "x ",
        "a: b",
        "# a",
        "- a",
        "a\nb\n",
        "a\n\n",
        "a\n  b",
        "\n",
        "a\u2028b",
        "a\r\nb",
        "a\tb",
    ]
)
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(["data", "user", "events"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_is_read_as_it_was_written(value: JSON, key: str) -> None:
    text = "\n".join(yaml_lines({key: value, "b": [value, {"c": value}]})) + "\n"
    assert read_yaml(text, "x").value == {key: value, "b": [value, {"c": value}]}


# --- what we render ---

ITEMS = st.lists(
    st.one_of(
        st.builds(lambda text: {"text": text}, st.text(min_size=1, max_size=30)),
        st.builds(lambda name: {"call": name, "arguments": {"a": 1}}, st.sampled_from(["f", "g"])),
        st.just({"reasoning": {"summary": ["So."], "encrypted": "gAAAAABx"}}),
    ),
    min_size=1,
    max_size=3,
)


@given(ITEMS, st.sampled_from(["chat", "responses"]), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=30)
def test_import_of_what_is_rendered_gives_the_same_bytes(items: list[JSON], on: str, stream: bool, usage: bool) -> None:
    request: JSONObject = {"model": "gpt-5.4", "stream": stream}
    request |= {"messages": [HI]} if on == "chat" else {"input": "hi"}
    if stream and usage and on == "chat":
        request["stream_options"] = {"include_usage": True}
    url = f"https://h/v1/{'chat/completions' if on == 'chat' else 'responses'}"
    empty = exchange(json.dumps(request).encode(), b"", url=url)
    source = json.dumps({"stubs": [{"reply": {"output": _escaped(items)}}]})
    [first] = replayed(source, [empty])
    kinds = [line.partition(": ")[2] for line in first.head.splitlines() if line.startswith("content-type")]
    recorded = exchange(empty.request_body, first.body, url=url, reply_headers=(("content-type", kinds[0]),))
    [again] = replayed(written([recorded]).text, [recorded])
    assert (again.status, again.body) == (200, first.body)


def _escaped(items: JSON) -> Any:
    return json.loads(json.dumps(items).replace("{{", "{ {"))


# --- streams as outputs ---


def chunks_of(*choices: JSON, usage: bool = True) -> bytes:
    head: JSONObject = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4.1-2025-04-14"}
    tail: JSONObject = {"service_tier": "default", "system_fingerprint": None}
    events = [head | tail | {"choices": [one]} | ({"usage": None} if usage else {}) for one in choices]
    return b"".join(b"data: %s\n\n" % json.dumps(one, separators=(",", ":")).encode() for one in events)


@pytest.mark.parametrize("padded", [False, True])
def test_a_stream_that_renders_to_the_same_events_is_an_output(padded: bool) -> None:
    request = asked(stream=True, model="gpt-4.1", stream_options={"include_obfuscation": padded})
    tools: list[JSON] = [{"text": "One two."}, {"call": "f", "arguments": {"a": 1}, "call_id": "call_1"}]
    items: JSONObject = {"output": tools, "id": "c", "created": 1, "chunks": "char"}
    source = json.dumps({"stubs": [{"reply": items}]})
    empty = exchange(request, b"")
    [first] = replayed(source, [empty])
    found = exchange(request, first.body)
    reply = reply_of(found)
    assert ("output" in reply) is not padded
    if not padded:
        assert [item["chunks"] for item in reply["output"]] == [[*"One two."], [*'{"a":1}']]
    [again] = replayed(written([found]).text, [found])
    assert said(again.body) == said(first.body)


@pytest.mark.parametrize("more", [{}, {"include": ["reasoning.encrypted_content"]}])
def test_a_stream_of_a_response_that_renders_to_the_same_events_is_an_output(more: JSONObject) -> None:
    request: JSONObject = {"model": "gpt-4.1", "input": "hi", "stream": True}
    request["stream_options"] = {"include_obfuscation": False}
    url = "https://h/v1/responses"
    empty = exchange(json.dumps(request | more).encode(), b"", url=url)
    part: JSONObject = {"type": "output_text", "text": "One two.", "annotations": [], "logprobs": []}
    item: JSONObject = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    reply: JSONObject = {"output": [{"item": item}], "id": "resp_1", "created": 1, "chunks": "char"}
    [first] = replayed(json.dumps({"stubs": [{"reply": reply}]}), [empty])
    found = exchange(empty.request_body, first.body, url=url)
    assert reply_of(found)["output"] == [{"item": item, "chunks": [*"One two."]}]
    [again] = replayed(written([found]).text, [found])
    assert said(again.body) == said(first.body)
    whole = exchange(json.dumps({"model": "gpt-4.1", "input": "hi"} | more).encode(), b"", url=url)
    [plain] = replayed(json.dumps({"stubs": [{"reply": reply}]}), [whole])
    kept = exchange(whole.request_body, plain.body, url=url)
    assert reply_of(kept)["output"] == [{"item": item}]


ODD_STREAMS = {
    "an index too far": chunks_of({"index": 3, "delta": {"content": "x"}, "finish_reason": None}),
    "no delta": chunks_of({"index": 0, "finish_reason": "stop"}),
    "calls out of order": chunks_of({"index": 0, "delta": {"tool_calls": [{"index": 5}, {"index": "x"}]}}),
    "calls of no text": chunks_of({"index": 0, "delta": {"tool_calls": [{"index": 0}, {"index": 0}]}}),
    "an empty choice": chunks_of({}),
    "deltas of nothing": b'data: {"type":"response.output_text.delta","delta":"x"}\n\n',
    "a response of nothing": b'data: {"type":"response.completed","response":{"object":"response"}}\n\n',
    "no choices": b'data: {"object":"chat.completion.chunk","usage":{"prompt_tokens":1}}\n\n',
}


@pytest.mark.parametrize("stream", ODD_STREAMS.values(), ids=ODD_STREAMS)
def test_an_odd_stream_is_kept_as_it_is(stream: bytes) -> None:
    found = exchange(asked(stream=True), stream)
    [answer] = replayed(written([found]).text, [found])
    assert answer.body == stream


ODD_BODIES: dict[str, JSONObject] = {
    "no choices": completion(choices=[]),
    "choices of nothing": completion(choices=[{}]),
    "odd calls": completion(choices=[{"message": {"tool_calls": [{}, {"type": "custom"}]}, "finish_reason": "stop"}]),
    "odd usage": completion(usage={"prompt_tokens": None}),
    "many members": completion(**{f"x{n}": n for n in range(20)}),
    "another annotation": completion(
        choices=[{"index": 0, "message": {"role": "assistant", "content": "x", "annotations": [{"type": "x"}]}}]
    ),
    "an unfinished response": {"object": "response", "status": "incomplete", "output": [{"type": "x"}]},
    "a response of nothing": {"object": "response"},
    "an error that is a text": {"error": "no"},
    "an error with more": {"error": {"message": "no", "more": 1}},
}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("value", ODD_BODIES.values(), ids=ODD_BODIES)
def test_an_odd_body_is_the_same_json(value: JSONObject, status: int) -> None:
    for url in ("https://h/v1/chat/completions", "https://h/v1/responses"):
        found = exchange(asked(input="x"), json.dumps(value).encode(), status=status, url=url)
        [answer] = replayed(written([found]).text, [found])
        assert (answer.status, read(answer.body)) == (status, read(found.reply_body))
