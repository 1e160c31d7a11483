"""Where the API key of a request is, and how a refusal quotes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

NO_KEY: Final = "sk-mock"
"""What a refusal quotes where no key is known."""

_BEGIN, _END = 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A header that may carry the key; `scheme` is the word before it, empty for none."""

    header: str
    scheme: str = ""


def find_key(header: Callable[[str], str | None], credentials: Sequence[Credential]) -> str | None:
    """The key in one of the headers that may carry it, None for none; `header` gives the value of a
    header by its name in lower case."""
    for credential in credentials:
        value = header(credential.header)
        if value is None:
            continue
        scheme, _, rest = value.partition(" ")
        if not credential.scheme:
            key = value.strip()
        elif scheme.lower() == credential.scheme.lower():
            key = rest.strip()
        else:
            continue
        if key:
            return key
    return None


def starred(key: str) -> str:
    """A key as the API's refusal quotes it: eight characters, a star for each in the midst, four
    characters; one of up to twelve is whole. Observed on the wire."""
    hidden = len(key) - _BEGIN - _END
    return key if hidden <= 0 else f"{key[:_BEGIN]}{'*' * hidden}{key[-_END:]}"
