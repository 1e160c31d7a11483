"""Plain data read with the path of each key: what is wrong is a ValueError that begins with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from mockserver.contract.replies.shown import member_path, shown
from mockserver.core.jsontext import JSON

_Named = TypeVar("_Named", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping and the path that leads to it; the readers give the default for a missing key."""

    data: Mapping[str, JSON]
    path: str

    def at(self, key: str) -> str:
        """The path of a key."""
        return member_path(self.path, key)

    def only(self, keys: Iterable[str]) -> None:
        """Refuse keys that are not among these, naming the nearest."""
        known = tuple(keys)
        for key in self.data:
            if key not in known:
                nearest = get_close_matches(key[:80], known, n=1)
                hint = nearest[0] if nearest else f"one of {', '.join(known)}"
                raise ValueError(f"{self.at(key)}: unknown key, {hint} would be right")

    def section(self, key: str) -> Section:
        """The mapping under a key, empty where there is none."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            raise _wrong(self.at(key), value, "a mapping")
        return Section(value, self.at(key))

    def strings(self, key: str, default: frozenset[str] = frozenset()) -> frozenset[str]:
        """The list of strings under a key."""
        if key not in self.data:
            return default
        value = self.data[key]
        if not isinstance(value, list):
            raise _wrong(self.at(key), value, "a list of strings")
        found = []
        for index, each in enumerate(value):
            if not isinstance(each, str):
                raise _wrong(f"{self.at(key)}[{index}]", each, "a string")
            found.append(each)
        return frozenset(found)

    def flag(self, key: str) -> bool:
        """The truth value under a key, false where there is none."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise _wrong(self.at(key), value, "true or false")
        return value

    def count(self, key: str, default: int) -> int:
        """The integer from 0 under a key."""
        value = self.data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _wrong(self.at(key), value, "an integer from 0")
        return value

    def one(self, key: str, default: _Named) -> _Named:
        """The member of the default's enumeration whose value stands under a key."""
        value = self.data.get(key, str(default))
        return _named(type(default), value, self.at(key))

    def several(
        self, key: str, default: frozenset[_Named], names: type[_Named]
    ) -> frozenset[_Named]:
        """The members of an enumeration whose values are listed under a key."""
        if key not in self.data:
            return default
        return frozenset(_named(names, value, self.at(key)) for value in sorted(self.strings(key)))


def _named(names: type[_Named], value: JSON, path: str) -> _Named:
    for name in names:
        if value == name.value:
            return name
    raise _wrong(path, value, " or ".join(names))


def _wrong(path: str, value: JSON, wanted: str) -> ValueError:
    return ValueError(f"{path}: found {shown(value)}, {wanted} would be right")
