"""YAML nodes on their way to a value, and the value with the place of everything in it.

Aliases share their nodes; telling them out is safe, because size and height are known before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.model.json import JSON
from mockserver.scenario.document import Path, Place


@dataclass(frozen=True, slots=True)
class Scalar:
    value: JSON
    source: str
    line: int
    column: int
    height: int = 0

    @property
    def size(self) -> int:
        return 1 + len(self.source) // 100


@dataclass(slots=True)
class Sequence:
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Mapping:
    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 1


Node: TypeAlias = "Scalar | Sequence | Mapping"


def is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None and not node.source


def settled(node: Node, line: int, column: int) -> Node:
    """The parsers do not agree where nothing stands: it is put where it belongs to."""
    return Scalar(None, "", line, column) if is_nothing(node) else node


def expand(
    node: Node,
    path: Path,
    here: tuple[int, int],
    key: tuple[int, int],
    places: dict[Path, Place],
) -> JSON:
    """The JSON value of a node, aliases told out; notes the place of everything in it."""
    places[path] = Place(*here, *key, node.source if isinstance(node, Scalar) else None)
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        found: list[JSON] = []
        for index, item in enumerate(node.items):
            at = (item.line, item.column)
            found.append(expand(item, (*path, index), at, at, places))
        return found
    return {
        name: expand(
            value, (*path, name), (value.line, value.column), (said.line, said.column), places
        )
        for name, (said, value) in node.entries.items()
    }
