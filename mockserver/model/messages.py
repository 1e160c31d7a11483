"""How messages show values and names, and suggest what is right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from mockserver.model.json import JSON

_MOST = 60
_MOST_NAMES = 20


def shown(value: JSON) -> str:
    """A value in a few words, truncated."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "a mapping" if value else "an empty mapping"
        case _:
            text = str(value)
            return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def quoted(text: str) -> str:
    """A text in quotes, truncated."""
    return repr(text) if len(text) <= _MOST else f"{text[:_MOST]!r}…"


def alternatives(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *init, last = names
    return f"{', '.join(init)} or {last}" if init else last


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most similar, None where none is."""
    found = get_close_matches(name[:_MOST], tuple(known), n=1)
    return found[0] if found else None


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """`unknown key 'usr'; did you mean 'user'?`, or the known names."""
    names = tuple(known)
    near = nearest(name, names)
    if near is not None:
        return f"unknown {kind} {quoted(name)}; did you mean {near!r}?"
    if len(names) > _MOST_NAMES:
        return f"unknown {kind} {quoted(name)}; `mockserver {kind}s` lists them"
    if not names:
        return f"unknown {kind} {quoted(name)}; none is known"
    return f"unknown {kind} {quoted(name)}; known are {', '.join(sorted(names))}"
