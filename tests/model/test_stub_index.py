"""The index finds the stub that trying one after another finds, and evaluates what it must."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import NoReturn, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import Position
from tests.kit import (
    JSON,
    SHAPES,
    AllOf,
    AnyOfCondition,
    BodyCondition,
    Call,
    Condition,
    Contains,
    Dialect,
    Endpoint,
    Equals,
    HeaderOrQueryCondition,
    JSONObject,
    Matches,
    Mismatch,
    MountedStub,
    NoneOfCondition,
    Not,
    Output,
    PresenceCondition,
    Reply,
    Route,
    Scenario,
    SchemaCondition,
    Shape,
    StreamCondition,
    Stub,
    StubSet,
    TextCondition,
    TextMatcher,
    Times,
    ToolResultCondition,
    TurnCondition,
    WhenExhausted,
    stub_index,
)
from tests.kit import MatchersOneOf as OneOf

CHAT = Dialect(name="chat", routes=(Route(path="/v1/c", endpoint=Endpoint.CHAT, shape=Shape.CHAT),))
BOTH = Dialect(
    name="both",
    routes=(
        Route(path="/v1/c", endpoint=Endpoint.CHAT, shape=Shape.CHAT),
        Route(path="/v1/r", endpoint=Endpoint.RESPONSES, shape=Shape.RESPONSES, by_member=(("messages", Shape.CHAT),)),
    ),
)
_WORDS = st.sampled_from(["a", "b", "ab", ""])
_WANTS: st.SearchStrategy[TextMatcher] = st.one_of(
    _WORDS.map(Contains),
    _WORDS.map(Contains),
    _WORDS.map(Equals),
    _WORDS.map(lambda word: Not(Contains(word))),
    _WORDS.map(lambda word: OneOf((word, "x"))),
    st.just(Matches("(?P<found>a)")),
    _WORDS.map(lambda word: AllOf((Contains(word), Contains("a")))),
    _WORDS.map(lambda word: AllOf((Contains("b"), Not(Equals(word))))),
)
_NAMES = st.sampled_from(
    ["user", "user", "any_text", "model", "system", "tool", "tool_choice", "last.role", "last.type", "last.text"]
)
_SCALARS: st.SearchStrategy[JSON] = st.sampled_from(["a", "b", "", 0, 1, 1.0, True, False, None])
_JSON: st.SearchStrategy[JSON] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["a", "b", "contains", "includes"]), inner, max_size=2),
    ),
    max_leaves=4,
)
_MEMBERS = st.dictionaries(st.sampled_from(["n", "metadata", "user"]), _JSON, max_size=3)
_RARELY = st.none() | _WANTS
_PLAIN: st.SearchStrategy[Condition] = st.one_of(
    st.builds(TextCondition, name=_NAMES, want=_WANTS),
    st.builds(TextCondition, name=_NAMES, want=_WORDS.map(Contains)),
    st.builds(PresenceCondition, name=_NAMES, expected=st.booleans()),
    st.builds(StreamCondition, expected=st.booleans()),
    st.builds(TurnCondition, least=st.integers(0, 2), most=st.none() | st.integers(0, 2)),
    st.builds(ToolResultCondition, expected=st.booleans(), of=_RARELY, call_id=_RARELY, text=_RARELY),
    st.builds(
        HeaderOrQueryCondition,
        place=st.sampled_from(["header", "query"]),
        name=st.sampled_from(["h", "H"]),
        want=_WANTS | st.booleans(),
    ),
    st.builds(BodyCondition, expected=_MEMBERS),
    st.builds(BodyCondition, expected=st.just({"messages": [{"role": "user", "content": "a"}]})),
)
_CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        inner,
        st.builds(AnyOfCondition, groups=st.lists(st.tuples(inner, inner) | st.tuples(inner), min_size=1).map(tuple)),
        st.builds(NoneOfCondition, group=st.tuples(inner), written=st.just({}), index=st.just(0)),
    ),
    max_leaves=4,
)
REPLY = Reply(content=Output(choices=((),)))
_STUBS = st.builds(
    Stub,
    name=st.just("stub"),
    on=st.sampled_from([(Endpoint.CHAT,), (Endpoint.CHAT, Endpoint.RESPONSES)]),
    shapes=st.sampled_from([(Shape.CHAT,), SHAPES.names]),
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
                replace(stub, name=f"stub {number}") for number, stub in enumerate(draw(st.lists(_STUBS, max_size=8)))
            ),
            dialect=draw(st.sampled_from([CHAT, BOTH])),
        )
        for place in range(count)
    )


@st.composite
def _calls(draw: st.DrawFn) -> Call:
    roles = st.sampled_from(["user", "assistant", "system", "tool"])
    said = draw(st.lists(st.tuples(roles, _WORDS), max_size=4))
    member = draw(st.sampled_from(["messages", "input"]))
    outputs: list[JSON] = [
        {"type": "function_call_output", "call_id": one, "output": draw(_WORDS)}
        for one in draw(st.lists(_WORDS, max_size=2))
    ]
    call: JSON = {"type": "function_call", "call_id": "a", "name": draw(_WORDS), "arguments": "b"}
    body: JSONObject = {
        **draw(_MEMBERS),
        member: [
            *[cast("JSON", {"role": role, "content": text}) for role, text in said],
            *([call, *outputs] if member == "input" and outputs else ()),
        ],
        "model": draw(_WORDS),
        "stream": draw(st.booleans()),
        "tools": [{"type": "function", "name": one} for one in draw(st.lists(_WORDS, max_size=2))],
        "tool_choice": draw(_WORDS),
    }
    endpoint = draw(st.sampled_from([Endpoint.CHAT, Endpoint.RESPONSES]))
    pairs = st.lists(st.tuples(st.sampled_from(["h", "H"]), _WORDS), max_size=2).map(tuple)
    return Call(endpoint=endpoint, body=body, headers=draw(pairs), query=draw(pairs))


def one_after_another(stub_set: StubSet, call: Call) -> MountedStub | None:
    order: Sequence[MountedStub] = sorted(stub_set.mounted, key=lambda one: -one.stub.priority)
    return next((one for one in order if not one.used_up and one.matches(call)), None)


@given(_scenarios(), st.lists(_calls(), min_size=1, max_size=6))
def test_the_same_stub_is_found(scenarios: tuple[Scenario, ...], calls: list[Call]) -> None:
    stub_set = StubSet(scenarios)
    for call in calls:
        found = stub_set.find(call)
        assert found is one_after_another(stub_set, call)
        if found is not None:
            every = {name: text for condition in found.stub.when for name, text in condition.captures(call).items()}
            assert stub_set.claim(found, call).groups == every


# Beginnings that overlap themselves, ends of several lengths, and texts made of both.
_NUMBERED = st.builds(str.__add__, st.just("aba"), st.sampled_from(["", "b", "ba", "c", "1", "12", "2"]))
_MADE = st.lists(st.sampled_from(["aba", "ab", "a", "b", "c", "1", "2", " ", "aba" * 20]), max_size=8).map("".join)


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
                TextCondition(name=name, want=Contains(expected)),
                *(() if model is None else (TextCondition(name="model", want=Equals(model)),)),
            ),
            times=Times(least=0, most=1) if once else None,
            origin=Position(file="x", line=1, column=1),
        )
        for number, (expected, once, model) in enumerate(numbered)
    )
    stub_set = StubSet((Scenario(name="numbered", stubs=stubs, dialect=CHAT),))
    for texts in said:
        body: JSONObject = {"model": "a", "messages": [{"role": "user", "content": text} for text in texts]}
        call = Call(endpoint=Endpoint.CHAT, body=body)
        found = stub_set.find(call)
        assert found is one_after_another(stub_set, call)
        if found is not None:
            stub_set.claim(found, call)


@given(_scenarios())
def test_a_board_knows_its_dialects(scenarios: tuple[Scenario, ...]) -> None:
    dialects = StubSet(scenarios).dialects
    assert list(dialects) == list(dict.fromkeys(one.dialect for one in scenarios))


def _chat(topic: str, **members: JSON) -> Call:
    tools: list[JSON] = [{"type": "function", "function": {"name": topic}}]
    called: JSON = {"id": topic, "type": "function", "function": {"name": topic, "arguments": ""}}
    body: JSONObject = {
        "model": topic,
        "messages": [
            {"role": "system", "content": topic},
            {"role": "user", "content": topic},
            {"role": "assistant", "tool_calls": [called]},
            {"role": "tool", "tool_call_id": topic, "content": topic},
        ],
        "tools": tools,
        "tool_choice": topic,
        "previous_response_id": topic,
        "metadata": {"topic": topic, "flag": True},
        **members,
    }
    pairs = (("X-Topic", topic),)
    return Call(endpoint=Endpoint.CHAT, body=body, headers=pairs, query=pairs)


Matcher: TypeAlias = Callable[[str], TextMatcher]
Kind: TypeAlias = Callable[[str], Condition]
_MATCHERS: dict[str, Matcher] = {
    "equals": Equals,
    "one_of": lambda topic: OneOf(("other", topic)),
    "contains": lambda topic: Contains(topic[1:]),
}


def _text(name: str, matcher: Matcher) -> Kind:
    return lambda topic: TextCondition(name=name, want=matcher(topic))


def _header_or_query(place: str, matcher: Matcher) -> Kind:
    return lambda topic: HeaderOrQueryCondition(place=place, name="X-Topic", want=matcher(topic))


def _tool_result(part: str, matcher: Matcher) -> Kind:
    def build(topic: str) -> Condition:
        want = matcher(topic)
        return ToolResultCondition(
            of=want if part == "of" else None,
            call_id=want if part == "call_id" else None,
            text=want if part == "text" else None,
        )

    return build


_BUILDERS: dict[str, Callable[[str, Matcher], Kind]] = {
    **dict.fromkeys(("model", "user", "system", "any_text", "tool", "tool_choice", "previous_response"), _text),
    **dict.fromkeys(("header", "query"), _header_or_query),
    **dict.fromkeys(("of", "call_id", "text"), _tool_result),
}
INDEXED: dict[str, Kind] = {
    f"{name} {kind}": build(name, matcher)
    for (name, build), (kind, matcher) in product(_BUILDERS.items(), _MATCHERS.items())
}
INDEXED["body"] = lambda topic: BodyCondition(expected={"metadata": {"topic": topic, "flag": True}})


@pytest.fixture
def no_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it an error to evaluate a condition."""

    def fail(*_: object) -> NoReturn:
        raise AssertionError("a condition was evaluated")

    monkeypatch.setattr(stub_index, "any_matches", fail)
    kinds: tuple[type, ...] = (
        BodyCondition, HeaderOrQueryCondition, PresenceCondition, StreamCondition, ToolResultCondition, TurnCondition,
    )  # fmt: skip
    for kind in kinds:
        monkeypatch.setattr(kind, "mismatches", fail)


