"""The fast way to choose finds whom trying one after another would find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import Position
from mockserver.model.call import Call
from mockserver.model.conditions import (
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    PresenceCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
)
from mockserver.model.dialect import Dialect, Route
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.json import JSONObject
from mockserver.model.matchers import AllOf, Contains, Equals, Matches, Not, OneOf, TextMatcher
from mockserver.model.reply import Output, Reply
from mockserver.model.stub import Scenario, Stub, Times, WhenExhausted
from mockserver.model.stub_index import MountedStub
from mockserver.model.stub_set import StubSet

CHAT = Dialect(
    name="chat",
    routes={"/v1/c": Route(path="/v1/c", endpoint=Endpoint.CHAT, shape=Shape.CHAT)},
)
BOTH = Dialect(
    name="both",
    routes={
        "/v1/c": Route(path="/v1/c", endpoint=Endpoint.CHAT, shape=Shape.CHAT),
        "/v1/r": Route(
            path="/v1/r",
            endpoint=Endpoint.RESPONSES,
            shape=Shape.RESPONSES,
            by_member=(("messages", Shape.CHAT),),
        ),
    },
)
_WORDS = st.sampled_from(["a", "b", "ab", ""])
_WANTS: st.SearchStrategy[TextMatcher] = st.one_of(
    _WORDS.map(Contains),
    _WORDS.map(Contains),
    _WORDS.map(Equals),
    _WORDS.map(lambda word: Not(Contains(word))),
    _WORDS.map(lambda word: OneOf((word, "x"))),
    st.just(Matches(re.compile("(?P<found>a)"))),
    _WORDS.map(lambda word: AllOf((Contains(word), Contains("a")))),
)
_NAMES = st.sampled_from(["user", "user", "any_text", "model", "system"])
_CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(TextCondition, name=_NAMES, want=_WANTS),
    st.builds(TextCondition, name=_NAMES, want=_WORDS.map(Contains)),
    st.builds(PresenceCondition, name=_NAMES, expected=st.booleans()),
    st.builds(StreamCondition, expected=st.booleans()),
    st.builds(TurnCondition, least=st.integers(0, 1), most=st.none() | st.integers(0, 1)),
    st.builds(ToolResultCondition, expected=st.booleans()),
    st.builds(HeaderOrQueryCondition, place=st.just("header"), name=st.just("h"), want=_WANTS),
    st.builds(BodyCondition, expected=st.sampled_from([{}, {"model": "a"}, {"n": 1}])),
)
REPLY = Reply(content=Output(choices=((),)))
_STUBS = st.builds(
    Stub,
    name=st.just("stub"),
    on=st.sampled_from([(Endpoint.CHAT,), (Endpoint.CHAT, Endpoint.RESPONSES)]),
    shapes=st.sampled_from([(Shape.CHAT,), tuple(Shape)]),
    replies=st.just((REPLY,)),
    when=st.lists(_CONDITIONS, max_size=3).map(tuple),
    times=st.none() | st.builds(Times, least=st.just(0), most=st.integers(0, 2)),
    priority=st.integers(0, 1),
    then=st.sampled_from(WhenExhausted),
    origin=st.just(Position(file="x", line=1, column=1)),
)


@st.composite
def _scenarios(draw: st.DrawFn) -> tuple[Scenario, ...]:
    count = draw(st.integers(1, 2))
    return tuple(
        Scenario(
            name=f"scenario {place}",
            stubs=tuple(
                replace(stub, name=f"stub {number}")
                for number, stub in enumerate(draw(st.lists(_STUBS, max_size=5)))
            ),
            dialect=draw(st.sampled_from([CHAT, BOTH])),
        )
        for place in range(count)
    )


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    roles = st.sampled_from(["user", "assistant", "system", "tool"])
    said = draw(st.lists(st.tuples(roles, _WORDS), max_size=3))
    member = draw(st.sampled_from(["messages", "input"]))
    body: JSONObject = {
        member: [{"role": role, "content": text} for role, text in said],
        "model": draw(_WORDS),
        "stream": draw(st.booleans()),
    }
    endpoint = draw(st.sampled_from([Endpoint.CHAT, Endpoint.RESPONSES]))
    return Call(endpoint=endpoint, body=body, headers=(("h", draw(_WORDS)),))


def one_after_another(board: StubSet, call: Call) -> MountedStub | None:
    order: Sequence[MountedStub] = sorted(board.mounted, key=lambda one: -one.stub.priority)
    return next((one for one in order if not one.used_up and one.holds(call)), None)


@given(_scenarios(), st.lists(_calls(), min_size=1, max_size=6))
def test_the_same_stub_is_found(scenarios: tuple[Scenario, ...], calls: list[Call]) -> None:
    board = StubSet(scenarios)
    for call in calls:
        found = board.find(call)
        assert found is one_after_another(board, call)
        if found is not None:
            every = {
                name: text
                for condition in found.stub.when
                for name, text in condition.groups(call).items()
            }
            assert board.take(found, call).groups == every


# Beginnings that overlap themselves, ends of several lengths, and texts made of both.
_NUMBERED = st.builds(
    str.__add__, st.just("aba"), st.sampled_from(["", "b", "ba", "c", "1", "12", "2"])
)
_MADE = st.lists(
    st.sampled_from(["aba", "ab", "a", "b", "c", "1", "2", " ", "aba" * 20]), max_size=8
).map("".join)


@given(
    st.lists(st.tuples(_NUMBERED, st.booleans(), st.none() | _WORDS), min_size=4, max_size=12),
    st.sampled_from(["user", "any_text"]),
    st.lists(st.lists(_MADE, max_size=3), min_size=1, max_size=6),
)
def test_texts_with_one_beginning_are_found_as_one_by_one(
    numbered: list[tuple[str, bool, str | None]], name: str, said: list[list[str]]
) -> None:
    stubs = tuple(
        Stub(
            name=f"stub {number}",
            on=(Endpoint.CHAT,),
            replies=(REPLY,),
            when=(
                TextCondition(name=name, want=Contains(wanted)),
                *(() if model is None else (TextCondition(name="model", want=Equals(model)),)),
            ),
            times=Times(least=0, most=1) if once else None,
            origin=Position(file="x", line=1, column=1),
        )
        for number, (wanted, once, model) in enumerate(numbered)
    )
    board = StubSet((Scenario(name="numbered", stubs=stubs, dialect=CHAT),))
    for texts in said:
        body: JSONObject = {
            "model": "a",
            "messages": [{"role": "user", "content": text} for text in texts],
        }
        call = Call(endpoint=Endpoint.CHAT, body=body)
        found = board.find(call)
        assert found is one_after_another(board, call)
        if found is not None:
            board.take(found, call)


@given(_scenarios())
def test_a_board_knows_its_dialects(scenarios: tuple[Scenario, ...]) -> None:
    dialects = StubSet(scenarios).dialects
    assert list(dialects) == list(dict.fromkeys(one.dialect for one in scenarios))
