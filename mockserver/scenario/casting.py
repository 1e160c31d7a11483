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

from mockserver.core.conditions import TEXT_CONDITIONS, Condition, TextCondition
from mockserver.core.dialect import Dialect
from mockserver.core.reply import Output, Reply, Text
from mockserver.core.stub import Scenario, Stub
from mockserver.core.texts import Contains, Equals
from mockserver.errors import Position
from mockserver.values import mutable

_Key: TypeAlias = tuple[object, ...]
_Want: TypeAlias = type[Contains | Equals]
_Wants: TypeAlias = "list[tuple[str, _Want, str] | None]"

_WANTS: Mapping[str, _Want] = {"contains": Contains, "equals": Equals}
_TEXTS = frozenset(TEXT_CONDITIONS)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = 200
_MOULDS = 1000


@mutable
class _Form:
    """A stub taken apart: `key` is all but its words; `wants` are those under `when`, None for a
    condition that is no words."""

    key: _Key
    name: str | None
    reply: str
    wants: _Wants


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

    __slots__ = ("_form", "_mould", "_place", "dialect", "expected", "name")

    def __init__(self, mould: _Mould, form: _Form, place: Position) -> None:
        self._mould = mould
        self._form = form
        self._place = place
        self.name: str = mould.stub.name if form.name is None else form.name
        self.dialect: Dialect = mould.sample.dialect
        self.expected: bool = mould.expected

    def scenario(self) -> Scenario:
        """The scenario of this stub, without a name."""
        mould, form, place = self._mould, self._form, self._place
        sample, like = mould.sample, mould.stub
        start = Position(file=place.file, line=1, column=1)
        reply = Reply(content=Output(choices=((Text(text=form.reply),),)), origin=start)
        stub = Stub(
            name=self.name,
            on=like.on,
            shapes=like.shapes,
            replies=(reply,),
            when=tuple(map(_condition, form.wants, like.when)) if form.wants else (),
            times=like.times,
            priority=like.priority,
            then=like.then,
            origin=place if place.line else start,
        )
        return Scenario(
            name=sample.name,
            stubs=(stub,),
            dialect=sample.dialect,
            about=sample.about,
            seed=sample.seed,
            origin=place.file,
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

    def find(self, stub: Mapping[str, object], place: Position) -> Cast | None:
        """A stub of a form that is known, written at a place; None for any other."""
        form = _form(stub)
        mould = None if form is None else self._moulds.get(form.key)
        return None if form is None or mould is None else Cast(mould, form, place)

    def learn(self, stub: Mapping[str, object], place: Position, read: Scenario) -> None:
        """Take the form of a stub that was written at a place and read as the only one of a
        scenario; of a form in which there is more than words, that it is none to cast."""
        form = _form(stub)
        if form is None or form.key in self._moulds:
            return
        if len(self._moulds) >= _MOULDS:
            self._moulds.clear()
        mould = _Mould(read)
        fits = Cast(mould, form, place).scenario() == read
        self._moulds[form.key] = mould if fits else None


def _form(stub: Mapping[str, object]) -> _Form | None:
    """None for what is not a stub with a text as its reply."""
    key: list[object] = []
    wants: _Wants = []
    for name, told in stub.items():
        take = _TAKERS.get(name)
        if take is None or not take(told, key, wants):
            return None
        key.append(name)
    own, reply = stub.get("name"), stub.get("reply")
    # What was taken is a text; this tells the types so.
    if not isinstance(reply, str) or not (own is None or isinstance(own, str)):
        return None
    return _Form(tuple(key), own, reply, wants)


def _take_reply(told: object, _key: list[object], _wants: _Wants) -> bool:
    return _is_word(told) and "{{" not in told


def _take_name(told: object, _key: list[object], _wants: _Wants) -> bool:
    return _is_word(told) and len(told) <= _NAME and told.isprintable()


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
    names = list(told) if isinstance(told, list | tuple) else [told]
    key.append(repr(names))
    return all(type(one) is str for one in names)


def _take_as_it_is(told: object, key: list[object], _wants: _Wants) -> bool:
    key += (type(told), repr(told))
    return type(told) in _PLAIN


_PLAIN = (str, int, bool)
_TAKERS: Mapping[str, Callable[[object, list[object], _Wants], bool]] = {
    "reply": _take_reply,
    "name": _take_name,
    "on": _take_on,
    "when": _take_when,
    **dict.fromkeys(("priority", "then", "times"), _take_as_it_is),
}


def _is_word(value: object) -> TypeGuard[str]:
    if type(value) is not str or not value:
        return False
    return value.isascii() or _SURROGATE.search(value) is None
