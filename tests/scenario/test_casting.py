"""Casts hold to what the long way reads and proves, for any stub whatever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.errors import Position, ScenarioError
from mockserver.model.json import JSON, JSONObject, read_text, write
from mockserver.model.stub import Scenario
from mockserver.scenario.casting import Casts
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_inline

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


def load(stub: JSONObject, place: Position) -> Scenario:
    """The long way, by which whatever comes from a test goes through JSON."""
    value = read_text(write({"stubs": [stub]}))
    assert isinstance(value, dict)
    return load_inline(value, place, DIALECTS)


def told(stub: JSONObject, place: Position) -> Scenario | tuple[object, ...]:
    """What the long way gives, or every problem it finds."""
    try:
        return load(stub, place)
    except ScenarioError as error:
        return error.problems


CASTS = Casts()


@settings(max_examples=300, deadline=None)
@given(stub=STUBS, place=st.sampled_from(PLACES))
@example(stub={"reply": "a"}, place=HERE)
@example(stub={"reply": "\ud800"}, place=HERE)
@example(stub={"reply": "{{nobody}}"}, place=HERE)
@example(stub={"reply": "a", "name": "n" * 201}, place=HERE)
@example(stub={"reply": "a", "name": "n\n"}, place=HERE)
@example(stub={"reply": "a", "times": True}, place=HERE)
@example(stub={"reply": "a", "on": ["chat", "chat"]}, place=HERE)
@example(stub={"reply": "a", "on": "chat"}, place=HERE)
@example(stub={"reply": "a", "on": ["chat"]}, place=HERE)
@example(stub={"reply": "a", "when": {"user": True, "x": True}}, place=HERE)
def test_a_cast_is_what_is_read_the_long_way(stub: JSONObject, place: Position) -> None:
    wanted = told(stub, place)
    cast = CASTS.find(stub, place.file, place.line)
    if cast is None and isinstance(wanted, Scenario):
        CASTS.learn(stub, place.file, place.line, wanted)
        cast = CASTS.find(stub, place.file, place.line)
    if cast is not None:
        made = cast.scenario()
        assert made == wanted
        [one] = made.stubs
        expected = one.times is not None and one.times.least > 0
        assert (cast.name, cast.dialect, cast.expected) == (one.name, made.dialect, expected)


@settings(max_examples=100, deadline=None)
@given(words=TEXTS, form=st.sampled_from(["chat", "responses", "compact", None]))
def test_any_words_make_a_sound_reply(words: str, form: str | None) -> None:
    """The proof of a text does not depend on it, as long as it quotes nothing."""
    if "{{" in words:
        return
    stub: JSONObject = {"reply": words} if form is None else {"reply": words, "on": form}
    assert isinstance(told(stub, HERE), Scenario)


CAST: tuple[dict[str, JSON], ...] = (
    {"reply": "hi"},
    {"on": "chat", "when": {"user": {"contains": "hello"}}, "reply": "hi"},
    {"on": ["chat", "responses"], "when": {"user": "a", "stream": True}, "reply": "é"},
    {"name": "asks", "when": {"tool": False}, "times": "1..", "then": "miss", "reply": "\n"},
)


@pytest.mark.parametrize("stub", CAST)
def test_the_second_of_a_form_is_cast(stub: dict[str, JSON]) -> None:
    casts = Casts()
    casts.learn(stub, HERE.file, HERE.line, load(stub, HERE))
    for reply in ("one", "two"):
        cast = casts.find(stub | {"reply": reply}, HERE.file, HERE.line)
        assert cast is not None
        assert cast.scenario() == load(stub | {"reply": reply}, HERE)


NEVER: tuple[dict[str, JSON], ...] = (
    {"reply": {"output": [{"text": "a"}]}},
    {"replies": ["a"]},
    {"reply": "a", "when": {"user": {"matches": "a"}}},
    {"reply": "{{call}}"},
    {"reply": ""},
)


@pytest.mark.parametrize("stub", NEVER)
def test_what_is_no_words_is_never_cast(stub: dict[str, JSON]) -> None:
    casts = Casts()
    casts.learn(stub, HERE.file, HERE.line, load(stub, HERE))
    assert casts.find(stub, HERE.file, HERE.line) is None


def test_what_is_no_stub_is_never_cast() -> None:
    casts = Casts()
    for stub in ({}, {"when": {"user": "a"}}, {"reply": "a", "when": ["a"]}, {"reply": 1}):
        assert casts.find(stub, HERE.file, HERE.line) is None


def test_a_mould_that_does_not_fit_is_never_used() -> None:
    """As if a text were read into more than one place."""
    casts = Casts()
    stub: JSONObject = {"reply": "a"}
    read = replace(load(stub, HERE), origin="elsewhere.py")
    casts.learn(stub, HERE.file, HERE.line, read)
    assert casts.find(stub, HERE.file, HERE.line) is None
    casts.learn(stub, HERE.file, HERE.line, load(stub, HERE))
    assert casts.find(stub, HERE.file, HERE.line) is None


def test_forms_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.scenario.casting._MOULDS", 1)
    casts = Casts()
    stubs: list[JSONObject] = [{"reply": "a", "when": {name: "b"}} for name in ("user", "system")]
    for stub in stubs:
        casts.learn(stub, HERE.file, HERE.line, load(stub, HERE))
    assert [casts.find(stub, HERE.file, HERE.line) is None for stub in stubs] == [True, False]
