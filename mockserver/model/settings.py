"""How a sandbox takes what comes: the switches that a server, a fixture or a marker sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContractMode(StrEnum):
    """What a breach in a request leads to: the upstream's refusal, a record only, or nothing."""

    ENFORCE = "enforce"
    REPORT = "report"
    OFF = "off"


class UnmatchedPolicy(StrEnum):
    """What an unmatched request leads to: a complaint, a 404 alone, or the last user text back."""

    FAIL = "fail"
    ALLOW = "allow"
    ECHO = "echo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`keys` are the API keys accepted, any when empty; `time_scale` stretches every wait, 0
    leaves them out; `body_limit` bounds request bodies in bytes, unpacked ones too;
    `request_limit` is how many calls are answered before each further one is refused."""

    contract: ContractMode = ContractMode.ENFORCE
    strict: bool = False
    unmatched: UnmatchedPolicy = UnmatchedPolicy.FAIL
    keys: tuple[str, ...] = ()
    time_scale: float = 1.0
    body_limit: int = 64 * 1024 * 1024
    journal_limit: int = 10_000
    request_limit: int = 100_000
