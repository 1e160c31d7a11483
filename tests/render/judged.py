"""Bytes of a reply in a dialect, held against that dialect's contract or the official one."""

from __future__ import annotations

from tests.kit import JSON, Dialect, Finding, JSONObject, LazyReplyValidator, Output, Reply, Shape, build, compose
from tests.kit import judge_judge as judge
from tests.render import stage


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
    members: JSONObject | None = None,
) -> tuple[Finding, ...]:
    """What the contract of `by`, or of the dialect spoken, finds in the bytes of a reply."""
    replies = (by or spoken).replies
    assert isinstance(replies, LazyReplyValidator)
    capture = wire(said, shape, spoken, **(members or {}))
    return judge(capture, shape=shape, contract=replies.contract).findings


def rules(said: Output, shape: Shape, spoken: Dialect, by: Dialect | None = None, *, members: JSONObject) -> set[str]:
    """The rules of `findings`."""
    return {one.rule for one in findings(said, shape, spoken, by, members=members)}


STREAM: JSONObject = {"stream": True}
COUNTED: JSONObject = {"stream": True, "stream_options": {"include_usage": True}}
