"""The HTTP head of a reply beyond its framing."""

from __future__ import annotations

from mockserver.model.request import Headers
from mockserver.render.context import RenderContext


def identity(occasion: RenderContext) -> Headers:
    """The headers that the dialect sends on every reply, its blanks filled in."""
    mint = occasion.mint
    blanks = {
        "{request_id}": mint.id("req_"),
        "{processing_ms}": mint.processing_ms,
        "{model}": occasion.model,
    }
    return tuple((name, _filled(value, blanks)) for name, value in occasion.dialect.headers)


def _filled(value: str, blanks: dict[str, str]) -> str:
    for blank, text in blanks.items():
        if blank in value:
            value = value.replace(blank, text)
    return value


def merged(base: Headers, over: Headers) -> Headers:
    """`base` with the headers of `over`: an equal name, case aside, is replaced in its place,
    or taken away where the new value is empty; new names follow in their order."""
    replaced = {name.lower() for name, _ in over}
    found: list[tuple[str, str]] = []
    placed: set[str] = set()
    for name, value in base:
        key = name.lower()
        if key not in replaced:
            found.append((name, value))
        elif key not in placed:
            placed.add(key)
            found.extend(pair for pair in over if pair[0].lower() == key)
    found.extend(pair for pair in over if pair[0].lower() not in placed)
    return tuple((name, value) for name, value in found if value != "")
