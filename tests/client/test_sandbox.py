from __future__ import annotations

import gzip
import json
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mockserver.errors import Position, ScenarioError, UsageError, VerificationError
from tests.client.conftest import chat, post
from tests.kit import Endpoint, Message, OutcomeKind, SandboxClient, ServerClient, ToolCall, ToolOutput

ROUND_TRIP = {
    "model": "gpt-5.4",
    "tools": [{"type": "function", "function": {"name": "get_weather"}}],
    "messages": [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "weather?"},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "18"},
    ],
}


def test_it_prints_its_address(sandbox: SandboxClient) -> None:
    assert sandbox.url.endswith(f"/sandbox/{sandbox.name}")
    assert sandbox.base_url == f"{sandbox.url}/v1"
    assert sandbox.env == {"OPENAI_BASE_URL": sandbox.base_url, "OPENAI_API_KEY": "mockserver"}
    assert repr(sandbox) == f"<SandboxClient {sandbox.name!r} at {sandbox.url}>"


def test_the_default_sandbox_needs_no_prefix(reach: ServerClient) -> None:
    assert reach.sandbox().url == reach.url


def test_a_name_is_quoted_in_the_url(reach: ServerClient) -> None:
    assert reach.sandbox("a b/c").url == f"{reach.url}/sandbox/a%20b%2Fc"


# --- what is answered ---


