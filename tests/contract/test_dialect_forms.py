"""The forms of replies in dialect data: echoes, HTTP rules, and what other dialects do not inherit."""

from __future__ import annotations

import pytest

from tests.kit import (
    NEUTRAL,
    Dialect,
    DialectDataError,
    EchoForm,
    EchoStyle,
    HttpRule,
    ItemForm,
    JSONObject,
    build,
    traits_of,
)

RULE = HttpRule(shapes=("chat",), statuses=(401,), indent=4, newline=True, headers=(("vary", "Origin"), ("a", "")))
FORMS: JSONObject = {
    "dialect": "base",
    "headers": {"a": "1"},
    "http": [{"indent": 2}],
    "edge": [{"headers": {"server": "edge"}}],
    "not_inherited": {
        "chat": {"role": "by_content", "padding": "chunks"},
        "responses": {"order": "sorted"},
        "http": [
            {"shapes": ["chat"], "statuses": [401], "indent": 4, "newline": True,
             "headers": {"vary": "Origin", "a": None}},
        ],
        "echo": {
            "by_model": True,
            "decimals": True,
            "members": {"moderation": None},
            "whole_only": ["moderation"],
            "tiers": {"auto": "default"},
            "tools": {"mcp": {"order": ["type"], "defaults": {"type": "mcp"}}},
            "formats": {"text": {"order": ["type"]}},
        },
    },
}  # fmt: skip
BASE = build(FORMS)


def test_every_key_of_the_forms() -> None:
    assert (BASE.chat.role, BASE.chat.padding, BASE.responses.order) == ("by_content", "chunks", "sorted")
    assert BASE.http == (RULE,)
    assert BASE.edge == (HttpRule(headers=(("server", "edge"),)),)
    assert BASE.echo == EchoStyle(
        members={"moderation": None},
        whole_only=("moderation",),
        tools={"mcp": EchoForm(order=("type",), defaults={"type": "mcp"})},
        formats={"text": EchoForm(order=("type",))},
        decimals=True,
        tiers={"auto": "default"},
        by_model=True,
    )


def test_every_key_of_the_form_of_an_item() -> None:
    data: JSONObject = {
        "order": ["type", "phase"], "defaults": {"a": None}, "lists": {"b": "c"}, "by_trait": {"phase": "d"},
        "added": {"e": 1}, "renewed": ["f"], "ended": {"g": []}, "stages": ["h.i"],
    }  # fmt: skip
    form = ItemForm(
        order=("type", "phase"),
        defaults={"a": None},
        lists={"b": "c"},
        by_trait={"phase": "d"},
        added={"e": 1},
        renewed=("f",),
        ended={"g": []},
        stages=("h.i",),
    )
    assert build({"dialect": "x", "items": {"item.message": data}}).items == {"item.message": form}
    child: JSONObject = {"dialect": "y", "items": {"item.message": None, "part.refusal": {}}}
    assert build(child, build({"dialect": "x", "items": {"item.message": data}})).items == {"part.refusal": ItemForm()}


def test_a_dialect_inherits_the_rest() -> None:
    child = build({"dialect": "child", "extends": "base", "about": "a child"}, BASE)
    assert (child.name, child.about, child.headers) == ("child", "a child", (("a", "1"),))
    assert (child.chat.role, child.responses.order, child.echo) == ("own", "fixed", EchoStyle())
    assert child.http == (HttpRule(indent=2),)
    assert child.inherited is None


def test_the_edge_of_a_dialect_adds_its_rules() -> None:
    child = build({"dialect": "child", "extends": "base", "headers": "edge"}, BASE)
    assert child.http == (HttpRule(indent=2), HttpRule(headers=(("server", "edge"),)))
    assert child.http == build({"dialect": "child"}, BASE).behind_edge().http
    assert Dialect(name="none").behind_edge().http == ()


