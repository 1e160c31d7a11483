"""Requests that a stub answers: derived from its conditions, and proven to reach it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.model.call import Call
from mockserver.model.conditions import (
    AnyOfCondition,
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    PresenceCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
)
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.json import JSON, JSONObject
from mockserver.model.matchers import AllOf, Contains, Equals, Matches, Not, OneOf, TextMatcher, is_operator
from mockserver.model.path_conditions import ParameterCondition
from mockserver.model.pattern_text import PatternError, texts_for
from mockserver.model.stub import Scenario, Stub
from mockserver.model.stub_set import StubSet
from mockserver.pipeline.validate import sample_calls

_CALL: Final = "call_sample00000000000000000"
_ANY: Final = "sample"
_MOST_STEPS: Final = 10_000
_PLACES: Final = re.compile(r"\A\(\?[a-zA-Z]+\)|\\[AbBZ]")
_MOST_TURNS: Final = 100


class Sample(NamedTuple):
    """A request for one stub: its call, the path without parameters left, the shape of the reply."""

    stub: Stub
    call: Call
    path: str
    shape: Shape


class Unasked(NamedTuple):
    """A stub, or one way to ask for it, without a request, and why."""

    stub: Stub
    reason: str


def samples(scenario: Scenario, stub: Stub, recorded: Iterable[Call], model: str | None) -> Iterator[Sample | Unasked]:
    """One request for each endpoint and mode of a stub: a recorded one where one reaches the stub, else a derived one.

    `model` stands in requests whose model no condition names."""
    stubs = StubSet((scenario,))
    known = tuple(recorded)
    found: list[Sample] = []
    reason = "none of its routes has a reply to compare"
    for endpoint in stub.on:
        route = scenario.dialect.route(endpoint)
        for shape in route.shapes if route else ():
            for start in sample_calls(route, shape) if route and shape in stub.shapes else ():
                if any(one.call.endpoint == endpoint and one.call.stream == start.stream for one in found):
                    continue
                if any(isinstance(one, StreamCondition) and one.expected != start.stream for one in stub.when):
                    continue
                same = (one for one in known if one.endpoint == endpoint and one.stream == start.stream)
                calls = (*same, _derived(start, stub.when, model))
                call = next((one for one in calls if _reaches(stubs, one, stub)), None)
                if call is None:
                    reason = _why(stubs, calls[-1], stub)
                    continue
                assert route is not None  # noqa: S101  # there are shapes
                path = route.path
                for name, value in {**dict.fromkeys(route.parameters, _ANY), **call.parameters}.items():
                    path = path.replace(f"{{+{name}}}", value).replace(f"{{{name}}}", value)
                found.append(Sample(stub, call, path, scenario.dialect.shape(endpoint, call.body) or shape))
    yield from found
    if not found:
        yield Unasked(stub, reason)


def _reaches(stubs: StubSet, call: Call, stub: Stub) -> bool:
    found = stubs.find(call)
    return found is not None and found.stub is stub


def _why(stubs: StubSet, call: Call, stub: Stub) -> str:
    mismatch = next((one for condition in stub.when for one in condition.mismatches(call)), None)
    if mismatch is not None:
        return f"no request is derived from {mismatch.path}: expected {mismatch.expected}, got {mismatch.got}"
    other = stubs.find(call)
    return f"its request is answered by {other.stub.name!r}" if other else "its request matches no stub"


# --- from conditions ---


@dataclass(slots=True)
class _Plan:
    """What a request is made of, before it has the form of an endpoint."""

    members: JSONObject = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    result: tuple[str, str, str] | None = None
    turn: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    def add(self, condition: Condition) -> None:  # noqa: C901  # one case for each kind of condition
        match condition:
            case TextCondition(name=name, want=want):
                self.texts[name] = example(want)
            case PresenceCondition(name=name, expected=expected):
                if expected:
                    self.texts.setdefault(name, _ANY)
                else:
                    self.absent.add(name)
            case TurnCondition(least=least):
                self.turn = least
            case ToolResultCondition(expected=True, of=of, call_id=call_id, text=text):
                self.result = (example(of, "lookup"), example(call_id, _CALL), example(text, "done"))
            case HeaderOrQueryCondition(place=place, name=name, want=want) if want is not False:
                holder = self.headers if place == "header" else self.query
                holder[name] = _ANY if want is True else example(want)
            case ParameterCondition(name=name, want=want):
                self.parameters[name] = example(want)
            case BodyCondition(expected=expected):
                self.members = _merged(self.members, _value(expected))
            case AnyOfCondition(groups=groups):
                for one in groups[0]:
                    self.add(one)
            case _:
                pass


def _derived(start: Call, when: Iterable[Condition], model: str | None) -> Call:
    plan = _Plan()
    for condition in when:
        plan.add(condition)
    body = dict(start.body)
    holder = "messages" if "messages" in body else "input"
    body[holder] = [*_conversation(plan, chat=start.endpoint == Endpoint.CHAT)]
    given = plan.texts.get("model") or model
    if given is not None:
        body["model"] = given
    for name, member in (("previous_response", "previous_response_id"), ("service_tier", "service_tier")):
        if name in plan.texts:
            body[member] = plan.texts[name]
    chosen = plan.texts.get("tool_choice")
    tool = plan.texts.get("tool") or (plan.result[0] if plan.result else None)
    if chosen is not None:
        named = chosen not in ("auto", "none", "required")
        tool = tool or (chosen if named else _ANY)
        body["tool_choice"] = _function({"name": chosen}, start.endpoint) if named else chosen
    if tool is not None and "tool" not in plan.absent:
        schema: JSONObject = {"type": "object", "properties": {}}
        body["tools"] = [_function({"name": tool, "parameters": schema}, start.endpoint)]
    if "model" in plan.absent:
        del body["model"]
    return Call(
        start.endpoint,
        _merged(body, plan.members),
        headers=tuple(plan.headers.items()),
        query=tuple(plan.query.items()),
        parameters={**start.parameters, **plan.parameters},
    )


def _function(members: JSONObject, endpoint: Endpoint) -> JSONObject:
    return {"type": "function", "function": members} if endpoint == Endpoint.CHAT else {"type": "function", **members}


def _conversation(plan: _Plan, *, chat: bool) -> Iterator[JSONObject]:
    user = plan.texts.get("user") or plan.texts.get("any_text") or plan.texts.get("last.text") or "What should I say?"
    if "system" in plan.texts:
        yield {"role": "system", "content": plan.texts["system"]}
    for _ in range(min(plan.turn, _MOST_TURNS) - (plan.result is not None)):
        yield {"role": "user", "content": "Hello."}
        yield {"role": "assistant", "content": "Hello, what can I do?"}
    if "user" not in plan.absent:
        yield {"role": "user", "content": user}
    if plan.result is not None:
        name, ident, text = plan.result
        function: JSONObject = {"name": name, "arguments": "{}"}
        if chat:
            calls: list[JSON] = [{"id": ident, "type": "function", "function": function}]
            yield {"role": "assistant", "content": None, "tool_calls": calls}
            yield {"role": "tool", "tool_call_id": ident, "content": text}
        else:
            yield {"type": "function_call", "call_id": ident, **function}
            yield {"type": "function_call_output", "call_id": ident, "output": text}
    if "compaction_trigger" in plan.texts:
        yield {"type": "compaction_trigger"}


def _merged(one: JSONObject, other: JSON) -> JSONObject:
    if not isinstance(other, dict):
        return one
    found = dict(one)
    for name, value in other.items():
        inner = found.get(name)
        found[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return found


def _value(expected: JSON) -> JSON:
    """JSON that agrees with what a condition on the body names."""
    if isinstance(expected, list):
        return [_value(one) for one in expected]
    if not isinstance(expected, dict):
        return expected
    if not is_operator(expected):
        return {name: _value(one) for name, one in expected.items()}
    if "includes" in expected:
        inner = expected["includes"]
        return [_value(one) for one in (inner if isinstance(inner, list) else [inner])]
    choices = expected.get("one_of")
    if isinstance(choices, list) and choices:
        return choices[0]
    pattern = expected.get("matches")
    if isinstance(pattern, str):
        return example(Matches(pattern))
    return expected.get("equals", expected.get("contains", _ANY))


# --- texts ---


def example(want: TextMatcher | None, default: str = _ANY) -> str:
    """A text that a matcher most likely matches; whether it does is proven by the request as a whole."""
    match want:
        case Equals(text=text) | Contains(text=text):
            return text
        case OneOf(texts=texts):
            return texts[0]
        case Matches(source=source):
            return _text(source)
        case AllOf(wants=wants):
            found = [example(one) for one in wants if not isinstance(one, Not)]
            return next((one for one in found if want.matches(one)), " ".join(found)) or default
        case _:
            return default


def _text(pattern: str) -> str:
    """A text in which a regular expression is most likely found: its flags and assertions of places are left out."""
    steps = 0

    def spend(count: int) -> None:
        nonlocal steps
        steps += count
        if steps > _MOST_STEPS:
            raise PatternError(f"a text takes more than {_MOST_STEPS} steps")

    try:
        return next(texts_for(_PLACES.sub("", pattern), 0, 0, spend))
    except (PatternError, RecursionError):
        return _ANY
