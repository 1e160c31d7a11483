"""Replies as written, and the values they become."""

from __future__ import annotations

import pytest

from mockserver.errors import Position, ScenarioError
from tests.kit import (
    CONTAINER,
    PROFILES,
    Audio,
    Chunks,
    Compaction,
    Content,
    CustomCall,
    Delay,
    Distribution,
    ErrorDelivery,
    ErrorRef,
    ErrorReply,
    ErrorShape,
    ExactBody,
    ExactEvents,
    Faults,
    FinishReason,
    FunctionCall,
    Item,
    JSONObject,
    Output,
    Pace,
    RawBytes,
    RawItem,
    Reasoning,
    Refusal,
    Reply,
    ScriptedEvent,
    StreamError,
    Text,
    Usage,
    read_fault,
)
from tests.scenario.loading import load, load_reply, problems

TEXT = (Text(text="hi"),)
HI = Output(choices=(TEXT,))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("{text: hi}", Text(text="hi")),
        ("{text: ''}", Text(text="")),
        (("{text: hi, chunks: [h, i], phase: commentary, annotations: [{a: 1}], logprobs: [{b: 2}]}"),
            Text(text="hi", chunks=("h", "i"), annotations=({"a": 1},), logprobs=({"b": 2},), phase="commentary")),
        ("{text: hi, chunks: char}", Text(text="hi", chunks="char")),
        ("{text: hi, chunks: 3}", Text(text="hi", chunks=3)),
        ("{refusal: no, chunks: word}", Refusal(text="no", chunks="word")),
        ("{reasoning: {}}", Reasoning()),
        ("{reasoning: {summary: a, content: [b, c], encrypted: d}, chunks: 1}",
            Reasoning(summary=("a",), content=("b", "c"), encrypted="d", chunks=1)),
        ("{call: f}", FunctionCall(name="f", arguments="{}")),
        ("{call: f, arguments: {b: [1, 2.5, null], a: é}, call_id: c, chunks: 4}",
            FunctionCall(name="f", arguments='{"b":[1,2.5,null],"a":"é"}', call_id="c", chunks=4)),
        ("{call: f, arguments: '{\"a\":'}", FunctionCall(name="f", arguments='{"a":')),
        ("{call: f, arguments: ''}", FunctionCall(name="f", arguments="")),
        ("{custom_call: f, input: ls, call_id: c, chunks: [l, s]}",
            CustomCall(name="f", input="ls", call_id="c", chunks=("l", "s"))),
        ("{audio: aGk=, transcript: hi}", Audio(data=("aGk=",), transcript="hi")),
        ("{audio: [a, b], transcript: hi, id: c, expires: 5, chunks: [h, i]}",
            Audio(data=("a", "b"), transcript="hi", id="c", expires=5, chunks=("h", "i"))),
        ("{compaction: gAAA}", Compaction(encrypted="gAAA")),
        ("{item: {type: x, a: [1]}, chunks: char}", RawItem(item={"type": "x", "a": [1]}, chunks="char")),
        ("{error: rate_limited}", StreamError(error=ErrorRef(name="rate_limited"))),
        ("{error: {code: c, param: , message: m}, as: both, shape: flat}",
            StreamError(error=ErrorRef(members={"code": "c", "param": None, "message": "m"}), form=ErrorDelivery.BOTH,
            shape=ErrorShape.FLAT)),
    ],
)  # fmt: skip
def test_an_item_is_what_is_written(text: str, item: Item) -> None:
    assert load_reply(f"{{output: [{text}]}}").content == Output(choices=((item,),))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("{web_search: news}", {"type": "web_search_call", "action": {"type": "search", "query": "news"}}),
        ("{web_search: {type: open_page, url: u}, sources: [{url: u}], status: failed, id: w}",
            {"id": "w", "status": "failed", "type": "web_search_call",
            "action": {"type": "open_page", "url": "u", "sources": [{"url": "u"}]}}),
        ("{file_search: a}", {"type": "file_search_call", "queries": ["a"], "results": None}),
        ("{file_search: [a, b], results: [{file_id: f}]}",
            {"type": "file_search_call", "queries": ["a", "b"], "results": [{"file_id": "f"}]}),
        ("{code_interpreter: x=1}",
            {"type": "code_interpreter_call", "code": "x=1", "container_id": CONTAINER, "outputs": None}),
        ("{code_interpreter: x=1, container: c, outputs: ['1', {type: image, url: u}]}",
            {"type": "code_interpreter_call", "code": "x=1", "container_id": "c",
            "outputs": [{"type": "logs", "logs": "1"}, {"type": "image", "url": "u"}]}),
        (("{image: aGk=, partials: [aA==], revised_prompt: p, size: 1x1, quality: high,"
            " background: opaque, output_format: png}"),
            {"type": "image_generation_call", "result": "aGk=", "partial_images": ["aA=="], "revised_prompt": "p",
            "size": "1x1", "quality": "high", "background": "opaque", "output_format": "png"}),
        ("{image: aGk=}", {"type": "image_generation_call", "result": "aGk="}),
        ("{mcp_list_tools: s, tools: [{name: a}]}",
            {"type": "mcp_list_tools", "server_label": "s", "tools": [{"name": "a"}]}),
        ("{mcp_list_tools: s, error: gone}",
            {"type": "mcp_list_tools", "server_label": "s", "tools": [], "error": "gone"}),
        ("{mcp_call: f, server: s, output: '42', approval: mcpr_1}",
            {"type": "mcp_call", "approval_request_id": "mcpr_1", "arguments": "{}", "error": None, "name": "f",
            "output": "42", "server_label": "s"}),
        ("{mcp_call: f, server: s, arguments: {q: 1}, error: no}",
            {"type": "mcp_call", "approval_request_id": None, "arguments": '{"q":1}', "error": "no", "name": "f",
            "output": None, "server_label": "s", "status": "failed"}),
        ("{mcp_call: f, server: s, error: no, status: completed}",
            {"status": "completed", "type": "mcp_call", "approval_request_id": None, "arguments": "{}", "error": "no",
            "name": "f", "output": None, "server_label": "s"}),
        ("{mcp_approval: f, server: s, arguments: x}",
            {"type": "mcp_approval_request", "arguments": "x", "name": "f", "server_label": "s"}),
    ],
)  # fmt: skip
def test_a_hosted_tool_call_is_an_item_of_the_wire(text: str, item: JSONObject) -> None:
    assert load_reply(f"{{output: [{text}]}}").content == Output(choices=((RawItem(item=item),),))


