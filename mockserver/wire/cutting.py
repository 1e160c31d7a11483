"""How a text is cut into deltas."""

from __future__ import annotations

import re

from mockserver.core.reply import Chunks

_WORD = re.compile(r"\S*\s+|\S+")


def cut(text: str, chunks: Chunks) -> tuple[str, ...]:
    """The pieces of `text`; an empty text has none. `word` cuts after each run of white space."""
    match chunks:
        case "word":
            return tuple(_WORD.findall(text))
        case "char":
            return tuple(text)
        case int(size):
            return tuple(text[start : start + size] for start in range(0, len(text), size))
        case tuple(pieces):
            return pieces if "".join(pieces) == text else (text,) if text else ()
        case _:
            raise ValueError(chunks)
