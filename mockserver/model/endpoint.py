"""What can be asked, and what shape an answer can have: two things that a route does not join."""

from __future__ import annotations

from enum import StrEnum


class Endpoint(StrEnum):
    """A door of the upstream: `POST` to `/v1/chat/completions`, `/v1/responses` and
    `/v1/responses/compact`."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPACT = "compact"

    __hash__ = str.__hash__  # an enumeration's own is written in Python


class Shape(StrEnum):
    """The form of a reply: a chat completion (chunks where it streams), a response (its events
    where it streams), or a `response.compaction`, which never streams. Any endpoint may answer in
    any shape: the dialect and the request decide."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPACTION = "compaction"

    __hash__ = str.__hash__
