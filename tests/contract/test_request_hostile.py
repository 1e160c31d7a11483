"""Any request is validated: no exception, bounded findings, time linear in its size."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.contract.request_bodies import CHAT, COMPACT, RESPONSES
from tests.contract.shipped_requests import APIFOX, OPENAI, SCHEMAS, SMARTLINK, VISIONCODER, errors, responses, validate
from tests.kit import ENDPOINTS, JSON, REQUEST_RULES, Endpoint, JSONObject, Rejection, Severity, write_bytes

REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)
ALL = (OPENAI, VISIONCODER, SMARTLINK, APIFOX)
KNOWN = frozenset(rule.id for rule in REQUEST_RULES)

SCALARS: st.SearchStrategy[JSON] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(st.characters(codec=None), max_size=20)
)
WORDS = sorted(
    {
        "type role content text name id call_id input messages tools tool_calls function custom",
        "tool_choice output arguments stream stream_options model namespace mcp allowed_tools",
    }
)
NAMES = st.one_of(
    st.sampled_from(" ".join(WORDS).split()),
    st.sampled_from(sorted(SCHEMAS["openai-responses.json"]["properties"])),  # type: ignore[arg-type, call-overload, index]
    st.sampled_from(sorted(SCHEMAS["openai-chat.json"]["properties"])),  # type: ignore[arg-type, call-overload, index]
    st.text(max_size=5),
)
LIKELY = st.sampled_from(["user", "assistant", "tool", "function", "custom", "message", "function_call", "auto"])
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.one_of(SCALARS, LIKELY),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=25,
)
BODIES: st.SearchStrategy[JSONObject] = st.dictionaries(NAMES, VALUES, max_size=8)


def replaced(value: JSON, path: list[int], new: JSON) -> JSON:
    """`value` with one place in it replaced; each step picks a member by its number."""
    if not path or not isinstance(value, dict | list) or not value:
        return new
    step = path[0] % len(value)
    if isinstance(value, list):
        return [*value[:step], replaced(value[step], path[1:], new), *value[step + 1 :]]
    name = list(value)[step]
    return {**value, name: replaced(value[name], path[1:], new)}


MUTATED = st.builds(
    replaced,
    st.sampled_from([*RESPONSES.values(), *CHAT.values(), *COMPACT.values()]),
    st.lists(st.integers(0, 30), min_size=1, max_size=7),
    VALUES,
).filter(lambda value: isinstance(value, dict))


def check_refusals(found: tuple[Rejection, ...], *, strict: bool) -> None:
    assert len(found) < 200
    grades = [one.finding.severity for one in found]
    assert grades == sorted(grades, key=lambda severity: severity is Severity.NOTICE)
    for one in found:
        assert one.finding.rule in KNOWN
        assert one.error.status == 400
        assert len(one.error.message) < 20_000
        write_bytes(one.error.message)
        if strict:
            assert one.finding.rule == "request.top_logprobs_included" or (one.finding.severity is Severity.ERROR)


@given(st.one_of(BODIES, MUTATED), st.sampled_from(ENDPOINTS.scripted), st.sampled_from(ALL), st.booleans())
def test_any_object_is_validated(body: JSONObject, endpoint: Endpoint, judge: Any, strict: bool) -> None:
    check_refusals(judge.judge(endpoint, body, strict=strict), strict=strict)


@given(
    st.one_of(BODIES, MUTATED),
    st.sampled_from(
        [
            (Endpoint.CHAT, OPENAI, "openai-chat.json"),
            (Endpoint.RESPONSES, OPENAI, "openai-responses.json"),
            (Endpoint.CHAT, VISIONCODER, "visioncoder-chat.json"),
            (Endpoint.RESPONSES, SMARTLINK, "smartlink-responses.json"),
            (Endpoint.RESPONSES, APIFOX, "apifox-responses.json"),
        ]
    ),
)
def test_the_schema_s_verdict_is_the_referee_s(body: JSONObject, case: Any) -> None:
    endpoint, judge, schema = case
    compiled = judge.forms["chat" if endpoint == Endpoint.CHAT else "responses"]
    faults = compiled.check(body)
    referee = Draft202012Validator({"$ref": schema}, registry=REGISTRY)
    assert (faults is None or not faults.errors) == referee.is_valid(body)


def steps(body: JSONObject, endpoint: Endpoint) -> int:
    """Python function calls made to judge a body: a clock that does not depend on the machine."""
    count = 0

    def tick(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tick)
    try:
        validate(body, endpoint)
    finally:
        sys.setprofile(None)
    return count


def calls_and_outputs(pairs: int) -> list[JSON]:
    found: list[JSON] = []
    for number in range(pairs):
        call_id = f"c{number}"
        found.append({"type": "function_call", "call_id": call_id, "name": "f", "arguments": "{}"})
        found.append({"type": "function_call_output", "call_id": call_id, "output": "x"})
    return found


def turns(count: int) -> list[JSON]:
    found: list[JSON] = []
    for number in range(count):
        call: JSON = {"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        found.append({"role": "assistant", "tool_calls": [call]})
        found.append({"role": "tool", "tool_call_id": f"c{number}", "content": "x"})
    return found


GROWING: list[tuple[Endpoint, Any]] = [
    (Endpoint.RESPONSES, lambda size: responses(input=calls_and_outputs(size))),
    (Endpoint.RESPONSES, lambda size: responses(input=calls_and_outputs(size)[::-1])),
    (Endpoint.RESPONSES, lambda size: responses(input=[{"type": "nonsense"}] * size)),
    (Endpoint.RESPONSES, lambda size: responses(input=[{"role": "user", "content": "", "x": 1}] * size)),
    (Endpoint.RESPONSES, lambda size: responses(**{f"x{number}": 1 for number in range(size)})),
    (Endpoint.RESPONSES, lambda size: responses(tools=[{"type": "function", "name": "f"}] * size)),
    (Endpoint.RESPONSES, lambda size: responses(metadata={f"k{n}" * 70: "v" for n in range(size)})),
    (Endpoint.CHAT, lambda size: {"model": "m", "messages": turns(size)}),
    (Endpoint.CHAT, lambda size: {"model": "m", "messages": turns(size)[::-1]}),
    (Endpoint.CHAT, lambda size: {"model": "m", "messages": turns(1) * size}),
    (Endpoint.CHAT, lambda size: {"model": "m", "messages": [5] * size}),
]


@pytest.mark.parametrize(("endpoint", "grow"), GROWING)
def test_ten_times_the_body_is_at_most_ten_times_the_work(endpoint: Endpoint, grow: Any) -> None:
    small, large = steps(grow(100), endpoint), steps(grow(1000), endpoint)
    assert large <= 11 * small
    assert len(validate(grow(1000), endpoint)) < 200


def nested(levels: int) -> JSON:
    value: JSON = {"type": "eq", "key": "k", "value": 1}
    for _ in range(levels):
        value = {"type": "and", "filters": [value]}
    return value


def filtered(levels: int) -> JSONObject:
    tool: JSONObject = {"type": "file_search", "vector_store_ids": ["v"], "filters": nested(levels)}
    return responses(tools=[tool])


def test_a_schema_that_recurs_is_followed_as_deep_as_bodies_are_read() -> None:
    assert errors(filtered(50), Endpoint.RESPONSES) == []


def test_a_body_that_is_nested_too_deeply_is_rejected() -> None:
    assert errors(filtered(100_000), Endpoint.RESPONSES) == [("request.depth", "", None, None)]


def test_depth_where_no_schema_looks_is_no_matter() -> None:
    deep: JSON = []
    for _ in range(100_000):
        deep = [deep]
    tool: JSONObject = {"type": "function", "name": "f", "parameters": {"deep": deep}}
    assert errors(responses(tools=[tool]), Endpoint.RESPONSES) == []
