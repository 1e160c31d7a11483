from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import pytest

from mockserver.errors import ScenarioError, UsageError
from mockserver.model.frames import EndOfReply, Outcome, OutcomeKind
from mockserver.model.json import JSON, JSONObject, write_bytes
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode, Settings, UnmatchedPolicy
from mockserver.pipeline.compose import HttpContext
from mockserver.scenario.dialects import Dialects
from mockserver.server.control_actions import answer
from mockserver.server.control_message import ControlReply, ControlRequest
from mockserver.server.control_settings import read_settings
from mockserver.server.control_upload import Uploads
from mockserver.server.sandboxes import Sandboxes

DIALECTS = Dialects()
UPLOADS = Uploads(DIALECTS)
WEATHER = """\
scenario: weather
stubs:
  - name: asks
    times: 1
    when: {user: {contains: weather}}
    reply: which city?
"""


class Desk:
    """Control routes over sandboxes of a test's own; the clock ticks by one at each reading."""

    def __init__(self, *, limit: int = 100) -> None:
        ticks = count()
        self.sandboxes = Sandboxes(
            DIALECTS.find("openai"), limit=limit, clock=lambda: float(next(ticks))
        )

    def ask(
        self,
        method: str,
        path: str,
        body: JSON = None,
        *,
        text: str | None = None,
        sandbox: str = "default",
        **query: str,
    ) -> ControlReply:
        said = text if text is not None else (None if body is None else json.dumps(body))
        asked = ControlRequest(
            method=method, path=path, sandbox=sandbox, query=query, body=said, is_json=text is None
        )
        if (method, path) == ("POST", "scenarios"):
            asked = replace(asked, upload=UPLOADS.read(asked))
        return answer(self.sandboxes, asked)

    def document(self, method: str, path: str, body: JSON = None, **more: str) -> JSONObject:
        reply = self.ask(method, path, body, text=None, **more)
        assert reply.status in (200, 201), reply
        return reply.document

    def call(self, text: str, *, sandbox: str = "default", end: bool = True) -> int:
        """A chat request; its number in the journal."""
        body: JSONObject = {"model": "gpt-5.4", "messages": [{"role": "user", "content": text}]}
        request = Request(
            method="POST",
            target="/v1/chat/completions",
            path="/v1/chat/completions",
            headers=(("Authorization", "Bearer sk-secret"),),
            body=write_bytes(body),
        )
        place = self.sandboxes.get(sandbox)
        played = place.exchange(
            request, now_s=1.0, carrier=HttpContext(version=(1, 1), keep_alive=True)
        )
        assert played.script.frames[-1] == EndOfReply()
        if end:
            place.ended(
                played.number,
                Outcome(how=OutcomeKind.COMPLETE, frames=2, sent=10, started_s=0.0, ended_s=1.0),
            )
        return played.number


@pytest.fixture
def desk() -> Desk:
    return Desk()


def numbers(document: JSONObject, member: str = "entries") -> list[JSON]:
    entries = document[member]
    assert isinstance(entries, list)
    return [one["number"] for one in entries if isinstance(one, dict)]


# --- routes ---


@pytest.mark.parametrize(
    ("method", "path", "status", "error", "headers"),
    [
        ("GET", "", 404, "no control route '': see openapi.json", {}),
        ("GET", "nothing", 404, "no control route 'nothing': see openapi.json", {}),
        ("GET", "journal/x", 404, "no control route 'journal/x': see openapi.json", {}),
        (
            "PUT",
            "scenarios",
            405,
            "PUT is not allowed on 'scenarios': wanted GET, POST, DELETE",
            {"Allow": "GET, POST, DELETE"},
        ),
        (
            "GET",
            "verify",
            405,
            "GET is not allowed on 'verify': wanted POST",
            {"Allow": "POST"},
        ),
        ("GET", "journal/7", 404, "no entry 7 in the journal of 'default'", {}),
        ("DELETE", "scenarios/nope", 404, "no scenario 'nope' in sandbox 'default'", {}),
        ("GET", "sandboxes/nope", 404, "no sandbox 'nope'", {}),
        ("DELETE", "sandboxes/nope", 404, "no sandbox 'nope'", {}),
    ],
)
def test_what_is_not_there_is_refused(
    desk: Desk, method: str, path: str, status: int, error: str, headers: dict[str, str]
) -> None:
    document: JSONObject = {"error": error, "status": status}
    assert desk.ask(method, path) == ControlReply(status=status, document=document, headers=headers)


