"""Partial comparison of JSON."""

from __future__ import annotations

import pytest

from mockserver.model.matchers import group_names
from tests.kit import JSON, AllOf, Contains, Equals, Matches, Mismatch, Not, any_matches, json_mismatches


def one(path: str, expected: str, got: str) -> tuple[Mismatch, ...]:
    return (Mismatch(path=path, expected=expected, got=got),)


AGREEING: dict[str, tuple[JSON, JSON]] = {
    "null": (None, None),
    "a text": ("a", "a"),
    "numbers by value": (1, 1.0),
    "what is named": ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
    "nothing named": ({}, {"a": 1}),
    "a list": ([1, {"a": 1}], [1, {"a": 1, "b": 2}]),
    "an empty list": ([], []),
    "an element": ({"includes": {"a": 1}}, [{"a": 2}, {"a": 1, "b": 1}]),
    "several elements": ({"includes": [1, 2]}, [2, 3, 1]),
    "no elements": ({"includes": []}, []),
    "equals": ({"equals": "a"}, "a"),
    "contains": ({"contains": "b"}, "abc"),
    "matches": ({"matches": "^a.c$"}, "abc"),
    "one of": ({"one_of": ["a", "b"]}, "b"),
    "not": ({"not": "a"}, "b"),
    "not an operator": ({"not": {"contains": "x"}}, "b"),
    "several operators": ({"contains": "b", "not": {"contains": "x"}, "matches": "^a"}, "abc"),
    "a mapping named as an operator": ({"contains": "b"}, {"contains": "b"}),
    "a mapping that includes": ({"includes": 1}, {"includes": 1}),
}


@pytest.mark.parametrize(("expected", "got"), AGREEING.values(), ids=AGREEING)
def test_what_agrees(expected: JSON, got: JSON) -> None:
    assert json_mismatches(expected, got, "body") == ()


DIFFERING: dict[str, tuple[JSON, JSON, tuple[Mismatch, ...]]] = {
    "a text": ("a", "b", one("body", '"a"', '"b"')),
    "true is no 1": (True, 1, one("body", "true", "1")),
    "0 is no false": (0, False, one("body", "0", "false")),
    "null is no absence": ({"a": None}, {}, one("body.a", "null", "none")),
    "a member deep down": ({"a": {"b": 1}}, {"a": {"b": 2}}, one("body.a.b", "1", "2")),
    "every member": ({"a": 1, "b": 2}, {"a": 2}, (*one("body.a", "1", "2"), *one("body.b", "2", "none"))),
    "no mapping": ({"a": 1}, [1], one("body", '{"a":1}', "[1]")),
    "an element": ([1, 2], [1, 3], one("body[1]", "2", "3")),
    "the length": ([1], [1, 2], one("body", "a list of 1", "a list of 2")),
    "no list": ([1], 1, one("body", "[1]", "1")),
    "no such element": ({"includes": {"a": 1}}, [{"a": 2}], one("body", 'an element like {"a":1}', '[{"a":2}]')),
    "one of several elements": ({"includes": [1, 2]}, [1], one("body", "an element like 2", "[1]")),
    "includes of no list": ({"includes": 1}, 1, one("body", '{"includes":1}', "1")),
    "equals": ({"equals": "a"}, "b", one("body", '{"equals":"a"}', '"b"')),
    "contains": ({"contains": "x"}, "b", one("body", '{"contains":"x"}', '"b"')),
    "contains no text": ({"contains": 1}, "1", one("body", '{"contains":1}', '"1"')),
    "matches": ({"matches": "^x"}, "b", one("body", '{"matches":"^x"}', '"b"')),
    "matches no text": ({"matches": 1}, "1", one("body", '{"matches":1}', '"1"')),
    "one of": ({"one_of": ["a"]}, "b", one("body", '{"one_of":["a"]}', '"b"')),
    "one of no list": ({"one_of": "b"}, "b", one("body", '{"one_of":"b"}', '"b"')),
    "not": ({"not": "b"}, "b", one("body", '{"not":"b"}', '"b"')),
    "one of two operators": (
        {"contains": "b", "not": {"matches": "^b"}},
        "b",
        one("body", '{"contains":"b","not":{"matches":"^b"}}', '"b"'),
    ),
    "an operator and a member": ({"contains": "b", "a": 1}, "b", one("body", '{"contains":"b","a":1}', '"b"')),
    "no operators": ({}, "b", one("body", "{}", '"b"')),
    "no operator": ({"a": "b"}, "b", one("body", '{"a":"b"}', '"b"')),
}


@pytest.mark.parametrize(("expected", "got", "found"), DIFFERING.values(), ids=DIFFERING)
def test_what_differs(expected: JSON, got: JSON, found: tuple[Mismatch, ...]) -> None:
    assert json_mismatches(expected, got, "body") == found


_ONE_WITHOUT = AllOf((Contains("a"), Not(Contains("x"))))


@pytest.mark.parametrize(
    ("want", "texts", "expected"),
    [
        (_ONE_WITHOUT, ("ab",), True),
        (_ONE_WITHOUT, ("ab", "cx"), False),
        (_ONE_WITHOUT, ("b",), False),
        (AllOf((Contains("a"), Contains("b"))), ("a", "b"), False),
        (AllOf((Not(Equals("a")), Not(Contains("x")))), ("b",), True),
        (AllOf((Not(Equals("a")), Not(Contains("x")))), (), True),
        (Not(_ONE_WITHOUT), ("ab", "cx"), True),
    ],
)
def test_operators_on_several_texts_must_hold_of_one_and_exclude_from_all(
    want: AllOf | Not, texts: tuple[str, ...], expected: bool
) -> None:
    assert any_matches(want, texts) is expected


def test_operators_on_one_text_are_combined_and_reversed() -> None:
    both = AllOf((Contains("a"), Not(Equals("ab"))))
    assert [both.matches(text) for text in ("a", "ab", "b")] == [True, False, False]
    assert [Not(both).matches(text) for text in ("a", "ab")] == [False, True]
    assert str(Not(Equals("ab"))) == 'not "ab"'


def test_a_wrong_pattern_has_no_groups() -> None:
    assert group_names(Matches("(?P<a>b)")) == {"a"}
    assert group_names(Matches("(?P<a>b")) == frozenset()
