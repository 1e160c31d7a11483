"""Reading one value of a dialect's data: what is not as wanted is an error with its key path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from mockserver.contract.json_diff import describe_value, member_path
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.json import JSON, JSONObject


class DialectDataError(ValueError):
    """Data that makes no dialect; `key_path` leads to the place: `routes./v1/responses.shape`."""

    def __init__(self, key_path: str, message: str) -> None:
        super().__init__(f"{key_path}: {message}" if key_path else message)
        self.key_path = key_path
        self.message = message


def mapping(value: JSON, at: str) -> JSONObject:
    """A mapping."""
    if isinstance(value, dict):
        return value
    raise DialectDataError(at, f"wanted a mapping, got {value!r}")


def sequence(value: JSON, at: str) -> list[JSON]:
    """A list."""
    if isinstance(value, list):
        return value
    raise DialectDataError(at, f"wanted a list, got {value!r}")


def text(value: JSON, at: str) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise DialectDataError(at, f"wanted a text, got {value!r}")


def flag(value: JSON, at: str) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise DialectDataError(at, f"wanted true or false, got {value!r}")


def status(value: JSON, at: str) -> int:
    """An HTTP status."""
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999:
        return value
    raise DialectDataError(at, f"wanted an HTTP status, got {value!r}")


def choice(value: JSON, choices: tuple[str, ...], at: str) -> str:
    """One of some words."""
    if isinstance(value, str) and value in choices:
        return value
    raise DialectDataError(at, f"wanted one of {', '.join(choices)}, got {value!r}")


Named = TypeVar("Named", Endpoint, Shape)


def one_of(kind: type[Named], value: JSON, at: str) -> Named:
    """A member of an enumeration by its value."""
    return kind(choice(value, tuple(one.value for one in kind), at))


def known(told: JSONObject, keys: tuple[str, ...], at: str) -> None:
    """Refuse keys that are not among those known."""
    for key in told:
        if key not in keys:
            raise DialectDataError(f"{at}.{key}", f"unknown key{nearest(key, keys)}")


def nearest(key: str, keys: tuple[str, ...]) -> str:
    """Half a sentence that names the nearest key, or all of them."""
    near = get_close_matches(key, keys, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(keys))}"


_Named = TypeVar("_Named", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ConfigSection:
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

    def section(self, key: str) -> ConfigSection:
        """The mapping under a key, empty where there is none."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            raise _wrong(self.at(key), value, "a mapping")
        return ConfigSection(value, self.at(key))

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
    return ValueError(f"{path}: found {describe_value(value)}, {wanted} would be right")
