"""What rendering gives: a whole reply, a stream of events, or bytes as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.core.event import Event
from mockserver.core.jsontext import JSON
from mockserver.core.request import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """`json` is the body's value where it is JSON that the contract judges, else None."""

    status: int
    headers: Headers
    body: bytes
    json: JSON = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """`closes` says that the connection ends with the reply, as after an error in a chat stream."""

    status: int
    headers: Headers
    events: tuple[Event, ...]
    comment: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """Exact bytes from the status line on."""

    data: bytes


Rendered: TypeAlias = Whole | Stream | Bytes