def _set_of(*whens: tuple[Condition, ...]) -> StubSet:
    stubs = tuple(
        Stub(
            name=str(number),
            on=(Endpoint.CHAT,),
            replies=(REPLY,),
            when=when,
            origin=Position(file="x", line=1, column=1),
        )
        for number, when in enumerate(whens)
    )
    return StubSet((Scenario(name="numbered", stubs=stubs, dialect=CHAT),))


def _found(stubs: StubSet, call: Call) -> str | None:
    found = stubs.find(call)
    return None if found is None else found.stub.name


@pytest.mark.usefixtures("no_evaluation")
@pytest.mark.parametrize("kind", INDEXED)
def test_an_indexed_condition_is_not_evaluated(kind: str) -> None:
    topics = [f"topic-{number:04}" for number in range(1000)]
    stubs = _set_of(*((INDEXED[kind](topic),) for topic in topics))
    for number in (0, 7, 999):
        assert _found(stubs, _chat(topics[number])) == str(number)
    assert _found(stubs, _chat("other topic")) in (None, "0")


@pytest.mark.usefixtures("no_evaluation")
def test_combined_conditions_are_not_evaluated() -> None:
    kinds = [*INDEXED.values()]
    stubs = _set_of(
        *(
            (kinds[one](f"topic-{one}"), kinds[other](f"topic-{other % 3}"))
            for one, other in product(range(20), range(20, len(kinds)))
        )
    )
    assert _found(stubs, _chat("topic-2")) == str(2 * (len(kinds) - 20))


