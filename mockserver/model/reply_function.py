"""Replies that a program computes from the request, as far as the pure core knows of them."""

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
"""From a request as the journal presents it to a reply in scenario form."""


class ReplyFunctionError(Exception):
    """A reply function failed; the message is for the client and the journal."""


class ReplyFactory(Protocol):
    """Makes the reply to one request."""

    def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        """The reply, validated for that shape; `number` is that of the journal.

        Raises:
            ReplyFunctionError: the function failed or its reply is invalid.
        """
        ...
