"""An occasion to render on: shipped dialects, a ids, calls that are answered in each shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.kit import (
    JSON,
    BodyReply,
    Call,
    Dialect,
    Dialects,
    Endpoint,
    EventStream,
    IdGenerator,
    Item,
    JSONObject,
    Output,
    RenderContext,
    Rendered,
    Reply,
    Shape,
    render,
)

NAMES = ("openai", "visioncoder", "smartlink", "apifox", "azure")
DIALECTS: Mapping[str, Dialect] = {name: Dialects().find(name) for name in NAMES}
OPENAI = DIALECTS["openai"]
IDS = IdGenerator(seed=0, scenario="a scenario", stub="a stub", call=0)
_ENDPOINTS = {
    Shape.CHAT: (Endpoint.CHAT, "messages"),
    Shape.RESPONSES: (Endpoint.RESPONSES, "input"),
    Shape.EXACT: (Endpoint.PATH, "input"),
    Shape.COMPACTION: (Endpoint.COMPACT, "input"),
}


def styled(dialect: Dialect = OPENAI, **style: object) -> Dialect:
    """The dialect with another style of chat streams."""
    return replace(dialect, chat=replace(dialect.chat, **style))  # type: ignore[arg-type]


def occasion(shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> RenderContext:
    """An occasion on which a user said hello; `members` are further members of the body."""
    endpoint, member = _ENDPOINTS[shape]
    said: list[JSON] = [{"role": "user", "content": "hello"}]
    asked: JSONObject = {"model": "my-model", member: said, **members}
    return RenderContext(call=Call(endpoint=endpoint, body=asked), dialect=dialect, ids=IDS)


def output(*items: Item, **members: object) -> Output:
    """One choice of these items."""
    return Output(choices=(items,), **members)  # type: ignore[arg-type]


def streamed(said: Output, shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> EventStream:
    """The stream of an output."""
    found = _rendered(said, shape, dialect, members | {"stream": True})
    assert isinstance(found, EventStream)
    return found


def whole(said: Output, shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> BodyReply:
    """The whole reply of an output."""
    found = _rendered(said, shape, dialect, members)
    assert isinstance(found, BodyReply)
    return found


def body(said: Output, shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> JSONObject:
    """The JSON of a whole reply."""
    return dig(whole(said, shape, dialect, **members).json)


def data(said: Output, shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> list[JSON]:
    """The data of each event, `[DONE]` and its like as text."""
    events = streamed(said, shape, dialect, **members).events
    return [event.data if event.text is None else event.text for event in events]


def labels(said: Output, shape: Shape, dialect: Dialect = OPENAI, **members: JSON) -> list[str]:
    """The labels of a stream."""
    return [event.label for event in streamed(said, shape, dialect, **members).events]


def dig(value: JSON, *path: str | int) -> JSONObject:
    """The object at a path."""
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, list)
            value = value[step]
        else:
            assert isinstance(value, dict)
            value = value[step]
    assert isinstance(value, dict), value
    return value


def _rendered(said: Output, shape: Shape, dialect: Dialect, members: JSONObject) -> Rendered:
    where = occasion(shape, dialect, **members)
    return render(Reply(content=said), where, shape, stream=where.call.stream)
