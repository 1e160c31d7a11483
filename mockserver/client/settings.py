"""The settings of a sandbox as keywords: the same names in Python, JSON and the marker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict


class SettingsGiven(TypedDict, total=False):
    """What is not given is the server's own.

    `contract`: what a breach in a request leads to. `strict`: unknown members are breaches.
    `unmatched`: what an unmatched request leads to. `keys`: API keys accepted, any without it.
    `time_scale`: factor on every wait, 0 for none. `body_limit`: bytes. `journal_limit`: entries.
    `request_limit`: calls before each further one is refused.
    """

    contract: Literal["enforce", "report", "off"]
    strict: bool
    unmatched: Literal["fail", "allow", "echo"]
    keys: Sequence[str]
    time_scale: float
    body_limit: int
    journal_limit: int
    request_limit: int


class ServerSettingsGiven(SettingsGiven, total=False):
    """What is said of a whole server, beside the settings of its sandboxes.

    `head_limit`: bytes of a request's head. `head_timeout`, `body_timeout`: seconds from its first
    byte to the end of the head, and from there to the body's; 0 for ever.
    """

    head_limit: int
    head_timeout: float
    body_timeout: float
