"""Ways to mutate a list of event objects, each a function that changes the list in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tests.kit import JSON, JSONObject

Mutation: TypeAlias = Callable[[list[JSONObject]], None]
Step: TypeAlias = str | int


def place(datas: list[JSONObject], kind: str, nth: int = 0) -> int:
    """Where the nth event of a type stands; from the end for a negative nth."""
    return [number for number, data in enumerate(datas) if data.get("type") == kind][nth]


def at(body: JSON, *steps: Step) -> JSON:
    """What the steps lead to."""
    holder = body
    for step in steps:
        match holder, step:
            case dict(), str():
                holder = holder[step]
            case list(), int():
                holder = holder[step]
            case _:
                raise AssertionError(step)
    return holder


def change(body: JSONObject, *steps: Step, to: JSON) -> JSONObject:
    """Set what the steps lead to and return the whole."""
    holder, last = at(body, *steps[:-1]), steps[-1]
    match holder, last:
        case dict(), str():
            holder[last] = to
        case list(), int():
            holder[last] = to
        case _:
            raise AssertionError(last)
    return body


def remove(body: JSONObject, *steps: Step) -> JSONObject:
    """Delete the member that the steps lead to and return the whole."""
    holder, last = at(body, *steps[:-1]), steps[-1]
    assert isinstance(holder, dict)
    assert isinstance(last, str)
    del holder[last]
    return body


def put(kind: str, *steps: Step, to: JSON, nth: int = 0) -> Mutation:
    """Set a member of the nth event of a type."""

    def mutate(datas: list[JSONObject]) -> None:
        change(datas[place(datas, kind, nth)], *steps, to=to)

    return mutate


def lose(kind: str, *steps: Step, nth: int = 0) -> Mutation:
    """Delete a member of the nth event of a type."""

    def mutate(datas: list[JSONObject]) -> None:
        remove(datas[place(datas, kind, nth)], *steps)

    return mutate


def drop(kind: str, nth: int = 0) -> Mutation:
    """Leave out the nth event of a type."""

    def mutate(datas: list[JSONObject]) -> None:
        del datas[place(datas, kind, nth)]

    return mutate


def double(kind: str, nth: int = 0) -> Mutation:
    """Send the nth event of a type twice."""

    def mutate(datas: list[JSONObject]) -> None:
        where = place(datas, kind, nth)
        datas.insert(where, dict(datas[where]))

    return mutate


def before(kind: str, *more: JSONObject, nth: int = 0) -> Mutation:
    """Put events before the nth of a type."""

    def mutate(datas: list[JSONObject]) -> None:
        where = place(datas, kind, nth)
        datas[where:where] = [dict(data) for data in more]

    return mutate


def append(*more: JSONObject) -> Mutation:
    """Put events behind the last."""

    def mutate(datas: list[JSONObject]) -> None:
        datas.extend(dict(data) for data in more)

    return mutate


def all_of(*mutations: Mutation) -> Mutation:
    """One after another."""

    def mutate(datas: list[JSONObject]) -> None:
        for one in mutations:
            one(datas)

    return mutate
