"""The events of an item: cutting its text, and the sequences that several items share.

Each sequence reads the item's final form. Orders and members follow the event reference of the
Responses API and recorded streams."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mockserver.items.spec import Events, ItemEvent
from mockserver.items.tokens import cut_tokens
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Chunks, Cutter

BROKEN_OFF = frozenset({"failed", "incomplete"})
"""The statuses of an item that did not finish its work."""

_WORD = re.compile(r"\S*\s+|\S+")


def split_text(text: str, chunks: Chunks) -> tuple[str, ...]:
    """The pieces of `text`; an empty text has none. `token` cuts like a tokenizer, `word` after each
    run of white space; a list of pieces that make another text is ignored."""
    if not text:
        return ()
    match chunks:
        case "token":
            return cut_tokens(text)
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
    """The pieces of `text`, each with its logprobs: a token a piece where the tokens make up the
    text. Where they do not, as with characters of several tokens, the first piece has them all."""
    if not logprobs:
        return tuple((piece, []) for piece in pieces)
    tokens = [entry.get("token") for entry in logprobs]
    strings = [token for token in tokens if isinstance(token, str)]
    if "".join(strings) == text and len(strings) == len(tokens):
        return tuple((token, [entry]) for token, entry in zip(strings, logprobs, strict=True))
    first, *rest = pieces or ("",)
    return ((first, list(logprobs)), *((piece, []) for piece in rest))


def string(item: JSONObject, member: str) -> str:
    """A member that is a string, the empty string where it is not."""
    value = item.get(member)
    return value if isinstance(value, str) else ""


def delta(word: str, members: JSONObject) -> ItemEvent:
    return ItemEvent(type=f"response.{word}.delta", members=members)


def text_deltas(word: str, member: str, text: str, cut: Cutter) -> Iterator[ItemEvent]:
    """One text in deltas, then whole: call arguments, tool input, code."""
    for piece in cut(text):
        yield delta(word, {"delta": piece})
    yield ItemEvent(type=f"response.{word}.done", members={member: text})


def streamed(word: str, member: str) -> Events:
    """The events of an item of which one member is streamed."""

    def events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
        return text_deltas(word, member, string(item, member), cut)

    return events


def stage(kind: str, name: str) -> ItemEvent:
    return ItemEvent(type=f"response.{kind}.{name}")


def completed(kind: str, item: JSONObject) -> Iterator[ItemEvent]:
    """The last stage of a tool that finished its work; another end has no event."""
    if item.get("status") not in BROKEN_OFF:
        yield stage(kind, "completed")


def stages(kind: str, *names: str) -> Events:
    """The events of a tool that passes through stages, then completes."""

    def events(item: JSONObject, _cut: Cutter) -> Iterator[ItemEvent]:
        for name in names:
            yield stage(kind, name)
        yield from completed(kind, item)

    return events
