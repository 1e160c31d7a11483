"""A parser's events composed into nodes, and every flaw noted on the way.

Depth and the growth of aliases are bounded while reading. Tags, merge keys (`<<`, no part of YAML
1.2), keys that are no text and further documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

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

from mockserver.errors import Position, Problem
from mockserver.scenario.document import Document, Path, Place, format_path, in_order
from mockserver.scenario.yaml_tree import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    expand,
    is_nothing,
    settled,
)
from mockserver.scenario.yaml_types import NotJSONError, resolve

MAX_DEPTH = 100
"""How deep lists and mappings may nest."""
MAX_EXPANSION = 100_000
"""How many values, and how many characters by a hundred, aliases may stand for in all."""

_SURROGATE = re.compile("[\ud800-\udfff]")
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


class UnreadableError(Exception):
    """What ends the reading; the problem is already noted."""


class Composer:
    """Composes one document; `line` and `column` are those of the event last seen."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[Problem] = []
        self.line = self.column = 1
        self._anchors: dict[str, Node | None] = {}
        self._expanded = 0
        self._path: list[str | int] = []
        self._depth = 0
        self._events: Iterator[Event] = iter(())

    def document(self, events: Iterator[Event]) -> Document:
        """Compose the only document of a stream of events."""
        self._events = events
        self._next()
        first = self._next()
        root: Node = Scalar(None, "", 1, 1)
        if not isinstance(first, StreamEndEvent):
            root = settled(self._node(self._next()), 1, 1)
            self._next()
            if isinstance(self._next(), DocumentStartEvent):
                message = "a second document begins here; a file holds one"
                self.flaw(self.line, self.column, message)
        places: dict[Path, Place] = {}
        value = expand(root, (), (root.line, root.column), (root.line, root.column), places)
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
                key_path=format_path(tuple(self._path)),
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

    def _node(self, event: Event) -> Node:
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
            node: Node = self._scalar(event)
        else:
            self._no_deeper(1)
            self._depth += 1
            if anchor is not None:
                self._anchors[anchor] = None
            if isinstance(event, SequenceStartEvent):
                node = self._sequence(Sequence(line, column))
            else:
                node = self._mapping(Mapping(line, column))
            self._depth -= 1
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, anchor: str) -> Node:
        node = self._anchors.get(anchor)
        if node is None:
            wrong = "stands inside what it names" if anchor in self._anchors else "names no anchor"
            self.flaw(self.line, self.column, f"alias {anchor!r} {wrong}")
            return Scalar(None, "", self.line, self.column)
        self._no_deeper(node.height)
        self._expanded += node.size
        if self._expanded > MAX_EXPANSION:
            self.flaw(self.line, self.column, f"aliases stand for more than {MAX_EXPANSION} values")
            raise UnreadableError
        return node

    def _no_deeper(self, height: int) -> None:
        if self._depth + height > MAX_DEPTH:
            self._path.clear()
            self.flaw(self.line, self.column, f"nested deeper than {MAX_DEPTH} levels")
            raise UnreadableError

    def _scalar(self, event: ScalarEvent) -> Scalar:
        source = _joined_surrogates(event.value)
        if event.style:
            return Scalar(source, source, self.line, self.column)
        try:
            value = resolve(source)
        except NotJSONError:
            shown = source if len(source) <= 20 else f"{source[:20]}…"
            message = f"{shown} is no JSON number; quote it to make it text"
            self.flaw(self.line, self.column, message)
            value = source
        return Scalar(value, source, self.line, self.column)

    def _sequence(self, node: Sequence) -> Sequence:
        while not isinstance(event := self._next(), SequenceEndEvent):
            self._path.append(len(node.items))
            item = self._node(event)
            self._path.pop()
            node.items.append(item)
            node.size += item.size
            node.height = max(node.height, item.height + 1)
        return node

    def _mapping(self, node: Mapping) -> Mapping:
        while not isinstance(event := self._next(), MappingEndEvent):
            line, column = self.line, self.column
            merge = isinstance(event, ScalarEvent) and event.value == _MERGE and not event.style
            key = self._node(event)
            if is_nothing(key):
                line, column = node.line, node.column
            name = key.source if isinstance(key, Scalar) else "?"
            self._path.append(name)
            value = settled(self._node(self._next()), line, column)
            if not isinstance(key, Scalar):
                self.flaw(line, column, "a key is a text, not a list or mapping")
            elif merge:
                message = "merge keys are no part of YAML 1.2; write the keys out or use 'defaults'"
                self.flaw(line, column, message)
            elif name in node.entries:
                first = node.entries[name][0]
                where = f"line {first.line}, column {first.column}"
                self.flaw(line, column, f"duplicate key {name!r}, written before at {where}")
            else:
                node.entries[name] = (Scalar(name, name, line, column), value)
                node.size += key.size + value.size
                node.height = max(node.height, value.height + 1)
            self._path.pop()
        return node


def _joined_surrogates(text: str) -> str:
    """Escapes in pairs, as JSON writes them, become the character they mean."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