def test_health_tells_version_and_number_of_sandboxes(desk: Desk) -> None:
    desk.sandboxes.get("a")
    document = desk.document("GET", "health")
    assert document.keys() == {"status", "version", "sandboxes"}
    assert (document["status"], document["sandboxes"]) == ("ok", 1)


# --- sandboxes ---


def test_a_sandbox_is_made_told_and_dropped(desk: Desk) -> None:
    made = desk.ask("POST", "sandboxes", {"name": "mine", "settings": {"contract": "off"}})
    told: JSONObject = {
        "name": "mine",
        "url": "/sandbox/mine",
        "scenarios": [],
        "requests": 0,
        "open": [],
        "settings": {"contract": "off", "strict": False, "unmatched": "fail", "time_scale": 1.0},
    }
    assert made == ControlReply(status=201, document=told)
    assert desk.document("GET", "sandboxes/mine") == told
    assert desk.document("GET", "sandboxes") == {"sandboxes": [told]}
    assert desk.document("DELETE", "sandboxes/mine") == {"dropped": "mine"}
    assert desk.document("GET", "sandboxes") == {"sandboxes": []}


def test_a_sandbox_without_a_name_gets_one(desk: Desk) -> None:
    names = {str(desk.document("POST", "sandboxes")["name"]) for _ in range(3)}
    assert len(names) == 3
    assert set(desk.sandboxes.names) == names


def test_a_sandbox_is_dropped_by_its_own_route(desk: Desk) -> None:
    desk.sandboxes.get("mine")
    assert desk.document("DELETE", "sandboxes", sandbox="mine") == {"dropped": "mine"}


def test_a_taken_name_is_refused(desk: Desk) -> None:
    desk.document("POST", "sandboxes", {"name": "mine"})
    reply = desk.ask("POST", "sandboxes", {"name": "mine"})
    assert (reply.status, reply.document["error"]) == (
        409,
        "there is a sandbox 'mine' already; drop it or take another name",
    )


