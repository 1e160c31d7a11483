from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import pytest

from mockserver.errors import ScenarioError, UsageError
from tests.kit import (
    CONTRACT_DATE,
    JSON,
    AdminReply,
    AdminRequest,
    AdminService,
    Dialects,
    EndOfReply,
    JSONObject,
    Outcome,
    OutcomeKind,
    Request,
    Sandboxes,
    Upload,
    Uploads,
    answer,
    find_verb,
    read_arguments,
    write_bytes,
)

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


class Service:
    """The admin service over sandboxes of a test's own; the clock ticks by one at each reading."""

    def __init__(self, *, limit: int = 100) -> None:
        ticks = count()
        self.sandboxes = Sandboxes(DIALECTS.find("openai"), limit=limit, clock=lambda: float(next(ticks)))

    def ask(
        self,
        method: str,
        path: str,
        body: JSON = None,
        *,
        text: str | None = None,
        sandbox: str = "default",
        **query: str,
    ) -> AdminReply:
        sent = text if text is not None else ("" if body is None else json.dumps(body))
        asked = AdminRequest(method=method, path=path, sandbox=sandbox, query=query, body=sent)
        if (method, path) == ("POST", "scenarios"):
            line = int(query["line"]) if "line" in query else None
            origin = query.get("origin", "")
            upload = Upload(text=sent, is_json=text is None, origin=origin, line=line)
            asked = replace(asked, scenario=UPLOADS.read(upload))
        return answer(AdminService(self.sandboxes), asked)

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
        record, decision = place.exchange(request, now_s=1.0)
        assert decision.script.frames[-1] == EndOfReply()
        if end:
            record.outcome = Outcome(how=OutcomeKind.COMPLETE, frames=2, sent=10, started_s=0.0, ended_s=1.0)
        return record.number


@pytest.fixture
def service() -> Service:
    return Service()


def numbers(document: JSONObject, member: str = "entries") -> list[JSON]:
    entries = document[member]
    assert isinstance(entries, list)
    return [one["number"] for one in entries if isinstance(one, dict)]


# --- routes ---


@pytest.mark.parametrize(
    ("method", "path", "status", "error", "headers"),
    [
        ("GET", "", 404, "no admin route '': see openapi.json", {}),
        ("GET", "nothing", 404, "no admin route 'nothing': see openapi.json", {}),
        ("GET", "journal/x", 404, "no admin route 'journal/x': see openapi.json", {}),
        (
            "PUT",
            "scenarios",
            405,
            "PUT is not allowed on 'scenarios': expected GET, POST, DELETE",
            {"Allow": "GET, POST, DELETE"},
        ),
        ("GET", "verify", 405, "GET is not allowed on 'verify': expected POST", {"Allow": "POST"}),
        ("GET", "journal/7", 404, "no entry 7 in the journal of 'default'", {}),
        ("DELETE", "scenarios/nope", 404, "no scenario 'nope' in sandbox 'default'", {}),
        ("GET", "sandboxes/nope", 404, "no sandbox 'nope'", {}),
        ("DELETE", "sandboxes/nope", 404, "no sandbox 'nope'", {}),
    ],
)
def test_a_missing_thing_is_rejected(
    service: Service, method: str, path: str, status: int, error: str, headers: dict[str, str]
) -> None:
    document: JSONObject = {"error": error, "status": status}
    assert service.ask(method, path) == AdminReply(status=status, document=document, headers=headers)


def test_health_has_version_and_number_of_sandboxes(service: Service) -> None:
    service.sandboxes.get("a")
    document = service.document("GET", "health")
    assert document.keys() == {"status", "version", "sandboxes"}
    assert (document["status"], document["sandboxes"]) == ("ok", 1)


# --- sandboxes ---