@pytest.mark.usefixtures("no_evaluation")
def test_flags_turns_and_presence_are_not_evaluated() -> None:
    stubs = _set_of(
        (StreamCondition(expected=True), TurnCondition(least=1, most=1)),
        (PresenceCondition(name="tool", expected=False),),
        (ToolResultCondition(expected=False),),
        (HeaderOrQueryCondition(place="header", name="x-topic", want=False),),
        (TurnCondition(least=2, most=None),),
        (TurnCondition(least=0, most=0),),
        (ToolResultCondition(), TurnCondition(least=1, most=4)),
    )
    assert _found(stubs, _chat("a", stream=True)) == "0"
    assert _found(stubs, _chat("a", tools=[])) == "1"
    assert _found(stubs, _chat("a", messages=[])) == "2"
    assert _found(stubs, _chat("a")) == "6"


class _Unread(Call):
    @property
    def conversation(self) -> NoReturn:
        raise AssertionError("the conversation was read")


def test_texts_that_decide_nothing_are_not_read() -> None:
    system = TextCondition(name="system", want=Contains("a"))
    stubs = _set_of(
        (TextCondition(name="model", want=Equals("a")), system),
        (TextCondition(name="model", want=Equals("b")),),
        (system,),
    )
    body: JSONObject = {"model": "b", "messages": [{"role": "system", "content": "a"}]}
    assert _found(stubs, _Unread(endpoint=Endpoint.CHAT, body=body)) == "1"


