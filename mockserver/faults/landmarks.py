"""The kinds of places inside a text where a careless reader may stumble."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum


class Landmark(StrEnum):
    """What surrounds a place."""

    EVENT_LINE = "event-line"
    BEFORE_DATA = "before-data"
    KEY = "key"
    STRING = "string"
    ESCAPE = "escape"
    CHARACTER = "character"
    TEXT = "text"
    CR_LF = "cr-lf"
    BEFORE_BLANK_LINE = "before-blank-line"


_EVENT_LINE = re.compile(rb"(?:^|[\r\n])event:")
_DATA = re.compile(rb"(?:^|[\r\n])data: ?")
_STRING = re.compile(rb'"(?P<inner>(?:[^"\\]|\\.)*)"(?P<colon>[ \t\r\n]*:)?')
_LETTER = re.compile(rb"\\u[0-9a-fA-F]{4}|\\.|[\x00-\x7f]|[\x80-\xff][\x80-\xbf]*", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")
_BLANK_LINE = re.compile(rb"(?:\r\n|\r|\n)(?=(?:\r\n|\r(?!\n)|\n)\Z)")
# Members that carry what a client shows; a place in one of them is worth most.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":$')


def places_in_event(text: bytes) -> dict[Landmark, int]:
    """One place of each kind in the SSE text of an event, as a number of bytes before it."""
    found: dict[Landmark, int] = {}
    line = _EVENT_LINE.search(text)
    if line is not None:
        found[Landmark.EVENT_LINE] = line.end()
    data = _DATA.search(text)
    if data is not None:
        found[Landmark.BEFORE_DATA] = data.end()
        found |= _places_in_json(text, data.end())
        ends = _LINE_END.search(text, data.end())
        if not (found.keys() & {Landmark.KEY, Landmark.STRING}) and ends is not None:
            found[Landmark.TEXT] = (data.end() + ends.start() + 1) // 2
    pair = text.find(b"\r\n")
    if pair >= 0:
        found[Landmark.CR_LF] = pair + 1
    blank = _BLANK_LINE.search(text)
    if blank is not None:
        found[Landmark.BEFORE_BLANK_LINE] = blank.end()
    return found


def places_in_json(text: bytes) -> dict[Landmark, int]:
    """One place of each kind in a JSON body."""
    return _places_in_json(text, 0)


def _places_in_json(text: bytes, begin: int) -> dict[Landmark, int]:
    found: dict[Landmark, int] = {}
    strings = list(_STRING.finditer(text, begin))
    values = [string for string in strings if string["colon"] is None and string["inner"]]
    values.sort(key=lambda string: _SHOWN.search(text, 0, string.start()) is None)
    for string in strings:
        if string["colon"] is not None and string["inner"]:
            found[Landmark.KEY] = string.start("inner") + 1
            break
    if values:
        found[Landmark.STRING] = _inside(values[0])
    for kind, letter in _special_letters(values):
        found.setdefault(kind, letter)
    return found


def _inside(string: re.Match[bytes]) -> int:
    """Behind the first letter, so that a reader has a part of the text."""
    first = _LETTER.match(string["inner"])
    return string.start("inner") + (first.end() if first else 0)


def _special_letters(strings: list[re.Match[bytes]]) -> Iterator[tuple[Landmark, int]]:
    for string in strings:
        for letter in _LETTER.finditer(string["inner"]):
            place = string.start("inner") + letter.start() + 1
            if letter[0].startswith(b"\\"):
                yield Landmark.ESCAPE, place
            elif len(letter[0]) > 1:
                yield Landmark.CHARACTER, place
