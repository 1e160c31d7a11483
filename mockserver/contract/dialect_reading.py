"""Reading one value of a dialect's data: what is not as wanted is an error with its key path."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TypeVar

from mockserver.core.endpoint import Endpoint, Shape
from mockserver.core.jsontext import JSON, Object


class DialectDataError(ValueError):
    """Data that makes no dialect; `key_path` leads to the place: `routes./v1/responses.shape`."""

    def __init__(self, key_path: str, message: str) -> None:
        super().__init__(f"{key_path}: {message}" if key_path else message)
        self.key_path = key_path
        self.message = message


def mapping(value: JSON, at: str) -> Object:
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


def known(told: Object, keys: tuple[str, ...], at: str) -> None:
    """Refuse keys that are not among those known."""
    for key in told:
        if key not in keys:
            raise DialectDataError(f"{at}.{key}", f"unknown key{nearest(key, keys)}")


def nearest(key: str, keys: tuple[str, ...]) -> str:
    """Half a sentence that names the nearest key, or all of them."""
    near = get_close_matches(key, keys, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(keys))}"
