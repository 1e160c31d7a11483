"""How a JSON value is named in a message: short, whatever its size."""

from __future__ import annotations

from typing import Final

from mockserver.core.jsontext import JSON

_LONGEST: Final = 60
_LARGEST: Final = 10**18


def shown(value: JSON) -> str:
    """The value itself where it is small, else what it is; never long and never slow."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > _LARGEST:
            return "a very large integer"
        case str() if len(value) > _LONGEST:
            return f"{value[:_LONGEST]!r}… ({len(value)} characters)"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} members"
        case _:
            return repr(value)


def member_path(path: str, name: str) -> str:
    """Lead from the object at `path` to its member."""
    short = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    return f"{path}.{short}" if path else short
