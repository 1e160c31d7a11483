"""The forms a request body can have; compact has two, told apart by what the body carries."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """`compact` takes `input`, `compact-messages` takes `messages` on the same route."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPACT = "compact"
    COMPACT_MESSAGES = "compact-messages"
