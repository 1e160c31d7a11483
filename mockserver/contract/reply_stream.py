"""The judgement of a stream by its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from mockserver.contract.collector import FindingCollector
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.stream_chat import walk_chat
from mockserver.contract.stream_responses import walk_responses
from mockserver.model.endpoint import Shape
from mockserver.model.events import Event
from mockserver.model.findings import Finding

_Walk = Callable[[Sequence[Event], ReplyContract], tuple[Finding, ...]]


def judge_stream(
    events: Sequence[Event], *, shape: Shape, contract: ReplyContract
) -> tuple[Finding, ...]:
    """Judge a stream from its first event to its end, `[DONE]` among its events."""
    return _WALKS[shape](events, contract)


def _never(_: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    findings = FindingCollector(contract.forgives)
    message = "found an event stream, a JSON body would be right"
    findings.add("compaction.stream", "", message)
    return findings.all()


_WALKS: Final[Mapping[Shape, _Walk]] = {
    Shape.CHAT: walk_chat,
    Shape.RESPONSES: walk_responses,
    Shape.COMPACTION: _never,
}
