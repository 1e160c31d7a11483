"""Where two JSON values differ first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import JSON, json_difference, path_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES: st.SearchStrategy[JSON] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@pytest.mark.parametrize(
    ("found", "expected", "path", "message"),
    [
        (1, 2, "", "expected 2, got 1"),
        (True, 1, "", "expected 1, got true"),
        (None, {}, "", "expected an object of 0 members, got null"),
        ([], {}, "", "expected an object of 0 members, got a list of 0"),
        ([1], [1, 2], "", "expected a list of 2, got a list of 1"),
        ([1, 3], [1, 2], "[1]", "expected 2, got 3"),
        ({"a": 1}, {"b": 1}, "b", "missing, expected 1"),
        ({"a": 1, "b": 2}, {"a": 1}, "b", "expected no such member, got 2"),
        ({"b": 0, "a": 0}, {"a": 1, "b": 2}, "a", "expected 1, got 0"),
        ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, "a[0].b", "expected 'y', got 'x'"),
        ("Hello", "Help", "", "from character 3 on expected 'p', got 'lo'"),
        ("Hel", "Hello", "", "from character 3 on expected 'lo', got ''"),
    ],
)
def test_the_first_difference_has_its_place(found: JSON, expected: JSON, path: str, message: str) -> None:
    unlike = json_difference(found, expected)
    assert unlike is not None
    assert (path_of(unlike.steps, ""), unlike.message) == (path, message)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (1, 1.0), ({"a": 1, "secret": "x"}, {"a": 1, "secret": "y"}),
        ({"secret": "x"}, {}), ([{}], [{"secret": 1}]),
    ],
)  # fmt: skip
def test_order_number_types_and_ignored_members_make_no_difference(found: JSON, expected: JSON) -> None:
    assert json_difference(found, expected, frozenset({"secret"})) is None


@given(VALUES, VALUES)
def test_a_difference_is_found_where_there_is_one(one: JSON, other: JSON) -> None:
    assert json_difference(one, one) is None
    if one != other:
        assert json_difference(one, other) is not None


def test_depth_does_not_matter() -> None:
    deep: list[JSON] = []
    deeper: list[JSON] = []
    for _ in range(100_000):
        deep, deeper = [deep], [deeper]
    assert json_difference(deep, deeper) is None
    unlike = json_difference(deep, [deeper])
    assert unlike is not None
    assert len(unlike.steps) == 100_000
    assert path_of(unlike.steps, "x") == f"x{'[0]' * 20}…"
