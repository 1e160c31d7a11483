"""Casts hold to what the long way reads and proves, for any stub whatever."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.core.jsontext import JSON, Object, read_text, write
from mockserver.core.stub import Scenario
from mockserver.errors import Position, ScenarioError
from mockserver.scenario.casting import Casts
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.inline import load_inline

DIALECTS = Dialects()
HERE = Position(file="test_it.py", line=7, column=1)
PLACES = (HERE, Position(file="test_it.py", line=0, column=1))

# Texts that JSON, SSE or quoting might take ill, beside any others.
TEXTS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=[])),
    st.sampled_from(
        ["", " ", "\n", "\x00", "\ud83d", "\ud83d\ude00", "{{", "{{call}}", "{{nobody}}", "data: x"]
    ),
    st.sampled_from(["[DONE]", "\u2028", "\ufeff", "a\r\nb", '"', "\\", "é" * 300, "x y " * 90]),
)
SAID = st.one_of(
    TEXTS,
    st.booleans(),
    st.none(),
    st.integers(-1, 3),
    st.fixed_dictionaries({}, optional={"contains": TEXTS, "equals": TEXTS, "matches": TEXTS}),
    st.builds(lambda text: {"contains": text}, TEXTS),
    st.builds(lambda text: {"not": text}, TEXTS),
)
CONDITIONS = ("user", "system", "model", "any_text", "tool", "stream", "turn", "tool_result", "x")
STUBS = st.fixed_dictionaries(
    {"reply": TEXTS},
    optional={
        "name": TEXTS,
        "on": st.one_of(
            st.sampled_from(["chat", "responses", "compact", "nowhere"]),
            st.lists(st.sampled_from(["chat", "responses", "compact"]), max_size=3),
        ),
        "when": st.one_of(st.none(), st.dictionaries(st.sampled_from(CONDITIONS), SAID)),
        "times": st.one_of(st.integers(-1, 3), st.booleans(), st.sampled_from(["1..", "..2", "x"])),
        "priority": st.one_of(st.integers(-2, 2), st.floats(0, 2), st.booleans()),
        "then": st.sampled_from(["repeat", "miss", "cycle", "stop"]),
        "replies": st.lists(TEXTS, max_size=1),
        "reply_": TEXTS,
    },
)


def load(value: Object, place: Position) -> Scenario:
    """The long way, by which whatever comes from a test goes through JSON."""
    again = read_text(write(value))
    assert isinstance(again, dict)
    return load_inline(again, place, DIALECTS)


def told(value: Object, place: Position) -> Scenario | tuple[object, ...]:
    """What the long way gives, or every problem it finds."""
    try:
        return load(value, place)
    except ScenarioError as error:
        return error.problems


CASTS = Casts(load)


@settings(max_examples=300, deadline=None)
@given(stub=STUBS, place=st.sampled_from(PLACES))
@example(stub={"reply": "a"}, place=HERE)
@example(stub={"reply": "\ud800"}, place=HERE)
@example(stub={"reply": "{{nobody}}"}, place=HERE)
@example(stub={"reply": "a", "name": "n" * 201}, place=HERE)
@example(stub={"reply": "a", "name": "n\n"}, place=HERE)
@example(stub={"reply": "a", "times": True}, place=HERE)
@example(stub={"reply": "a", "on": ["chat", "chat"]}, place=HERE)
@example(stub={"reply": "a", "when": {"user": True, "x": True}}, place=HERE)
def test_a_cast_is_what_is_read_the_long_way(stub: Object, place: Position) -> None:
    value: Object = {"stubs": [stub]}
    wanted = told(value, place)
    # Twice: the first of a form is read the long way itself.
    for _ in range(2):
        try:
            found: object = CASTS.read(value, place)
        except ScenarioError as error:
            found = error.problems
        assert found is None or found == wanted


@settings(max_examples=100, deadline=None)
@given(words=TEXTS, form=st.sampled_from(["chat", "responses", "compact", None]))
def test_any_words_make_a_sound_reply(words: str, form: str | None) -> None:
    """The proof of a text does not depend on it, as long as it quotes nothing."""
    if "{{" in words:
        return
    stub: Object = {"reply": words} if form is None else {"reply": words, "on": form}
    assert isinstance(told({"stubs": [stub]}, HERE), Scenario)


CAST: tuple[Object, ...] = (
    {"reply": "hi"},
    {"on": "chat", "when": {"user": {"contains": "hello"}}, "reply": "hi"},
    {"on": ["chat", "responses"], "when": {"user": "a", "stream": True}, "reply": "é"},
    {"name": "asks", "when": {"tool": False}, "times": "1..", "then": "miss", "reply": "\n"},
)


@pytest.mark.parametrize("stub", CAST)
def test_the_second_of_a_form_is_not_read_again(stub: dict[str, JSON]) -> None:
    read: list[Object] = []

    def counted(value: Object, place: Position) -> Scenario:
        read.append(value)
        return load(value, place)

    casts = Casts(counted)
    for reply in ("one", "two", "three"):
        value: Object = {"stubs": [stub | {"reply": reply}]}
        assert casts.read(value, HERE) == load(value, HERE)
    assert len(read) == 1


NEVER: tuple[Object, ...] = (
    {"stubs": []},
    {"stubs": ["hi"]},
    {"stubs": [{"when": {"user": "a"}}]},
    {"stubs": [{"reply": "a"}, {"reply": "b"}]},
    {"stubs": [{"reply": {"output": [{"text": "a"}]}}]},
    {"stubs": [{"reply": "a", "when": {"user": {"matches": "a"}}}]},
    {"stubs": [{"reply": "a", "when": []}]},
    {"stubs": [{"reply": "a"}], "seed": 1},
)


@pytest.mark.parametrize("value", NEVER)
def test_other_forms_are_left_to_the_long_way(value: Object) -> None:
    def fail(value: Object, place: Position) -> Scenario:
        raise AssertionError((value, place))

    assert Casts(fail).read(value, HERE) is None


def test_a_mould_that_does_not_fit_is_never_used() -> None:
    """As if a text were read into more than one place."""
    casts = Casts(lambda value, place: load({**value, "seed": 3, "about": "more"}, HERE))
    value: Object = {"stubs": [{"reply": "a"}]}
    other = Position(file="other.py", line=1, column=1)
    assert [casts.read(value, other), casts.read(value, other)] == [
        load({**value, "seed": 3, "about": "more"}, HERE)
    ] * 2


def test_forms_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.scenario.casting._MOULDS", 1)
    casts = Casts(load)
    for name in ("user", "system", "user"):
        value: Object = {"stubs": [{"reply": "a", "when": {name: "b"}}]}
        assert casts.read(value, HERE) == load(value, HERE)