def test_a_sandbox_is_created_described_and_dropped(service: Service) -> None:
    made = service.ask("POST", "sandboxes", {"name": "mine", "settings": {"contract": "off"}})
    told: JSONObject = {
        "name": "mine",
        "url": "/sandbox/mine",
        "scenarios": [],
        "requests": 0,
        "open": [],
        "settings": {
            "contract": "off",
            "unknown": "default",
            "model_rules": "default",
            "strict": False,
            "unmatched": "fail",
            "keys": [],
            "headers": "api",
            "cors": ["*"],
            "state": "on",
            "latency": "none",
            "clock": "virtual",
            "time_scale": 1.0,
            "body_limit": 67108864,
            "journal_limit": 10000,
            "request_limit": 100000,
        },
    }
    assert made == AdminReply(status=201, document=told)
    assert service.document("GET", "sandboxes/mine") == told
    assert service.document("GET", "sandboxes") == {"sandboxes": [told]}
    assert service.document("DELETE", "sandboxes/mine") == {"dropped": "mine"}
    assert service.document("GET", "sandboxes") == {"sandboxes": []}


def test_a_sandbox_without_a_name_gets_one(service: Service) -> None:
    names = {str(service.document("POST", "sandboxes")["name"]) for _ in range(3)}
    assert len(names) == 3
    assert set(service.sandboxes.names) == names


def test_a_sandbox_is_dropped_by_its_own_route(service: Service) -> None:
    service.sandboxes.get("mine")
    assert service.document("DELETE", "sandboxes", sandbox="mine") == {"dropped": "mine"}


def test_a_taken_name_is_rejected(service: Service) -> None:
    service.document("POST", "sandboxes", {"name": "mine"})
    reply = service.ask("POST", "sandboxes", {"name": "mine"})
    assert (reply.status, reply.document["error"]) == (
        409,
        "there is a sandbox 'mine' already; drop it or take another name",
    )


def test_beyond_the_limit_no_sandbox_is_made() -> None:
    service = Service(limit=1)
    service.document("POST", "sandboxes", {"name": "mine"})
    assert service.ask("POST", "sandboxes").status == 503
    assert service.ask("GET", "journal", sandbox="other").status == 503
    assert service.sandboxes.names == ("mine",)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": ""}, "'name': expected 1 to 200 letters, digits or any of ._~-, got ''"),
        ({"name": "a/b"}, "'name': expected 1 to 200 letters, digits or any of ._~-, got 'a/b'"),
        ({"name": 3}, "'name': expected 1 to 200 letters, digits or any of ._~-, got 3"),
        ({"scenarios": "yes"}, "'scenarios': expected true or false, got 'yes'"),
        ({"settings": []}, "'settings': expected a mapping, got []"),
        ({"settings": {"strikt": True}}, "unknown setting 'strikt': did you mean 'strict'?"),
        ({"nmae": "x"}, "unknown member 'nmae': known are name, scenarios, settings"),
        ([], "the body: expected a JSON object"),
    ],
)
def test_a_wrong_sandbox_is_rejected(service: Service, body: JSON, error: str) -> None:
    reply = service.ask("POST", "sandboxes", body)
    assert (reply.status, reply.document["error"]) == (400, error)
    assert service.sandboxes.names == ()


def test_a_body_that_is_not_json_is_rejected(service: Service) -> None:
    reply = service.ask("POST", "sandboxes", text="{")
    assert reply.status == 400
    assert str(reply.document["error"]).startswith("the body is not JSON: ")


# --- scenarios ---


