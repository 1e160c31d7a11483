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
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from mockserver.core.conditions import TEXT_CONDITIONS, Condition, TextCondition
from mockserver.core.jsontext import JSON, Object
from mockserver.core.reply import Output, Reply, Text
from mockserver.core.stub import Scenario, Stub
from mockserver.core.texts import Contains, Equals
from mockserver.errors import Position

Load: TypeAlias = Callable[[Object, Position], Scenario]
"""Reads and proves an inline scenario; raises what is wrong with it."""

_Key: TypeAlias = tuple[object, ...]
_Want: TypeAlias = type[Contains | Equals]
_Wants: TypeAlias = "list[tuple[str, _Want, str] | None]"

_WANTS: Mapping[str, _Want] = {"contains": Contains, "equals": Equals}
_TEXTS = frozenset(TEXT_CONDITIONS)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = 200
_MOULDS = 1000


@dataclass(slots=True)
class _Form:
    """A stub taken apart: `key` is all but its words; `wants` are those under `when`, None for a
    condition that is no words."""

    key: _Key
    name: str | None
    reply: str
    wants: _Wants


@dataclass(slots=True)
class _Mould:
    """What stubs of one form have in common."""

    scenario: Scenario
    stub: Stub

    def cast(self, form: _Form, place: Position) -> Scenario:
        """A scenario of one stub of this form."""
        like, sample = self.stub, self.scenario
        start = Position(file=place.file, line=1, column=1)
        reply = Reply(content=Output(choices=((Text(text=form.reply),),)), origin=start)
        stub = Stub(
            name=like.name if form.name is None else form.name,
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
    """Reads inline scenarios, those of one plain stub after the first of its form."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._moulds: dict[_Key, _Mould | None] = {}

    def read(self, value: Object, place: Position) -> Scenario | None:
        """What `load` gives, whose errors are raised; None where the form is none of these."""
        form = _form(value)
        if form is None:
            return None
        mould = self._moulds.get(form.key)
        if mould is not None:
            return mould.cast(form, place)
        loaded = self._load(value, place)
        if form.key not in self._moulds:
            if len(self._moulds) >= _MOULDS:
                self._moulds.clear()
            [stub] = loaded.stubs
            mould = _Mould(loaded, stub)
            self._moulds[form.key] = mould if mould.cast(form, place) == loaded else None
        return loaded


def _form(value: Object) -> _Form | None:
    """None for what is not one stub with a text as its reply."""
    stubs = value.get("stubs")
    if len(value) != 1 or not isinstance(stubs, list) or len(stubs) != 1:
        return None
    [stub] = stubs
    if not isinstance(stub, dict):
        return None
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


def _take_reply(told: JSON, _key: list[object], _wants: _Wants) -> bool:
    return _is_word(told) and "{{" not in told


def _take_name(told: JSON, _key: list[object], _wants: _Wants) -> bool:
    return _is_word(told) and len(told) <= _NAME and told.isprintable()


def _take_when(told: JSON, key: list[object], wants: _Wants) -> bool:
    """Conditions that are words, or say yes or no."""
    for name, said in told.items() if isinstance(told, dict) else (("", None),):
        kind, words = "", said
        if isinstance(said, dict) and len(said) == 1:
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


def _take_as_it_is(told: JSON, key: list[object], _wants: _Wants) -> bool:
    key += (type(told), repr(told))
    return True


_TAKERS: Mapping[str, Callable[[JSON, list[object], _Wants], bool]] = {
    "reply": _take_reply,
    "name": _take_name,
    "when": _take_when,
    **dict.fromkeys(("on", "priority", "then", "times"), _take_as_it_is),
}


def _is_word(value: JSON) -> TypeGuard[str]:
    if type(value) is not str or not value:
        return False
    return value.isascii() or _SURROGATE.search(value) is None
