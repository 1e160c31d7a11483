"""Replies that a program makes from the request, as far as the pure rooms know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from mockserver.core.call import Call
from mockserver.core.endpoint import Shape
from mockserver.core.jsontext import JSON, Object
from mockserver.core.request import Request

if TYPE_CHECKING:
    from mockserver.core.reply import Reply

ReplyFunction: TypeAlias = Callable[[Object], JSON]
"""From the document of a journal's entry to a reply as a scenario writes it."""


class MakingError(Exception):
    """No reply could be made; the text says why, for the client and for the journal."""


class Maker(Protocol):
    """Makes the reply to one request."""

    def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        """The reply, proven for that shape; `number` is that of the journal. Raises MakingError."""
        ...