@pytest.mark.parametrize(
    ("text", "chunks", "overlaps"),
    [
        ("{code_interpreter: abc, chunks: 2, overlaps: true}", 2, True),
        ("{code_interpreter: abc, overlaps: false}", None, False),
        ("{item: {type: x}, chunks: char, overlaps: true}", "char", True),
    ],
)
def test_a_raw_item_may_have_chunks_and_overlap(text: str, chunks: Chunks | None, *, overlaps: bool) -> None:
    content = load_reply(f"{{output: [{text}]}}").content
    assert isinstance(content, Output)
    [item] = content.items
    assert isinstance(item, RawItem)
    assert (item.chunks, item.overlaps) == (chunks, overlaps)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("hi", HI),
        ("''", Output(choices=((Text(text=""),),))),
        ("{output: []}", Output(choices=((),))),
        ("{choices: [[{text: a}], []]}", Output(choices=((Text(text="a"),), ()))),
        (("{output: [{text: hi}], chunks: [h, i], finish: length, usage: {input: 1,"
            " cached: 2, output: 3, reasoning: 4}, id: a, model: b, created: 5.0," " fields: {c: [6]}}"),
            Output(choices=(TEXT,), finish=FinishReason.LENGTH, usage=Usage(input=1, cached=2, output=3, reasoning=4),
            chunks=("h", "i"), id="a", model="b", created=5, fields={"c": [6]})),
        ("{error: rate_limited}", ErrorReply(error=ErrorRef(name="rate_limited"))),
        (("{error: {name: rate_limited, status: 418.0, type: , code: 7, param: p, message: m,"
            " fields: {plan: free}}}"), ErrorReply(error=ErrorRef(name="rate_limited",
            members={"status": 418, "type": None, "code": 7, "param": "p", "message": "m", "plan": "free"}))),
        ("{body: <html>}", ExactBody(text="<html>")),
        ("{body: ''}", ExactBody(text="")),
        ("{body: {a: 1}}", ExactBody(json={"a": 1})),
        ("{body: []}", ExactBody(json=[])),
        ("{body: 0}", ExactBody(json=0)),
        ("{body: false}", ExactBody(json=False)),
        ("{events: []}", ExactEvents(events=())),
        ("{events: [{event: e, data: {a: 1}}, {data: x, event: ''}, '[DONE]', {data: {}}]}",
            ExactEvents(events=(ScriptedEvent(json={"a": 1}, name="e"), ScriptedEvent(text="x", name=""),
            ScriptedEvent(text="[DONE]"), ScriptedEvent(json={})))),
        ('{raw: "HTTP/1.1 204 é\\r\\n\\r\\n"}', RawBytes(data="HTTP/1.1 204 é\r\n\r\n".encode())),
        ('{raw: "\\ud800"}', RawBytes(data=b"\xed\xa0\x80")),
        ('{raw: {base64: "AP+A\\n gA=="}}', RawBytes(data=b"\x00\xff\x80\x80")),
    ],
)  # fmt: skip
def test_a_reply_has_the_content_as_written(text: str, content: Content) -> None:
    assert load_reply(text) == Reply(content=content, origin=Position(file="f.yaml", line=2, column=12))


