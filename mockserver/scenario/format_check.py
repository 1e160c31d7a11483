"""A value checked against the JSON Schema of the scenario format: every problem at once.

The checker knows the keywords that the format uses and no others. Where a schema offers several forms it follows the
one that the author most likely meant, by the type of the value and by the key that distinguishes one kind of mapping
from another, so that a problem deep inside is reported there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from mockserver.items import ItemRegistry, registry
from mockserver.model.cursor import Document, Path, ProblemLog, alternatives, nearest, quoted, shown, unknown
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.json import JSON, JSONObject, as_list, as_object
from mockserver.scenario.files import read_format

KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$ref", "$defs", "title", "description", "default"),
        *("type", "enum", "const", "anyOf", "oneOf", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "items", "minItems", "uniqueItems", "properties", "required"),
        *("additionalProperties", "minProperties"),
    }
)
"""The keywords of JSON Schema that are supported; `oneOf` may also list exclusive keys."""

_DEFS = "#/$defs/"
_NOUNS: Mapping[str, str] = {
    "null": "nothing",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "a mapping",
}
_TYPE_NAMES: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_SCALARS = frozenset({"null", "boolean", "integer", "number", "string"})
_SIZES: Mapping[str, tuple[str, str]] = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", ""),
    "object": ("minProperties", ""),
}


class FormatProblem(NamedTuple):
    """What is wrong at a path, or at its `key`. `invalidates` is the path of a value that cannot
    be read any further, None where everything around the problem stays readable."""

    path: Path
    message: str
    key: bool = False
    invalidates: Path | None = None


class FormatChecker:
    """Checks values against one schema, which is compiled once."""

    def __init__(self, schema: JSONObject) -> None:
        self._root = _Compiler(schema).node(schema)

    def check(self, value: JSON) -> tuple[FormatProblem, ...]:
        """Every problem of a value, in the order of the value."""
        found: list[FormatProblem] = []
        _check(self._root, value, (), "", found)
        return tuple(found)

    def start(self, document: Document) -> ProblemLog:
        """A log with the document's own problems and those of its format."""
        found = self.check(document.value)
        return ProblemLog(
            document=document,
            problems=[*document.problems, *(document.problem(one.path, one.message, key=one.key) for one in found)],
            invalid=frozenset(one.invalidates for one in found if one.invalidates is not None),
            paths=[one.path for one in found],
        )


def format_checker() -> FormatChecker:
    """The checker of the scenario format, with the endpoints and items that are registered."""
    return _format_checker(ENDPOINTS.scripted, registry())


@cache
def _format_checker(_: tuple[Endpoint, ...], __: ItemRegistry) -> FormatChecker:
    return FormatChecker(read_format())


@dataclass(slots=True, eq=False)
class _Node:
    """A schema with its references resolved. `types` are names of JSON types, empty for any; `values` those of `enum`
    or `const`; `exclusive` are keys of which there must be exactly one; `kinds` are branches for mappings by the first
    key that each requires. A value whose type is in `complete` needs no further check."""

    title: str = ""
    types: tuple[str, ...] = ()
    values: list[JSON] = field(default_factory=list)
    branches: list[_Node] = field(default_factory=list)
    exclusive: list[str] = field(default_factory=list)
    kinds: dict[str, _Node] = field(default_factory=dict)
    properties: dict[str, _Node] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    others: _Node | None = None
    closed: bool = False
    items: _Node | None = None
    unique: bool = False
    pattern: re.Pattern[str] | None = None
    limits: dict[str, float] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    by_type: dict[str, list[_Node]] = field(default_factory=dict)

    def admits(self, value: JSON) -> bool:
        """Whether a value is of a type, or one of the values, that the schema allows."""
        if self.types:
            name = _type_name(value)
            return name in self.types or (name == "integer" and "number" in self.types)
        if self.values:
            return any(_equal(value, one) for one in self.values)
        return not self.branches or bool(self.fitting(value))

    def fitting(self, value: JSON) -> list[_Node]:
        """The branches that admit a value; they are remembered by type unless values matter."""
        name = _type_name(value)
        known = self.by_type.get(name)
        if known is None:
            known = [branch for branch in self.branches if branch.admits(value)]
            if not any(branch.values for branch in self.branches):
                self.by_type[name] = known
        return known

    def bounds(self, value: JSON) -> bool:
        """Whether a value of an allowed type is within the limits of its size."""
        if not self.limits and self.pattern is None:
            return True
        if self.pattern is not None and isinstance(value, str) and not self.pattern.search(value):
            return False
        keys = _SIZES.get(_type_name(value)) if self.limits else None
        if keys is None:
            return True
        size = value if isinstance(value, int | float) else len(value)  # type: ignore[arg-type]
        low, high = (self.limits.get(key) for key in keys)
        return (low is None or size >= low) and (high is None or size <= high)

    def noun(self) -> str:
        if self.values:
            return alternatives(map(shown, self.values))
        if self.types:
            text = alternatives(_NOUNS[name] for name in self.types)
            low, high = self.limits.get("minimum"), self.limits.get("maximum")
            if self.limits.get("minLength"):
                text += " that is not empty"
            text += f" from {low}" if low is not None else ""
            return text + (f" to {high}" if high is not None else "")
        return alternatives(one.title or one.noun() for one in self.branches)

    def words(self) -> Iterator[str]:
        yield from (str(one) for one in self.values if isinstance(one, str))
        for branch in self.branches:
            yield from branch.words()


