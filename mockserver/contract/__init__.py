"""The terms of contracts: sections of configuration data, state machines, forms of replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from mockserver.model.endpoint import Registry, Shape
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject, describe_value, member_path

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract

CONTRACT_DATE: Final = "2026-11"
"""The month up to which rules and tables were held against the API."""


class ReplyForm(NamedTuple):
    """How replies of one shape are validated and recognised.

    `body` validates a non-streaming reply, `stream` a streamed one, by the contract of a dialect.
    A captured body without a known `object` is of this shape where it has `member`; a captured
    stream is where `is_event` holds of one of its events."""

    body: Callable[[JSON, ReplyContract], tuple[Finding, ...]]
    stream: Callable[[Sequence[Event], ReplyContract], tuple[Finding, ...]]
    member: str = ""
    is_event: Callable[[JSONObject], bool] = lambda _: False


REPLY_FORMS: Registry[Shape, ReplyForm] = Registry("mockserver.endpoints")
"""The shapes whose replies are validated."""


class IllegalTransition(NamedTuple):
    """A transition that the table does not have: the rule it breaks, and what was expected."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A state machine as a table, state x word -> state.

    A missing cell is a transition the upstream never makes. It breaks the rule named for that cell
    in `refused`, where `*` is every other word of the state, or else `rule`. `labels` describe
    words in messages; `early` are the statuses with which an item may be done in any state."""

    name: str
    rule: str
    start: str
    steps: Mapping[str, Mapping[str, str]]
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    early: frozenset[str] = frozenset()

    def step(self, state: str, word: str) -> str | IllegalTransition:
        row = self.steps[state]
        if word in row:
            return row[word]
        rule = self.refused.get((state, word)) or self.refused.get((state, "*")) or self.rule
        expected = " or ".join(dict.fromkeys(self.describe(other) for other in row))
        return IllegalTransition(rule=rule, message=f"expected {expected or 'nothing more'}, got {self.describe(word)}")

    def describe(self, word: str) -> str:
        return self.labels.get(word, word)


class DialectDataError(ValueError):
    """Invalid dialect data; `key_path` leads to the key: `routes./v1/responses.shape`."""

    def __init__(self, key_path: str, message: str) -> None:
        super().__init__(f"{key_path}: {message}" if key_path else message)
        self.key_path = key_path
        self.message = message


_Named = TypeVar("_Named", bound=StrEnum)
_Value = TypeVar("_Value")


def suggestion(key: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` with the most similar known name, or a list of all known names."""
    names = sorted(map(str, known))
    similar = get_close_matches(key[:80], names, n=1)
    return f"; did you mean {similar[0]!r}?" if similar else f"; known are {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class ConfigSection:
    """A mapping of a dialect file or a reply contract, and the path that leads to it. Readers raise
    DialectDataError for a value of the wrong type, and return their default for a missing key."""

    data: Mapping[str, JSON]
    path: str = ""

    @staticmethod
    def of(value: JSON, path: str = "") -> ConfigSection:
        """The section that a value holds; an error unless it is a mapping."""
        if not isinstance(value, dict):
            raise wrong_value(path, value, "a mapping")
        return ConfigSection(value, path)

    def at(self, key: str) -> str:
        return member_path(self.path, key)

    def only(self, keys: Iterable[str]) -> None:
        known = tuple(keys)
        for key in self.data:
            if key not in known:
                raise DialectDataError(self.at(key), f"unknown key{suggestion(key, known)}")

    def section(self, key: str) -> ConfigSection:
        """The mapping under a key, empty by default."""
        return ConfigSection.of(self.data.get(key, {}), self.at(key))

    def sections(self) -> Iterator[tuple[str, ConfigSection]]:
        for key in self.data:
            yield key, self.section(key)

    def object(self, key: str) -> JSONObject:
        """The mapping under a key as plain data, empty by default."""
        return dict(self.section(key).data)

    def list(self, key: str) -> Iterator[tuple[str, JSON]]:
        """Path and value of each element of the list under a key, empty by default."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise wrong_value(self.at(key), value, "a list")
        for index, element in enumerate(value):
            yield f"{self.at(key)}[{index}]", element

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(_text(element, path) for path, element in self.list(key))

    def strings(self, key: str) -> frozenset[str]:
        return frozenset(self.texts(key))

    def text(self, key: str, default: str | None = None) -> str:
        """The string under a key; required without a default."""
        return _text(self.data.get(key, default), self.at(key))

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise wrong_value(self.at(key), value, "true or false")
        return value

    def count(self, key: str) -> int:
        """The integer from 0 under a key, which is required."""
        value = self.data.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise wrong_value(self.at(key), value, "an integer from 0")
        return value

    def status(self, key: str) -> int:
        """The HTTP status under a key, which is required."""
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999:
            return value
        raise wrong_value(self.at(key), value, "an HTTP status")

    def choice(self, key: str, choices: Iterable[str]) -> str:
        return _one_of(self.data.get(key), tuple(choices), self.at(key))

    def one(self, key: str, like: _Named) -> _Named:
        """The member of the enumeration of `like` whose value stands under a key."""
        return type(like)(self.choice(key, type(like)))

    def several(self, key: str, names: type[_Named]) -> frozenset[_Named]:
        """The members of an enumeration whose values are listed under a key."""
        words = tuple(names)
        return frozenset(names(_one_of(value, words, path)) for path, value in self.list(key))

    def layered(self, base: Mapping[str, _Value], read: Callable[[str], _Value]) -> dict[str, _Value]:
        """The base with each key of this section read over it; a null removes the base's."""
        found = dict(base)
        for key, value in self.data.items():
            if value is None:
                found.pop(key, None)
            else:
                found[key] = read(key)
        return found


def wrong_value(path: str, value: JSON, expected: str) -> DialectDataError:
    return DialectDataError(path, f"expected {expected}, got {describe_value(value)}")


def _text(value: JSON, path: str) -> str:
    if isinstance(value, str):
        return value
    raise wrong_value(path, value, "a string")


def _one_of(value: JSON, words: tuple[str, ...], path: str) -> str:
    if isinstance(value, str) and value in words:
        return value
    raise wrong_value(path, value, f"one of {', '.join(words)}")