@pytest.mark.parametrize(
    ("text", "pace"),
    [
        ("{}", Pace()),
        ("{first: 200ms, gap: 1.5s, jitter: 2m}", Pace(first_s=0.2, gap_s=1.5, jitter_s=120.0)),
        ("{gap: 10ms, within: 2s}", Pace(gap_s=0.01, within_s=2.0)),
        ("{first: 0, gap: 10 ms}", Pace(gap_s=0.01)),
        ("{per_event: [1s, 0, 20ms]}", Pace(per_event_s=(1.0, 0.0, 0.02))),
        ("{per_event: [1s], keepalive: 10s}", Pace(per_event_s=(1.0,), keepalive_s=10.0)),
        ("{keepalive: 0}", Pace()),
    ],
)
def test_a_pace_is_in_seconds(text: str, pace: Pace) -> None:
    assert load_reply(f"{{output: [], pace: {text}}}").pace == pace


def test_headers_stand_as_they_are_written() -> None:
    reply = load_reply('{output: [], headers: {X-A: text, b: 1.50, c: true, d: , e: [f, 0x10], g: "", h: 1}}')
    assert reply.headers == (
        ("X-A", "text"), ("b", "1.50"), ("c", "true"), ("d", ""), ("e", "f"), ("e", "0x10"), ("g", ""), ("h", "1"),
    )  # fmt: skip


def test_a_reply_has_its_status_faults_and_breaches() -> None:
    reply = load_reply(
        "{body: x, status: 599, breaks: [reply.json], faults: [{cut: {at_byte: 1}}, {throttle: 5, chance: 0.5}]}"
    )
    cut = read_fault({"cut": {"at_byte": 1}}).faults
    assert (reply.status, reply.breaks) == (599, ("reply.json",))
    assert reply.faults.frames[:1] == cut.frames
    assert [fault.always for fault in reply.faults.frames] == [True, False]


def with_defaults(defaults: str, reply: str) -> Reply:
    [stub] = load(f"defaults: {{{defaults}}}\nstubs:\n  - reply: {reply}").stubs
    return stub.replies[0]


