"""A reply from a template is, byte by byte and act by act, the one composed for the call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    Act,
    Call,
    Dialects,
    Endpoint,
    HttpContext,
    JSONObject,
    Reply,
    ReplyJob,
    Scenario,
    Shape,
    TemplateCache,
    coalesce,
    load_value,
)

REPLIES: dict[str, JSON] = {
    "text": "It is 18 °C in Paris.",
    "empty": {"output": [{"text": ""}]},
    "call": {"output": [{"text": "One moment."}, {"call": "f", "arguments": {"a": 1}}]},
    "calls": {"output": [{"call": "f"}, {"call": "g", "call_id": "call_own"}]},
    "marks": {"output": [{"text": "msg_Q000~~~ resp_Q001 9999999999 1767225600"}]},
    "counted": {"output": [{"text": "x"}], "usage": {"input": 7, "output": 9}},
    "own": {"output": [{"text": "x"}], "id": "resp_own", "created": 5, "model": "other"},
    "reasoning": {"output": [{"reasoning": {"summary": ["hm"]}}, {"text": "so"}]},
    "cut short": {"output": [{"text": "a b c"}], "finish": "length"},
    "fails": {"output": [{"text": "a"}, {"error": "server_error", "as": "both"}]},
    "error": {"error": "rate_limited"},
    "model in error": {"error": "model_not_found"},
    "paced": {"output": [{"text": "a b c"}], "pace": {"first": "1ms", "gap": "2ms"}},
    "jitter": {"output": [{"text": "a b c"}], "pace": {"gap": "2ms", "jitter": "3ms"}},
    "cut": {"output": [{"text": "a b c"}], "faults": [{"cut": {"after": 2}}]},
    "chance": {"output": [{"text": "a b"}], "faults": [{"cut": {"after": 2}, "chance": 0.5}]},
    "body": {"status": 201, "body": "exact {{'{{'}}"},
    "quoting": {"output": [{"text": "{{request.user}}"}]},
}
WAYS = ((Endpoint.CHAT, Shape.CHAT), (Endpoint.RESPONSES, Shape.RESPONSES), (Endpoint.COMPACT, Shape.COMPACTION))
PREPARED = ("text", "call", "error", "counted", "reasoning")


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    dialects = Dialects()
    return {
        name: load_value({"stubs": [{"name": "s", "reply": reply}]}, name, dialects) for name, reply in REPLIES.items()
    }


def calls(endpoint: Endpoint, *, stream: bool) -> Iterator[Call]:
    """Calls that differ in all that a reply repeats, counts or obeys."""
    more: tuple[JSONObject, ...] = (
        {},
        {"model": "gpt-5.4"},
        {"model": 'a "quoted" 模型'},
        {"temperature": 0.5, "metadata": {"run": "9999999999"}},
        {"instructions": "Be brief.", "tools": [{"type": "function", "name": "f"}]},
        {"stream_options": {"include_usage": True}},
        {"stream_options": {"include_obfuscation": False}},
        {"user": "u", "store": False, "text": {"verbosity": "low"}},
    )
    texts = ("Hi", "Hello there, how are you today?", "é" * 41, "x" * 4000)
    for members in more:
        for text in texts:
            said: JSON = [{"role": "user", "content": text}]
            named = {"messages": said} if endpoint == Endpoint.CHAT else {"input": said}
            body: JSONObject = {"model": "m"} | named | members
            yield Call(endpoint=endpoint, body=body | ({"stream": True} if stream else {}))


def recipe(scenario: Scenario, reply: Reply, shape: Shape, number: int) -> ReplyJob:
    return ReplyJob(
        reply=reply,
        dialect=scenario.dialect,
        seed=scenario.seed,
        scenario=scenario.name,
        stub="s",
        number=number,
        shape=shape,
        http=HttpContext(),
    )


def fill(templates: TemplateCache, job: ReplyJob, call: Call) -> tuple[Act, ...] | None:
    """What a template gives for a call, where there is one."""
    template = templates.find(job, call)
    return None if template is None else template.fill(job.number, call, job, job.epoch)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("endpoint", "shape"), WAYS)
@pytest.mark.parametrize("name", REPLIES)
def test_a_filled_template_equals_the_composed_reply(
    scenarios: dict[str, Scenario], name: str, endpoint: Endpoint, shape: Shape, stream: bool
) -> None:
    scenario = scenarios[name]
    [stub] = scenario.stubs
    if shape not in stub.shapes or stub.replies[0].templated:
        # What quotes is another reply for each call and is never prepared.
        assert stub.replies[0].templated or shape not in stub.shapes
        return
    prepared = TemplateCache()
    filled = 0
    # Three rounds: a way is noted, then its template is made, then it is used.
    for number, call in enumerate(list(calls(endpoint, stream=stream)) * 3):
        made = recipe(scenario, stub.replies[0], shape, number)
        acts = fill(prepared, made, call)
        if acts is not None:
            assert acts == tuple(coalesce(made(call).frames))
            filled += 1
    assert filled > 0 or name not in PREPARED or shape == Shape.COMPACTION


def test_the_cache_is_bounded(scenarios: dict[str, Scenario]) -> None:
    prepared = TemplateCache(limit=20_000)
    scenario = scenarios["text"]
    [stub] = scenario.stubs
    for number, call in enumerate(list(calls(Endpoint.RESPONSES, stream=True)) * 3):
        for shape in (Shape.CHAT, Shape.RESPONSES):
            made = recipe(scenario, stub.replies[0], shape, number)
            acts = fill(prepared, made, call)
            if acts is not None:
                assert acts == tuple(coalesce(made(call).frames))


@pytest.mark.parametrize("named", [False, True], ids=["model in the path", "model in the body"])
def test_a_template_depends_on_the_parameters_that_it_reads(scenarios: dict[str, Scenario], *, named: bool) -> None:
    scenario = scenarios["text"]
    [stub] = scenario.stubs
    prepared = TemplateCache()
    filled = []
    for number in range(12):
        parameters = {"model": f"m{number % 2}", "tenant": str(number)}
        body: JSONObject = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
        call = Call(endpoint=Endpoint.CHAT, body=body | ({"model": "m"} if named else {}), parameters=parameters)
        made = recipe(scenario, stub.replies[0], Shape.CHAT, number)
        acts = fill(prepared, made, call)
        if acts is not None:
            assert acts == tuple(coalesce(made(call).frames))
            filled.append(number)
    # Whatever the tenant: a model is noted, then its template is made, then it is used.
    assert filled == ([*range(1, 12)] if named else [1, *range(3, 12)])


@settings(max_examples=60, deadline=None)
@given(
    model=st.text(max_size=30),
    text=st.text(max_size=60),
    metadata=st.dictionaries(st.text(max_size=5), st.text(max_size=12), max_size=2),
)
def test_no_value_of_a_request_changes_what_is_filled_in(
    scenarios: dict[str, Scenario], model: str, text: str, metadata: dict[str, str]
) -> None:
    scenario = scenarios["call"]
    [stub] = scenario.stubs
    prepared = TemplateCache()
    said: JSON = [{"role": "user", "content": text}]
    given_metadata: JSONObject = dict(metadata)
    body: JSONObject = {"model": model, "input": said, "metadata": given_metadata, "stream": True}
    call = Call(endpoint=Endpoint.RESPONSES, body=body)
    for number in range(4):
        made = recipe(scenario, stub.replies[0], Shape.RESPONSES, number)
        acts = fill(prepared, made, call)
        if acts is not None:
            assert acts == tuple(coalesce(made(call).frames))
