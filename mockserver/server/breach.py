"""What a peer may do wrong below the requests: input that is no HTTP, or that never comes to its
end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

REFUSED = 400
TOO_SLOW = 408


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Why a head was refused: the parser's own words or ours, the HTTP status for it, and the piece
    of input at which that happened. That piece may begin with requests that were good; they are
    lost with it."""

    message: str
    data: bytes
    status: int = REFUSED


Refusal: TypeAlias = Callable[[web.BaseRequest, Breach], web.StreamResponse]
"""Answers a head that is refused, given a stand-in for the request."""


class MalformedBodyError(Exception):
    """The request's body is no HTTP; the text says what the parser found."""

    status = REFUSED


class SlowBodyError(MalformedBodyError):
    """The request's body took longer than it may."""

    status = TOO_SLOW