def test_a_scenario_is_found_by_name_next_to_the_test(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    assert chat(sandbox, "the weather?") == 200
    assert sandbox.last.stub == "asks for the weather"
    assert sandbox.last.scenario == "weather"


@pytest.mark.parametrize("name", ["weather.yaml", Path(__file__).parent / "weather.yaml"])
def test_a_scenario_is_found_by_path(sandbox: SandboxClient, name: str | Path) -> None:
    sandbox.load(name)
    assert [use[2] for use in sandbox.calls()] == ["asks for the weather", "says goodbye"]


def test_a_folder_is_loaded_whole(sandbox: SandboxClient) -> None:
    sandbox.load(Path(__file__).parent)
    assert len([*sandbox.calls()]) == 2


def test_a_scenario_is_loaded_from_text(sandbox: SandboxClient) -> None:
    sandbox.load("stubs:\n  - reply: one\n")
    sandbox.load("stubs:\n  - reply: two\n")
    assert len([*sandbox.calls()]) == 2


def test_a_scenario_is_loaded_from_a_mapping(sandbox: SandboxClient) -> None:
    sandbox.load({"stubs": [{"name": "mapped", "on": ("chat",), "reply": "one"}]})
    assert chat(sandbox, "hi") == 200
    assert sandbox.last.stub == "mapped"


def test_several_are_loaded_at_once(sandbox: SandboxClient) -> None:
    sandbox.load("weather", {"stubs": [{"reply": "any"}]})
    assert len([*sandbox.calls()]) == 3


def test_loading_again_replaces(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    sandbox.load("weather")
    assert len([*sandbox.calls()]) == 2


def test_a_missing_scenario_is_reported_with_the_searched_folders(sandbox: SandboxClient) -> None:
    here = str(Path(__file__).parent)
    with pytest.raises(UsageError) as rejected:
        sandbox.load("nothing")
    assert str(rejected.value) == (
        f"no scenario 'nothing': searched for it, .yaml and .yml in {here!r}, then among the shipped ones"
        "; did you mean 'quoting'?"
    )
    with pytest.raises(UsageError, match="did you mean 'visioncoder/chat'"):
        sandbox.load("visioncoder/chta.yaml")


def test_a_bad_scenario_is_rejected_and_changes_nothing(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    with pytest.raises(ScenarioError) as rejected:
        sandbox.load({"scenario": "weather", "stubs": [{"repli": "x"}, {"on": "z", "reply": "y"}]})
    assert len(rejected.value.problems) >= 2
    here = "tests/client/test_sandbox.py"
    line = rejected.value.problems[0].position.line
    assert "load({" in Path(__file__).read_text().splitlines()[line - 1]
    assert {problem.position for problem in rejected.value.problems} == {Position(file=here, line=line, column=1)}
    assert len([*sandbox.calls()]) == 2


def test_a_value_without_json_is_rejected_with_its_place(sandbox: SandboxClient) -> None:
    with pytest.raises(UsageError) as rejected:
        sandbox.stub(reply={"output": [{"text": object}]})
    assert str(rejected.value) == (
        "<class 'object'> at 'reply.output[0].text' has no JSON: expected text, numbers, lists or mappings"
    )


def test_a_stub_may_be_called(sandbox: SandboxClient) -> None:
    assert sandbox.stub(name="maybe", on="chat", reply="hi") == "maybe"
    sandbox.verify()


def test_an_expected_call_must_come(sandbox: SandboxClient) -> None:
    sandbox.expect(name="must", on=("chat", "responses"), reply="hi")
    with pytest.raises(VerificationError) as failed:
        sandbox.verify()
    place, end = "never called  tests/client/test_sandbox.py:", ' "must"   expected 1.., got 0'
    last = str(failed.value).splitlines()[-1]
    assert (last[: len(place)], last[-len(end) :]) == (place, end)
    assert chat(sandbox, "hi") == 200
    sandbox.verify()


def test_every_keyword_is_a_key_of_the_format(sandbox: SandboxClient) -> None:
    sandbox.stub(reply="late")
    sandbox.expect(
        name="early",
        on=Endpoint.CHAT,
        when={"user": {"contains": "x"}},
        replies=["one", {"error": "rate_limited"}],
        times="2",
        then="miss",
        priority=1,
    )
    assert [chat(sandbox, "x") for _ in range(3)] == [200, 429, 200]
    assert [request.stub for request in sandbox.requests] == ["early", "early", "stub 1"]


def test_reset_returns_to_what_was_kept(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    sandbox.keep()
    sandbox.stub(reply="any")
    chat(sandbox, "weather")
    sandbox.reset()
    assert len(sandbox.requests) == 0
    assert [use[2:] for use in sandbox.calls()] == [("asks for the weather", 0), ("says goodbye", 0)]


# --- what was asked ---


def test_a_recorded_request_has_all_its_fields(sandbox: SandboxClient) -> None:
    sandbox.stub(reply="18 degrees", name="tells")
    raw = json.dumps(ROUND_TRIP).encode()
    url = f"{sandbox.base_url}/chat/completions"
    status, _ = post(url, raw, X_Trace="t1", Authorization="Bearer sk-mine")
    assert status == 200
    [seen] = sandbox.requests
    assert (seen.number, seen.endpoint, seen.method) == (1, Endpoint.CHAT, "POST")
    assert (seen.path, seen.query) == ("/v1/chat/completions", ())
    assert (seen.model, seen.stream, seen.key) == ("gpt-5.4", False, "sk-mine")
    assert (seen.body, seen.json) == (raw, ROUND_TRIP)
    assert (seen.headers["X-TRACE"], "x-trace" in seen.headers) == ("t1", True)
    assert seen.headers.all("x-trace") == ("t1",)
    assert {*seen.headers} >= {"x-trace", "authorization", "host"}
    assert len(seen.headers) == len(seen.headers.pairs)
    assert "sk-mine" not in repr(seen.headers)
    assert (seen.user, seen.system, seen.tools) == ("weather?", "be brief", ("get_weather",))
    assert seen.messages == (
        Message(role="system", text="be brief", path="messages[0]"),
        Message(role="user", text="weather?", path="messages[1]"),
    )
    assert seen.tool_calls == (
        ToolCall(call_id="call_1", name="get_weather", arguments="{}", path="messages[2].tool_calls[0]"),
    )
    assert seen.tool_results == (ToolOutput(call_id="call_1", of="get_weather", text="18", path="messages[3]"),)
    assert (seen.status, seen.matched, seen.unmatched) == (200, True, False)
    assert (seen.stub, seen.scenario, seen.findings) == ("tells", "inline-1", ())
    assert sandbox.settle() == ()
    assert (sandbox.last.outcome, sandbox.last.client_left) == (OutcomeKind.COMPLETE, False)
    assert repr(sandbox.last).startswith("<RecordedRequest #1  POST /v1/chat/completions   200   ")


def test_a_packed_body_is_kept_as_it_came_and_read_as_it_is_meant(sandbox: SandboxClient) -> None:
    sandbox.stub(reply="hi")
    packed = gzip.compress(json.dumps(ROUND_TRIP).encode())
    post(f"{sandbox.base_url}/chat/completions", packed, Content_Encoding="gzip")
    assert (sandbox.last.body, sandbox.last.user) == (packed, "weather?")


def test_a_request_that_is_no_json_is_seen_too(sandbox: SandboxClient) -> None:
    assert post(f"{sandbox.base_url}/chat/completions", b"{")[0] == 400
    seen = sandbox.last
    assert (seen.json, seen.endpoint, seen.user, seen.model) == (None, None, None, None)
    assert (seen.matched, seen.unmatched, seen.stub) == (False, False, None)
    assert len(seen.findings) == 1


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"Authorization": "Bearer a"}, "a"),
        ({"Authorization": "", "x_api_key": "b"}, "b"),
        ({"Authorization": ""}, None),
    ],
)
def test_the_key_is_without_its_scheme(sandbox: SandboxClient, headers: dict[str, str], key: str | None) -> None:
    post(f"{sandbox.base_url}/chat/completions", {}, **headers)
    assert sandbox.last.key == key


