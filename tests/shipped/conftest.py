"""The shipped scenarios, and a request for every way in which each is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.kit import Dialects, JSONObject, Match, Request, Sandbox, Scenario, Script, load_text

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "compact": "/v1/responses/compact"}


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One way to ask a shipped scenario; the id names the golden file."""

    scenario: str
    endpoint: str
    member: str
    text: str
    stream: bool
    model: str = "gpt-5.4"
    plain: bool = False

    @property
    def id(self) -> str:
        way = "stream" if self.stream else "whole"
        return f"{self.scenario}-{self.endpoint}-{self.member}-{way}".replace("/", "-")

    @property
    def body(self) -> JSONObject:
        said: JSONObject = {"model": self.model, self.member: [{"role": "user", "content": self.text}]}
        if self.scenario in _WITH_TOOLS:
            function: JSONObject = {"name": "get_weather", "parameters": {"type": "object"}}
            nested: JSONObject = {"function": function}
            shape = nested if self.member == "messages" else function
            tool: JSONObject = {"type": "function"}
            said["tools"] = [tool | shape]
        if self.stream:
            said["stream"] = True
            if self.endpoint == "chat" and not self.plain:
                said["stream_options"] = {"include_usage": True}
        return said


_EVERYWHERE = (("chat", "messages"), ("responses", "input"), ("compact", "input"), ("compact", "messages"))
_TURNS = _EVERYWHERE[:2]
_WITH_TOOLS = {"tool-round-trip", "parallel-calls"}
_TABLE: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("plain", "hello there", _EVERYWHERE),
    ("tool-round-trip", "How is the weather?", _TURNS),
    ("rate-limit", "please be patient", _EVERYWHERE),
    ("quota-exhausted", "any credit left?", _EVERYWHERE),
    ("context-length", "read this whole book", _EVERYWHERE),
    ("cut-by-length", "tell me a long story", _TURNS),
    ("failure-mid-stream", "I am unlucky", _TURNS),
    ("truncated-chat", "a cliffhanger please", _TURNS[:1]),
    ("truncated-responses", "a cliffhanger please", _TURNS[1:]),
    ("reset", "in the tunnel", _TURNS),
    ("stall", "here is a riddle", _TURNS),
    ("bad-gateway", "at the edge", _EVERYWHERE),
    ("compaction", "my notebook about birds", _EVERYWHERE[2:]),
    ("structured-output", "some structured data", _TURNS),
    ("reasoning", "think hard about leap years", _TURNS),
    ("quoting", "My name is Ada, hi", _EVERYWHERE),
    ("citations", "name your source", _TURNS),
    ("web-search", "the latest news?", _TURNS[1:]),
    ("parallel-calls", "compare both cities", _TURNS),
    ("refusal", "a forbidden recipe", _TURNS),
    ("zz-anything", "whatever", _EVERYWHERE),
)
_STREAMED_ONLY = {"truncated-chat", "truncated-responses", "reset", "stall"}
_GATEWAYS: tuple[tuple[str, str, str, str, str], ...] = (
    ("visioncoder/chat", "chat", "messages", "gpt-5.4", "Hello"),
    ("visioncoder/responses", "responses", "input", "gpt-5.5", "Hello"),
    ("visioncoder/compact", "compact", "messages", "gpt-5.3-codex", "Refactor this function"),
    ("smartlink/responses", "responses", "input", "gpt-4.1", "Explain what server-sent events are in one sentence."),
    ("apifox/responses", "responses", "input", "gpt-5.1", "Write a one-sentence bedtime story about a unicorn."),
)
ASKINGS = tuple(
    Asking(scenario=scenario, endpoint=endpoint, member=member, text=text, stream=stream)
    for scenario, text, ways in _TABLE
    for endpoint, member in ways
    for stream in (False, True)
    if stream or scenario not in _STREAMED_ONLY
) + tuple(
    Asking(scenario=scenario, endpoint=endpoint, member=member, text=text, stream=stream, model=model)
    for scenario, endpoint, member, model, text in _GATEWAYS
    for stream in (False, True)
)


@pytest.fixture(scope="session")
def dialects() -> Dialects:
    return Dialects()


@pytest.fixture(scope="session")
def shipped(dialects: Dialects) -> dict[str, Scenario]:
    """Every shipped scenario by its path without suffix."""
    found: dict[str, Scenario] = {}
    for file in sorted(SCENARIOS.rglob("*.yaml")):
        name = file.relative_to(SCENARIOS).with_suffix("").as_posix()
        found[name] = load_text(file.read_bytes(), origin=f"{name}.yaml", dialects=dialects)
    return found


@pytest.fixture
def ask(shipped: dict[str, Scenario], dialects: Dialects) -> Callable[[Asking], Script]:
    """The script with which a scenario, alone on a sandbox, answers a first request."""

    def answer(asking: Asking) -> Script:
        scenario = shipped[asking.scenario]
        sandbox = Sandbox("default", dialects.find("openai"), scenarios=(scenario,))
        path = PATHS[asking.endpoint]
        request = Request(
            method="POST",
            target=path,
            path=path,
            headers=(("authorization", "Bearer any"), ("content-type", "application/json")),
            body=json.dumps(asking.body).encode(),
        )
        _, decision = sandbox.exchange(request, now_s=0.0)
        [entry] = sandbox.journal
        # A compaction does not stream: to ask for it earns a notice.
        noticed = asking.stream and (asking.endpoint, asking.member) == ("compact", "input")
        assert [one.path for one in entry.findings] == (["stream"] if noticed else [])
        assert isinstance(entry.choice, Match)
        return decision.script

    return answer


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "asking" in metafunc.fixturenames:
        metafunc.parametrize("asking", ASKINGS, ids=[one.id for one in ASKINGS])


@pytest.fixture
def asked() -> set[str]:
    """The scenarios that the table asks."""
    return {one.scenario for one in ASKINGS}


@pytest.fixture
def example(ask: Callable[[Asking], Script]) -> Callable[..., Script]:
    """The answer of a gateway's scenario, streamed by default, usage not asked for."""

    def answer(name: str, *, stream: bool = True) -> Script:
        asking = next(one for one in ASKINGS if one.scenario == name and one.stream is stream)
        return ask(replace(asking, plain=True))

    return answer
