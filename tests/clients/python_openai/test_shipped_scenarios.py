"""Every shipped scenario does with the SDK what its opening comment says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion
from openai.types.responses import FunctionToolParam
from pydantic import BaseModel

from tests.clients.python_openai import asking
from tests.clients.python_openai.asking import MODEL, STREAMS, WAYS, Asking, messages
from tests.kit import SandboxClient

SCENARIOS = Path(__file__).parents[3] / "scenarios"
PLAYED: set[str] = set()

PARAMETERS: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}}
RESPONSES_TOOL: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "parameters": PARAMETERS,
    "strict": False,
}


class Weather(BaseModel):
    city: str
    celsius: float


def plays(name: str, **settings: object) -> pytest.MarkDecorator:
    PLAYED.add(name)
    return pytest.mark.mockserver(str(SCENARIOS / f"{name}.yaml"), **settings)


def ways(table: Mapping[str, Asking] = WAYS) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", list(table))


def test_every_shipped_scenario_is_tested() -> None:
    shipped = {file.relative_to(SCENARIOS).with_suffix("").as_posix() for file in SCENARIOS.rglob("*.yaml")}
    assert shipped == PLAYED


@plays("plain")
@ways()
def test_plain_is_shown_streamed_or_whole(client: OpenAI, way: str) -> None:
    assert WAYS[way](client, "hello there") == "Hello! How can I help you today?"


@plays("zz-anything")
@ways()
def test_anything_answers_whatever_is_asked(client: OpenAI, way: str) -> None:
    said = WAYS[way](client, "What is the meaning of life?")
    assert said.startswith("This is the mock upstream speaking")


@plays("rate-limit")
@ways()
def test_a_rate_limit_is_waited_out_and_the_user_sees_no_error(
    retrying: OpenAI, mockserver: SandboxClient, way: str
) -> None:
    assert WAYS[way](retrying, "be patient") == "Thank you for waiting."
    assert [one.status for one in mockserver.requests] == [429, 200]
    counts = [one.headers["x-stainless-retry-count"] for one in mockserver.requests]
    assert counts == ["0", "1"]


@plays("quota-exhausted")
@ways()
def test_an_empty_account_is_reported_at_once(retrying: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        WAYS[way](retrying, "any credit left?")
    assert (raised.value.type, raised.value.code) == ("insufficient_quota", "insufficient_quota")
    assert len(mockserver.requests) == 1


@plays("context-length")
@ways()
def test_a_conversation_too_long_is_not_sent_again(retrying: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        WAYS[way](retrying, "the whole book")
    assert raised.value.code == "context_length_exceeded"
    assert len(mockserver.requests) == 1


@plays("bad-gateway")
@ways()
def test_an_html_page_is_a_502_that_is_retried(retrying: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.InternalServerError) as raised:
        WAYS[way](retrying, "at the edge")
    assert raised.value.status_code == 502
    assert raised.value.response.headers["content-type"].startswith("text/html")
    assert isinstance(raised.value.body, str)
    assert raised.value.body.lstrip().startswith("<")
    assert len(mockserver.requests) == 3


@plays("cut-by-length")
def test_an_answer_at_the_token_limit_has_finish_reason_length(client: OpenAI) -> None:
    [choice] = asking.chat(client, "a long story").choices
    assert (choice.finish_reason, choice.message.content) == ("length", "Once upon a time there was a")
    stream = client.chat.completions.create(model=MODEL, messages=messages("a long story"), stream=True)
    assert [one.choices[0].finish_reason for one in stream][-1] == "length"
    with pytest.raises(openai.LengthFinishReasonError):
        asking.chat_helper(client, "a long story")


@plays("failure-mid-stream")
@ways(STREAMS)
def test_a_failure_mid_stream_is_raised_under_http_200(retrying: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.APIError, match="The server had an error") as raised:
        STREAMS[way](retrying, "how unlucky")
    assert raised.value.code == "server_error"
    # Once a stream has begun, the SDK asks no more.
    assert [one.status for one in mockserver.requests] == [200]


@plays("reset")
@ways(STREAMS)
def test_a_reset_mid_text_is_a_connection_error(retrying: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.APIConnectionError) as raised:
        STREAMS[way](retrying, "in the tunnel")
    assert isinstance(raised.value.__cause__, httpx2.ReadError)
    mockserver.settle()
    assert [one.outcome for one in mockserver.requests] == ["reset"]


@plays("stall")
@ways(STREAMS)
def test_a_stalled_stream_ends_by_the_read_time_out(impatient: OpenAI, mockserver: SandboxClient, way: str) -> None:
    with pytest.raises(openai.APITimeoutError):
        STREAMS[way](impatient, "a riddle")
    mockserver.settle()
    assert [one.outcome for one in mockserver.requests] == ["client_left"]


@plays("tool-round-trip")
def test_a_tool_round_trip_in_responses(client: OpenAI, mockserver: SandboxClient) -> None:
    first = client.responses.create(model=MODEL, input="How is the weather?", tools=[RESPONSES_TOOL])
    [call] = first.output
    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("get_weather", '{"city":"Paris"}')
    second = client.responses.create(
        model=MODEL,
        input=[
            {"role": "user", "content": "How is the weather?"},
            {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
            {"type": "function_call_output", "call_id": call.call_id, "output": "18 °C"},
        ],
        tools=[RESPONSES_TOOL],
    )
    assert second.output_text == "It is 18 °C in Paris."
    mockserver.assert_order("asks for the weather", "tells the weather")


@plays("truncated-chat")
def test_a_chat_stream_cut_short_cleanly_only_lacks_its_finish(client: OpenAI) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=messages("a cliffhanger"), stream=True)
    choices = [one.choices[0] for one in stream]
    assert "".join(one.delta.content or "" for one in choices) == "And the murderer is the"
    assert {one.finish_reason for one in choices} == {None}


@plays("truncated-responses")
def test_a_responses_stream_cut_inside_an_event_drops_the_half_event(client: OpenAI) -> None:
    said: list[str] = []
    stream = client.responses.create(model=MODEL, input="a cliffhanger", stream=True)
    with pytest.raises(openai.APIConnectionError) as raised:
        said.extend(event.delta for event in stream if event.type == "response.output_text.delta")
    assert isinstance(raised.value.__cause__, httpx2.RemoteProtocolError)
    assert said == ["And", " the", " murderer"]


@plays("compaction")
def test_a_compaction_gives_the_user_messages_back_and_one_item(client: OpenAI) -> None:
    compacted = client.responses.compact(model=MODEL, input="my notebook about birds")
    message, item = compacted.output
    assert message.type == "message"
    assert (message.role, [part.to_dict()["text"] for part in message.content]) == ("user", ["my notebook about birds"])
    assert item.type == "compaction"
    assert item.encrypted_content.startswith("gAAAAA")


@plays("structured-output")
def test_structured_output_is_parsed_by_its_schema(client: OpenAI) -> None:
    chat = client.chat.completions.parse(
        model=MODEL, messages=messages("some structured data"), response_format=Weather
    )
    response = client.responses.parse(model=MODEL, input="some structured data", text_format=Weather)
    assert chat.choices[0].message.parsed == Weather(city="Oslo", celsius=-3.5)
    assert response.output_parsed == Weather(city="Oslo", celsius=-3.5)


@plays("reasoning")
def test_reasoning_is_apart_from_the_answer_and_goes_back_untouched(client: OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="think hard")
    thought, answer = first.output
    assert thought.type == "reasoning"
    assert [part.text for part in thought.summary] == ["**Counting the days** A leap year has one more."]
    assert thought.encrypted_content == "gAAAAABmthisisopaque"
    assert first.output_text == "366 days."
    back = [thought.to_dict(), answer.to_dict(), {"role": "user", "content": "think hard again"}]
    again = client.responses.create(model=MODEL, input=back)  # type: ignore[arg-type]
    assert again.output_text == "366 days."


@plays("quoting")
@ways()
def test_a_reply_quotes_the_name_in_the_request(client: OpenAI, way: str) -> None:
    for name in ("Ada", "Grace"):
        said = WAYS[way](client, f"Hi, my name is {name}.")
        assert said == f"Welcome, {name}! You asked {MODEL}."


@plays("citations")
def test_a_citation_marks_its_stretch_in_responses(client: OpenAI) -> None:
    whole = asking.response(client, "name your source")
    *_, last = client.responses.create(model=MODEL, input="name your source", stream=True)
    assert last.type == "response.completed"
    for response in (whole, last.response):
        [message] = response.output
        assert message.type == "message"
        [part] = message.content
        assert part.type == "output_text"
        [citation] = part.annotations
        assert citation.type == "url_citation"
        assert part.text[citation.start_index : citation.end_index] == "sleep on the wing"


@plays("web-search")
def test_a_search_of_the_upstream_is_shown_and_not_run(client: OpenAI) -> None:
    stream = client.responses.create(model=MODEL, input="the latest news", stream=True)
    events = list(stream)
    found = [one.type for one in events if one.type.startswith("response.web_search_call")]
    assert [one.rpartition(".")[2] for one in found] == ["in_progress", "searching", "completed"]
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "The swifts are back."
    assert [one.type for one in last.response.output] == ["web_search_call", "message"]


CITIES = {"call_oslo": "Oslo", "call_rome": "Rome"}


@plays("parallel-calls")
def test_two_calls_at_once_in_responses(client: OpenAI) -> None:
    asked = "compare both cities"
    first = client.responses.create(model=MODEL, input=asked, tools=[RESPONSES_TOOL])
    calls = [one for one in first.output if one.type == "function_call"]
    assert {one.call_id: json.loads(one.arguments)["city"] for one in calls} == CITIES
    results = [{"type": "function_call_output", "call_id": one, "output": city} for one, city in CITIES.items()]
    second = client.responses.create(
        model=MODEL,
        input=[{"role": "user", "content": asked}, *(one.to_dict() for one in calls), *results],  # type: ignore[list-item]
        tools=[RESPONSES_TOOL],
    )
    assert second.output_text == "Rome is warmer than Oslo."


@plays("refusal")
def test_a_refusal_is_no_answer_and_no_structured_output(client: OpenAI) -> None:
    chat = client.chat.completions.parse(model=MODEL, messages=messages("a forbidden recipe"), response_format=Weather)
    message = chat.choices[0].message
    assert (message.content, message.parsed) == (None, None)
    assert message.refusal == "I can't help with that."
    response = client.responses.parse(model=MODEL, input="a forbidden recipe", text_format=Weather)
    assert (response.output_text, response.output_parsed) == ("", None)
    [said] = response.output
    assert said.type == "message"
    assert [part.type for part in said.content] == ["refusal"]


# --- the gateways' own examples ---


@plays("visioncoder/chat")
@pytest.mark.parametrize(
    ("ask", "said"),
    [(asking.chat_whole, "Hi! How can I help you today?"), (asking.chat_stream, "Hi!")],
    ids=["whole", "stream"],
)
def test_visioncoder_has_a_longer_text_without_streaming(
    client: OpenAI, ask: Callable[[OpenAI, str], str], said: str
) -> None:
    assert ask(client, "Hello") == said


@plays("visioncoder/responses")
@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_visioncoder_has_output_text_and_takes_either_key(
    client: OpenAI, mockserver: SandboxClient, header: str
) -> None:
    key = {"authorization": "Bearer any", "x-api-key": "any"}[header]
    headers: dict[str, str | openai.Omit] = {"authorization": openai.Omit(), header: key}
    response = client.responses.create(model="gpt-5.5", input="Hello", extra_headers=headers)
    assert response.id == "resp_01HG7K2P5N6Q3T8XY"
    assert response.to_dict()["output_text"] == "Hi! How can I help you today?"
    assert mockserver.last.key == "any"


@plays("visioncoder/compact")
def test_visioncoder_compacts_messages_into_a_chat_completion(client: OpenAI) -> None:
    compacted = client.post(
        "/responses/compact",
        cast_to=ChatCompletion,
        body={"model": "gpt-5.3-codex", "messages": messages("Refactor this function")},
    )
    assert compacted.id == "chatcmpl-9zZ8w3rTpQ2V6sHk"
    assert "def sum_pairs(xs):" in (compacted.choices[0].message.content or "")


@plays("smartlink/responses")
def test_smartlink_answers_without_a_time_of_creation(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-4.1", input="Explain what server-sent events are in one sentence.")
    assert response.id == "resp_xxx"
    assert "created_at" not in response.to_dict()
    assert response.output_text.startswith("反向代理")


@plays("apifox/responses")
def test_apifox_answers_responses_in_the_shape_of_a_chat_completion(client: OpenAI) -> None:
    question = "Write a one-sentence bedtime story about a unicorn."
    body = {"model": "gpt-5.1", "input": messages(question)}
    completion = client.post("/responses", cast_to=ChatCompletion, body=body)
    assert completion.id == "chatcmpl-123"
    said = completion.choices[0].message.content
    assert said == "\n\nHello there, how may I assist you today?"
