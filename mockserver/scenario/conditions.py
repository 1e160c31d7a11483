"""The conditions under `when`, read into values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mockserver.model.conditions import (
    TEXT_CONDITIONS,
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    PresenceCondition,
    SchemaCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
)
from mockserver.model.json import JSON
from mockserver.model.matchers import TextMatcher
from mockserver.scenario.body_schema import read_schema
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.matchers import pattern, read_matcher, read_matcher_or_presence, read_range


def read_conditions(spot: Cursor | None) -> tuple[Condition, ...]:
    """Every condition in the order written; none where there is no `when`."""
    if spot is None:
        return ()
    return tuple(
        condition for name, inner in spot.members() for condition in _READERS[name](name, inner)
    )


def _text(name: str, spot: Cursor) -> Iterator[Condition]:
    want = read_matcher_or_presence(spot)
    if isinstance(want, bool):
        yield PresenceCondition(name=name, expected=want)
    else:
        yield TextCondition(name=name, want=want)


def _stream(_name: str, spot: Cursor) -> Iterator[Condition]:
    yield StreamCondition(expected=spot.value is True)


def _turn(_name: str, spot: Cursor) -> Iterator[Condition]:
    times = read_range(spot)
    yield TurnCondition(least=times.least, most=times.most)


def _tool_result(_name: str, spot: Cursor) -> Iterator[Condition]:
    if isinstance(spot.value, bool):
        yield ToolResultCondition(expected=spot.value)
        return
    wants: dict[str, TextMatcher | None] = {
        key: read_matcher(inner) if (inner := spot.get(key)) else None
        for key in ("of", "call_id", "text")
    }
    yield ToolResultCondition(of=wants["of"], call_id=wants["call_id"], text=wants["text"])


def _fields(name: str, spot: Cursor) -> Iterator[Condition]:
    for field, inner in spot.members():
        yield HeaderOrQueryCondition(place=name, name=field, want=read_matcher_or_presence(inner))


def _body(_name: str, spot: Cursor) -> Iterator[Condition]:
    _check_patterns(spot)
    yield BodyCondition(expected=spot.value)


def _check_patterns(spot: Cursor) -> None:
    """Operators may stand anywhere in the body; their patterns must be good before a call comes."""
    if isinstance(spot.value, dict):
        members = list(spot.members())
        for key, inner in members:
            if key == "matches" and len(members) == 1 and isinstance(inner.value, str):
                pattern(inner)
            _check_patterns(inner)
    elif isinstance(spot.value, list):
        for element in spot.elements():
            _check_patterns(element)


def _schema(_name: str, spot: Cursor) -> Iterator[Condition]:
    schema: JSON = spot.value
    validator = read_schema(spot)
    if validator is not None:
        yield SchemaCondition(schema=schema, validator=validator)


_READERS: Mapping[str, Callable[[str, Cursor], Iterator[Condition]]] = {
    **dict.fromkeys(TEXT_CONDITIONS, _text),
    "stream": _stream,
    "turn": _turn,
    "tool_result": _tool_result,
    "header": _fields,
    "query": _fields,
    "body": _body,
    "schema": _schema,
}
