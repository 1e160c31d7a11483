"""What requests and replies must be, as data: schemas, grammar tables, dialects, findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mockserver.model.endpoint import Registry, Shape
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract

CONTRACT_DATE: Final = "2026-10"
"""The month up to which rules and tables were held against the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyForm:
    """How replies of one shape are validated and recognised.

    `body` validates a non-streaming reply, `stream` a streamed one, by the contract of a dialect.
    A captured body without a known `object` is of this shape where it has `member`; a captured
    stream is where `is_event` holds of one of its events.
    """

    body: Callable[[JSON, ReplyContract], tuple[Finding, ...]]
    stream: Callable[[Sequence[Event], ReplyContract], tuple[Finding, ...]]
    member: str = ""
    is_event: Callable[[JSONObject], bool] = lambda _: False


REPLY_FORMS: Registry[Shape, ReplyForm] = Registry("mockserver.endpoints")
"""The shapes whose replies are validated."""
