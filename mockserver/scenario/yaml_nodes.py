"""YAML read into a document: safely, with the place of every key and value, or with problems.

The parser's events are composed here rather than by the parser, so that depth and the growth of
aliases are bounded while reading, and every flaw has a place. Tags, merge keys (`<<`, no part of
YAML 1.2), keys that are no text and further documents are refused. The parser written in C, where
there is one, is only faster: what it refuses is read again by the one written in Python, whose
verdict and wording count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from mockserver.core.jsontext import JSON
from mockserver.errors import Position, Problem, ScenarioError
from mockserver.scenario.document import Document, Path, Place, in_order, written
from mockserver.scenario.yaml_parser import PythonParser
from mockserver.scenario.yaml_types import NotJSONError, resolve

MAX_DEPTH = 100
"""How deep lists and mappings may nest."""
MAX_EXPANSION = 100_000
"""How many values, and how many characters by a hundred, aliases may stand for in all."""

Loader: TypeAlias = "type[yaml.SafeLoader | yaml.CSafeLoader]"
PARSERS: tuple[Loader, ...] = (
    (yaml.CSafeLoader, PythonParser) if yaml.__with_libyaml__ else (PythonParser,)
)

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# Rarities in which the parser in C lets more pass: directives, tags, block texts' heads.
_LAX = re.compile(r"^%|(?:^|[\s,\[{])!|[|>][0-9+-]*(?:#| *\t)", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BOM = "\ufeff"
_STANDARD_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
# Parser wordings and what the author most likely has to do.
_HINTS = (
    ("mapping values are not allowed", "a text with ': ' in it needs quotes"),
    ("found character '\\t'", "indent with spaces, not with tabs"),
    ("cannot start any token", "a text that begins so needs quotes"),
    ("expected <block end>", "check the indentation, and quotes that end too early"),
    ("could not find expected ':'", "a key ends with ': '"),
    ("found unexpected end of stream", "a quote is not closed"),
)


@dataclass(frozen=True, slots=True)
class _Scalar:
    value: JSON
    source: str
    line: int
    column: int
    height: int = 0

    @property
    def size(self) -> int:
        return 1 + len(self.source) // 100


@dataclass(slots=True)
class _Sequence:
    line: int
    column: int
    items: list[_Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class _Mapping:
    line: int
    column: int
    entries: dict[str, tuple[_Scalar, _Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 1


_Node: TypeAlias = "_Scalar | _Sequence | _Mapping"


class _UnreadableError(Exception):
    """What ends the reading; the problem is already noted."""


def read_yaml(data: bytes | str, origin: str, parsers: tuple[Loader, ...] = PARSERS) -> Document:
    """Read one YAML document; raises ScenarioError where it cannot be read to its end."""
    text = _decoded(data, origin)
    bad = _UNPRINTABLE.search(text)
    if bad is not None:
        message = (
            f"character U+{ord(bad[0]):04X} may not stand in YAML; "
            "in double quotes it can be written as an escape"
        )
        raise ScenarioError([_flaw(_position(text[: bad.start()], origin), message)])
    fallbacks = iter(parsers[-1:] if _LAX.search(text) else parsers)
    composer = _Composer(origin)
    while (parser := next(fallbacks, None)) is not None:
        composer = _Composer(origin)
        try:
            return composer.document(iter(yaml.parse(text, Loader=parser)))
        except _UnreadableError:
            break
        except yaml.MarkedYAMLError as error:
            composer.flaw_of_parser(error)
        except (ValueError, OverflowError):
            # The parser hands the number to chr() unchecked.
            message = "an escape such as '\\UFFFFFFFF', which stands behind, names no character"
            composer.flaw(composer.line, composer.column, f"not YAML: {message}")
    raise ScenarioError(in_order(tuple(composer.problems)))


def _decoded(data: bytes | str, origin: str) -> str:
    if isinstance(data, str):
        return data.removeprefix(_BOM)
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_BOM)
        message = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise ScenarioError([_flaw(_position(before, origin), message)]) from None


def _position(before: str, origin: str) -> Position:
    lines = _BREAK.split(before)
    return Position(file=origin, line=len(lines), column=len(lines[-1]) + 1)


def _flaw(position: Position, message: str) -> Problem:
    return Problem(position=position, key_path="", message=message)


class _Composer:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.line = self.column = 1
        self._anchors: dict[str, _Node | None] = {}
        self._expanded = 0
        self._path: list[str | int] = []
        self._depth = 0
        self._events: Iterator[Event] = iter(())

    def document(self, events: Iterator[Event]) -> Document:
        """Compose the only document of a stream of events."""
        self._events = events
        self._next()
        first = self._next()
        root: _Node = _Scalar(None, "", 1, 1)
        if not isinstance(first, StreamEndEvent):
            root = _settled(self._node(self._next()), 1, 1)
            self._next()
            if isinstance(self._next(), DocumentStartEvent):
                message = "a second document begins here; a file holds one"
                self.flaw(self.line, self.column, message)
        places: dict[Path, Place] = {}
        value = _expand(root, (), (root.line, root.column), (root.line, root.column), places)
        return Document(
            origin=self.origin,
            value=value,
            places=places,
            problems=in_order(tuple(self.problems)),
        )

    def flaw(self, line: int, column: int, message: str) -> None:
        self.problems.append(
            Problem(
                position=Position(file=self.origin, line=line, column=column),
                key_path=written(tuple(self._path)),
                message=message,
            )
        )

    def flaw_of_parser(self, error: yaml.MarkedYAMLError) -> None:
        self._path.clear()
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or ""
        if error.context and error.problem:
            begun = error.context_mark
            since = f" that begins at line {begun.line + 1}" if begun else ""
            said = f"{error.problem} {error.context}{since}"
        hint = next((f"; {hint}" for sign, hint in _HINTS if sign in said), "")
        line, column = (mark.line + 1, mark.column + 1) if mark else (self.line, self.column)
        self.flaw(line, column, f"not YAML: {said}{hint}")

    def _next(self) -> Event:
        event = next(self._events)
        mark = cast("yaml.Mark", event.start_mark)  # that of a parser is never None
        self.line, self.column = mark.line + 1, mark.column + 1
        return event

    def _node(self, event: Event) -> _Node:
        line, column = self.line, self.column
        if isinstance(event, AliasEvent):
            return self._alias(str(event.anchor))
        # Nothing else can begin a node.
        opening = cast("ScalarEvent | CollectionStartEvent", event)
        anchor, tag = opening.anchor, opening.tag
        if tag is not None:
            name = tag.replace(_STANDARD_TAG, "!!")
            self.flaw(line, column, f"tag {name!r} is not allowed; quotes make a value text")
        if isinstance(event, ScalarEvent):
            node: _Node = self._scalar(event)
        else:
            self._no_deeper(1)
            self._depth += 1
            if anchor is not None:
                self._anchors[anchor] = None
            if isinstance(event, SequenceStartEvent):
                node = self._sequence(_Sequence(line, column))
            else:
                node = self._mapping(_Mapping(line, column))
            self._depth -= 1
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, anchor: str) -> _Node:
        node = self._anchors.get(anchor)
        if node is None:
            wrong = "stands inside what it names" if anchor in self._anchors else "names no anchor"
            self.flaw(self.line, self.column, f"alias {anchor!r} {wrong}")
            return _Scalar(None, "", self.line, self.column)
        self._no_deeper(node.height)
        self._expanded += node.size
        if self._expanded > MAX_EXPANSION:
            self.flaw(self.line, self.column, f"aliases stand for more than {MAX_EXPANSION} values")
            raise _UnreadableError
        return node

    def _no_deeper(self, height: int) -> None:
        if self._depth + height > MAX_DEPTH:
            self._path.clear()
            self.flaw(self.line, self.column, f"nested deeper than {MAX_DEPTH} levels")
            raise _UnreadableError

    def _scalar(self, event: ScalarEvent) -> _Scalar:
        source = _joined_surrogates(event.value)
        if event.style:
            return _Scalar(source, source, self.line, self.column)
        try:
            value = resolve(source)
        except NotJSONError:
            shown = source if len(source) <= 20 else f"{source[:20]}…"
            message = f"{shown} is no JSON number; quote it to make it text"
            self.flaw(self.line, self.column, message)
            value = source
        return _Scalar(value, source, self.line, self.column)

    def _sequence(self, node: _Sequence) -> _Sequence:
        while not isinstance(event := self._next(), SequenceEndEvent):
            self._path.append(len(node.items))
            item = self._node(event)
            self._path.pop()
            node.items.append(item)
            node.size += item.size
            node.height = max(node.height, item.height + 1)
        return node

    def _mapping(self, node: _Mapping) -> _Mapping:
        while not isinstance(event := self._next(), MappingEndEvent):
            line, column = self.line, self.column
            merge = isinstance(event, ScalarEvent) and event.value == _MERGE and not event.style
            key = self._node(event)
            if _is_nothing(key):
                line, column = node.line, node.column
            name = key.source if isinstance(key, _Scalar) else "?"
            self._path.append(name)
            value = _settled(self._node(self._next()), line, column)
            if not isinstance(key, _Scalar):
                self.flaw(line, column, "a key is a text, not a list or mapping")
            elif merge:
                message = "merge keys are no part of YAML 1.2; write the keys out or use 'defaults'"
                self.flaw(line, column, message)
            elif name in node.entries:
                first = node.entries[name][0]
                where = f"line {first.line}, column {first.column}"
                self.flaw(line, column, f"duplicate key {name!r}, written before at {where}")
            else:
                node.entries[name] = (_Scalar(name, name, line, column), value)
                node.size += key.size + value.size
                node.height = max(node.height, value.height + 1)
            self._path.pop()
        return node


def _is_nothing(node: _Node) -> bool:
    return isinstance(node, _Scalar) and node.value is None and not node.source


def _settled(node: _Node, line: int, column: int) -> _Node:
    """The parsers do not agree where nothing stands: it is put where it belongs to."""
    return _Scalar(None, "", line, column) if _is_nothing(node) else node


def _joined_surrogates(text: str) -> str:
    """Escapes in pairs, as JSON writes them, become the character they mean."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _expand(
    node: _Node,
    path: Path,
    here: tuple[int, int],
    key: tuple[int, int],
    places: dict[Path, Place],
) -> JSON:
    """The JSON value of a node, aliases told out; notes the place of everything in it."""
    places[path] = Place(*here, *key, node.source if isinstance(node, _Scalar) else None)
    if isinstance(node, _Scalar):
        return node.value
    if isinstance(node, _Sequence):
        found: list[JSON] = []
        for index, item in enumerate(node.items):
            at = (item.line, item.column)
            found.append(_expand(item, (*path, index), at, at, places))
        return found
    return {
        name: _expand(
            value, (*path, name), (value.line, value.column), (said.line, said.column), places
        )
        for name, (said, value) in node.entries.items()
    }
