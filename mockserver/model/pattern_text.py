"""Texts that match a regular expression, made from its text: literals, classes, groups, alternatives, quantifiers.

Assertions, back references and flags are not supported; anchors are taken to stand at the ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from string import ascii_letters, digits, punctuation
from typing import Final, TypeAlias

_Make: TypeAlias = Callable[[int, int], str]
"""A text, given the number of a variant and how many more repetitions than needed may be made."""

_WORD: Final = ascii_letters + digits + "_"
_PRINTED: Final = ascii_letters + digits + punctuation + " "
_CLASSES: Final[Mapping[str, str]] = {"d": digits, "w": _WORD, "s": " \t\n"}
_ESCAPES: Final[Mapping[str, str]] = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_ANCHORS: Final = "^$"
_MOST_REPEATED = 10_000
_MORE = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class PatternError(ValueError):
    """A pattern has what is not supported."""


def texts_for(pattern: str, variant: int, least: int, spend: Callable[[int], None]) -> Iterator[str]:
    """Texts that match a pattern, of at least `least` characters and ever more; `spend` is told how many steps follow,
    and raises where they are too many."""
    make = _Reader(pattern, spend).whole()
    for more in (*_MORE, least):
        text = make(variant, more)
        if len(text) >= least:
            yield text


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str, spend: Callable[[int], None]) -> None:
        self._pattern = pattern
        self._spend = spend
        self._at = 0

    def whole(self) -> _Make:
        made = self._alternatives()
        if self._at < len(self._pattern):
            raise PatternError(f"{self._pattern[self._at]!r} at {self._at} has no opening")
        return made

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        found = self._peek()
        if not found:
            raise PatternError("it ends too early")
        self._at += 1
        return found

    def _skip(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _alternatives(self) -> _Make:
        options = [self._sequence()]
        while self._skip("|"):
            options.append(self._sequence())
        return lambda variant, more: options[variant % len(options)](variant // len(options), more)

    def _sequence(self) -> _Make:
        parts: list[_Make] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return lambda variant, more: "".join([part(variant, more) for part in parts])

    def _atom(self) -> _Make:
        sign = self._next()
        if sign in _ANCHORS:
            return lambda _variant, _more: ""
        if sign == "(":
            return self._group()
        if sign == "[":
            return _one_of(self._set())
        if sign == ".":
            return _one_of(_PRINTED)
        if sign == "\\":
            return _one_of(self._escape())
        if sign in "*+?":
            raise PatternError(f"{sign!r} at {self._at - 1} repeats nothing")
        return _one_of(sign)

    def _group(self) -> _Make:
        if self._skip("?") and not self._skip(":"):
            if not (self._skip("P<") or self._skip("<")) or self._peek() in "=!":
                raise PatternError("assertions and flags are not supported")
            while self._next() != ">":
                pass
        made = self._alternatives()
        if not self._skip(")"):
            raise PatternError("a group is not closed")
        return made

    def _escape(self) -> str:
        """The characters that an escape stands for."""
        sign = self._next()
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign.lower() in _CLASSES:
            return _others(_CLASSES[sign.lower()])
        if sign in "xu":
            width = 2 if sign == "x" else 4
            code = self._pattern[self._at : self._at + width]
            self._at += width
            try:
                return chr(int(code, 16))
            except ValueError:
                raise PatternError(f"the escape \\{sign}{code} is not supported") from None
        if sign not in _ESCAPES and sign.isalnum():
            raise PatternError(f"the escape \\{sign} is not supported")
        return _ESCAPES.get(sign, sign)

    def _set(self) -> str:
        """The characters of a class in brackets."""
        negated, found = self._skip("^"), ""
        while not self._skip("]"):
            sign = self._next()
            first = self._escape() if sign == "\\" else sign
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                sign = self._next()
                last = self._escape() if sign == "\\" else sign
                found += "".join(map(chr, range(ord(first[0]), min(ord(last[0]), ord(first[0]) + len(_PRINTED)) + 1)))
            else:
                found += first
        characters = _others(found) if negated else found
        if not characters:
            raise PatternError("a class has no character")
        return characters

    def _repeated(self, part: _Make) -> _Make:
        sign = self._peek()
        if sign not in ("*", "+", "?", "{"):
            return part
        self._at += 1
        least, most = {"*": (0, _MOST_REPEATED), "+": (1, _MOST_REPEATED), "?": (0, 1)}.get(sign) or self._counts()
        if self._peek() in ("?", "+"):
            self._at += 1
        if least > min(most, _MOST_REPEATED):
            raise PatternError(f"a part is repeated {least} times")

        def made(variant: int, more: int) -> str:
            count = min(most, least + more)
            self._spend(count)
            return "".join([part(variant, more) for _ in range(count)])

        return made

    def _counts(self) -> tuple[int, int]:
        text = ""
        while (sign := self._next()) != "}":
            text += sign
        first, comma, last = text.partition(",")
        if not first.isdecimal() or not (last.isdecimal() or not last):
            raise PatternError(f"the quantifier {{{text}}} is not supported")
        return int(first), int(last) if last else _MOST_REPEATED if comma else int(first)


def _others(excluded: str) -> str:
    return "".join(sign for sign in _PRINTED if sign not in excluded)


def _one_of(characters: str) -> _Make:
    return lambda variant, _more: characters[variant % len(characters)]