class _Compiler:
    """Builds the node of each schema once; schemas may refer to themselves."""

    def __init__(self, root: JSONObject) -> None:
        self._defs = as_object(root.get("$defs"))
        self._nodes: dict[int, _Node] = {}

    def node(self, schema: JSON) -> _Node:
        known = self._nodes.get(id(schema))
        if known is not None:
            return known
        node = self._nodes[id(schema)] = _Node()
        here = as_object(schema)
        while isinstance(ref := here.get("$ref"), str):
            target = as_object(self._defs[ref.removeprefix(_DEFS)])
            here = target | {name: value for name, value in here.items() if name != "$ref"}
        self._fill(node, here)
        return node

    def _fill(self, node: _Node, here: JSONObject) -> None:
        title, types, pattern = here.get("title"), here.get("type"), here.get("pattern")
        node.title = title if isinstance(title, str) else ""
        if types is not None:
            node.types = tuple(map(str, types if isinstance(types, list) else [types]))
        node.values = [here["const"]] if "const" in here else as_list(here.get("enum"))
        node.pattern = re.compile(pattern) if isinstance(pattern, str) else None
        node.limits = {
            key: limit for keys in _SIZES.values() for key in keys if isinstance(limit := here.get(key), int | float)
        }
        node.required = _required(here)
        node.unique = here.get("uniqueItems") is True
        branches = as_list(here.get("anyOf")) or as_list(here.get("oneOf"))
        if all(as_object(branch).keys() == {"required"} for branch in branches):
            node.exclusive = [_required(as_object(branch))[0] for branch in branches]
        else:
            node.branches = [self.node(branch) for branch in branches]
        node.kinds = {one.required[0]: one for one in node.branches if one.required}
        properties = as_object(here.get("properties"))
        node.properties = {name: self.node(inner) for name, inner in properties.items()}
        others = here.get("additionalProperties", True)
        node.closed = others is False
        node.others = self.node(others) if isinstance(others, dict) else None
        node.items = self.node(here["items"]) if "items" in here else None
        if node.branches:
            node.complete = frozenset().union(*(branch.complete for branch in node.branches))
        elif not (node.pattern or node.limits or node.values):
            node.complete = _SCALARS.intersection(node.types)


def _check(node: _Node, value: JSON, path: Path, noun: str, found: list[FormatProblem]) -> None:
    """Add the problems of a value; `noun` is what would be right where the schema has no title."""
    noun = node.title or noun
    if not (node.admits(value) and node.bounds(value)):
        found.append(FormatProblem(path=path, message=_expected(node, value, noun), invalidates=path))
        return
    if node.exclusive:
        _check_exclusive(node, as_object(value), path, found)
    elif node.branches:
        fitting = node.fitting(value)
        if len(fitting) > 1 and isinstance(value, dict):
            _check_kind(node.kinds, value, path, found)
        else:
            # The forms of anything but a mapping differ in their types.
            _check(fitting[0], value, path, noun, found)
    if isinstance(value, dict):
        _check_members(node, value, path, found)
    elif isinstance(value, list):
        _check_elements(node, value, path, found)