class _Counting:
    """A validator that counts its calls and finds nothing."""

    calls = 0

    def mismatches(self, _body: JSON) -> tuple[Mismatch, ...]:
        self.calls += 1
        return ()


def test_a_schema_is_evaluated_only_where_the_columns_match() -> None:
    validator = _Counting()
    schema = SchemaCondition(schema={}, validator=validator)
    model = [TextCondition(name="model", want=Equals(name)) for name in "abc"]
    stubs = _set_of(*((schema, one) for one in model))
    assert _found(stubs, _chat("b")) == "1"
    assert _found(stubs, _chat("d")) is None
    assert validator.calls == 1


@pytest.mark.usefixtures("no_evaluation")
def test_a_substring_whose_beginning_occurs_often_is_found() -> None:
    wants = (Contains("aab"), Contains("aac"), Contains("xyz"))
    stubs = _set_of(*((TextCondition(name="user", want=want),) for want in wants))
    assert _found(stubs, _chat("aa " * 40 + "aac")) == "1"
    assert _found(stubs, _chat("aa " * 40)) is None


@pytest.mark.usefixtures("no_evaluation")
def test_many_substrings_without_a_common_beginning_are_found() -> None:
    words = [f"{number * 7919 % 1000:03} word" for number in range(1000)] + ["!", "?!"]
    stubs = _set_of(*((TextCondition(name="user", want=Contains(word)),) for word in words))
    assert _found(stubs, _chat("ask about 919 word")) == str(words.index("919 word"))
    assert _found(stubs, _chat("ask!")) == str(words.index("!"))
    assert _found(stubs, _chat("919")) is None


def test_several_conditions_on_one_text_must_all_match() -> None:
    wants: list[tuple[TextMatcher, TextMatcher]] = [(Contains("a"), Contains("b")), (Contains("a"), Equals("a"))]
    stubs = _set_of(*(tuple(TextCondition(name="user", want=one) for one in both) for both in wants))
    assert _found(stubs, _chat("ab")) == "0"
    assert _found(stubs, _chat("a")) == "1"
    assert _found(stubs, _chat("ac")) is None


def test_presence_and_another_condition_on_the_same_text_must_match() -> None:
    some = PresenceCondition(name="user", expected=True)
    stubs = _set_of((TextCondition(name="user", want=Equals("a")), some))
    assert _found(stubs, _chat("a")) == "0"
    assert _found(stubs, _chat("b")) is None
