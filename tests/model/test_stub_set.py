"""Which stub answers a call: priority, order, capacity, sequences; and near misses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import Position
from tests.kit import (
    SHAPES,
    BodyCondition,
    Call,
    Condition,
    Dialect,
    Endpoint,
    Equals,
    HeaderOrQueryCondition,
    JSONObject,
    Match,
    Matches,
    Mismatch,
    Miss,
    NearMiss,
    Output,
    Reply,
    Route,
    Scenario,
    Shape,
    Stub,
    StubSet,
    Text,
    TextCondition,
    Times,
    WhenExhausted,
)

HERE = Position(file="test.yaml", line=1, column=1)
DIALECT = Dialect(
    name="test",
    routes=(
        Route(path="/chat", endpoint=Endpoint.CHAT, shape=Shape.CHAT),
        Route(
            path="/compact", endpoint=Endpoint.COMPACT, shape=Shape.COMPACTION, by_member=(("messages", Shape.CHAT),)
        ),
    ),
)
CHAT = (Endpoint.CHAT,)


def said(*texts: str) -> tuple[Reply, ...]:
    return tuple(Reply(content=Output(choices=((Text(text=text),),))) for text in texts)


def user(text: str) -> Condition:
    return TextCondition(name="user", want=Equals(text))


def stub(
    name: str,
    *when: Condition,
    replies: tuple[Reply, ...] = (),
    times: Times | None = None,
    priority: int = 0,
    fallback: bool = False,
    then: WhenExhausted = WhenExhausted.REPEAT,
    on: tuple[Endpoint, ...] = CHAT,
    shapes: tuple[Shape, ...] = SHAPES.names,
) -> Stub:
    return Stub(
        name=name,
        on=on,
        shapes=shapes,
        replies=replies or said(name),
        when=when,
        times=times,
        priority=priority,
        fallback=fallback,
        then=then,
        origin=HERE,
    )


def scenario(*stubs: Stub, name: str = "one") -> Scenario:
    return Scenario(name=name, stubs=stubs, dialect=DIALECT)


def call(text: str = "hi", endpoint: Endpoint = Endpoint.CHAT, **members: str) -> Call:
    body: JSONObject = {"messages": [{"role": "user", "content": text}], **members}
    return Call(endpoint=endpoint, body=body)


def answer(stubs: StubSet, asked: Call) -> str | None:
    """The text that a call is answered with, None for a miss."""
    found = stubs.find(asked)
    if found is None:
        return None
    content = stubs.claim(found, asked).reply.content
    assert isinstance(content, Output)
    [item] = content.items
    assert isinstance(item, Text)
    return item.text


def answers(stubs: StubSet, count: int, asked: Call | None = None) -> list[str | None]:
    return [answer(stubs, asked or call()) for _ in range(count)]


# Fallbacks come last whatever their priority, uploads before initial scenarios of the same priority.
FIRST: dict[str, tuple[tuple[Stub, ...], tuple[Stub, ...], str]] = {
    "a fallback of a higher priority": ((stub("fallback", priority=9, fallback=True), stub("plain")), (), "plain"),
    "an upload": ((stub("initial"),), (stub("uploaded"),), "uploaded"),
    "an upload of a lower priority": ((stub("initial"),), (stub("uploaded", priority=-1),), "initial"),
    "an uploaded fallback": ((stub("initial"),), (stub("uploaded", fallback=True),), "initial"),
    "two fallbacks by priority": ((stub("a", fallback=True), stub("b", fallback=True, priority=1)), (), "b"),
}


@pytest.mark.parametrize(("initial", "uploaded", "expected"), FIRST.values(), ids=FIRST)
def test_the_first_stub_is_found_by_rank(initial: tuple[Stub, ...], uploaded: tuple[Stub, ...], expected: str) -> None:
    stubs = StubSet((scenario(*initial),))
    if uploaded:
        stubs.upload(scenario(*uploaded, name="two"))
    assert answer(stubs, call()) == expected


def test_the_first_upload_removes_the_initial_fallbacks_until_a_reset() -> None:
    mixed = scenario(stub("mine", user("mine")), stub("rest", fallback=True), name="mixed")
    stubs = StubSet((mixed, scenario(stub("anything", fallback=True, priority=-1), name="anything")))
    assert answer(stubs, call()) == "rest"
    stubs.upload(scenario(stub("up", user("up")), stub("own", user("own"), fallback=True), name="first"))
    assert [one.name for one in stubs.scenarios] == ["mixed", "first"]
    assert [answer(stubs, call(text)) for text in ("mine", "up", "own", "hi")] == ["mine", "up", "own", None]
    stubs.upload(scenario(stub("late", user("late")), name="second"))
    assert answer(stubs, call("own")) == "own"
    stubs.reset()
    assert [answer(stubs, call(text)) for text in ("up", "hi")] == ["rest", "rest"]
    stubs.upload(scenario(stub("up", user("up")), name="first"))
    assert answer(stubs, call()) is None


TIMES: dict[str, tuple[str, Times | None]] = {
    "a number": ("2", Times(least=2, most=2)),
    "never": ("0", Times(least=0, most=0)),
    "at least": ("1..", Times(least=1, most=None)),
    "at most": ("..3", Times(least=0, most=3)),
    "between": ("2..4", Times(least=2, most=4)),
    "the same twice": ("2..2", Times(least=2, most=2)),
    "backwards": ("4..2", None),
    "no ends": ("..", None),
    "nothing": ("", None),
    "a word": ("two", None),
    "negative": ("-1", None),
    "a fraction": ("1.5", None),
    "spaces": ("1 .. 2", None),
    "three dots": ("1...2", None),
    "digits of another script": ("٣", None),
    "a range of another script": ("٣..", None),
    "too many digits": ("1234567890", None),
}


@pytest.mark.parametrize(("text", "times"), TIMES.values(), ids=TIMES)
def test_times_are_read(text: str, times: Times | None) -> None:
    assert Times.parse(text) == times


@given(st.integers(0, 10**9 - 1), st.none() | st.integers(0, 10**9 - 1))
def test_times_are_written_as_they_are_read(least: int, most: int | None) -> None:
    if most is not None and most < least:
        least, most = most, least
    times = Times(least=least, most=most)
    if str(times) != "..":
        assert Times.parse(str(times)) == times
    assert least in times
    assert least - 1 not in times
    assert most is None or (most in times and most + 1 not in times)


CAPACITIES: dict[str, tuple[Stub, int | None]] = {
    "without bound": (stub("a", replies=said("x", "y")), None),
    "at least": (stub("a", times=Times(least=2)), None),
    "at most": (stub("a", times=Times(most=3)), 3),
    "a sequence that misses": (stub("a", replies=said("x", "y"), then=WhenExhausted.MISS), 2),
    "the smaller bound": (stub("a", replies=said("x", "y"), then=WhenExhausted.MISS, times=Times(most=1)), 1),
    "the sequence is shorter": (
        stub("a", replies=said("x", "y"), then=WhenExhausted.MISS, times=Times(least=3, most=3)),
        2,
    ),
    "a cycle within bounds": (stub("a", then=WhenExhausted.CYCLE, times=Times(most=5)), 5),
}


@pytest.mark.parametrize(("of", "capacity"), CAPACITIES.values(), ids=CAPACITIES)
def test_capacities(of: Stub, capacity: int | None) -> None:
    assert of.capacity == capacity


SEQUENCES: dict[str, tuple[WhenExhausted, Times | None, list[str | None]]] = {
    "the last repeats": (WhenExhausted.REPEAT, None, ["a", "b", "b", "b", "b"]),
    "cycles": (WhenExhausted.CYCLE, None, ["a", "b", "a", "b", "a"]),
    "misses": (WhenExhausted.MISS, None, ["a", "b", None, None, None]),
    "repeats within bounds": (WhenExhausted.REPEAT, Times(most=3), ["a", "b", "b", None, None]),
    "cycles within bounds": (WhenExhausted.CYCLE, Times(least=3, most=3), ["a", "b", "a", None, None]),
}


@pytest.mark.parametrize(("then", "times", "expected"), SEQUENCES.values(), ids=SEQUENCES)
def test_sequences(then: WhenExhausted, times: Times | None, expected: list[str | None]) -> None:
    stubs = StubSet((scenario(stub("one", replies=said("a", "b"), then=then, times=times)),))
    assert answers(stubs, 5) == expected


ORDERS: dict[str, tuple[tuple[Stub, ...], list[str | None]]] = {
    "as written": ((stub("a"), stub("b")), ["a", "a"]),
    "by priority": ((stub("a"), stub("b", priority=1), stub("c", priority=1)), ["b", "b"]),
    "below the plain ones": ((stub("a", priority=-1), stub("b")), ["b", "b"]),
    "until used up": ((stub("a", times=Times(most=1)), stub("b")), ["a", "b"]),
    "the first that matches": ((stub("a", user("bye")), stub("b", user("hi"))), ["b", "b"]),
    "no stub matches": ((stub("a", user("bye")),), [None, None]),
    "never": ((stub("a", times=Times(most=0)),), [None, None]),
}


@pytest.mark.parametrize(("stubs", "expected"), ORDERS.values(), ids=ORDERS)
def test_the_order_of_trying(stubs: tuple[Stub, ...], expected: list[str | None]) -> None:
    assert answers(StubSet((scenario(*stubs),)), 2) == expected


def test_priority_counts_across_scenarios() -> None:
    stubs = StubSet((scenario(stub("a")), scenario(stub("b", priority=1), name="two")))
    assert answer(stubs, call()) == "b"


def test_a_stub_answers_only_on_its_endpoints_and_shapes() -> None:
    only = stub("a", on=(Endpoint.COMPACT,), shapes=(Shape.CHAT,))
    stubs = StubSet((scenario(only),))
    assert answer(stubs, call(endpoint=Endpoint.COMPACT)) == "a"
    assert answer(stubs, call()) is None
    assert answer(stubs, Call(endpoint=Endpoint.COMPACT, body={"input": "hi"})) is None
    assert answer(stubs, Call(endpoint=Endpoint.RESPONSES, body={})) is None


def test_a_match_has_scenario_stub_reply_number_and_captures() -> None:
    named = TextCondition(name="user", want=Matches("(?P<word>h.)"))
    one = stub("a", named, replies=said("x", "y"))
    loaded = scenario(one)
    stubs = StubSet((loaded,))
    asked = call()
    found = stubs.find(asked)
    assert found is stubs.mounted[0]
    matches = [stubs.claim(found, asked) for _ in range(2)]
    assert matches == [
        Match(scenario=loaded, stub=one, reply=reply, nth=nth, groups={"word": "hi"})
        for nth, reply in enumerate(said("x", "y"))
    ]


def test_finding_counts_nothing() -> None:
    stubs = StubSet((scenario(stub("a", times=Times(most=1))),))
    assert stubs.find(call()) is stubs.find(call())
    assert answers(stubs, 2) == ["a", None]


ON_CHAT = "chat"
NEAR: dict[str, tuple[Stub, tuple[Mismatch, ...]]] = {
    "another endpoint": (stub("a", on=(Endpoint.RESPONSES, Endpoint.COMPACT)),
        (Mismatch(path="on", expected="responses or compact", got="chat"),)),
    "another shape": (stub("a", shapes=(Shape.RESPONSES, Shape.COMPACTION)), (Mismatch(path="on",
        expected="chat answered as responses or chat answered as compaction", got="answered as chat"),)),
    "every condition": (stub("a", user("bye"), user("hi"), BodyCondition(expected={"n": 2})),
        (Mismatch(path="user", expected='"bye"', got='"hi"'), Mismatch(path="body.n", expected="2", got="none"))),
    "nothing": (stub("a", user("hi")), ()),
}  # fmt: skip


@pytest.mark.parametrize(("of", "mismatches"), NEAR.values(), ids=NEAR)
def test_a_near_miss_has_every_mismatch(of: Stub, mismatches: tuple[Mismatch, ...]) -> None:
    loaded = scenario(of)
    near = NearMiss(scenario=loaded, stub=of, mismatches=mismatches, conditions=len(of.when) + 1, used=0, capacity=None)
    stubs = StubSet((loaded,))
    assert stubs.miss(call()) == Miss(near=(near,))
    [mounted] = stubs.mounted
    assert mounted.matches(call()) == (mismatches == ())


def test_the_nearest_stubs_come_first_and_few_are_listed() -> None:
    header = [HeaderOrQueryCondition(place="header", name=name, want=Equals("1")) for name in "xyz"]
    used = stub("used up", times=Times(most=1))
    stubs = StubSet(
        (
            scenario(
                stub("other door", on=(Endpoint.RESPONSES,)),
                stub("two", user("bye"), BodyCondition(expected={"n": 2})),
                stub("three headers", *header),
                stub("one", user("bye")),
                used,
            ),
        )
    )
    assert answer(stubs, call()) == "used up"
    near = stubs.miss(call()).near
    assert [(one.stub.name, one.used_up) for one in near] == [("one", False), ("used up", True), ("two", False)]


def test_loading_an_equal_name_replaces_in_place_and_forgets_the_count() -> None:
    once = Times(most=1)
    first = scenario(stub("a", times=once), name="first")
    second = scenario(stub("b", times=once), name="second")
    stubs = StubSet((first, second))
    assert answers(stubs, 3) == ["a", "b", None]
    stubs.load(scenario(stub("c", times=once), name="first"))
    assert [mounted.stub.name for mounted in stubs.mounted] == ["c", "b"]
    assert [one.name for one in stubs.scenarios] == ["first", "second"]
    assert answers(stubs, 2) == ["c", None]


def test_a_scenario_without_stubs_keeps_its_place() -> None:
    stubs = StubSet((scenario(name="first"), scenario(stub("b"), name="second")))
    stubs.load(scenario(stub("a"), name="first"))
    assert answer(stubs, call()) == "a"


def test_unloading_takes_a_scenario_away() -> None:
    stubs = StubSet((scenario(stub("a")), scenario(stub("b"), name="two")))
    assert stubs.unload("one")
    assert not stubs.unload("one")
    assert answers(stubs, 1) == ["b"]


def test_a_reset_returns_to_the_creation() -> None:
    stubs = StubSet((scenario(stub("a", times=Times(most=1))),))
    stubs.load(scenario(stub("b"), name="two"))
    assert answers(stubs, 2) == ["a", "b"]
    stubs.reset()
    assert answers(stubs, 2) == ["a", None]
    assert stubs.scenarios == stubs.initial


def test_a_restart_takes_another_creation() -> None:
    stubs = StubSet((scenario(stub("a")),))
    stubs.replace_initial((scenario(stub("b"), name="two"),))
    stubs.unload("two")
    stubs.reset()
    assert answers(stubs, 1) == ["b"]


def test_a_set_knows_its_scenarios_by_name() -> None:
    stubs = StubSet((scenario(stub("a"), name="one"),))
    assert "one" in stubs
    assert "two" not in stubs


def test_a_scenario_may_be_renamed() -> None:
    one = scenario(stub("a"), name="one")
    assert one.named("two") == scenario(*one.stubs, name="two")


def test_of_stubs_with_an_equal_share_the_more_similar_text_is_closest() -> None:
    bye = stub("bye", user("bye"))
    header = HeaderOrQueryCondition(place="header", name="x-a", want=Equals("1"))
    weather = stub("weather", user("weather"), BodyCondition(expected={"messages": []}), header)
    half = stub("half of weather", user("weather"), BodyCondition(expected={"model": "m"}), header)
    near = StubSet((scenario(bye, half, weather),)).miss(call("wether", model="m")).near
    assert [one.stub.name for one in near] == ["half of weather", "bye", "weather"]
