"""Which door a path leads to, below any sandbox prefix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from mockserver.model.dialect import Dialect, Route

PREFIX = "/v1"
MODELS = "/v1/models"


@lru_cache(maxsize=1024)
def canonical(path: str) -> str:
    """The path as a dialect writes it: with the `/v1` that some base URLs lack, no final slash."""
    trimmed = path.rstrip("/") or "/"
    if trimmed == PREFIX or trimmed.startswith(f"{PREFIX}/"):
        return trimmed
    return PREFIX + trimmed


@lru_cache(maxsize=256)
def doors(dialects: tuple[Dialect, ...], default: Dialect) -> tuple[Dialect, Mapping[str, Route]]:
    """The dialect that is spoken where no stub is concerned, and every route there is."""
    spoken = dialects[0] if len(dialects) == 1 else default
    return spoken, routes((spoken, *dialects))


def routes(dialects: Sequence[Dialect]) -> Mapping[str, Route]:
    """Every route of some dialects; of two with one path the earlier dialect's."""
    found: dict[str, Route] = {}
    for dialect in dialects:
        for path, route in dialect.routes.items():
            found.setdefault(path, route)
    return found
