"""Cutting text into pieces like those of a tokenizer: words with the space before them, long ones in
parts, up to three digits, one or two CJK characters, punctuation apart.

The joined pieces are the text. No piece ends inside what a reader takes for one character: marks,
modifiers, joined emoji, flags, Hangul and Indic syllables, surrogate pairs (escaped ones too) and CRLF
stay whole. Where Unicode leaves a doubt, we do not cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from unicodedata import category, east_asian_width

_LONGEST: Final = 8

# A text is cut along its kinds, one letter for each character:
# a letter, 0 digit, c CJK, e symbol as an emoji, r half of a flag, h l halves of a surrogate pair, s space,
# q CR, n LF, m belongs to the character before, j joins that with the next one, p belongs to the next one,
# the full stop is everything else.
_BEHIND: Final = "m*+(?:j[mj]*+(?:p*+(?:rr|hl|[^mjpsqn]))?+m*+)*+"


def _run(kind: str, most: int) -> str:
    return f"(?:p*+{kind}{_BEHIND}){{1,{most}}}"


_PIECE: Final = re.compile(
    f"s?(?:{_run('a', _LONGEST)}|{_run('0', 3)}|{_run('c', 2)}|{_run('(?:rr?|e)', 1)}|"
    f"{_run('(?:hl|[.hl]|(?=[mj]))', _LONGEST)})"
    rf"|s{{1,{_LONGEST}}}(?=[sqn]|\Z)|(?:qn|[qn]){{1,4}}|s|p+(?:[^qn]{_BEHIND})?"
)
_ESCAPED: Final = re.compile(r"\\u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[0-9a-fA-F]{4})")


def cut_tokens(text: str) -> tuple[str, ...]:
    """The pieces of a text."""
    kinds = (_ESCAPED.sub(_as_one_symbol, text) if "\\u" in text else text).translate(_KINDS)
    pieces: list[str] = []
    begin = 0
    for piece in _PIECE.finditer(kinds):
        pieces.append(text[begin : piece.end()])
        begin = piece.end()
    return tuple(pieces)


def _as_one_symbol(escaped: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" + "\N{COMBINING GRAVE ACCENT}" * (len(escaped[0]) - 1)


def _ranges(*ranges: tuple[int, int]) -> frozenset[int]:
    return frozenset(code for first, last in ranges for code in range(first, last + 1))


def _each(codes: Iterable[int], kind: str) -> dict[int, str]:
    return dict.fromkeys(codes, kind)


# What the category does not tell (Unicode annex 29): conjoining Hangul, marks among the letters, emoji
# modifiers and tags, the viramas that join consonants, and signs that are written before their number.
_VIRAMAS: Final = (
    *(0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D, 0x1039, 0x17D2, 0x1A60, 0x1B44, 0x1BAB, 0xA9C0, 0xAAF6),
    *(0x10A3F, 0x11133, 0x113D0, 0x1193E, 0x11A47, 0x11A99, 0x11F42),
)
_BEFORE: Final = (
    *((0x0600, 0x0605), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891), (0x08E2, 0x08E2), (0x0D4E, 0x0D4E)),
    *((0x1100, 0x115F), (0xA960, 0xA97C), (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x111C2, 0x111C3)),
    *((0x113D1, 0x113D1), (0x1193F, 0x1193F), (0x11941, 0x11941), (0x11A3A, 0x11A3A), (0x11A84, 0x11A89)),
    *((0x11D46, 0x11D46), (0x11F02, 0x11F02)),
)
_EXTENDING: Final = (
    *((0x0E33, 0x0E33), (0x0EB3, 0x0EB3), (0x1160, 0x11FF), (0x200C, 0x200C), (0xD7B0, 0xD7FB), (0xFF9E, 0xFF9F)),
    *((0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F)),
)
_SPECIAL: Final = {
    **_each(_ranges(*_BEFORE), "p"),
    **_each(_ranges(*_EXTENDING), "m"),
    **_each((0x200D, *_VIRAMAS), "j"),
    **_each(_ranges((0x1F1E6, 0x1F1FF)), "r"),
    0x0D: "q",
    0x0A: "n",
}
_BY_CATEGORY: Final = {"So": "e", "M": "m", "N": "0"}
_WIDE: Final = frozenset("WFH")
# How many characters are remembered: all that one language uses, not all that a hostile text has.
_KNOWN: Final = 20_000


class _Kinds(dict[int, str]):
    """The kind of each character, found when it first occurs."""

    def __missing__(self, code: int) -> str:
        kind = _kind(chr(code))
        if len(self) < _KNOWN:
            self[code] = kind
        return kind


def _kind(character: str) -> str:
    if character.isspace():
        return "s"
    name = category(character)
    if name[0] == "L":
        return "c" if east_asian_width(character) in _WIDE else "a"
    if name == "Cs":
        return "h" if character < "\udc00" else "l"
    return _BY_CATEGORY.get(name) or _BY_CATEGORY.get(name[0]) or "."


_KINDS: Final = _Kinds(_SPECIAL)
