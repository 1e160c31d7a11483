"""Settings as they come from outside: named like the members of `Settings`, checked by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from mockserver.errors import UsageError
from mockserver.model.settings import Settings

NAMES = tuple(one.name for one in fields(Settings))


def read_settings(
    given: Mapping[str, object], base: Settings, *, also: Sequence[str] = ()
) -> Settings:
    """`base` with what is given in its place; `also` are other names that the caller knows.

    Raises:
        UsageError: an unknown name, or a value that the setting cannot have.
    """
    # Any: the names are only known here, each value was checked against its own kind.
    changes: dict[str, Any] = {
        name: _read(name, value, base, also) for name, value in given.items()
    }
    return replace(base, **changes)


def _read(name: str, value: object, base: Settings, also: Sequence[str]) -> object:
    if name not in NAMES:
        known = (*NAMES, *also)
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        raise UsageError(f"unknown setting {name!r}: {hint}")
    present = getattr(base, name)
    for kind, reader, wanted in _KINDS:
        if isinstance(present, kind):
            read = reader(value)
            if read is None:
                raise UsageError(f"setting {name!r}: wanted {wanted}, got {value!r}")
            return read
    return _choice(name, value, type(present))


def _choice(name: str, value: object, choices: type[StrEnum]) -> StrEnum:
    for choice in choices:
        if choice.value == value:
            return choice
    wanted = ", ".join(repr(one.value) for one in choices)
    raise UsageError(f"setting {name!r}: wanted one of {wanted}, got {value!r}")


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # to JSON 3.0 is as whole as 3
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _factor(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6
    return float(value) if good else None  # type: ignore[arg-type]  # good says so


def _texts(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return None


# A bool is an int to Python, so it comes first.
_KINDS: tuple[tuple[type, Callable[[object], object | None], str], ...] = (
    (bool, _bool, "true or false"),
    (int, _count, "a whole number from 0"),
    (float, _factor, "a number from 0"),
    (tuple, _texts, "a list of texts"),
)
