"""Replies that quote the request, from the file to the bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.errors import ScenarioError
from tests.kit import Finding, load_text
from tests.server.sandboxed import CHAT, COMPACT, DIALECTS, KEY, RESPONSES, Played

ECHO = "stubs: [{reply: 'You said: {{request.user}}'}]"
NASTY = 'say "hi"\n{{call}} \\ {"a": 1} °日本'


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("text", ["hello", NASTY, ""])
def test_the_user_is_quoted_on_every_endpoint(path: str, text: str) -> None:
    found = Played(ECHO).ask(path, text)
    assert (found.status, found.said) == (200, f"You said: {text}")
    assert found.entry.findings == ()


def test_a_compaction_quotes_too() -> None:
    found = Played("stubs: [{reply: {output: [{compaction: 'of {{request.user}}'}]}}]").ask(COMPACT)
    assert found.json["output"][-1]["encrypted_content"] == "of hello"


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_a_stream_quotes_what_the_whole_reply_quotes(path: str) -> None:
    events = Played(ECHO).ask(path, "a b\nc", stream=True).events
    deltas = [
        event["delta"] if path == RESPONSES else event["choices"][0]["delta"].get("content", "")
        for event in events
        if event != "[DONE]" and ("choices" in event or event["type"].endswith("text.delta"))
    ]
    assert [one for one in deltas if one] == ["You", " said", ":", " a", " b", "\n", "c"]


def test_calls_are_numbered_in_the_sandbox_from_one() -> None:
    played = Played("stubs: [{when: {user: b}, reply: 'b {{call}}'}, {reply: 'other {{ call }}'}]")
    said = [played.ask(user=text).said for text in ("a", "b", "a")]
    assert said == ["other 1", "b 2", "other 3"]
    played.sandbox.reset()
    assert played.ask(user="b").said == "b 1"


def test_groups_of_every_kind_of_condition_are_quoted() -> None:
    played = Played(
        """
        stubs:
          - when:
              model: {matches: 'gpt-(?P<version>[0-9.]+)'}
              user: {matches: 'in (?P<city>\\w+)', contains: weather}
              header: {x-team: {matches: '(?P<team>.+)'}}
            reply: '{{match.city}} for {{match.team}} by {{match.version}}'
        """
    )
    found = played.ask(user="the weather in Oslo", headers=(KEY, ("x-team", "blue")))
    assert found.said == "Oslo for blue by 5.4"


def test_a_tools_answer_is_quoted() -> None:
    played = Played("stubs: [{when: {tool_result: {text: {matches: '(?P<n>[0-9]+) °'}}}, reply: '{{match.n}}'}]")
    call: Any = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    output: Any = {"type": "function_call_output", "call_id": "c", "output": "18 °C"}
    assert played.ask(RESPONSES, input=[call, output]).said == "18"


def test_arguments_and_data_stay_json_whatever_is_quoted() -> None:
    played = Played(
        """
        stubs:
          - when: {user: {matches: '^call '}}
            reply: {output: [{call: f, arguments: {said: '{{request.user}}'}}]}
          - when: {user: {matches: '^text '}}
            reply: {output: [{call: f, arguments: '{"said": "{{request.user}}"}'}]}
          - reply: {json: {said: '{{request.user}}', run: '{{request.body.metadata.run}}'}}
        """
    )
    for word in ("call", "text"):
        found = played.ask(user=f"{word} {NASTY}").json["choices"][0]["message"]["tool_calls"]
        assert json.loads(found[0]["function"]["arguments"]) == {"said": f"{word} {NASTY}"}
    found = played.ask(user=NASTY, metadata={"run": "7"})
    assert json.loads(found.said) == {"said": NASTY, "run": "7"}


def test_headers_errors_and_identity_quote_too() -> None:
    played = Played(
        """
        defaults: {headers: {x-run: '{{request.body.metadata.run}}'}}
        stubs:
          - when: {user: fail}
            reply: {error: {status: 418, message: 'no {{request.user}}'}}
          - reply: {output: [{text: hi}], id: 'id-{{call}}', model: '{{request.header.x-model}}'}
        """
    )
    run: Any = {"metadata": {"run": "a\r\nb: c"}}
    failed = played.ask(user="fail", **run)
    assert (failed.status, failed.json["error"]["message"]) == (418, "no fail")
    assert failed.headers["x-run"] == "a b: c"
    found = played.ask(headers=(KEY, ("X-Model", "mine")), **run)
    assert (found.json["id"], found.json["model"]) == ("id-2", "mine")


def test_a_missing_request_value_is_a_500_and_a_finding() -> None:
    played = Played("stubs:\n  - name: runs\n    reply: 'run {{request.body.metadata.run}}'")
    found = played.ask()
    message = "s.yaml:2:5 'runs' cannot answer this request: the request has no value for {{request.body.metadata.run}}"
    assert found.status == 500
    assert found.json == {"error": {"message": message, "type": "mockserver_reply", "param": None, "code": None}}
    assert found.headers["x-should-retry"] == "false"
    assert found.entry.findings == (
        Finding(
            rule="reply.quotation",
            path="request.body.metadata.run",
            message="the request has no value for {{request.body.metadata.run}}",
        ),
    )
    assert len(played.sandbox.verdict().problems) == 1


def test_a_group_that_took_no_part_is_an_error_when_quoted() -> None:
    played = Played("stubs: [{when: {user: {matches: 'a(?P<b>b)?'}}, reply: 'got {{match.b}}'}]")
    assert played.ask(user="ab").said == "got b"
    assert played.ask(user="a").status == 500


def test_a_reply_is_validated_with_sample_values() -> None:
    text = "stubs: [{reply: {body: {object: response, id: '{{call}}'}}}]"
    with pytest.raises(ScenarioError) as raised:
        load_text(text, origin="f.yaml", dialects=DIALECTS)
    assert {problem.rule for problem in raised.value.problems} == {"responses.schema.required"}
