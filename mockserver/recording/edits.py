"""Edits of a text in its place: what to put where, shared out among the pieces of the text; and the strings of a JSON
text with their places, so that all between them stays as it is."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|-?\d[\d.eE+-]*')


class Edit(NamedTuple):
    """`text` in place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


class Leaf(NamedTuple):
    """A string or number of a JSON text: where it stands, the steps that lead to it, its value."""

    start: int
    end: int
    path: Path
    value: str


def applied(text: str, edits: Sequence[Edit]) -> str:
    """A text with its edits, which are in order and apart."""
    return "".join(distributed((text,), edits))


def distributed(pieces: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """The pieces of a text with the edits of the whole: what replaces something is in the piece where that began."""
    starts = [0, *accumulate(map(len, pieces))][:-1] or [0]
    whole, found, place = "".join(pieces), [""] * len(pieces), 0

    def keep(upto: int) -> None:
        for number in range(bisect_right(starts, place) - 1, len(pieces)):
            begin, end = max(place, starts[number]), min(upto, starts[number] + len(pieces[number]))
            if begin >= upto:
                break
            found[number] += whole[begin:end]

    for edit in edits:
        keep(edit.start)
        found[bisect_right(starts, edit.start) - 1] += edit.text
        place = edit.end
    keep(len(whole))
    return found


def apart(edits: list[Edit]) -> list[Edit]:
    """Edits in order, of overlapping ones the one that begins first and is longest, which takes all that they cover."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if not found or edit.start >= found[-1].end:
            found.append(edit)
        elif edit.end > found[-1].end:
            found[-1] = found[-1]._replace(end=edit.end)
    return found


def spelled(value: str, token: str) -> str:
    """A JSON string, with or without characters outside ASCII as the one in its place."""
    return json.dumps(value, ensure_ascii=token.isascii() and "\\u" in token)


def leaves(text: str) -> Iterator[Leaf]:
    """The strings and numbers of a JSON text, keys among them, in order."""
    stack: list[tuple[str, str | int]] = []
    key: tuple[int, int, str] | None = None
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            stack.append((mark, "" if mark == "{" else 0))
            key = None
        elif mark in "}]":
            if key is not None:
                yield Leaf(key[0], key[1], tuple(step for _, step in stack), key[2])
                key = None
            stack.pop()
        elif mark == ":" and key is not None:
            # A key has no name of its own.
            yield Leaf(key[0], key[1], (), key[2])
            stack[-1] = ("{", key[2])
            key = None
        elif mark == ",":
            if key is not None:
                yield Leaf(key[0], key[1], tuple(step for _, step in stack), key[2])
                key = None
            kind, step = stack[-1]
            stack[-1] = (kind, step + 1 if isinstance(step, int) else step)
        else:
            # Whether a string is a key shows at the colon after it.
            key = token.start(), token.end(), json.loads(mark) if mark.startswith('"') else mark
    if key is not None:
        yield Leaf(key[0], key[1], tuple(step for _, step in stack), key[2])


def cut(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Data in pieces of these sizes, and one of what is left."""
    place = 0
    for size in sizes:
        yield data[place : place + size]
        place += size
    if place < len(data) or not sizes:
        yield data[place:]


def cut_text(text: str, pieces: Sequence[bytes]) -> list[str]:
    """A text in pieces as those of its bytes; a character that is cut in two belongs to the first."""
    ends = [*accumulate(map(len, pieces))]
    found = [""] * len(pieces)
    place = number = 0
    for character in text:
        while place >= ends[number]:
            number += 1
        found[number] += character
        place += len(character.encode("utf-8", "surrogatepass"))
    return found
