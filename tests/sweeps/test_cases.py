"""The cases of a sweep, as they are when tests are collected: no server takes part."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import mockserver
from mockserver import Case, ScenarioError, UsageError
from tests.kit import ENDPOINTS, JSON, Dialects, JSONObject, load_value

HELLO: JSONObject = {"stubs": [{"name": "hello", "reply": {"output": [{"text": "Hé\tyou there"}]}}]}
KINDS = ("end", "cut", "reset", "stall")
LABELS = ("role", "text.delta[0]", "text.delta[1]", "text.delta[2]", "finish", "terminator")

Sweep = Callable[..., tuple[Case, ...]]
SWEEPS: tuple[Sweep, ...] = (mockserver.cuts, mockserver.reslicings, mockserver.violations)


def ids(cases: tuple[Case, ...]) -> list[str]:
    return [str(case) for case in cases]


def replies_of(case: Case) -> list[JSON]:
    stubs = case.scenario["stubs"]
    assert isinstance(stubs, list)
    stub = stubs[-1]
    assert isinstance(stub, dict)
    replies = stub["replies"]
    assert isinstance(replies, list)
    return replies


def test_cuts_walk_every_boundary_and_every_kind_of_place_in_every_way() -> None:
    found = ids(mockserver.cuts(HELLO, on="chat"))
    assert len(set(found)) == len(found)
    assert {case.rpartition("/")[2] for case in found} == set(KINDS)
    assert {f"after-{label}/cut" for label in LABELS} <= set(found)
    assert {case.split("/")[1] for case in found if case.startswith("text") and case.endswith("/cut")} == {
        "chunk-size", "before-data", "key", "string", "escape", "character", "before-blank-line", "cr-lf",
    }  # fmt: skip
    assert {f"text.delta[1]/escape/{kind}" for kind in KINDS} <= set(found)
    assert "text.delta[0]/character/cut" in found
    assert found[:3] == ["head/cut", "head/reset", "head/stall"]


def test_a_cut_between_cr_and_lf_sends_crlf() -> None:
    found = [case for case in mockserver.cuts(HELLO, on="chat") if "cr-lf" in case.id]
    assert len(found) == len(LABELS) * len(KINDS)
    assert found[1].faults == ({"framing": {"newline": "crlf"}}, {"cut": {"inside": {"event": "role", "at": "cr-lf"}}})
    assert found[1].id == "role/cr-lf/cut"


def test_a_reply_with_crlf_needs_no_further_framing() -> None:
    own: JSONObject = {"framing": {"newline": "crlf"}}
    source = {"stubs": [{"name": "a", "reply": {"output": [{"text": "Hi"}], "faults": [own]}}]}
    found = mockserver.cuts(source, on="chat", kinds=["cut"])
    between = [case for case in found if "cr-lf" in case.id]
    assert len(between) == 4
    assert all(len(case.faults) == 1 for case in found)
    [reply] = replies_of(between[0])
    assert isinstance(reply, dict)
    assert reply["faults"] == [own, *between[0].faults]


def test_a_case_has_the_events_that_arrive_complete() -> None:
    events = {case.id: case.events for case in mockserver.cuts(HELLO, on="chat")}
    assert events["head/cut"] == ()
    assert events["after-role/end"] == ("role",)
    assert events["text.delta[0]/before-blank-line/reset"] == ("role",)
    assert events["after-terminator/cut"] == LABELS
    assert events["text.delta[1]/cr-lf/stall"] == LABELS[:2]
    whole = mockserver.reslicings(HELLO, on="chat")
    assert {case.events for case in whole} == {LABELS}
    assert {case.events for case in mockserver.cuts(HELLO, on="chat", stream=False)} == {()}


def test_the_usage_event_is_swept_with_include_usage() -> None:
    asked = {"stream_options": {"include_usage": True}}
    found = ids(mockserver.cuts(HELLO, on="chat", request=asked))
    assert "after-usage/cut" in found
    assert "after-usage/cut" not in ids(mockserver.cuts(HELLO, on="chat"))


def test_a_request_with_texts_of_its_own_replaces_the_sample_s() -> None:
    said = {"messages": [{"role": "user", "content": "a longer question than the sample"}]}
    assert ids(mockserver.cuts(HELLO, on="chat", request=said)) == ids(mockserver.cuts(HELLO, on="chat"))
    compact = {"input": said["messages"]}
    as_compaction = mockserver.cuts(HELLO, on="compact", stream=False, request=compact)
    assert "body/half/cut" in ids(as_compaction)


def test_reslicings_divide_at_each_kind_of_place_as_well() -> None:
    found = ids(mockserver.reslicings(HELLO, on="chat"))
    assert {"bytes-1", "sizes-3-7", "split-utf8", "divide-text.delta[1]/escape"} <= set(found)
    assert "divide-text.delta[0]/cr-lf" in found


def test_violations_break_each_rule_once() -> None:
    found = mockserver.violations(HELLO, on="chat")
    rules = [case.rule for case in found]
    assert rules == sorted({rule for rule in rules if rule})
    assert rules == ids(found)
    assert {"chat.done.missing", "chat.role.first", "chat.id.same", "chat.schema.type"} <= {*rules}
    by_rule = {case.rule: case for case in found}
    assert by_rule["chat.done.missing"].faults == ({"omit": "terminator"},)
    assert by_rule["chat.done.missing"].also == frozenset()


def test_a_stall_has_the_given_length() -> None:
    found = mockserver.cuts(HELLO, on="chat", kinds="stall", stall_for="20ms")
    assert found[0].faults == ({"stall": {"at": "head", "for": "20ms"}},)


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_limit_samples_and_a_seed_repeats(sweep: Sweep) -> None:
    every = sweep(HELLO, on="chat")
    chosen = sweep(HELLO, on="chat", limit=5, seed=1)
    assert len(chosen) == 5
    assert ids(chosen) == ids(sweep(HELLO, on="chat", limit=5, seed=1))
    assert ids(chosen) == [case for case in ids(every) if case in ids(chosen)]
    assert len({tuple(ids(sweep(HELLO, on="chat", limit=5, seed=seed))) for seed in range(4)}) > 1
    assert sweep(HELLO, on="chat", limit=10_000) == every
    assert sweep(HELLO, on="chat", limit=0) == ()


def test_a_case_names_its_test_by_itself() -> None:
    case = mockserver.cuts(HELLO, on="chat")[0]
    assert case.__name__ == str(case) == case.id
    assert len({case, dataclasses.replace(case)}) == 1


@pytest.mark.parametrize("sweep", SWEEPS)
def test_every_case_loads_as_a_scenario(sweep: Sweep) -> None:
    dialects = Dialects()
    for case in sweep(HELLO, on="chat", limit=25):
        scenario = load_value(case.scenario, "x", dialects)
        assert [stub.name for stub in scenario.stubs] == ["hello"]
        assert bool(scenario.stubs[0].replies[0].faults)


def test_a_case_that_heals_breaks_the_first_call_only() -> None:
    for case in mockserver.cuts("plain", on="chat", heals=True, limit=3):
        broken, whole = replies_of(case)
        assert isinstance(broken, dict)
        assert broken["faults"] == [*case.faults]
        assert whole == "Hello! How can I help you today?"


def test_one_of_several_replies_is_broken_where_it_stands() -> None:
    stub: JSONObject = {"name": "two", "replies": ["one", "two"], "times": 2}
    [case] = mockserver.cuts({"stubs": [stub]}, on="chat", reply=1, limit=1)
    first, second = replies_of(case)
    assert first == "one"
    assert second == {"output": [{"text": "two"}], "faults": [*case.faults]}


def test_faults_of_defaults_stay_where_they_have_a_place() -> None:
    slow: JSONObject = {"dribble": {"bytes": 50}}
    scenario: JSONObject = {
        "defaults": {"faults": [slow, {"delay": {"after": 90, "for": "1s"}}]},
        "stubs": [{"name": "a", "reply": "Hi"}],
    }
    [case] = mockserver.cuts(scenario, on="chat", limit=1)
    [reply] = replies_of(case)
    assert reply == {"output": [{"text": "Hi"}], "faults": [slow, *case.faults]}


def test_labels_hold_where_the_reply_omits_an_event_already() -> None:
    reply = {"output": [{"text": "one two"}], "faults": [{"omit": "role"}]}
    source = {"stubs": [{"name": "a", "reply": reply}]}
    events = {case.id: case.events for case in mockserver.cuts(source, on="chat", kinds=["cut"])}
    assert "after-role/cut" not in events
    assert events["after-text.delta[0]/cut"] == ("text.delta[0]",)
    rules = [case.rule for case in mockserver.violations(source, on="chat")]
    assert "chat.role.first" not in rules
    assert "chat.done.missing" in rules


def test_a_case_has_the_position_of_its_stub() -> None:
    [case] = mockserver.cuts("tool-round-trip", stub="asks for the weather", on="chat", limit=1)
    assert case.origin.endswith("tool-round-trip.yaml")
    lines = Path(case.folder, "tool-round-trip.yaml").read_text().splitlines()
    assert lines[case.line - 1].strip() == "- name: asks for the weather"
    assert case.scenario["scenario"] == "tool-round-trip"


@pytest.mark.parametrize("on", [endpoint.value for endpoint in ENDPOINTS.scripted])
def test_every_endpoint_of_a_shipped_scenario_can_be_swept(on: str) -> None:
    found = ids(mockserver.cuts("plain", on=on))
    assert len(found) == len(set(found)) > 20
    assert [one for one, other in pairwise(found) if one == other] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "nowhere-at-all"}, "no scenario 'nowhere-at-all'"),
        ({"source": "tool-round-trip"}, "name one of the stubs 'tells the weather', 'asks for the"),
        ({"source": "plain", "stub": "greats"}, "no stub 'greats'; there are 'greets'"),
        ({"on": "chats"}, "stub 'hello' does not answer on 'chats', only on 'chat', 'responses'"),
        ({"reply": 1}, "stub 'hello': no reply 1; it has 1, from 0"),
        ({"reply": -1}, "stub 'hello': no reply -1; it has 1, from 0"),
        ({"kinds": ["cuts"]}, "unknown truncation 'cuts'; expected one of 'end', 'cut', 'reset',"),
        ({"limit": -1}, "limit: expected a number of cases from 0, got -1"),
        ({"source": "truncated-chat"}, "has the fault {'end': {'before': 'finish'}}; to sweep it"),
        ({"source": "stall", "stream": False}, "answers only stream: true; write stream=True"),
    ],
)
def test_a_reply_that_cannot_be_swept_is_a_usage_error(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        mockserver.cuts(**{"source": HELLO, **arguments})  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_reply_that_breaks_by_chance_is_not_swept() -> None:
    fault: JSONObject = {"omit": "role", "chance": 0.5}
    reply = {"output": [{"text": "Hi"}], "faults": [fault]}
    with pytest.raises(UsageError, match="leave 'chance' to the sweep"):
        mockserver.cuts({"stubs": [{"name": "a", "reply": reply}]}, on="chat")


def test_a_reply_that_never_streams_breaks_no_stream_s_rule() -> None:
    with pytest.raises(UsageError, match="is not a stream"):
        mockserver.violations("bad-gateway", on="chat")


def test_a_reply_that_is_no_json_breaks_no_rule_of_bodies() -> None:
    source = {"stubs": [{"name": "a", "reply": {"body": "Hi"}}]}
    with pytest.raises(UsageError, match="is not a body of JSON, so it cannot violate a rule of bodies"):
        mockserver.violations(source, on="chat", stream=False)


def test_violations_of_a_body_leave_the_reply_s_own_faults_in_place() -> None:
    own: JSONObject = {"rewrite": {"part": "body", "remove": ["usage"]}}
    reply = {"output": [{"text": "Hi"}], "faults": [own]}
    source = {"stubs": [{"name": "a", "when": {"stream": False}, "reply": reply}]}
    cases = mockserver.violations(source, on="chat", stream=False)
    assert {"chat.choices.present", "chat.schema.type"} & {case.rule for case in cases}
    assert not any("usage" in str(case.faults) for case in cases)
    [first] = replies_of(cases[0])
    assert isinstance(first, dict)
    assert first["faults"] == [own, *cases[0].faults]


def test_a_folder_is_no_scenario_to_sweep(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("stubs: [{name: a, reply: Hi}]\n")
    with pytest.raises(UsageError, match="has 2 scenarios: expected one file"):
        mockserver.cuts(tmp_path)
    assert mockserver.cuts(tmp_path / "one.yaml", on="chat", limit=1)[0].line == 1


def test_problems_of_a_scenario_have_their_lines(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("stubs:\n  - name: a\n    repply: Hi\n")
    with pytest.raises(ScenarioError, match=r"bad\.yaml:3:5"):
        mockserver.cuts(tmp_path / "bad.yaml")
