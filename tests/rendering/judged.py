"""Bytes of a reply in a dialect, held against that dialect's contract or the official one."""

from __future__ import annotations

from mockserver.contract.dialect_data import build
from mockserver.contract.judge import judge
from mockserver.contract.reply_judge import TableJudge
from mockserver.core.dialect import Dialect
from mockserver.core.endpoint import Shape
from mockserver.core.finding import Finding
from mockserver.core.jsontext import JSON, Object
from mockserver.core.reply import Output, Reply
from mockserver.script.compose import compose
from tests.rendering import stage


def dialect(**said: JSON) -> Dialect:
    """The official dialect bent as a dialect file would say it."""
    return build({"dialect": "bent", **said}, stage.OPENAI)


def wire(said: Output, shape: Shape, spoken: Dialect = stage.OPENAI, **members: JSON) -> bytes:
    """A reply from its status line on."""
    where = stage.occasion(shape, spoken, **members)
    return compose(Reply(content=said), where, shape).script.wire


def findings(
    said: Output,
    shape: Shape,
    spoken: Dialect = stage.OPENAI,
    by: Dialect | None = None,
    *,
    members: Object | None = None,
) -> tuple[Finding, ...]:
    """What the contract of `by`, or of the dialect spoken, finds in the bytes of a reply."""
    replies = (by or spoken).replies
    assert isinstance(replies, TableJudge)
    capture = wire(said, shape, spoken, **(members or {}))
    return judge(capture, shape=shape, contract=replies.contract).findings


def rules(
    said: Output, shape: Shape, spoken: Dialect, by: Dialect | None = None, *, members: Object
) -> set[str]:
    """The rules of `findings`."""
    return {one.rule for one in findings(said, shape, spoken, by, members=members)}


STREAM: Object = {"stream": True}
COUNTED: Object = {"stream": True, "stream_options": {"include_usage": True}}
