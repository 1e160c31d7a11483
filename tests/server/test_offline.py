"""The scenario that is served without a path: ordinary words get answers, each word `mock:…` its fault."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.kit import JSON, Frame, Record, Request, Wait, judge_judge, offline
from tests.server.sandboxed import CHAT, COMPACT, KEY, RESPONSES, Answer, Played
from tests.server.test_structured import text_of

TEXT = Path(offline()).read_text("utf-8")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "kelvin"]}, "days": {"type": "integer"}},
    "required": ["city", "unit"],
}
FUNCTION: dict[str, Any] = {"name": "get_weather", "parameters": SCHEMA}
TOOLS: dict[str, list[Any]] = {
    CHAT: [{"type": "function", "function": FUNCTION}],
    RESPONSES: [{"type": "function", **FUNCTION}],
}
ORDINARY = (
    *("Write a knowledge base article", "is my credit card stored safely?", "Inpatient billing report"),
    *("add a knowledge base page", "Tell me a riddle", "an unlucky day", "a cliffhanger", "a long story", "tunnel"),
    *("Summarize the whole book", "hello", "my name is Ann", "forbidden recipe", "latest news", "notebook"),
    *("both cities", "think hard", "structured data", "name your source", "the weather?", "502", "rate-limit, cut"),
    *("mock", "mock: 502", "mock:", "a hammock:502", "see `mock:502`", "{{request.user}}", "{{'", "\x00", "ß 名 🙂"),
)


def frames_of(entry: Record) -> tuple[Frame, ...]:
    assert entry.script is not None
    return entry.script.frames


@pytest.fixture(scope="module")
def played() -> Played:
    return Played(TEXT)


@pytest.mark.parametrize("path", [CHAT, RESPONSES, COMPACT])
@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_are_answered_without_a_fault(played: Played, path: str, words: str) -> None:
    modes: list[dict[str, Any]] = [{}] if path == COMPACT else [{"stream": False}, {"stream": True}]
    for mode in modes:
        found = played.ask(path, words, **mode)
        assert (found.status, found.entry.findings) == (200, ())
        assert judge_judge(found.wire).findings == ()
        if path != COMPACT:
            assert text_of(found, path) == f"You said: {words}"


def test_a_default_stream_takes_no_more_than_two_seconds(played: Played) -> None:
    for words, least in (("hello", 0.15), ("word " * 5000, 1.4)):
        found = played.ask(CHAT, words, stream=True)
        waited = sum(frame.seconds for frame in frames_of(found.entry) if isinstance(frame, Wait))
        assert found.status == 200
        assert least < waited < 2


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_a_request_without_words_is_answered(played: Played, path: str) -> None:
    found = played.ask(path, "")
    assert (found.status, found.said) == (200, "Your request arrived. It has no text to repeat.")


# --- faults that are asked for ---

ERRORS = {
    "mock:rate-limit": (429, "rate_limit_exceeded"),
    "mock:quota": (429, "insufficient_quota"),
    "mock:overloaded": (503, "server_is_overloaded"),
    "mock:context-length": (400, "context_length_exceeded"),
    "mock:500": (500, "server_error"),
    "mock:502": (502, None),
}


@pytest.mark.parametrize("word", ERRORS)
@pytest.mark.parametrize("form", ["{}", "please {} now", "\n{}\n"])
def test_a_word_gets_its_error(played: Played, word: str, form: str) -> None:
    status, code = ERRORS[word]
    found = played.ask(CHAT, form.format(word))
    assert found.status == status
    assert code is None or found.json["error"]["code"] == code


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize(("word", "kind"), [("cut", "Close"), ("stall", "Stall"), ("reset", "Reset")])
def test_a_word_gets_its_fault_on_the_wire(word: str, kind: str, path: str, stream: bool) -> None:
    played = Played(TEXT)
    body: dict[str, Any] = {"model": "gpt-5.4", "stream": stream}
    body["messages" if path == CHAT else "input"] = [{"role": "user", "content": f"mock:{word}"}]
    request = Request(method="POST", target=path, path=path, headers=(KEY,), body=json.dumps(body).encode())
    played.sandbox.exchange(request, now_s=0.0)
    found = [type(frame).__name__ for frame in frames_of(played.sandbox.journal.entries[-1])]
    assert kind in found
    assert "EndOfReply" not in found


def test_busy_clears_every_other_time(played: Played) -> None:
    assert [played.ask(CHAT, "mock:busy").status for _ in range(4)] == [429, 200, 429, 200]


def test_what_ends_a_reply_early_without_an_error_of_http(played: Played) -> None:
    assert played.ask(CHAT, "mock:length").json["choices"][0]["finish_reason"] == "length"
    assert played.ask(CHAT, "mock:refusal").json["choices"][0]["message"]["refusal"] == "I can't help with that."
    assert played.ask(RESPONSES, "mock:error").json["status"] == "failed"
    assert "| word | meaning |" in played.ask(CHAT, "mock:long").said


def test_help_names_every_word_and_so_do_the_comment_and_the_docs(played: Played) -> None:
    stubs = {name.partition(",")[0] for name in re.findall(r"- name: (mock:[^\n]+)", TEXT)} - {"mock:help"}
    docs = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")
    for text in (played.ask(CHAT, "mock:help").said, TEXT.partition("fallback")[0], docs):
        assert stubs <= set(re.findall(r"mock:[\w-]+", text))


# --- tools and formats ---


def call_of(found: Answer) -> tuple[str, JSON]:
    if "choices" in found.json:
        [call] = found.json["choices"][0]["message"]["tool_calls"]
        call = call["function"]
    else:
        [call] = found.json["output"]
    return call["name"], json.loads(call["arguments"])


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_an_offered_function_is_called_and_its_result_used(played: Played, path: str) -> None:
    called = played.ask(path, "What is the weather?", tools=TOOLS[path])
    assert call_of(called) == ("get_weather", {"city": "city", "unit": "celsius"})
    if path == CHAT:
        message = called.json["choices"][0]["message"]
        result: Any = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "18 degrees"}
        said = {"messages": [{"role": "user", "content": "What is the weather?"}, message, result]}
    else:
        [item] = called.json["output"]
        result = {"type": "function_call_output", "call_id": item["call_id"], "output": "18 degrees"}
        said = {"input": [{"role": "user", "content": "What is the weather?"}, item, result]}
    body: dict[str, Any] = {"tools": TOOLS[path], **said}
    answered = played.ask(path, **body)
    assert (answered.status, answered.said) == (200, "The tool answered: 18 degrees")


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_no_tool_is_called_where_none_may_be(played: Played, path: str) -> None:
    assert played.ask(path, "hello", tools=TOOLS[path], tool_choice="none").said == "You said: hello"


def test_a_hosted_tool_is_not_called_for_the_client(played: Played) -> None:
    for more in ({}, {"tool_choice": {"type": "web_search"}}):
        tools = [{"type": "web_search"}] + (TOOLS[RESPONSES] if more else [])
        assert played.ask(RESPONSES, "hello", tools=tools, **more).said == "You said: hello"  # type: ignore[arg-type]


def formatted(path: str, schema: JSON, *, strict: bool = False) -> dict[str, Any]:
    named = {"name": "data", "schema": schema, "strict": strict}
    if path == CHAT:
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {"text": {"format": {"type": "json_schema", **named}}}


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("stream", [False, True])
def test_a_format_gets_data_that_fits(played: Played, path: str, stream: bool) -> None:
    found = played.ask(path, "data", stream=stream, **formatted(path, SCHEMA))
    assert json.loads(text_of(found, path)) == {"city": "city", "unit": "celsius"}


def test_json_without_a_schema_has_the_text_of_the_user(played: Played) -> None:
    found = played.ask(CHAT, "Answer in JSON", response_format={"type": "json_object"})
    assert json.loads(found.said) == {"text": "Answer in JSON"}


def test_a_tool_comes_before_the_format(played: Played) -> None:
    assert call_of(played.ask(CHAT, "data", tools=TOOLS[CHAT], **formatted(CHAT, SCHEMA)))[0] == "get_weather"


def test_a_schema_that_nothing_fits_is_an_error(played: Played) -> None:
    found = played.ask(CHAT, "data", **formatted(CHAT, {"type": "integer", "minimum": 2, "maximum": 1}))
    cause = "no data can be made for the request's schema: the top: no number was found within its bounds"
    assert found.status == 500
    assert found.json["error"]["type"] == "mockserver_reply"
    assert found.json["error"]["message"].endswith(f"'fits the format' cannot answer this request: {cause}")
    assert [(one.rule, one.message) for one in found.entry.findings] == [("reply.structured", cause)]
