"""Replies that a program makes from the request, as far as the pure rooms know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.json import JSON, JSONObject
from mockserver.model.request import Request

if TYPE_CHECKING:
    from mockserver.model.reply import Reply

ReplyFunction: TypeAlias = Callable[[JSONObject], JSON]
"""From the document of a journal's entry to a reply as a scenario writes it."""


class ReplyFunctionError(Exception):
    """No reply could be made; the text says why, for the client and for the journal."""


class ReplyFactory(Protocol):
    """Makes the reply to one request."""

    def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        """The reply, proven for that shape; `number` is that of the journal. Raises MakingError."""
        ...
