"""The format's JSON Schema, walked over a value: every flaw at once, told to a person.

The walker knows the keywords that the format uses and no others. Where a schema offers several
forms it follows the one that the author meant, by the type of the value and by the key that tells
one kind of mapping from another, so that a flaw deep inside is told there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from mockserver.model.json import JSON, JSONObject
from mockserver.scenario.document import Path
from mockserver.scenario.messages import alternatives, nearest, quoted, shown, unknown

KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$ref", "$defs", "title", "description", "default"),
        *("type", "enum", "const", "anyOf", "oneOf", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "items", "minItems", "uniqueItems", "properties", "required"),
        *("additionalProperties", "minProperties"),
    }
)
"""What the walker understands; `oneOf` also tells keys that exclude each other."""

_DEFS = "#/$defs/"


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: JSON) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[JSON], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_NOUNS: Mapping[str, str] = {
    "null": "nothing",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "a mapping",
}
_compiled = cache(re.compile)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatProblem:
    """What is wrong at a path, or at its `key`. `ruins` is the path of a value that cannot be
    read any further, None where the flaw leaves everything around it readable."""

    path: Path
    message: str
    key: bool = False
    ruins: Path | None = None


def check_format(value: JSON, schema: JSONObject) -> tuple[FormatProblem, ...]:
    """Every flaw of a value, in the order of the value."""
    return tuple(_Walker(schema).check(value, schema, (), ""))


class _Walker:
    def __init__(self, root: JSONObject) -> None:
        self._defs = _object(root.get("$defs"))

    def check(self, value: JSON, schema: JSON, path: Path, noun: str) -> Iterator[FormatProblem]:
        """Flaws of a value; `noun` says what would be right where the schema has no title."""
        here = self._resolved(schema)
        noun = _text(here.get("title")) or noun
        if not (self._admits(here, value) and _within(here, value)):
            yield FormatProblem(path=path, message=self._wanted(here, value, noun), ruins=path)
            return
        branches = _list(here.get("anyOf")) or _list(here.get("oneOf"))
        if branches and all(_object(branch).keys() == {"required"} for branch in branches):
            keys = [_required(_object(branch))[0] for branch in branches]
            known = _object(here.get("properties"))
            yield from _exclusive(_object(value), keys, known, path)
        elif branches:
            yield from self._union(value, branches, path, noun)
        if isinstance(value, dict):
            yield from self._members(value, here, path)
        elif isinstance(value, list):
            yield from self._elements(value, here, path)

    def _resolved(self, schema: JSON) -> JSONObject:
        here = _object(schema)
        while isinstance(ref := here.get("$ref"), str):
            target = _object(self._defs[ref.removeprefix(_DEFS)])
            here = target | {name: said for name, said in here.items() if name != "$ref"}
        return here

    def _admits(self, here: JSONObject, value: JSON) -> bool:
        """Whether a value is of a type that a schema speaks of."""
        types = here.get("type")
        if types is not None:
            names = types if isinstance(types, list) else [types]
            return any(_TYPES[str(name)](value) for name in names)
        if "enum" in here:
            return any(_equal(value, one) for one in _list(here["enum"]))
        if "const" in here:
            return _equal(value, here["const"])
        branches = _list(here.get("anyOf")) or _list(here.get("oneOf"))
        return not branches or any(
            self._admits(self._resolved(branch), value) for branch in branches
        )

    def _union(
        self, value: JSON, branches: list[JSON], path: Path, noun: str
    ) -> Iterator[FormatProblem]:
        fitting = [
            branch for branch in map(self._resolved, branches) if self._admits(branch, value)
        ]
        if isinstance(value, dict) and len(fitting) > 1:
            yield from self._kinds(value, fitting, path)
        else:
            # The forms of anything but a mapping differ in their types.
            yield from self.check(value, fitting[0], path, noun)

    def _kinds(
        self, value: JSONObject, branches: list[JSONObject], path: Path
    ) -> Iterator[FormatProblem]:
        """Several kinds of mapping, each told by the first key that it requires."""
        kinds = {_required(branch)[0]: branch for branch in branches}
        present = [key for key in value if key in kinds]
        chosen = [
            key
            for key in present
            if all(other in _object(kinds[key]["properties"]) for other in present)
        ]
        if chosen:
            yield from self.check(value, kinds[chosen[0]], path, "")
        elif present:
            message = f"{present[0]!r} and {present[1]!r} exclude each other"
            yield FormatProblem(path=(*path, present[1]), message=message, key=True, ruins=path)
        else:
            yield from _no_kind(value, list(kinds), path)

    def _members(self, value: JSONObject, here: JSONObject, path: Path) -> Iterator[FormatProblem]:
        known = _object(here.get("properties"))
        for name in _required(here):
            # A key that is nearly this one is told as unknown.
            meant = any(nearest(key, known) == name for key in value if key not in known)
            if name not in value and not meant:
                yield FormatProblem(path=path, message=f"key {name!r} is missing")
        others = here.get("additionalProperties", True)
        for name, member in value.items():
            inner = (*path, name)
            if name in known:
                yield from self.check(member, known[name], inner, "")
            elif isinstance(others, dict):
                yield from self.check(member, others, inner, "")
            elif others is False:
                message = unknown("key", name, known)
                yield FormatProblem(path=inner, message=message, key=True, ruins=inner)

    def _elements(self, value: list[JSON], here: JSONObject, path: Path) -> Iterator[FormatProblem]:
        unique = here.get("uniqueItems") is True
        for index, element in enumerate(value):
            if "items" in here:
                yield from self.check(element, here["items"], (*path, index), "")
            if unique and any(_equal(element, before) for before in value[:index]):
                message = f"{shown(element)} is listed twice"
                yield FormatProblem(path=(*path, index), message=message)

    def _wanted(self, here: JSONObject, value: JSON, noun: str) -> str:
        message = f"wanted {noun or self._noun(here)}, got {shown(value)}"
        words = [str(one) for one in self._words(here)]
        if isinstance(value, str):
            near = nearest(value, words)
            return message if near is None else f"{message}; did you mean {near!r}?"
        if isinstance(value, bool | int | float) and not any(
            self.check(shown(value), here, (), "")
        ):
            return f"{message}; quote it to make it text"
        return message

    def _noun(self, here: JSONObject) -> str:
        values = [here["const"]] if "const" in here else _list(here.get("enum"))
        if values:
            return alternatives(map(shown, values))
        if "type" in here:
            types = here["type"]
            names = types if isinstance(types, list) else [types]
            said = alternatives(_NOUNS[str(name)] for name in names)
            return f"{said} that is not empty" if here.get("minLength") else said + _bounds(here)
        branches = _list(here.get("anyOf")) or _list(here.get("oneOf"))
        inner = [self._resolved(branch) for branch in branches]
        return alternatives(_text(one.get("title")) or self._noun(one) for one in inner)

    def _words(self, here: JSONObject) -> list[JSON]:
        branches = _list(here.get("anyOf")) or _list(here.get("oneOf"))
        inner = [word for one in branches for word in self._words(self._resolved(one))]
        return _list(here.get("enum")) + inner


def _exclusive(
    value: JSONObject, keys: list[str], known: JSONObject, path: Path
) -> Iterator[FormatProblem]:
    present = [key for key in value if key in keys]
    if not present:
        message = f"one of the keys {alternatives(map(repr, keys))} is missing"
        meant = any(nearest(key, known) in keys for key in value if key not in known)
        if not meant:
            yield FormatProblem(path=path, message=message)
    for key in present[1:]:
        message = f"{present[0]!r} and {key!r} exclude each other"
        yield FormatProblem(path=(*path, key), message=message, key=True)


def _no_kind(value: JSONObject, kinds: list[str], path: Path) -> Iterator[FormatProblem]:
    near = {key: nearest(key, kinds) for key in value}
    for key, meant in near.items():
        if meant is not None:
            message = f"unknown key {quoted(key)}; did you mean {meant!r}?"
            yield FormatProblem(path=(*path, key), message=message, key=True, ruins=path)
    if not any(near.values()):
        said = f", got {alternatives(map(quoted, value))}" if value else ""
        message = f"wanted one of the keys {alternatives(kinds)}{said}"
        yield FormatProblem(path=path, message=message, ruins=path)


def _within(here: JSONObject, value: JSON) -> bool:
    """Whether a value of the right type keeps the bounds that concern it alone."""
    match value:
        case str():
            pattern = here.get("pattern")
            fits = not isinstance(pattern, str) or _compiled(pattern).search(value) is not None
            return fits and _bounded(len(value), here, "minLength", "maxLength")
        case bool() | None:
            return True
        case int() | float():
            return _bounded(value, here, "minimum", "maximum")
        case list():
            return _bounded(len(value), here, "minItems")
        case _:
            return _bounded(len(value), here, "minProperties")


def _bounded(size: float, here: JSONObject, least: str, most: str = "") -> bool:
    low, high = here.get(least), here.get(most)
    above = not isinstance(low, int | float) or size >= low
    return above and (not isinstance(high, int | float) or size <= high)


def _bounds(here: JSONObject) -> str:
    low, high = here.get("minimum"), here.get("maximum")
    return (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")


def _equal(one: JSON, other: JSON) -> bool:
    """JSON's idea of equality: numbers by value, never a boolean with a number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _object(value: JSON) -> JSONObject:
    return value if isinstance(value, dict) else {}


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _required(here: JSONObject) -> list[str]:
    return [str(name) for name in _list(here.get("required"))]