DEFAULTS = (
    "chunks: char, finish: length, usage: {input: 1, output: 2}, id: a, model: b, created: 3,"
    " fields: {x: 1, y: {z: 2}}, status: 201, headers: {A: '1', b: '2'},"
    " pace: {first: 1s, gap: 2s}"
)
HEADERS = (("A", "1"), ("b", "2"))
PACE = Pace(first_s=1.0, gap_s=2.0)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("hi", Reply(content=Output(choices=(TEXT,), chunks="char", finish=FinishReason.LENGTH,
            usage=Usage(input=1, output=2), id="a", model="b", created=3, fields={"x": 1, "y": {"z": 2}}), status=201,
            headers=HEADERS, pace=PACE)),
        (("{output: [{text: hi}], chunks: 2, finish: stop, usage: {output: 0, cached: 5},"
            " id: c, model: d, created: 0, fields: {y: 3}, status: 200," " headers: {B: '', C: '3'}, pace: {gap: 0}}"),
            Reply(content=Output(choices=(TEXT,), chunks=2, finish=FinishReason.STOP,
            usage=Usage(input=1, output=0, cached=5), id="c", model="d", created=0, fields={"x": 1, "y": 3}),
            status=200, headers=(("A", "1"), ("B", ""), ("C", "3")), pace=Pace(first_s=1.0))),
        ("{output: [], pace: {per_event: [3s]}}", Reply(content=Output(choices=((),), chunks="char",
            finish=FinishReason.LENGTH, usage=Usage(input=1, output=2), id="a", model="b", created=3,
            fields={"x": 1, "y": {"z": 2}}), status=201, headers=HEADERS, pace=Pace(per_event_s=(3.0,)))),
        ("{output: [{error: rate_limited}]}",
            Reply(content=Output(choices=((StreamError(error=ErrorRef(name="rate_limited")),),), chunks="char",
            usage=Usage(input=1, output=2), id="a", model="b", created=3, fields={"x": 1, "y": {"z": 2}}), status=201,
            headers=HEADERS, pace=PACE)),
        ("{error: rate_limited}",
            Reply(content=ErrorReply(error=ErrorRef(name="rate_limited")), headers=HEADERS, pace=PACE)),
        ("{body: x}", Reply(content=ExactBody(text="x"), status=201, headers=HEADERS, pace=PACE)),
        ("{raw: x}", Reply(content=RawBytes(data=b"x"), pace=PACE)),
    ],
)  # fmt: skip
def test_defaults_lie_under_every_reply_where_they_have_a_place(reply: str, expected: Reply) -> None:
    found = with_defaults(DEFAULTS, reply)
    assert found.origin == Position(file="f.yaml", line=3, column=12)
    assert found == Reply(
        content=expected.content,
        status=expected.status,
        headers=expected.headers,
        pace=expected.pace,
        origin=found.origin,
    )


def test_the_pace_of_a_reply_replaces_or_extends_that_of_defaults() -> None:
    assert with_defaults("pace: {per_event: [1s]}", "hi").pace == Pace(per_event_s=(1.0,))
    assert with_defaults("pace: {per_event: [1s]}", "{output: [], pace: {gap: 1s}}").pace == Pace(gap_s=1.0)
    lively = with_defaults("pace: {per_event: [1s], keepalive: 9s}", "{output: [], pace: {gap: 1s}}")
    assert lively.pace == Pace(gap_s=1.0, keepalive_s=9.0)
    lively = with_defaults("pace: {per_event: [1s]}", "{output: [], pace: {keepalive: 9s}}")
    assert lively.pace == Pace(per_event_s=(1.0,), keepalive_s=9.0)


def test_faults_of_a_reply_replace_those_of_defaults() -> None:
    cut = read_fault({"cut": {"at_byte": 1}}).faults
    end = read_fault({"end": {"at_byte": 2}}).faults
    assert with_defaults("faults: [{cut: {at_byte: 1}}]", "hi").faults == cut
    reply = "{output: [], faults: [{end: {at_byte: 2}}]}"
    assert with_defaults("faults: [{cut: {at_byte: 1}}]", reply).faults == end
    none = "{output: [], faults: []}"
    assert with_defaults("faults: [{cut: {at_byte: 1}}]", none).faults == Faults()