def test_a_scenario_is_loaded_listed_and_unloaded(service: Service) -> None:
    loaded = service.ask("POST", "scenarios", text=WEATHER, origin="weather.yaml")
    told: JSONObject = {"scenario": "weather", "stubs": ["asks"]}
    assert loaded == AdminReply(status=201, document=told)
    service.call("the weather?")
    assert service.document("GET", "scenarios") == {
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
    assert service.document("DELETE", "scenarios/weather") == {"unloaded": ["weather"]}
    assert service.document("GET", "scenarios") == {"scenarios": []}


def test_all_scenarios_are_unloaded_at_once(service: Service) -> None:
    service.ask("POST", "scenarios", {"stubs": [{"reply": "a"}]})
    service.ask("POST", "scenarios", {"stubs": [{"reply": "b"}]})
    assert service.document("DELETE", "scenarios") == {"unloaded": ["inline-1", "inline-2"]}


def test_inline_scenarios_are_named_by_the_first_free_number(service: Service) -> None:
    def load() -> JSON:
        return service.document("POST", "scenarios", {"stubs": [{"reply": "a"}]})["scenario"]

    assert [load(), load(), load()] == ["inline-1", "inline-2", "inline-3"]
    service.document("DELETE", "scenarios/inline-2")
    assert load() == "inline-2"


def test_an_inline_scenario_keeps_its_own_name(service: Service) -> None:
    body: JSONObject = {"scenario": "mine", "stubs": [{"reply": "a"}]}
    assert service.document("POST", "scenarios", body)["scenario"] == "mine"


def test_inline_stubs_have_the_line_of_the_upload(service: Service) -> None:
    body: JSONObject = {"stubs": [{"name": "hello", "times": 1, "reply": "a"}]}
    service.document("POST", "scenarios", body, origin="test_it.py", line="12")
    text = str(service.document("POST", "verify")["report"])
    assert text.splitlines()[-1].startswith('never called  test_it.py:12 "hello"')


def test_inline_yaml_has_the_line_of_the_test_and_its_own(service: Service) -> None:
    reply = service.ask("POST", "scenarios", text=WEATHER, origin="test_it.py", line="12")
    assert reply.document["scenario"] == "weather"
    text = str(service.document("POST", "verify")["report"])
    assert text.splitlines()[-1].startswith('never called  test_it.py:12:3 "asks"')


def test_an_empty_upload_is_rejected() -> None:
    with pytest.raises(UsageError, match="no scenario was sent"):
        UPLOADS.read(Upload(text=" ", is_json=False))


def test_a_line_that_is_not_a_number_is_rejected() -> None:
    verb, _ = find_verb("POST", "scenarios")
    with pytest.raises(UsageError) as rejected:
        read_arguments(verb, {}, {"line": "0x1"}, "")
    assert str(rejected.value) == "query 'line': expected a whole number from 1, got '0x1'"


@pytest.mark.parametrize(
    ("text", "error"), [("[]", "the body: expected a JSON object"), ("{", "the body is not JSON: ")]
)
def test_json_that_is_not_an_object_is_rejected(text: str, error: str) -> None:
    with pytest.raises(UsageError) as rejected:
        UPLOADS.read(Upload(text=text, is_json=True))
    assert str(rejected.value).startswith(error)


def test_a_load_without_a_scenario_is_rejected(service: Service) -> None:
    asked = AdminRequest(method="POST", path="scenarios", sandbox="x")
    reply = answer(AdminService(service.sandboxes), asked)
    assert (reply.status, reply.document["error"]) == (400, "no scenario was sent: expected YAML or a JSON object")


def test_the_same_text_is_read_once() -> None:
    upload = Upload(text=WEATHER, is_json=False)
    assert UPLOADS.read(upload) is UPLOADS.read(upload)


def test_every_problem_of_a_scenario_is_reported() -> None:
    upload = Upload(text="stubs:\n  - repli: x\n  - reply: {finish: never}\n", is_json=False, origin="bad.yaml")
    with pytest.raises(ScenarioError) as rejected:
        UPLOADS.read(upload)
    assert {problem.position.file for problem in rejected.value.problems} == {"bad.yaml"}
    assert len(rejected.value.problems) >= 2


# --- journal ---


def test_the_journal_is_read_in_pages(service: Service) -> None:
    for _ in range(5):
        service.call("hello")
    page = service.document("GET", "journal", limit="2")
    assert (numbers(page), page["more"], page["last"]) == ([1, 2], True, 5)
    page = service.document("GET", "journal", after="4", limit="2")
    assert (numbers(page), page["more"]) == ([5], False)
    page = service.document("GET", "journal", limit="0")
    assert (numbers(page), page["more"]) == ([], True)


def test_the_journal_lists_replies_in_flight(service: Service) -> None:
    service.call("hello")
    service.call("hello", end=False)
    page = service.document("GET", "journal")
    assert (page["open"], page["dropped"]) == ([2], 0)


def test_one_entry_is_read_by_its_number(service: Service) -> None:
    service.call("hello")
    entries = service.document("GET", "journal")["entries"]
    assert isinstance(entries, list)
    assert service.document("GET", "journal/1") == entries[0]


def test_credentials_are_masked_unless_revealed(service: Service) -> None:
    service.call("hello")
    assert "sk-secret" not in json.dumps(service.document("GET", "journal"))
    assert "sk-secret" not in json.dumps(service.document("GET", "journal/1", reveal="1"))
    assert "Bearer sk-secret" in json.dumps(service.document("GET", "journal/1", reveal="true"))


def test_a_cleared_journal_counts_from_one_again(service: Service) -> None:
    service.call("hello")
    assert service.document("DELETE", "journal") == {"cleared": "default"}
    assert service.document("GET", "journal") == {
        "entries": [],
        "more": False,
        "last": 0,
        "open": [],
        "dropped": 0,
        "contract": CONTRACT_DATE,
    }
    assert service.call("hello") == 1


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"after": "-1"}, "query 'after': expected a whole number from 0, got '-1'"),
        ({"limit": "ten"}, "query 'limit': expected a whole number from 0, got 'ten'"),
        ({"limit": "²"}, "query 'limit': expected a whole number from 0, got '²'"),
        ({"limit": "9" * 20}, f"query 'limit': expected a whole number from 0, got '{'9' * 20}'"),
    ],
)
def test_a_wrong_page_is_rejected(service: Service, query: dict[str, str], error: str) -> None:
    reply = service.ask("GET", "journal", **query)
    assert (reply.status, reply.document["error"]) == (400, error)


