"""A reply contract as the judge that a dialect carries."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.contract.replies.body import judge_body
from mockserver.contract.replies.contract import ReplyContract
from mockserver.contract.streams.stream import judge_stream
from mockserver.core.endpoint import Shape
from mockserver.core.event import Event
from mockserver.core.finding import Finding
from mockserver.core.jsontext import JSON
from mockserver.values import frozen


@frozen(kw_only=False)
class TableJudge:
    """Judges replies by one contract."""

    contract: ReplyContract

    def stream(self, events: Sequence[Event], shape: Shape) -> tuple[Finding, ...]:
        """Findings in a streamed reply; empty when it keeps the contract."""
        return judge_stream(events, shape=shape, contract=self.contract)

    def body(self, body: JSON, shape: Shape) -> tuple[Finding, ...]:
        """Findings in a whole reply; empty when it keeps the contract."""
        return judge_body(body, shape=shape, contract=self.contract)
