"""Python values given in place of a file, checked to be JSON and copied."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mockserver.errors import ScenarioError
from mockserver.model.json import JSON
from mockserver.scenario.document import Document, Path
from mockserver.scenario.yaml_composer import MAX_DEPTH


class _NotJSONError(Exception):
    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def read_plain(value: object, origin: str) -> Document:
    """Take over a value; raises ScenarioError where it holds what JSON cannot, or itself.

    Tuples count as lists. Every place is line 1, column 1.
    """
    try:
        return Document(origin=origin, value=_plain(value, ()))
    except _NotJSONError as error:
        nowhere = Document(origin=origin, value=None)
        raise ScenarioError([nowhere.problem(error.path, error.message)]) from None


def _plain(value: object, path: Path) -> JSON:
    if len(path) > MAX_DEPTH:
        raise _NotJSONError((), f"nested deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float() if math.isfinite(value):
            return float(value)
        case Mapping():
            return {_name(key, path): _plain(inner, (*path, key)) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner, (*path, index)) for index, inner in enumerate(value)]
        case _:
            message = f"{value!r:.60} is no JSON value; text, numbers, lists and mappings are"
            raise _NotJSONError(path, message)


def _name(key: object, path: Path) -> str:
    if isinstance(key, str):
        return str(key)
    raise _NotJSONError(path, f"a key is a text, got {key!r:.60}")
