"""`mockserver verify`: against a second server that answers the same, and against one with planted differences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mockserver import MockServer
from tests.cli.conftest import SCENARIOS, Run

TEXT: dict[str, Any] = {"output": [{"text": "one two"}]}
FINISH = "choices[].finish_reason"
Planted = tuple[str, bool, list[Any], set[tuple[str, str]]]


def _set(where: str | None, **members: Any) -> dict[str, Any]:
    return {"rewrite": _place(where) | {"set": {_path(name): value for name, value in members.items()}}}


def _remove(where: str | None, *members: str) -> dict[str, Any]:
    return {"rewrite": _place(where) | {"remove": list(members)}}


def _place(where: str | None) -> dict[str, Any]:
    return {"event": where} if where else {"part": "body"}


def _path(name: str) -> str:
    return name.replace("__", ".")


PLANTED: dict[str, Planted] = {
    "member added": ("chat", False, [_set(None, cost=0.5)], {("member.added", "cost")}),
    "inner member added": ("chat", False, [_set(None, usage__cost=1)], {("member.added", "usage.cost")}),
    "member removed": ("chat", False, [_remove(None, "created")], {("member.removed", "created")}),
    "inner member removed": (
        "responses",
        False,
        [_remove(None, "output.0.status")],
        {("member.removed", "output[message].status")},
    ),
    "type": ("chat", False, [_set(None, created="today")], {("member.type", "created")}),
    "null": ("responses", False, [_set(None, model=None)], {("member.null", "model")}),
    "finish": (
        "chat",
        False,
        [_set(None, choices__0__finish_reason="length")],
        {("finish", "choices[].finish_reason")},
    ),
    "value": ("responses", False, [_set(None, object="reply")], {("value", "object")}),
    "item": (
        "responses",
        False,
        [_set(None, output__0={"type": "thought", "id": "t_1"})],
        {("item.gone", "output[message]"), ("item.new", "output[thought]")},
    ),
    "usage": ("chat", False, [_set(None, usage__total_tokens=1)], {("usage", "usage.total_tokens")}),
    "no done": ("chat", True, [{"omit": "terminator"}], {("event.done", "stream")}),
    "event lost": (
        "responses",
        True,
        [{"omit": "response.in_progress"}],
        {("event.gone", "event response.in_progress")},
    ),
    "event unknown": (
        "responses",
        True,
        [{"insert": {"event": {"data": {"type": "response.note", "n": 1}}, "at": {"after": "response.created"}}}],
        {("event.new", "event response.note")},
    ),
    "order": (
        "responses",
        True,
        [{"swap": ["response.created", "response.in_progress"]}],
        {("event.order", "event response.created")},
    ),
    "chunk member": ("chat", True, [_set("finish", cost=1)], {("member.added", "event chunk.finish: cost")}),
    "event member": (
        "responses",
        True,
        [_set("response.completed", response__cost=1)],
        {("member.added", "event response.completed: response.cost")},
    ),
    "chunk finish": (
        "chat",
        True,
        [_set("finish", choices__0__finish_reason="done")],
        {("finish", "event chunk.finish: choices[].finish_reason")},
    ),
    "number": ("responses", True, [_set("response.created", sequence_number=-7)], {("index.base", "sequence_number")}),
    "end": ("responses", True, [{"omit": "response.completed"}], {("event.gone", "event response.completed")}),
    "lines": ("responses", True, [{"framing": {"event_lines": False}}], {("event.lines", "stream")}),
}


def _stub(name: str, endpoint: str, *, stream: bool, reply: Any) -> dict[str, Any]:
    return {"name": name, "on": endpoint, "when": {"user": f"please {name}", "stream": stream}, "reply": reply}


def _scenario(faults: Callable[[str], list[Any]]) -> dict[str, Any]:
    stubs = [
        _stub(name, endpoint, stream=stream, reply=TEXT | ({"faults": faults(name)} if faults(name) else {}))
        for name, (endpoint, stream, *_) in PLANTED.items()
    ]
    more = {
        "status": {"error": {"status": 404, "type": "gone", "code": "no_such", "message": "x"}},
        "header": TEXT | {"headers": {"retry-after": "1"}},
        "content type": TEXT | {"headers": {"content-type": "text/plain"}},
    }
    stubs += [
        _stub(name, "chat", stream=False, reply=reply if faults("order") else TEXT) for name, reply in more.items()
    ]
    return {"stubs": stubs}


@pytest.fixture(scope="module")
def upstream() -> Iterator[MockServer]:
    with MockServer() as server:
        server.load(_scenario(lambda name: PLANTED[name][2]))
        yield server


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "ours.yaml"
    path.write_text(json.dumps(_scenario(lambda _: [])))
    return path


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY", "sk-upstream")


def _arguments(url: str, *more: object) -> tuple[object, ...]:
    return ("verify", "--upstream", url, "--upstream-key-env", "UPSTREAM_KEY", "--budget", "calls=200,tokens=1M", *more)


def test_every_planted_difference_is_named_with_class_and_place(run: Run, upstream: MockServer, scenario: Path) -> None:
    result = run(*_arguments(upstream.url, "--json", scenario))
    assert (result.status, result.err) == (1, "")
    document = json.loads(result.out)
    found = {
        one["stub"].partition('"')[2].rstrip('"'): {(each["class"], each["place"]) for each in one["drift"]}
        for one in document["checks"]
    }
    expected = {name: wanted for name, (*_, wanted) in PLANTED.items()} | {
        "status": {("status", "status")},
        "header": {("header.added", "retry-after")},
        "content type": {("header.value", "content-type")},
    }
    assert {name: expected[name] - found[name] for name in expected if not expected[name] <= found[name]} == {}
    assert {name: got for name, got in found.items() if len(got) > len(expected[name]) + 3} == {}


def test_unknown_members_and_events_are_printed_as_a_dialect_that_is_valid(
    run: Run, upstream: MockServer, scenario: Path, tmp_path: Path
) -> None:
    result = run(*_arguments(upstream.url, "--json", scenario))
    proposed = json.loads(result.out)["dialect"]
    assert proposed["contract"]["kinds"]["chat.completion"]["optional"]["cost"] == "number"
    assert proposed["contract"]["kinds"]["event.response.note"]["required"]["type"] == "=response.note"
    (tmp_path / "drifted.yaml").write_text(json.dumps({"dialect": "drifted", "extends": "openai", **proposed}))
    (tmp_path / "uses.yaml").write_text(json.dumps({"dialect": "drifted.yaml", "stubs": [{"reply": "hi"}]}))
    checked = run("check", tmp_path / "uses.yaml")
    assert checked.err.splitlines() == []


def test_the_report_is_text_and_junit(run: Run, upstream: MockServer, scenario: Path, tmp_path: Path) -> None:
    result = run(*_arguments(upstream.url, "--junit", tmp_path / "junit.xml", scenario))
    assert '"member added" on chat, non-streaming: member.added    cost: expected absent, got number' in result.out
    assert "proposed for the dialect:" in result.out
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert len(root.findall("testcase")) == len(PLANTED) + 3
    assert {one.get("type") for one in root.iter("failure")} >= {"member.added", "event.order", "usage"}


def test_what_answers_the_same_has_no_drift(run: Run, tmp_path: Path) -> None:
    names = ("plain", "parallel-calls", "reasoning", "refusal", "compaction", "tool-round-trip", "cut-by-length")
    for name in names:
        folder = [SCENARIOS / f"{name}.yaml"]
        with MockServer(*map(str, folder)) as server:
            result = run(*_arguments(server.url, *folder))
        assert (result.status, result.err) == (0, ""), result.out
        assert result.out.endswith(" checked, 0 differences\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--upstream", "ftp://x"), "--upstream: expected http(s)://HOST"),
        (("--upstream", "http://user:secret@x"), "--upstream: expected http(s)://HOST"),
        (("--upstream", "http://x", "--budget", "calls=many"), "--budget: expected calls=NUMBER"),
        (("--upstream", "http://x", "--upstream-key-env", "NO_SUCH"), "the variable NO_SUCH has no key"),
        (("--upstream", "http://x", "--requests", "/no/such"), "cannot read /no/such"),
    ],
)
def test_wrong_options_are_named(arguments: tuple[str, ...], message: str, run: Run, scenario: Path) -> None:
    result = run("verify", *arguments, scenario)
    assert result.status == 2
    assert message in result.err
    assert "secret" not in result.err


def test_an_upstream_that_does_not_answer_could_not_be_checked(run: Run, scenario: Path) -> None:
    result = run("verify", "--upstream", "http://127.0.0.1:9", "--budget", "calls=2", scenario)
    assert result.status == 2
    assert result.out.count("could not check: http://127.0.0.1:9 did not answer") == 2
    assert "skipped: the budget is used up" in result.out


def test_the_key_is_needed_and_never_printed(run: Run, upstream: MockServer, scenario: Path) -> None:
    result = run("verify", "--upstream", upstream.url, "--budget", "calls=1", scenario)
    assert result.status == 2
    assert f"{upstream.url} answered 401" in result.out
    again = run(*_arguments(upstream.url, scenario))
    assert "sk-upstream" not in again.out + again.err
