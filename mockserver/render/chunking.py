"""How a text is cut into deltas."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Chunks

_WORD = re.compile(r"\S*\s+|\S+")


def split_text(text: str, chunks: Chunks) -> tuple[str, ...]:
    """The pieces of `text`; an empty text has none. `word` cuts after each run of white space;
    a list of pieces that are another text is passed over."""
    if not text:
        return ()
    match chunks:
        case "word":
            return tuple(_WORD.findall(text))
        case "char":
            return tuple(text)
        case int(size):
            return tuple(text[start : start + size] for start in range(0, len(text), size))
        case tuple(pieces):
            return pieces if "".join(pieces) == text else (text,)
        case _:
            raise ValueError(chunks)


def align_logprobs(
    text: str, logprobs: Sequence[JSONObject], pieces: tuple[str, ...]
) -> tuple[tuple[str, list[JSON]], ...]:
    """The pieces of `text`, each with its logprobs: a token a piece where the tokens spell the
    text. Where they do not, as with characters of several tokens, the first piece has them all."""
    tokens = [entry.get("token") for entry in logprobs]
    spelled = [token for token in tokens if isinstance(token, str)]
    if logprobs and "".join(spelled) == text and len(spelled) == len(tokens):
        return tuple((token, [entry]) for token, entry in zip(spelled, logprobs, strict=True))
    if not logprobs:
        return tuple((piece, []) for piece in pieces)
    first, *rest = pieces or ("",)
    return ((first, list(logprobs)), *((piece, []) for piece in rest))