@pytest.mark.parametrize(
    ("shape", "status", "applies"), [("chat", 401, True), ("chat", 400, False), ("responses", 401, False)]
)
def test_a_rule_is_for_its_shapes_and_statuses(shape: str, status: int, applies: bool) -> None:
    assert RULE.applies(shape, status) is applies
    assert HttpRule().applies(shape, status)
    assert not RULE.applies(shape, None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"items": {"item.message": {"phase": "x"}}}, "items.item.message.phase: unknown key"),
        ({"items": {"item.message": {"by_trait": {"weight": 1}}}}, "items.item.message.by_trait.weight: unknown key"),
        ({"not_inherited": {"dialect": "x"}}, "not_inherited.dialect: unknown key"),
        ({"http": {}}, "http: expected a list, got an object"),
        ({"http": [{"shapes": ["chats"]}]}, "http[0].shapes[0]: expected one of"),
        ({"http": [{"statuses": [7]}]}, "http[0].statuses[0]: expected an HTTP status, got 7"),
        ({"http": [{"indent": -1}]}, "http[0].indent: expected an integer from 0, got -1"),
        ({"http": [{"headers": {"a": 1}}]}, "http[0].headers.a: expected a string, got 1"),
        ({"echo": {"decimal": True}}, "echo.decimal: unknown key; did you mean 'decimals'?"),
        ({"echo": {"tools": {"mcp": {"orders": []}}}}, "echo.tools.mcp.orders: unknown key; did you mean 'order'?"),
        ({"chat": {"padding": "all"}}, "chat.padding: expected one of deltas, chunks, got 'all'"),
        ({"responses": {"order": "any"}}, "responses.order: expected one of fixed, sorted, got 'any'"),
    ],
)
def test_wrong_forms_are_reported_with_their_key_path(data: JSONObject, message: str) -> None:
    with pytest.raises(DialectDataError) as raised:
        build({"dialect": "wrong", **data})
    assert str(raised.value).startswith(message)


def test_a_form_fills_in_member_by_member() -> None:
    form = EchoForm(order=("type", "place", "size"), defaults={"place": {"city": None, "country": "US"}, "size": 1})
    assert form.filled({"type": "t"}) == {"type": "t", "place": {"city": None, "country": "US"}, "size": 1}
    given: JSONObject = {"more": 2, "place": {"city": "Oslo"}, "type": "t"}
    assert list(form.filled(given).items()) == [
        ("type", "t"), ("place", {"city": "Oslo", "country": None}), ("size", 1), ("more", 2)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "effort", "logprobs", "phase", "retention", "snapshot"),
    [
        ("gpt-4.1", None, True, False, "in_memory", "gpt-4.1-2025-04-14"),
        ("gpt-4o-mini-2024-07-18", None, True, False, "in_memory", None),
        ("o3-mini", "medium", False, False, "in_memory", "o3-mini-2025-01-31"),
        ("gpt-5", "medium", False, False, "in_memory", "gpt-5-2025-08-07"),
        ("gpt-5.1", "none", False, False, "in_memory", "gpt-5.1-2025-11-13"),
        ("gpt-5.1-codex", "medium", False, False, "in_memory", None),
        ("gpt-5.2", "none", False, False, "in_memory", "gpt-5.2-2025-12-11"),
        ("gpt-5.3-codex", "medium", False, True, "in_memory", None),
        ("gpt-5.4-mini", "none", False, True, "in_memory", "gpt-5.4-mini-2026-03-17"),
        ("gpt-5.5", "medium", False, True, "24h", "gpt-5.5-2026-04-23"),
        ("gpt-5.6-sol", "medium", False, True, "24h", None),
    ],
)
def test_the_traits_of_a_model(
    model: str, effort: str | None, logprobs: bool, phase: bool, retention: str, snapshot: str | None
) -> None:
    found = traits_of(model)
    assert (found.effort, found.logprobs, found.phase) == (effort, logprobs, phase)
    assert (found.retention, found.snapshot) == (retention, snapshot)
    assert found.named
    assert found.reasoning is not None
    assert found.reasoning["effort"] == effort


@pytest.mark.parametrize("model", ["my-model", "gpt-5-chat-latest", "gpt-50", "o3x", "claude-sonnet-4-6", ""])
def test_a_model_that_no_pattern_names_has_the_neutral_form(model: str) -> None:
    assert traits_of(model) is NEUTRAL