def test_beyond_the_limit_no_sandbox_is_made() -> None:
    desk = Desk(limit=1)
    desk.document("POST", "sandboxes", {"name": "mine"})
    assert desk.ask("POST", "sandboxes").status == 503
    assert desk.ask("GET", "journal", sandbox="other").status == 503
    assert desk.sandboxes.names == ("mine",)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": ""}, "'name': wanted 1 to 200 letters, digits or any of ._~-, got ''"),
        ({"name": "a/b"}, "'name': wanted 1 to 200 letters, digits or any of ._~-, got 'a/b'"),
        ({"name": 3}, "'name': wanted 1 to 200 letters, digits or any of ._~-, got 3"),
        ({"scenarios": "yes"}, "'scenarios': wanted true or false, got 'yes'"),
        ({"settings": []}, "'settings': wanted a mapping, got []"),
        ({"settings": {"strikt": True}}, "unknown setting 'strikt': did you mean 'strict'?"),
        ({"nmae": "x"}, "unknown member 'nmae': known are name, scenarios, settings"),
        ([], "the body: wanted a JSON object"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(desk: Desk, body: JSON, error: str) -> None:
    reply = desk.ask("POST", "sandboxes", body)
    assert (reply.status, reply.document["error"]) == (400, error)
    assert desk.sandboxes.names == ()


def test_a_body_that_is_no_json_is_refused(desk: Desk) -> None:
    reply = desk.ask("POST", "sandboxes", text="{")
    assert reply.status == 400
    assert str(reply.document["error"]).startswith("the body is no JSON: ")


# --- scenarios ---


def test_a_scenario_is_loaded_listed_and_unloaded(desk: Desk) -> None:
    loaded = desk.ask("POST", "scenarios", text=WEATHER, origin="weather.yaml")
    told: JSONObject = {"scenario": "weather", "stubs": ["asks"]}
    assert loaded == ControlReply(status=201, document=told)
    desk.call("the weather?")
    assert desk.document("GET", "scenarios") == {
        "scenarios": [
            {
                "scenario": "weather",
                "about": "",
                "dialect": "openai",
                "origin": "weather.yaml",
                "stubs": [
                    {
                        "scenario": "weather",
                        "stub": "asks",
                        "file": "weather.yaml",
                        "line": 3,
                        "on": ["chat", "responses", "compact"],
                        "times": "1",
                        "calls": 1,
                    }
                ],
            }
        ]
    }
    assert desk.document("DELETE", "scenarios/weather") == {"unloaded": ["weather"]}
    assert desk.document("GET", "scenarios") == {"scenarios": []}


def test_all_scenarios_are_unloaded_at_once(desk: Desk) -> None:
    desk.ask("POST", "scenarios", {"stubs": [{"reply": "a"}]})
    desk.ask("POST", "scenarios", {"stubs": [{"reply": "b"}]})
    assert desk.document("DELETE", "scenarios") == {"unloaded": ["inline-1", "inline-2"]}


def test_inline_scenarios_are_named_by_the_first_free_number(desk: Desk) -> None:
    def load() -> JSON:
        return desk.document("POST", "scenarios", {"stubs": [{"reply": "a"}]})["scenario"]

    assert [load(), load(), load()] == ["inline-1", "inline-2", "inline-3"]
    desk.document("DELETE", "scenarios/inline-2")
    assert load() == "inline-2"


def test_an_inline_scenario_keeps_its_own_name(desk: Desk) -> None:
    body: JSONObject = {"scenario": "mine", "stubs": [{"reply": "a"}]}
    assert desk.document("POST", "scenarios", body)["scenario"] == "mine"


def test_inline_stubs_stand_at_the_line_that_was_told(desk: Desk) -> None:
    body: JSONObject = {"stubs": [{"name": "hello", "times": 1, "reply": "a"}]}
    desk.document("POST", "scenarios", body, origin="test_it.py", line="12")
    text = str(desk.document("POST", "verify")["report"])
    assert text.splitlines()[-1] == 'never called  test_it.py:12 "hello"   wanted 1, got 0'


def test_inline_yaml_tells_the_line_of_the_test_and_its_own(desk: Desk) -> None:
    reply = desk.ask("POST", "scenarios", text=WEATHER, origin="test_it.py", line="12")
    assert reply.document["scenario"] == "weather"
    text = str(desk.document("POST", "verify")["report"])
    assert text.splitlines()[-1] == 'never called  test_it.py:12:3 "asks"   wanted 1, got 0'


@pytest.mark.parametrize(
    ("text", "query", "error"),
    [
        ("", {}, "no scenario was sent: wanted YAML or a JSON object"),
        ("a", {"line": "0x1"}, "query 'line': wanted a whole number from 1, got '0x1'"),
    ],
)
def test_an_upload_that_makes_no_sense_is_refused(
    text: str, query: dict[str, str], error: str
) -> None:
    asked = ControlRequest(
        method="POST", path="scenarios", sandbox="x", query=query, body=text, is_json=False
    )
    with pytest.raises(UsageError) as refused:
        UPLOADS.read(asked)
    assert str(refused.value) == error


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "the body: wanted a JSON object"),
        ("{", "the body is no JSON: "),
    ],
)
def test_json_that_is_no_object_is_refused(text: str, error: str) -> None:
    asked = ControlRequest(method="POST", path="scenarios", sandbox="x", body=text)
    with pytest.raises(UsageError) as refused:
        UPLOADS.read(asked)
    assert str(refused.value).startswith(error)


