"""Inline stubs of the commonest form, cast in the mould of one that was read and proven before.

Tests make the same stub again and again with other words: a text as the reply, texts that the
request must equal or contain. No problem and no proof depends on what the words are. A reply's text
is cut into pieces that add up to it; each goes out as a string in a place where any string may
stand, and the contract asks whether they are strings and whether they add up. So the first stub of
a form is read and proven whole, and the next ones are it with their own words in place. What might
make a difference is no word here and takes the long way: an empty text, one that may quote the
request, lone surrogates, a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeGuard

from mockserver.errors import Position
from mockserver.items import Text
from mockserver.model.conditions import TEXT_CONDITIONS, Condition, TextCondition
from mockserver.model.dialect import Dialect
from mockserver.model.matchers import Contains, Equals
from mockserver.model.reply import Output, Reply
from mockserver.model.stub import Scenario, Stub

_Key: TypeAlias = tuple[object, ...]
_Want: TypeAlias = type[Contains | Equals]
_Wants: TypeAlias = "list[tuple[str, _Want, str] | None]"

_WANTS: Mapping[str, _Want] = {"contains": Contains, "equals": Equals}
_TEXTS = frozenset(TEXT_CONDITIONS)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = 200
_MOULDS = 1000


_Form: TypeAlias = "tuple[_Key, str | None, str, _Wants]"
"""A stub taken apart: all but its words, its name, its reply and what it wants under `when`, with
None for a condition that is no words."""


class _Mould:
    """What stubs of one form have in common: `expected` are those that must be called."""

    __slots__ = ("expected", "sample", "stub")

    def __init__(self, sample: Scenario) -> None:
        [self.stub] = sample.stubs
        self.sample = sample
        times = self.stub.times
        self.expected = times is not None and times.least > 0


class Cast:
    """A stub that is as good as read: it is made when somebody asks for it. `expected` says that
    it must be called."""

    __slots__ = ("_file", "_form", "_line", "_mould", "dialect", "expected", "name")

    def __init__(self, mould: _Mould, form: _Form, file: str, line: int) -> None:
        self._mould = mould
        self._form = form
        self._file = file
        self._line = line
        self.name: str = form[1] or mould.stub.name
        self.dialect: Dialect = mould.sample.dialect
        self.expected: bool = mould.expected

    def scenario(self) -> Scenario:
        """The scenario of this stub, without a name."""
        _, _, text, wants = self._form
        mould, file, line = self._mould, self._file, self._line
        sample, like = mould.sample, mould.stub
        start = Position(file=file, line=1, column=1)
        reply = Reply(content=Output(choices=((Text(text=text),),)), origin=start)
        stub = Stub(
            name=self.name,
            on=like.on,
            shapes=like.shapes,
            replies=(reply,),
            when=tuple(map(_condition, wants, like.when)) if wants else (),
            times=like.times,
            priority=like.priority,
            then=like.then,
            origin=Position(file=file, line=line, column=1) if line else start,
        )
        return Scenario(
            name=sample.name,
            stubs=(stub,),
            dialect=sample.dialect,
            about=sample.about,
            seed=sample.seed,
            origin=file,
        )


def _condition(want: tuple[str, _Want, str] | None, like: Condition) -> Condition:
    if want is None:
        return like
    name, kind, text = want
    return TextCondition(name=name, want=kind(text))


class Casts:
    """Knows the forms of stubs that were read; any thread may ask."""

    def __init__(self) -> None:
        self._moulds: dict[_Key, _Mould | None] = {}

    def find(self, stub: Mapping[str, object], file: str, line: int) -> Cast | None:
        """A stub of a form that is known, written there, in line 0 where that is not known; None
        for any other."""
        form = _form(stub)
        if form is None:
            return None
        mould = self._moulds.get(form[0])
        return None if mould is None else Cast(mould, form, file, line)

    def learn(self, stub: Mapping[str, object], file: str, line: int, read: Scenario) -> None:
        """Take the form of a stub that was written there and read as the only one of a scenario;
        of a form in which there is more than words, that it is none to cast."""
        form = _form(stub)
        if form is None or form[0] in self._moulds:
            return
        if len(self._moulds) >= _MOULDS:
            self._moulds.clear()
        mould = _Mould(read)
        fits = Cast(mould, form, file, line).scenario() == read
        self._moulds[form[0]] = mould if fits else None


def _form(stub: Mapping[str, object]) -> _Form | None:
    """None for what is not a stub with a text as its reply."""
    reply, own = stub.get("reply"), stub.get("name")
    if not _is_word(reply) or "{{" in reply:
        return None
    if own is not None and not (_is_word(own) and len(own) <= _NAME and own.isprintable()):
        return None
    key: list[object] = []
    wants: _Wants = []
    for name, told in stub.items():
        take = _TAKERS.get(name)
        if take is None:
            if name not in _WORDS:
                return None
        elif not take(told, key, wants):
            return None
        key.append(name)
    return tuple(key), own, reply, wants


def _take_when(told: object, key: list[object], wants: _Wants) -> bool:
    """Conditions that are words, or say yes or no."""
    if type(told) is not dict:
        return False
    for name, said in told.items():
        kind, words = "", said
        if type(said) is dict and len(said) == 1:
            [(kind, words)] = said.items()
        if name in _TEXTS and _is_word(words) and (not kind or kind in _WANTS):
            key += (name, kind)
            wants.append((name, _WANTS.get(kind, Equals), words))
        elif isinstance(said, bool):
            key += (name, said)
            wants.append(None)
        else:
            return False
    return True


def _take_on(told: object, key: list[object], _wants: _Wants) -> bool:
    if type(told) is str:
        key.append(told)
        return True
    names = tuple(told) if isinstance(told, list | tuple) else (told,)
    key.append(repr(names))
    return all(type(one) is str for one in names)


def _take_as_it_is(told: object, key: list[object], _wants: _Wants) -> bool:
    key += (type(told), repr(told))
    return type(told) in _PLAIN


_PLAIN = (str, int, bool)
_WORDS = ("reply", "name")
_TAKERS: Mapping[str, Callable[[object, list[object], _Wants], bool]] = {
    "on": _take_on,
    "when": _take_when,
    **dict.fromkeys(("priority", "then", "times"), _take_as_it_is),
}


def _is_word(value: object) -> TypeGuard[str]:
    if type(value) is not str or not value:
        return False
    return value.isascii() or _SURROGATE.search(value) is None
