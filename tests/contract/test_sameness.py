"""Where two JSON values differ first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.json_diff import json_difference, path_of
from mockserver.model.json import JSON

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES: st.SearchStrategy[JSON] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("found", "wanted", "path", "message"),
    [
        (1, 2, "", "found 1, 2 would be right"),
        (True, 1, "", "found true, 1 would be right"),
        (None, {}, "", "found null, an object of 0 members would be right"),
        ([], {}, "", "found a list of 0, an object of 0 members would be right"),
        ([1], [1, 2], "", "found a list of 1, a list of 2 would be right"),
        ([1, 3], [1, 2], "[1]", "found 3, 2 would be right"),
        ({"a": 1}, {"b": 1}, "b", "missing, 1 would be right"),
        ({"a": 1, "b": 2}, {"a": 1}, "b", "found 2, no such member would be right"),
        ({"b": 0, "a": 0}, {"a": 1, "b": 2}, "a", "found 0, 1 would be right"),
        ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, "a[0].b", "found 'x', 'y' would be right"),
        ("Hello", "Help", "", "from character 3 on found 'lo', 'p' would be right"),
        ("Hel", "Hello", "", "from character 3 on found '', 'lo' would be right"),
    ],
)
def test_the_first_difference_has_its_place(
    found: JSON, wanted: JSON, path: str, message: str
) -> None:
    unlike = json_difference(found, wanted)
    assert unlike is not None
    assert (path_of(unlike.steps, ""), unlike.message) == (path, message)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (1, 1.0),
        ({"a": 1, "secret": "x"}, {"a": 1, "secret": "y"}),
        ({"secret": "x"}, {}),
        ([{}], [{"secret": 1}]),
    ],
)
def test_order_number_types_and_ignored_members_make_no_difference(
    found: JSON, wanted: JSON
) -> None:
    assert json_difference(found, wanted, frozenset({"secret"})) is None


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
