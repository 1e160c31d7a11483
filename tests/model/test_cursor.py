"""Values with places, and the problems reported in them."""

from __future__ import annotations

import pytest

from mockserver.errors import Position
from tests.kit import JSON, Cursor, Document, Path, ProblemLog, format_path, in_order
from tests.kit import CursorPlace as Place

DOCUMENT = Document(
    origin="f.yaml",
    value={"a.b": [{"c": 1}]},
    places={
        (): Place(1, 1, 1, 1),
        ("a.b",): Place(1, 6, 1, 1),
        ("a.b", 0): Place(2, 3, 2, 3),
        ("a.b", 0, "c"): Place(2, 6, 2, 3, "1"),
    },
)


@pytest.mark.parametrize(
    ("key_path", "place"),
    [
        ("", (1, 1)), ("a.b", (1, 6)), ("a.b[0]", (2, 3)), ("a.b[0].c", (2, 6)), ("a.b[0].d", (2, 3)),
        ("a.b[0].c.d[1].e", (2, 6)), ("a.b[1]", (1, 6)), ("nowhere", (1, 1)),
    ],
)  # fmt: skip
def test_a_formatted_path_has_the_position_of_the_nearest_value_around_it(
    key_path: str, place: tuple[int, int]
) -> None:
    assert DOCUMENT.locate(key_path) == Position(file="f.yaml", line=place[0], column=place[1])


def test_a_path_is_placed_at_its_value_or_its_key() -> None:
    path = ("a.b", 0, "c")
    assert format_path(path) == "a.b[0].c"
    assert str(DOCUMENT.problem(path, "bad")) == "f.yaml:2:6: a.b[0].c: bad"
    assert str(DOCUMENT.problem(path, "bad", key=True)) == "f.yaml:2:3: a.b[0].c: bad"
    assert str(DOCUMENT.problem((), "bad")) == "f.yaml:1:1: bad"


@pytest.mark.parametrize("reader", ["text", "whole", "object", "objects"])
def test_a_value_of_another_type_than_the_reader_raises_a_type_error(reader: str) -> None:
    cursor = Cursor(ProblemLog(document=DOCUMENT), (), None)
    with pytest.raises(TypeError):
        getattr(cursor, reader)


@pytest.mark.parametrize(
    ("value", "expected"), [(None, ""), (True, "true"), (False, "false"), (1.5, "1.5"), ("x", "x")]
)
def test_a_scalar_without_a_source_is_given_as_it_would_be_written(value: JSON, expected: str) -> None:
    inline = ProblemLog(document=Document(origin="inline", value=value))
    assert inline.root.source == expected


LOG_VALUE: JSON = {"bad": 1, "good": {"list": ["a", "bad"], "on": True, "whole": 2.0}}


def log_of(*invalid: Path) -> ProblemLog:
    document = Document(origin="f.yaml", value=LOG_VALUE)
    return ProblemLog(document=document, invalid=frozenset(invalid))


def test_invalid_values_are_skipped() -> None:
    root = log_of(("bad",), ("good", "list", 1)).root
    assert [key for key, _ in root.members()] == ["good"]
    assert root.get("bad") is None
    good = root.get("good")
    assert good is not None
    listed = good.get("list")
    assert listed is not None
    assert (listed.texts, good.flag("on"), good.flag("none")) == (("a",), True, False)
    assert log_of(()).root.value == {}


def test_a_problem_makes_the_values_around_it_unclean() -> None:
    log = log_of()
    good, bad = log.root.get("good"), log.root.get("bad")
    assert good is not None
    assert bad is not None
    good.report("wrong", "list", 0)
    good.report_at("whole", "unknown key", rule="a.rule")
    assert (good.clean, log.root.clean, bad.clean) == (False, False, True)
    assert [str(problem) for problem in log.problems] == [
        "f.yaml:1:1: good.list[0]: wrong",
        "f.yaml:1:1: good.whole: unknown key [a.rule]",
    ]


def test_problems_are_sorted_by_position_without_repetitions() -> None:
    log = log_of()
    for message in ("b", "a", "b"):
        log.root.report(message)
    assert [problem.message for problem in in_order(tuple(log.problems))] == ["b", "a"]