def test_a_request_without_its_scenario_is_refused(desk: Desk) -> None:
    asked = ControlRequest(method="POST", path="scenarios", sandbox="x")
    reply = answer(desk.sandboxes, asked)
    assert (reply.status, reply.document["error"]) == (
        400,
        "no scenario was sent: wanted YAML or a JSON object",
    )


def test_the_same_text_is_read_once() -> None:
    asked = ControlRequest(
        method="POST", path="scenarios", sandbox="x", body=WEATHER, is_json=False
    )
    assert UPLOADS.read(asked) is UPLOADS.read(asked)


def test_a_scenario_with_problems_tells_all_of_them() -> None:
    asked = ControlRequest(
        method="POST",
        path="scenarios",
        sandbox="x",
        query={"origin": "bad.yaml"},
        body="stubs:\n  - repli: x\n  - reply: {finish: never}\n",
        is_json=False,
    )
    with pytest.raises(ScenarioError) as refused:
        UPLOADS.read(asked)
    assert {problem.position.file for problem in refused.value.problems} == {"bad.yaml"}
    assert len(refused.value.problems) >= 2


# --- journal ---


def test_the_journal_is_told_in_pages(desk: Desk) -> None:
    for _ in range(5):
        desk.call("hello")
    page = desk.document("GET", "journal", limit="2")
    assert (numbers(page), page["more"], page["last"]) == ([1, 2], True, 5)
    page = desk.document("GET", "journal", after="4", limit="2")
    assert (numbers(page), page["more"]) == ([5], False)
    page = desk.document("GET", "journal", limit="0")
    assert (numbers(page), page["more"]) == ([], True)


def test_the_journal_tells_what_is_under_way(desk: Desk) -> None:
    desk.call("hello")
    desk.call("hello", end=False)
    page = desk.document("GET", "journal")
    assert (page["open"], page["dropped"]) == ([2], 0)


def test_one_entry_is_told_alone(desk: Desk) -> None:
    desk.call("hello")
    entries = desk.document("GET", "journal")["entries"]
    assert isinstance(entries, list)
    assert desk.document("GET", "journal/1") == entries[0]


def test_credentials_are_told_only_when_they_are_asked_for(desk: Desk) -> None:
    desk.call("hello")
    assert "sk-secret" not in json.dumps(desk.document("GET", "journal"))
    assert "sk-secret" not in json.dumps(desk.document("GET", "journal/1", reveal="1"))
    assert "Bearer sk-secret" in json.dumps(desk.document("GET", "journal/1", reveal="true"))


def test_a_cleared_journal_counts_from_one_again(desk: Desk) -> None:
    desk.call("hello")
    assert desk.document("DELETE", "journal") == {"cleared": "default"}
    assert desk.document("GET", "journal") == {
        "entries": [],
        "more": False,
        "last": 0,
        "open": [],
        "dropped": 0,
    }
    assert desk.call("hello") == 1


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"after": "-1"}, "query 'after': wanted a whole number from 0, got '-1'"),
        ({"limit": "ten"}, "query 'limit': wanted a whole number from 0, got 'ten'"),
        ({"limit": "²"}, "query 'limit': wanted a whole number from 0, got '²'"),
        ({"limit": "9" * 20}, f"query 'limit': wanted a whole number from 0, got '{'9' * 20}'"),
    ],
)
def test_a_page_that_cannot_be_is_refused(desk: Desk, query: dict[str, str], error: str) -> None:
    reply = desk.ask("GET", "journal", **query)
    assert (reply.status, reply.document["error"]) == (400, error)


def test_sandboxes_have_journals_of_their_own(desk: Desk) -> None:
    desk.call("hello", sandbox="a")
    assert numbers(desk.document("GET", "journal", sandbox="a")) == [1]
    assert numbers(desk.document("GET", "journal", sandbox="b")) == []


# --- verdict and reset ---


def test_a_good_sandbox_is_told_so(desk: Desk) -> None:
    assert desk.document("POST", "verify") == {
        "ok": True,
        "report": "nothing to complain about.",
        "complaints": [],
        "dropped": 0,
    }