def test_other_requests_are_in_the_journal_only(sandbox: SandboxClient, reach: ServerClient) -> None:
    del reach
    import urllib.request

    with urllib.request.urlopen(f"{sandbox.base_url}/models") as response:
        response.read()
    assert len(sandbox.requests) == 0
    assert [one.path for one in sandbox.journal] == ["/v1/models"]


def test_more_requests_than_a_page_holds_are_all_seen(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import mockserver.admin.service

    monkeypatch.setattr(mockserver.admin.service, "PAGE", 3)
    sandbox.stub(reply="hi")
    for number in range(8):
        chat(sandbox, str(number))
    assert [one.user for one in sandbox.requests] == [str(number) for number in range(8)]


def test_requests_are_a_list_that_can_be_filtered(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    sandbox.allow(unmatched=True)
    for text in ("weather?", "bye", "else", "weather!"):
        chat(sandbox, text)
    requests = sandbox.requests
    assert [one.user for one in requests[1:3]] == ["bye", "else"]
    assert requests[-1] is requests.last
    assert repr(requests) == "<Requests: 4>"
    assert [one.number for one in requests.where(when={"user": {"contains": "weather"}})] == [1, 4]
    assert [one.number for one in requests.where(stub="says goodbye")] == [2]
    assert [one.number for one in requests.where(on="chat", when={"user": "else"})] == [3]
    assert len(requests.where(on=["responses", "compact"])) == 0
    assert len(requests.where()) == 4
    assert requests.text.splitlines()[1].startswith("#2  POST /v1/chat/completions   200   ")


def test_a_request_that_is_not_there_shows_those_that_are(sandbox: SandboxClient) -> None:
    with pytest.raises(IndexError) as missing:
        sandbox.requests[0]
    assert str(missing.value) == "no request [0] among 0:\nno requests received."
    with pytest.raises(VerificationError, match="no requests received"):
        _ = sandbox.last


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"on": "chats"}, "no endpoint 'chats': expected chat, compact, path, responses"),
        ({"on": ["chat", "x"]}, "no endpoint 'x': expected chat, compact, path, responses"),
    ],
)
def test_a_wrong_filter_is_rejected(sandbox: SandboxClient, arguments: dict[str, str], error: str) -> None:
    with pytest.raises(UsageError) as rejected:
        sandbox.requests.where(**arguments)  # type: ignore[arg-type]  # a table of cases
    assert str(rejected.value) == error


def test_a_wrong_condition_is_rejected_as_in_a_scenario(sandbox: SandboxClient) -> None:
    with pytest.raises(ScenarioError, match="unknown key 'usr'; did you mean 'user'"):
        sandbox.requests.where(when={"usr": "x"})


# --- waiting ---


def test_waiting_ends_when_the_requests_have_come(sandbox: SandboxClient) -> None:
    sandbox.stub(reply="hi")
    threads = [threading.Thread(target=chat, args=(sandbox, str(n))) for n in range(3)]
    for thread in threads:
        thread.start()
    found = sandbox.wait_for(3, timeout=60)
    assert {one.user for one in found} == {"0", "1", "2"}
    for thread in threads:
        thread.join()


def test_a_timeout_reports_the_requests_that_came(sandbox: SandboxClient) -> None:
    sandbox.stub(reply="hi", name="any")
    chat(sandbox, "other")
    sandbox.settle()
    with pytest.raises(VerificationError) as failed:
        sandbox.wait_for(timeout=0, on="chat", when={"user": "this"})
    lines = str(failed.value).splitlines()
    assert lines[:2] == ['expected 1 request with on=\'chat\', when={"user":"this"} within 0 s, got 0.', ""]
    assert lines[2].startswith("#1  POST /v1/chat/completions   200   ")


def test_settling_names_the_replies_that_do_not_end(sandbox: SandboxClient) -> None:
    sandbox.stub(reply={"output": [{"text": "x"}], "faults": [{"stall": {"at": "head"}}]})
    thread = threading.Thread(target=_left_alone, args=(sandbox,), daemon=True)
    thread.start()
    sandbox.wait_for(timeout=60)
    sandbox.settle_s = 0
    assert sandbox.settle() == (1,)
    verdict = sandbox.verdict()
    assert (bool(verdict), verdict.running) == (True, (1,))
    assert verdict.report == "OK: no problems.\n\nstill in flight: #1"
    assert sandbox.last.outcome is None


