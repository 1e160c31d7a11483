"""What is raised where a fault has no place to strike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from mockserver.errors import MockServerError
from mockserver.model.duration import read_duration
from mockserver.model.json import JSON, JSONObject, write


class PlaceNotFoundError(MockServerError, ValueError):
    """A place that this reply does not have.

    `nearest` is the label most like the one that was named, `labels` are all of the unfaulted
    stream; both are empty where it was not a label that failed.
    """

    def __init__(
        self, message: str, *, nearest: str | None = None, labels: Sequence[str] = ()
    ) -> None:
        self.nearest = nearest
        self.labels = tuple(labels)
        super().__init__(message)


class PlaceRemovedError(PlaceNotFoundError):
    """A place that the unfaulted reply has, and that an earlier fault or the framing took away."""


class FaultValueError(MockServerError, ValueError):
    """A fault that is written wrongly; `key_path` leads from the list's element to the place,
    as in `cut.inside.byte`."""

    def __init__(self, key_path: str, message: str) -> None:
        self.key_path = key_path
        self.message = message
        super().__init__(f"{key_path}: {message}" if key_path else message)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like `word`, None when none is like it."""
    found = difflib.get_close_matches(word, [str(one) for one in words], n=1, cutoff=0.5)
    return found[0] if found else None


def listed(words: Iterable[str]) -> str:
    """Words as a person lists them."""
    return ", ".join(repr(str(word)) for word in words)


def read_object(value: JSON, path: str, keys: Iterable[str], example: str) -> JSONObject:
    """A mapping with no other keys than `keys`; `example` shows what would be right."""
    if not isinstance(value, dict):
        raise FaultValueError(path, f"{write(value)} is no mapping; write {example}")
    known = list(keys)
    for key in value:
        if key not in known:
            raise FaultValueError(f"{path}.{key}", unknown_key(key, known))
    return value


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message about a key that is not among `known`."""
    words = list(known)
    if key == "chance":
        return "'chance' stands beside the fault's name, not inside its value"
    near = nearest(key, words)
    hint = f"the nearest is {near!r}" if near else f"there are {listed(words)}"
    return f"unknown key {key!r}; {hint}"


def read_number(value: JSON, path: str, *, least: int) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise FaultValueError(path, f"{write(value)} is no whole number from {least} up")
    return value


def read_text(value: JSON, path: str, what: str) -> str:
    """A text that is not empty; `what` names it for people."""
    if not isinstance(value, str) or not value:
        raise FaultValueError(path, f"{write(value)} is no {what}")
    return value


def read_label(value: JSON, path: str) -> str:
    """A label of an event."""
    return read_text(value, path, "label of an event, such as 'text.delta[1]'")


def read_flag(value: JSON, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise FaultValueError(path, f"{write(value)} is neither true nor false")
    return value


def read_true(value: JSON, path: str) -> None:
    """True and nothing else: leaving the key out is how one says no."""
    if value is not True:
        raise FaultValueError(path, f"{write(value)} is not true; leave the key out to do without")


def read_seconds(value: JSON, path: str) -> float:
    """A duration, in seconds."""
    found = read_duration(value)
    if found is None:
        raise FaultValueError(path, f"{write(value)} is no duration such as '200ms' or '1.5s'")
    return found


def read_choice(value: JSON, path: str, words: Iterable[str]) -> str:
    """One of a few words."""
    known = list(words)
    if isinstance(value, str) and value in known:
        return value
    raise FaultValueError(path, f"{write(value)} is none of {listed(known)}")


def read_single(value: JSON, path: str, keys: Iterable[str], example: str) -> tuple[str, JSON]:
    """The only member of a mapping."""
    known = list(keys)
    found = read_object(value, path, known, example)
    if len(found) != 1:
        raise FaultValueError(path, f"{len(found)} keys where one is wanted: {listed(known)}")
    [(key, inner)] = found.items()
    return key, inner
