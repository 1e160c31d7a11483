"""The replies of an inline stub, those that are written apart from those that a function makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

from mockserver.client.plain import plain
from mockserver.client.recorded import RecordedRequest
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply_function import ReplyFunction

ReplyGiven: TypeAlias = "str | Mapping[str, object] | Callable[[RecordedRequest], object]"
"""A reply as a scenario writes it, or a function that makes one."""

_STAND_IN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """`written` are the keys `reply` and `replies`, as far as they are given, with a text in place
    of each function; `functions` are as many as there are replies, or none where all are
    written."""

    written: Mapping[str, object]
    functions: tuple[ReplyFunction | None, ...]

    @classmethod
    def of(cls, *, reply: ReplyGiven | None, replies: Sequence[ReplyGiven] | None) -> Self:
        """Take replies as a test gives them."""
        given = [reply] if replies is None else replies
        functions = tuple(_function(one) if callable(one) else None for one in given)
        written: dict[str, object] = {}
        if reply is not None:
            written["reply"] = _written(reply)
        if replies is not None:
            written["replies"] = [_written(one) for one in replies]
        return cls(
            written=written,
            functions=functions if any(functions) else (),
        )


def _written(reply: object) -> object:
    return _STAND_IN if callable(reply) else reply


def _function(made: Callable[[RecordedRequest], object]) -> ReplyFunction:
    def function(document: JSONObject) -> JSON:
        return plain(made(RecordedRequest(document)))

    return function
