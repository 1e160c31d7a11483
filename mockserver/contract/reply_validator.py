"""A reply contract as the judge that a dialect carries.

A server that proves no reply needs none of it: the contract is made, and what reads replies is
loaded, when a judge is first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.model.endpoint import Shape
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract


class LazyReplyValidator:
    """Judges replies by one contract, which `make` makes."""

    def __init__(self, make: Callable[[], ReplyContract]) -> None:
        self._make = make

    @cached_property
    def contract(self) -> ReplyContract:
        """What it judges by; raises whatever `make` does."""
        return self._make()

    def stream(self, events: Sequence[Event], shape: Shape) -> tuple[Finding, ...]:
        """Findings in a streamed reply; empty when it keeps the contract."""
        from mockserver.contract.reply_stream import judge_stream  # noqa: PLC0415  # not before the first answer

        return judge_stream(events, shape=shape, contract=self.contract)

    def body(self, body: JSON, shape: Shape) -> tuple[Finding, ...]:
        """Findings in a whole reply; empty when it keeps the contract."""
        from mockserver.contract.reply_body import judge_body  # noqa: PLC0415  # not before the first answer

        return judge_body(body, shape=shape, contract=self.contract)
