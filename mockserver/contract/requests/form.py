"""The forms a request body can have; compact has two, told apart by what the body carries."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from mockserver.core.endpoint import Endpoint
from mockserver.core.jsontext import Object


class Form(StrEnum):
    """`compact` takes `input`, `compact-messages` takes `messages` on the same route."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPACT = "compact"
    COMPACT_MESSAGES = "compact-messages"


_PLAIN = {Endpoint.CHAT: Form.CHAT, Endpoint.RESPONSES: Form.RESPONSES}


def form_of(endpoint: Endpoint, body: Object, known: Collection[Form]) -> Form | None:
    """The form that a body is read as, out of the `known` ones; None where the dialect has none."""
    form = _PLAIN.get(endpoint)
    if form is None:
        both = (Form.COMPACT_MESSAGES, Form.COMPACT)
        wanted = both if "messages" in body else both[::-1]
        form = next((one for one in wanted if one in known), None)
    return form if form in known else None