def test_sandboxes_have_journals_of_their_own(service: Service) -> None:
    service.call("hello", sandbox="a")
    assert numbers(service.document("GET", "journal", sandbox="a")) == [1]
    assert numbers(service.document("GET", "journal", sandbox="b")) == []


# --- verdict and reset ---


def test_a_sandbox_without_problems_is_ok(service: Service) -> None:
    verdict = service.document("POST", "verify")
    assert (verdict["ok"], verdict["complaints"], verdict["dropped"]) == (True, [], 0)
    assert verdict.keys() == {"ok", "report", "complaints", "dropped", "fallbacks"}


def test_a_verdict_names_every_sandbox_but_the_default_one(service: Service) -> None:
    for sandbox, named in (("default", ""), ("mine", "   mine sandbox")):
        service.call("hello", sandbox=sandbox)
        report = str(service.document("POST", "verify", sandbox=sandbox)["report"])
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
def test_an_allowed_failure_is_not_a_problem(service: Service, allow: list[JSON], kinds: list[str]) -> None:
    service.ask("POST", "scenarios", text=WEATHER)
    service.call("hello")
    verdict = service.document("POST", "verify", {"allow": allow})
    complaints = verdict["complaints"]
    assert isinstance(complaints, list)
    assert [one["kind"] for one in complaints if isinstance(one, dict)] == kinds
    assert verdict["ok"] is (not kinds)


@pytest.mark.parametrize("allow", ["unmatched", ["all"], [1]])
def test_an_unknown_allowance_is_rejected(service: Service, allow: JSON) -> None:
    reply = service.ask("POST", "verify", {"allow": allow})
    assert (reply.status, reply.document["error"]) == (
        400,
        f"'allow': expected a list of unmatched, findings, counts, got {allow!r}",
    )


def test_reset_returns_to_the_state_of_creation(service: Service) -> None:
    service.ask("POST", "scenarios", text=WEATHER)
    service.call("hello")
    assert service.document("POST", "reset") == {"reset": "default"}
    assert service.document("GET", "scenarios") == {"scenarios": []}
    assert numbers(service.document("GET", "journal")) == []