@pytest.mark.parametrize(
    "item",
    [
        "{text: hi}", "{refusal: hi}", "{reasoning: {summary: [x, hi]}}", "{reasoning: {content: hi}}",
        "{call: f, arguments: hi}", "{custom_call: f, input: hi}", "{audio: a, transcript: hi}", "{item: {type: x}}",
    ],
)  # fmt: skip
def test_pieces_are_the_text_of_some_item(item: str) -> None:
    text = "stubs: [{reply: {output: [{compaction: x}, %s], chunks: [h, %s]}}]"
    assert problems(text % (item, "i")) == []
    wrong = "f.yaml:1:%d: stubs[0].reply.chunks: the pieces add up to 'ho', expected the text of an item"
    place = len(text % (item, "")) - len("[h, ]}}]") + 1
    known = "type: x" in item
    assert problems(text % (item, "o")) == ([] if known else [wrong % place])


_NORMAL = Delay(kind=Distribution.NORMAL, centre=0.02, spread=0.005, least=0.01)
_TYPICAL = PROFILES["typical"]
_KNOWN = "'steady', 'fast', 'typical', 'reasoning', 'slow' or 'overloaded'"


@pytest.mark.parametrize(
    ("text", "pace"),
    [
        ("{profile: typical}", Pace(first_s=_TYPICAL.first, gap_s=_TYPICAL.gap)),
        ("{profile: steady, gap: 0, jitter: 1s}", Pace(first_s=0.3, jitter_s=1.0)),
        ("{gap: {normal: {mean: 20ms, deviation: 5ms, least: 10ms}}}", Pace(gap_s=_NORMAL)),
        ("{first: {lognormal: {median: 2s, sigma: 1, most: 1m}}}",
            Pace(first_s=Delay(kind=Distribution.LOGNORMAL, centre=2.0, spread=1, most=60.0))),
    ],
)  # fmt: skip
def test_a_pace_may_be_drawn(text: str, pace: Pace) -> None:
    assert load_reply(f"{{output: [], pace: {text}}}").pace == pace


def test_a_profile_of_a_reply_replaces_the_pace_of_defaults() -> None:
    assert with_defaults("pace: {gap: 3s}", "{output: [], pace: {profile: steady}}").pace == Pace(
        first_s=0.3, gap_s=0.02
    )
    assert with_defaults("pace: {profile: steady}", "{output: [], pace: {gap: 3s}}").pace == Pace(
        first_s=0.3, gap_s=3.0
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{profile: typcal}", f"pace.profile: expected {_KNOWN}, got 'typcal'; did you mean 'typical'?"),
        ("{profile: fast, per_event: [1s]}",
            "pace.per_event: 'per_event' replaces the other keys of 'pace'; give one or the other"),
        ("{first: {normal: {mean: 20ms}}}", "pace.first.normal: key 'deviation' is missing"),
        ("{first: {lognormal: {median: 1s, sigma: 9}}}",
            "pace.first.lognormal.sigma: expected a number from 0 to 5, got 9"),
        ("{gap: {normal: {mean: 1s, deviation: 1s, least: 2s, most: 1s}}}",
            "pace.gap.normal.most: 'most' is less than 'least'; exchange them"),
        ("{gap: {normale: {mean: 1s}}}", "pace.gap.normale: unknown key 'normale'; did you mean 'normal'?"),
        ("{gap: {normal: {mean: 1s, deviation: 1s}, lognormal: {median: 1s, sigma: 1}}}",
            "pace.gap.lognormal: 'normal' and 'lognormal' exclude each other"),
        ("{gap: {}}", "pace.gap: expected one of the keys normal or lognormal"),
        ("{gap: 1}", "pace.gap: expected a duration with its unit, such as 200ms, 1.5s or 2m, got 1"),
    ],
)  # fmt: skip
def test_a_bad_pace_is_reported_in_its_place(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        load_reply(f"{{output: [], pace: {text}}}")
    assert [f"{one.key_path.removeprefix('stubs[0].reply.')}: {one.message}" for one in raised.value.problems] == [
        problem
    ]