def _left_alone(sandbox: SandboxClient) -> None:
    try:
        chat(sandbox, "stall")
    except OSError:
        return


# --- judging ---


def test_a_verdict_has_a_report_and_its_parts(sandbox: SandboxClient) -> None:
    chat(sandbox, "nobody")
    verdict = sandbox.verdict()
    assert not verdict
    assert verdict.report.splitlines() == [
        "1 unmatched request.",
        "",
        f"#1  POST /v1/chat/completions   {sandbox.name} sandbox",
        "    no stubs are loaded",
    ]
    assert verdict.complaints == ({"kind": "unmatched", "number": 1, "near": []},)
    assert verdict.dropped == 0


def test_the_reply_to_an_unmatched_request_has_the_report_of_the_verdict(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    _, body = post(
        f"{sandbox.base_url}/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    )
    result = json.loads(body)["error"]
    assert result["type"] == "mockserver_unmatched"
    sandbox.allow(counts=True)
    assert sandbox.verdict().report == result["message"]


def test_a_verdict_is_an_assertion_that_failed(sandbox: SandboxClient) -> None:
    chat(sandbox, "nobody")
    with pytest.raises(AssertionError, match="1 unmatched request"):
        sandbox.verify()


def test_what_is_allowed_stays_allowed(sandbox: SandboxClient) -> None:
    sandbox.expect(reply="x", when={"user": "never"})
    post(f"{sandbox.base_url}/chat/completions", {"model": 1, "messages": "none"})
    chat(sandbox, "nobody")
    assert {one["kind"] for one in sandbox.verdict().complaints} >= {"unmatched", "miscounted"}
    sandbox.allow(unmatched=True)
    sandbox.allow(findings=True, counts=True)
    sandbox.verify()


@pytest.mark.parametrize(
    ("times", "good"), [(2, True), ("1..", True), ("..2", True), ("3..4", False), (0, False), (1, False)]
)
def test_calls_are_counted(sandbox: SandboxClient, times: int | str, good: bool) -> None:
    sandbox.stub(reply="hi")
    chat(sandbox, "a")
    chat(sandbox, "a")
    if good:
        found = sandbox.assert_called(times=times, when={"user": "a"})
        assert [one.number for one in found] == [1, 2]
        return
    with pytest.raises(VerificationError) as failed:
        sandbox.assert_called(times=times, on="chat")
    plural = "" if times == 1 else "s"
    assert str(failed.value).splitlines()[0] == (f"expected {times} request{plural} with on='chat', got 2.")


def test_a_wrong_count_is_rejected(sandbox: SandboxClient) -> None:
    with pytest.raises(UsageError) as rejected:
        sandbox.assert_called(times="many")
    assert str(rejected.value) == ("times: expected one like 2, '1..', '..3' or '2..4', got 'many'")


def test_an_order_is_kept_with_others_between(sandbox: SandboxClient) -> None:
    sandbox.load("weather")
    sandbox.stub(reply="any", name="any")
    for text in ("weather", "x", "bye", "weather"):
        chat(sandbox, text)
    sandbox.assert_order("asks for the weather", "says goodbye", "asks for the weather")
    sandbox.assert_order({"when": {"user": "x"}}, {"stub": "says goodbye", "on": "chat"})
    sandbox.assert_order()
    with pytest.raises(VerificationError) as failed:
        sandbox.assert_order("says goodbye", {"when": {"user": "x"}})
    lines = str(failed.value).splitlines()
    assert lines[0] == 'step 2 of 2 (when={"user":"x"}) did not follow in order.'
    assert [line[:2] for line in lines if line.startswith("#")] == ["#1", "#2", "#3", "#4"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"user": "x"}, "unknown key 'user' in a step: expected on, when, stub"),
        ({"on": 1}, "'on' in a step: expected an endpoint or a list of them, got 1"),
        ({"when": "x"}, "'when' in a step: expected a mapping of conditions, got 'x'"),
        ({"stub": 1}, "'stub' in a step: expected the name of a stub, got 1"),
    ],
)
def test_a_wrong_step_is_rejected(sandbox: SandboxClient, step: dict[str, object], error: str) -> None:
    with pytest.raises(UsageError) as rejected:
        sandbox.assert_order(step)
    assert str(rejected.value) == error


# --- the server ---