def _check_members(node: _Node, value: JSONObject, path: Path, found: list[FormatProblem]) -> None:
    known = node.properties
    found.extend(
        FormatProblem(path=path, message=f"key {name!r} is missing")
        for name in node.required
        # A key that is nearly this one is reported as unknown.
        if name not in value and not _has_typo_of([name], value, known)
    )
    for name, member in value.items():
        inner = known.get(name) or node.others
        if inner is not None:
            if _TYPE_NAMES[type(member)] not in inner.complete:
                _check(inner, member, (*path, name), "", found)
        elif node.closed:
            at = (*path, name)
            found.append(FormatProblem(path=at, message=_unknown_key(name, known), key=True, invalidates=at))


def _unknown_key(name: str, known: Mapping[str, _Node]) -> str:
    key = _list_of(name, known)
    return unknown("key", name, known) if key is None else f"unknown key {name!r}; expected {key}: [{{{name}: …}}]"


def _list_of(name: str, known: Mapping[str, _Node]) -> str | None:
    """The key of the list beside which a key of its elements is written."""
    return next((key for key, node in known.items() if node.items is not None and name in node.items.kinds), None)


def _check_elements(node: _Node, value: list[JSON], path: Path, found: list[FormatProblem]) -> None:
    for index, element in enumerate(value):
        if node.items is not None and _TYPE_NAMES[type(element)] not in node.items.complete:
            _check(node.items, element, (*path, index), "", found)
        if node.unique and any(_equal(element, before) for before in value[:index]):
            found.append(FormatProblem(path=(*path, index), message=f"{shown(element)} is listed twice"))


def _check_exclusive(node: _Node, value: JSONObject, path: Path, found: list[FormatProblem]) -> None:
    keys = node.exclusive
    present = [key for key in value if key in keys]
    misplaced = any(name not in node.properties and _list_of(name, node.properties) for name in value)
    if not present and not misplaced and not _has_typo_of(keys, value, node.properties):
        found.append(FormatProblem(path=path, message=f"one of the keys {alternatives(map(repr, keys))} is missing"))
    for key in present[1:]:
        message = f"{present[0]!r} and {key!r} exclude each other"
        found.append(FormatProblem(path=(*path, key), message=message, key=True))


def _check_kind(kinds: Mapping[str, _Node], value: JSONObject, path: Path, found: list[FormatProblem]) -> None:
    present = [key for key in value if key in kinds]
    for key in present:
        if all(other in kinds[key].properties for other in present):
            _check(kinds[key], value, path, "", found)
            return
    if present:
        message = f"{present[0]!r} and {present[1]!r} exclude each other"
        at = (*path, present[1])
        found.append(FormatProblem(path=at, message=message, key=True, invalidates=path))
        return
    near = {key: meant for key in value if (meant := nearest(key, kinds)) is not None}
    for key, meant in near.items():
        message = f"unknown key {quoted(key)}; did you mean {meant!r}?"
        at = (*path, key)
        found.append(FormatProblem(path=at, message=message, key=True, invalidates=path))
    if not near:
        got = f", got {alternatives(map(quoted, value))}" if value else ""
        message = f"expected one of the keys {alternatives(kinds)}{got}"
        found.append(FormatProblem(path=path, message=message, invalidates=path))


def _has_typo_of(names: list[str], value: JSONObject, known: Mapping[str, _Node]) -> bool:
    return any(nearest(key, known) in names for key in value if key not in known)


def _expected(node: _Node, value: JSON, noun: str) -> str:
    message = f"expected {noun or node.noun()}, got {shown(value)}"
    if isinstance(value, str):
        near = nearest(value, node.words())
        return message if near is None else f"{message}; did you mean {near!r}?"
    if isinstance(value, bool | int | float):
        as_text: list[FormatProblem] = []
        _check(node, shown(value), (), "", as_text)
        if not as_text:
            return f"{message}; quote it to make it a string"
    return message


def _type_name(value: JSON) -> str:
    name = _TYPE_NAMES[type(value)]
    return "integer" if name == "number" and float(value).is_integer() else name  # type: ignore[arg-type]  # a float


def _equal(one: JSON, other: JSON) -> bool:
    """Equality as in JSON: numbers by value, never a boolean with a number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _required(here: JSONObject) -> list[str]:
    return [str(name) for name in as_list(here.get("required"))]