def test_a_verdict_names_every_sandbox_but_the_default_one(desk: Desk) -> None:
    for sandbox, named in (("default", ""), ("mine", "   mine sandbox")):
        desk.call("hello", sandbox=sandbox)
        report = str(desk.document("POST", "verify", sandbox=sandbox)["report"])
        assert report.splitlines()[2] == f"#1  POST /v1/chat/completions{named}"


@pytest.mark.parametrize(
    ("allow", "kinds"),
    [
        ([], ["unmatched", "miscounted"]),
        (["unmatched"], ["miscounted"]),
        (["counts"], ["unmatched"]),
        (["counts", "findings", "unmatched"], []),
    ],
)
def test_what_is_allowed_is_no_complaint(desk: Desk, allow: list[JSON], kinds: list[str]) -> None:
    desk.ask("POST", "scenarios", text=WEATHER)
    desk.call("hello")
    verdict = desk.document("POST", "verify", {"allow": allow})
    complaints = verdict["complaints"]
    assert isinstance(complaints, list)
    assert [one["kind"] for one in complaints if isinstance(one, dict)] == kinds
    assert verdict["ok"] is (not kinds)


@pytest.mark.parametrize("allow", ["unmatched", ["all"], [1]])
def test_an_unknown_allowance_is_refused(desk: Desk, allow: JSON) -> None:
    reply = desk.ask("POST", "verify", {"allow": allow})
    assert (reply.status, reply.document["error"]) == (
        400,
        f"'allow': wanted a list of unmatched, findings, counts, got {allow!r}",
    )


def test_reset_returns_to_the_state_of_creation(desk: Desk) -> None:
    desk.ask("POST", "scenarios", text=WEATHER)
    desk.call("hello")
    assert desk.document("POST", "reset") == {"reset": "default"}
    assert desk.document("GET", "scenarios") == {"scenarios": []}
    assert numbers(desk.document("GET", "journal")) == []


# --- settings ---


def test_settings_are_read_over_those_of_the_server() -> None:
    base = Settings(strict=True)
    given = {"contract": "report", "unmatched": "echo", "keys": ["a"], "time_scale": 0}
    assert read_settings(given, base) == Settings(
        strict=True,
        contract=ContractMode.REPORT,
        unmatched=UnmatchedPolicy.ECHO,
        keys=("a",),
        time_scale=0.0,
    )


def test_one_key_needs_no_list() -> None:
    assert read_settings({"keys": "a"}, Settings()).keys == ("a",)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"contract": "strict"},
            "setting 'contract': wanted one of 'enforce', 'report', 'off', got 'strict'",
        ),
        (
            {"unmatched": True},
            "setting 'unmatched': wanted one of 'fail', 'allow', 'echo', got True",
        ),
        ({"strict": 1}, "setting 'strict': wanted true or false, got 1"),
        ({"time_scale": -1}, "setting 'time_scale': wanted a number from 0, got -1"),
        ({"time_scale": True}, "setting 'time_scale': wanted a number from 0, got True"),
        (
            {"time_scale": float("nan")},
            "setting 'time_scale': wanted a number from 0, got nan",
        ),
        ({"body_limit": 1.5}, "setting 'body_limit': wanted a whole number from 0, got 1.5"),
        ({"body_limit": True}, "setting 'body_limit': wanted a whole number from 0, got True"),
        ({"keys": [1]}, "setting 'keys': wanted a list of texts, got [1]"),
        ({"key": "a"}, "unknown setting 'key': did you mean 'keys'?"),
        (
            {"zzz": 1},
            (
                "unknown setting 'zzz': known are contract, strict, unmatched, keys, time_scale, "
                "body_limit, journal_limit, request_limit"
            ),
        ),
    ],
)
def test_a_setting_that_cannot_be_is_refused(given: dict[str, object], error: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_settings(given, Settings())
    assert str(refused.value) == error
