"""What rendering gives: a whole reply, a stream of events, or bytes as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.events import Event
from mockserver.model.json import JSON
from mockserver.model.request import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyReply:
    """`json` is the body's value where it is JSON that the contract judges, else None."""

    status: int
    headers: Headers
    body: bytes
    json: JSON = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """`closes` says that the connection ends with the reply, as after an error in a chat stream."""

    status: int
    headers: Headers
    events: tuple[Event, ...]
    comment: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """Exact bytes from the status line on."""

    data: bytes


Rendered: TypeAlias = BodyReply | EventStream | RawReply