def test_a_server_has_health_and_sandboxes(reach: ServerClient, sandbox: SandboxClient) -> None:
    assert reach.health()["status"] == "ok"
    assert sandbox.name in reach.sandboxes
    assert repr(reach) == f"<ServerClient at {reach.url}>"


def test_a_sandbox_is_made_with_settings_and_dropped(reach: ServerClient) -> None:
    made = reach.create("own", unmatched="echo", keys=["sk-1"], contract="report")
    assert (made.name, made.api_key) == ("own", "sk-1")
    url = f"{made.base_url}/chat/completions"
    body = {"model": "m", "messages": [{"role": "user", "content": "echo me"}]}
    assert post(url, body)[0] == 401
    status, said = post(url, body, Authorization="Bearer sk-1")
    assert (status, json.loads(said)["choices"][0]["message"]["content"]) == (200, "echo me")
    reach.drop("own")
    assert "own" not in reach.sandboxes
    with pytest.raises(UsageError, match="no sandbox 'own'"):
        reach.drop("own")


def test_a_wrong_setting_is_rejected(reach: ServerClient) -> None:
    with pytest.raises(UsageError, match="unknown setting 'contrakt': did you mean 'contract'"):
        reach.create(contrakt="off")  # type: ignore[call-arg]  # what is tested


def test_a_reply_is_recorded_as_it_was_sent(sandbox: SandboxClient) -> None:
    before = datetime.now(UTC)
    sandbox.stub(when={"user": "whole"}, reply={"output": [{"text": "hi"}], "headers": {"x-a": "1"}})
    sandbox.stub(when={"user": "cut"}, reply={"output": [{"text": "hi"}], "faults": [{"end": {"before": "finish"}}]})
    assert chat(sandbox, "whole") == 200
    url = f"{sandbox.base_url}/chat/completions"
    body = {"model": "gpt-5.4", "stream": True, "messages": [{"role": "user", "content": "cut"}]}
    _, received = post(url, body)
    assert chat(sandbox, "lost") == 404
    whole, cut, lost = sandbox.requests
    assert [one.reply and one.reply.status for one in sandbox.requests] == [200, 200, 404]
    assert whole.reply is not None
    assert whole.reply.headers["X-A"] == "1"
    assert json.loads(whole.reply.body)["choices"][0]["message"]["content"] == "hi"
    assert whole.reply.events == ()
    assert cut.reply is not None
    assert cut.reply.body == received
    assert [one["object"] for one in cut.reply.events] == ["chat.completion.chunk"] * len(cut.reply.events)
    assert len(cut.reply.events) == received.count(b"data:")
    assert repr(cut.reply) == f"<RecordedReply 200, {len(received)} bytes>"
    assert before <= whole.received_time <= cut.received_time <= datetime.now(UTC)
    assert 0 <= cut.received_at - whole.received_at < 60
    assert lost.reply is not None
    assert lost.reply.events == ()


def test_a_second_upstream_is_verified_with_the_first(reach: ServerClient) -> None:
    first = reach.create(contract="report", keys=("sk-test",))
    second = first.another("fall back", contract="off")
    assert second.name == f"{first.name}-fall-back"
    assert first.another("fall back") is second is first.others["fall back"]
    assert (second.api_key, reach.sandboxes[-2:]) == ("sk-test", (first.name, second.name))
    assert first.verdict()
    second.stub(when={"user": "hi"}, reply="hello")
    assert chat(second, "hi", n="two") == 200
    assert chat(second, "lost") == 404
    with pytest.raises(VerificationError, match=rf"1 unmatched request\.\n\n#2 .* {second.name} sandbox"):
        first.verify()
    chat(first, "lost")
    assert first.verdict().report.count("1 unmatched request.") == 2


def test_a_client_that_stays_has_not_disconnected(sandbox: SandboxClient) -> None:
    sandbox.stub(name="slow", reply={"output": [{"text": "a b c"}], "pace": {"gap": "9m"}})
    with pytest.raises(VerificationError, match=r"expected 1\.\. requests"):
        sandbox.assert_disconnected()
    address = urlsplit(sandbox.url)
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}).encode()
    head = f"POST {address.path}/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\n"
    with socket.create_connection((address.hostname, address.port)) as line:
        line.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        assert line.recv(1) == b"H"
        sandbox.settle_s = 0.0
        with pytest.raises(VerificationError, match="got 1 of 1 replies to their end or in flight"):
            sandbox.assert_disconnected(stub="slow")
    sandbox.settle_s = 5.0
    assert len(sandbox.assert_disconnected(stub="slow")) == 1
