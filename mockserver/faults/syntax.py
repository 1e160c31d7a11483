"""The syntax of faults: each fault declares it once, in fields.

A field reads a JSON value of a scenario and describes the same value as JSON Schema, so that the loader and an editor
accept the same. Fields compose: `MAPPING_FIELD.map(build)` reads a mapping and builds a fault from its members."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from mockserver.model.cursor import DURATION_SCHEMA, read_duration
from mockserver.model.fault import AnyFault, FaultValueError
from mockserver.model.json import JSON, JSONObject, write

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Generic[T_co]):
    """A value in a scenario: `what` describes it for people, `schema` for editors, and `read` takes
    the JSON and its key path and raises FaultValueError."""

    what: str
    schema: JSONObject
    read: Callable[[JSON, str], T_co]

    def map(self, build: Callable[[T_co], U]) -> Field[U]:
        """The same syntax, read into the result of `build`, which may raise FaultValueError with a
        key path relative to the value."""

        def read(value: JSON, path: str) -> U:
            found = self.read(value, path)
            try:
                return build(found)
            except FaultValueError as error:
                inner = f"{path}.{error.key_path}" if error.key_path else path
                raise FaultValueError(inner, error.message) from None

        return Field(what=self.what, schema=self.schema, read=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """The declaration of a fault: everything that the registry, the loader, the format schema and
    the sweeps know about it.

    `example` and `about` are for people. A fault that `truncates` takes a place as its value and
    sends nothing after it; sweeps apply it at every place of a reply."""

    name: str
    example: str
    about: str
    syntax: Field[AnyFault]
    truncates: bool = False


def nearest(word: str, words: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(word, [str(one) for one in words], n=1, cutoff=0.5)
    return found[0] if found else None


def listed(words: Iterable[str]) -> str:
    return ", ".join(repr(str(word)) for word in words)


def unknown(kind: str, word: str, words: Iterable[str]) -> str:
    known = list(words)
    near = nearest(word, known)
    hint = f"the nearest is {near!r}" if near else f"expected one of {listed(known)}"
    return f"unknown {kind} {word!r}; {hint}"


def unexpected(what: str, value: JSON, path: str) -> FaultValueError:
    return FaultValueError(path, f"expected {what}, got {write(value)}")


def _field(what: str, schema: JSONObject, convert: Callable[[JSON], T | None]) -> Field[T]:
    def read(value: JSON, path: str) -> T:
        found = convert(value)
        if found is None:
            raise unexpected(what, value, path)
        return found

    return Field(what=what, schema=schema, read=read)


def whole(least: int) -> Field[int]:
    return _field(
        f"a whole number from {least} up",
        {"type": "integer", "minimum": least},
        lambda value: value if type(value) is int and value >= least else None,
    )


def text(what: str, *, least: int = 1) -> Field[str]:
    schema: JSONObject = {"type": "string"} | ({"minLength": least} if least else {})
    return _field(what, schema, lambda value: value if isinstance(value, str) and len(value) >= least else None)


def pattern(expression: str, what: str, build: Callable[[str], T | None]) -> Field[T]:
    """A text that matches an expression as a whole and that `build` does not turn into None."""
    compiled = re.compile(expression)
    return _field(
        what,
        {"type": "string", "pattern": f"^{expression}$"},
        lambda value: build(value) if isinstance(value, str) and compiled.fullmatch(value) else None,
    )


def choice(words: Mapping[str, T]) -> Field[T]:
    """One of some words, each with its value, which is not None."""
    names: list[JSON] = [str(word) for word in words]
    return _field(
        listed(words) if len(words) == 1 else f"one of {listed(words)}",
        {"const": names[0]} if len(names) == 1 else {"enum": names},
        lambda value: words.get(value) if isinstance(value, str) else None,
    )


def any_members(what: str) -> Field[JSONObject]:
    return _field(
        what, {"type": "object", "minProperties": 1}, lambda value: value if isinstance(value, dict) and value else None
    )


def list_of(item: Field[T], what: str, *, least: int = 1, most: int | None = None) -> Field[tuple[T, ...]]:
    schema: JSONObject = {"type": "array", "items": item.schema, "minItems": least}
    if most is not None:
        schema["maxItems"] = most

    def read(value: JSON, path: str) -> tuple[T, ...]:
        if not isinstance(value, list) or not least <= len(value) <= (most or len(value)):
            raise unexpected(what, value, path)
        return tuple(item.read(one, f"{path}[{index}]") for index, one in enumerate(value))

    return Field(what=what, schema=schema, read=read)


FLAG = _field("true or false", {"type": "boolean"}, lambda value: value if isinstance(value, bool) else None)
TRUE = _field("true or no such key", {"const": True}, lambda value: value is True or None)
DURATION = _field("a duration such as '200ms' or '1.5s'", DURATION_SCHEMA, read_duration)
LABEL = text("the label of an event, such as 'text.delta[1]'")
"""It may be a pattern, in which `*` stands for any characters."""


def is_pattern(label: str) -> bool:
    return "*" in label


@dataclass(frozen=True, slots=True)
class Key(Generic[T_co]):
    name: str
    field: Field[T_co]


class Members:
    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __contains__(self, key: Key[object]) -> bool:
        return key.name in self._values

    def __getitem__(self, key: Key[T]) -> T:
        # Read by the field of a key of that name.
        return cast("T", self._values[key.name])

    def get(self, key: Key[T]) -> T | None:
        return cast("T | None", self._values.get(key.name))

    def one(self, keys: Iterable[Key[T]]) -> T:
        return next(self[key] for key in keys if key in self)


def mapping(
    example: str,
    *keys: Key[object],
    required: Sequence[Key[object]] = (),
    one_of: Sequence[Key[object]] = (),
    any_of: Sequence[Key[object]] = (),
) -> Field[Members]:
    """A mapping with some of `keys`: all that are `required`, and exactly one of `one_of`
    or at least one of `any_of`; these need not be repeated in `keys`. `example` is a valid mapping."""
    every = {key.name: key.field for key in (*required, *one_of, *any_of, *keys)}
    schema: JSONObject = {
        "type": "object",
        "properties": {name: field.schema for name, field in every.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = [key.name for key in required]
    for rule, group in (("oneOf", one_of), ("anyOf", any_of)):
        if group:
            schema[rule] = [{"required": [key.name]} for key in group]

    def read(value: JSON, path: str) -> Members:
        if not isinstance(value, dict):
            raise unexpected(f"a mapping such as {example}", value, path)
        _check_keys(value, every, path)
        for key in required:
            if key.name not in value:
                raise FaultValueError(path, f"{key.name!r} is missing; expected {key.field.what}")
        for group in filter(None, (one_of, any_of)):
            _check_group(value, group, path, exactly=group is one_of)
        return Members({name: every[name].read(one, f"{path}.{name}") for name, one in value.items()})

    return Field(what=f"a mapping such as {example}", schema=schema, read=read)


def _check_keys(value: JSONObject, known: Mapping[str, object], path: str) -> None:
    for name in value:
        if name == "chance" and name not in known:
            message = "'chance' belongs next to the name of the fault, not inside its value"
            raise FaultValueError(f"{path}.chance", message)
        if name not in known:
            raise FaultValueError(f"{path}.{name}", unknown("key", name, known))


def _check_group(value: JSONObject, group: Sequence[Key[object]], path: str, *, exactly: bool) -> None:
    present = [key.name for key in group if key.name in value]
    if not present or (exactly and len(present) > 1):
        got = listed(present) if present else "none"
        names = listed(key.name for key in group)
        how_many = "exactly" if exactly else "at least"
        raise FaultValueError(path, f"expected {how_many} one of {names}, got {got}")


def either(*fields: Field[T]) -> Field[T]:
    """One of several syntaxes, chosen by the type of the value and by required keys."""
    what = " or ".join(field.what for field in fields)

    def read(value: JSON, path: str) -> T:
        errors: list[FaultValueError] = []
        for field in fields:
            if _may_be(field.schema, value):
                try:
                    return field.read(value, path)
                except FaultValueError as error:
                    errors.append(error)
        if not errors:
            raise unexpected(what, value, path)
        # The error found deepest in the value is about the syntax that was meant.
        raise max(errors, key=lambda error: len(error.key_path))

    return Field(what=what, schema={"oneOf": [field.schema for field in fields]}, read=read)


_TYPES: Mapping[str, type] = {"string": str, "integer": int, "array": list, "object": dict}


def _may_be(schema: JSONObject, value: JSON) -> bool:
    expected, required = schema.get("type"), schema.get("required", [])
    if isinstance(expected, str) and not isinstance(value, _TYPES[expected]):
        return False
    return not isinstance(required, list) or all(isinstance(value, dict) and key in value for key in required)
