"""Faults on whole replies and on streams, and replies against the request's wish, as a client gets them."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Dialects, load_text, main
from tests.server.sandboxed import CHAT, COMPACT, RESPONSES, Played

SET = 'rewrite: {part: body, set: {"choices.0.message.content": null}, remove: [usage]}'
EVENTS = 'rewrite: {event: "text.delta[*]", set: {"choices.0.finish_reason": ""}}'


ALWAYS = "a fault in the body needs a reply that is one body, but this reply always streams"


def scenario(*faults: str, reply: str = "output: [{text: Hello there}]", on: str = "chat", more: str = "") -> str:
    listed = "".join(f"\n        - {fault}" for fault in faults)
    return f"stubs:\n  - name: s\n    on: {on}\n{more}    reply:\n      {reply}\n" + (
        f"      faults:{listed}\n" if faults else ""
    )


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "s.yaml", Dialects())
    return [f"{one.key_path}: {one.message}" for one in caught.value.problems]


def test_members_of_a_whole_reply_are_changed_and_the_rest_is_the_same() -> None:
    plain = Played(scenario()).ask().json
    found = Played(scenario(SET)).ask()
    plain["choices"][0]["message"]["content"] = None
    del plain["usage"]
    assert found.json == plain
    assert found.headers["content-length"] == str(len(found.body))
    assert found.body.startswith(b'{\n  "id"')
    assert found.entry.findings == ()


def test_faults_of_both_kinds_apply_each_in_its_own_kind_of_reply() -> None:
    played = Played(scenario(SET, EVENTS))
    assert played.ask().json["choices"][0]["message"]["content"] is None
    reasons = [one["choices"][0]["finish_reason"] for one in played.ask(stream=True).events[:-1]]
    assert reasons == [None, "", "", "stop"]


def test_places_in_a_body_are_skipped_in_a_stream_next_to_faults_at_events() -> None:
    played = Played(scenario("garble: {utf8: {part: body}}", EVENTS))
    assert b"\xff" in played.ask().body
    found = played.ask(stream=True)
    assert b"\xff" not in found.body
    assert found.entry.findings == ()


@pytest.mark.parametrize(
    "fault", [SET, "garble: {json: {part: body}}", "delay: {inside: {part: body, byte: 3}, for: 0}"]
)
def test_a_fault_in_a_body_alone_implies_a_request_that_does_not_stream(fault: str) -> None:
    played = Played(scenario(fault))
    assert played.ask().entry.findings == ()
    assert played.ask(stream=True).status == 404


def test_a_fault_of_defaults_in_a_body_is_left_out_of_streams() -> None:
    played = Played("defaults: {faults: [{rewrite: {part: body, set: {a: 1}}}]}\nstubs: [{reply: hi}]")
    assert played.ask().json["a"] == 1
    found = played.ask(stream=True)
    assert (found.events[-1], found.entry.findings) == ("[DONE]", ())


def test_the_body_of_an_error_is_changed_for_every_request() -> None:
    fault = "rewrite: {part: body, set: {error.code: 1302}, remove: [error.param]}"
    played = Played(scenario(fault, reply="error: rate_limited"))
    for stream in (False, True):
        found = played.ask(stream=stream)
        assert (found.status, found.json["error"]["code"]) == (429, 1302)
        assert "param" not in found.json["error"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (scenario('rewrite: {part: body, set: {"choices.1.x": 1}}'), "member 'choices.1.x': no element '1'"),
        (scenario("rewrite: {part: body, remove: [usge]}"), "member 'usge': no 'usge'; the nearest is 'usage'"),
        (scenario(SET, reply="body: hello"), "this reply has no JSON body"),
        (scenario(SET, reply='raw: "HTTP/1.1 200 OK"'), "this reply has no JSON body"),
        (scenario(SET, reply="events: [{data: {choices: []}}]\n      breaks: [chat.done.missing]"), ALWAYS),
        (scenario(SET, more="    when: {stream: true}\n"), ALWAYS),
        (scenario("framing: {chunked: true}", reply='raw: "HTTP/1.1 200 OK"'), "exact bytes have a framing of"),
        (scenario(SET, EVENTS, more="    when: {stream: true}\n"),
            ALWAYS),
        (scenario(EVENTS, reply="error: rate_limited"),
            "a fault among events needs a stream, but this reply never streams"),
        (scenario('omit: "text.detla[*]"'), "no event 'text.detla[*]' in this stream; the nearest is"),
        (scenario('cut: {after: "call[*].start"}'), "its events are 'role', 'text.delta[0]', 'text.delta[1]'"),
        (scenario("insert: {comment: x, at: {after: 0}}", reply="error: rate_limited"),
            "a fault among events needs a stream"),
    ],
)  # fmt: skip
def test_a_fault_without_a_place_is_an_error_of_the_scenario(text: str, message: str) -> None:
    assert any(message in one for one in problems(text)), problems(text)


def test_an_inserted_event_has_the_event_line_of_its_type() -> None:
    kept = 'insert: {event: {data: {type: keepalive, sequence_number: 9}}, at: {after: "text.delta[0]"}}'
    found = Played(scenario(kept, on="responses")).ask(RESPONSES, stream=True)
    assert b'\n\nevent: keepalive\ndata: {"type":"keepalive","sequence_number":9}\n\n' in found.body
    bare = kept.replace("data: {type", 'event: "", data: {type')
    assert b"\n\ndata: {" in Played(scenario(bare, on="responses")).ask(RESPONSES, stream=True).body


def test_what_is_inserted_has_the_format_of_the_stream() -> None:
    inserts = (
        "framing: {newline: crlf, id: true, space: false}",
        "insert: {comment: ping, at: {after: 0}}",
        "insert: {event: x, at: {after: 0}}",
    )
    assert Played(scenario(*inserts)).ask(stream=True).body.startswith(b":ping\r\n\r\ndata:x\r\n\r\nid:0\r\n")


def test_a_pattern_omits_and_repeats_what_a_call_streams() -> None:
    reply = "output: [{call: f, arguments: {a: 1}, chunks: 2}, {call: g, arguments: {b: 2}, chunks: 2}]"
    kept = Played(scenario('omit: "call[*].arguments.delta[*]"', reply=reply)).ask(stream=True)
    names = [call["function"]["name"] for one in kept.events[:-1] for choice in one["choices"]
             for call in choice["delta"].get("tool_calls", ())]  # fmt: skip
    assert names == ["f", "g"]


# --- against the request's wish ---


@pytest.mark.parametrize("on", ["chat", "responses"])
def test_a_reply_is_a_stream_or_one_body_whatever_the_request_asks(on: str) -> None:
    path = {"chat": CHAT, "responses": RESPONSES}[on]
    plain = Played(scenario(on=on))
    whole, stream = plain.ask(path), plain.ask(path, stream=True)
    for word, kind in (("json", whole), ("stream", stream)):
        played = Played(scenario(on=on, more="", reply=f"output: [{{text: Hello there}}]\n      answer_as: {word}"))
        for asked in (False, True):
            found = played.ask(path, stream=asked)
            assert found.headers["content-type"] == kind.headers["content-type"]
            assert found.entry.findings == ()
    assert whole.headers["content-type"] == "application/json"


def test_faults_at_events_apply_to_a_stream_that_was_not_asked_for() -> None:
    played = Played(scenario(EVENTS, reply="output: [{text: Hello there}]\n      answer_as: stream"))
    assert [one["choices"][0]["finish_reason"] for one in played.ask().events[:-1]] == [None, "", "", "stop"]


def test_defaults_say_how_replies_are_answered() -> None:
    text = "defaults: {answer_as: stream}\n" + scenario() + indent("- {name: e, reply: {error: rate_limited}}", "  ")
    assert Played(text).ask().events[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (scenario(reply="output: [{text: x}]\n      answer_as: sse"),
            "stubs[0].reply.answer_as: expected 'stream' or 'json', got 'sse'"),
        (scenario(reply="error: rate_limited\n      answer_as: json"), "'answer_as' does not apply to a reply with"),
        (scenario(reply="output: [{compaction: x}]\n      answer_as: stream", on="compact"),
            "compact cannot serve this stub: a compaction has no stream"),
        (scenario(EVENTS, reply="output: [{text: Hello there}]\n      answer_as: json"), "this reply never streams"),
        (scenario(SET, reply="output: [{text: Hello there}]\n      answer_as: stream"), ALWAYS),
    ],
)  # fmt: skip
def test_a_way_to_answer_that_has_no_meaning_is_an_error(text: str, message: str) -> None:
    found = problems(text)
    assert any(message in one for one in found), found


def test_on_compact_a_stream_is_that_of_chat() -> None:
    played = Played(scenario(reply="output: [{text: x}]\n      answer_as: stream", on="compact"))
    body = b'{"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}]}'
    assert played.post(COMPACT, body).events[-1] == "[DONE]"
    body = b'{"model": "gpt-5.4", "input": "hi"}'
    assert played.post(COMPACT, body).status == 404


def test_explain_names_the_way_that_was_not_asked_for(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:

    file = tmp_path / "s.yaml"
    file.write_text(scenario(reply="output: [{text: x}]\n      answer_as: stream"), "utf-8")
    assert main(["explain", str(file)]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if '"s"' in line]
    assert [title.partition(", ")[2] for title in titles] == [
        "non-streaming asked for, streaming answered",
        "streaming",
    ]
