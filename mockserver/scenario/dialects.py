"""Dialects by name or path: data files built into values, one on top of the other.

A name is that of a dialect that comes with the package. A path is relative to the file that says
it and may not leave the folders that were handed in: scenarios also arrive over the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import PurePath
from typing import Protocol

from mockserver.contract.config_section import DialectDataError
from mockserver.contract.dialect_loader import build
from mockserver.errors import Problem, ScenarioError, UsageError
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.json import JSON, JSONReadError, read
from mockserver.scenario import files
from mockserver.scenario.document import Document
from mockserver.scenario.file_sources import FileSource
from mockserver.scenario.messages import quoted, unknown
from mockserver.scenario.yaml_nodes import read_yaml

_SIGNS_OF_A_PATH = ("/", "\\", *files.SUFFIXES)


class UnknownDialectError(UsageError):
    """No dialect of that name, or no such file where one may be."""


class DialectSource(Protocol):
    """Finds dialects."""

    def find(self, name: str, *, origin: str | None = None) -> Dialect:
        """See `Dialects.find`."""
        ...


class Dialects:
    """Dialects that come with the package, and those in files below trusted folders of a shelf,
    by default the disk.

    A file is read again at each asking; an unchanged one gives the same value.
    """

    def __init__(self, folders: Iterable[str] = (), shelf: FileSource = files) -> None:
        self._shelf = shelf
        self._folders = [PurePath(folder) for folder in folders]
        self._built: dict[tuple[str, bytes, Dialect | None], Dialect] = {}

    def trust(self, folder: str) -> None:
        """Let scenarios name dialect files below a folder."""
        if PurePath(folder) not in self._folders:
            self._folders.append(PurePath(folder))

    def find(self, name: str, *, origin: str | None = None) -> Dialect:
        """The dialect of a name or path.

        `origin` is the file that names it; without one the path is our user's own, and may be
        any. Raises UnknownDialectError, or ScenarioError with the problems of a dialect's file.
        """
        if not any(sign in name for sign in _SIGNS_OF_A_PATH):
            return _shipped(name)
        path = PurePath(name) if origin is None else self._located(name, PurePath(origin))
        if origin is None:
            self.trust(str(path.parent))
        return self._build(path, ())

    def _located(self, name: str, origin: PurePath) -> PurePath:
        if PurePath(name).is_absolute():
            message = f"dialect {quoted(name)}: wanted a path relative to the file that names it"
            raise UnknownDialectError(message)
        tried = [folder / name for folder in (origin.parent, *self._folders)]
        allowed = [path for path in tried if self._shelf.within(path, self._folders)]
        for path in allowed:
            if self._shelf.is_file(path):
                return path
        looked = " or ".join(dict.fromkeys(repr(self._shelf.shown(path)) for path in allowed))
        if not looked:
            looked = "any folder of scenarios, which it may not leave"
        raise UnknownDialectError(f"no dialect file {quoted(name)}: there is no {looked}")

    def _build(self, path: PurePath, chain: tuple[PurePath, ...]) -> Dialect:
        data = self._shelf.read_file(path)
        document = read_yaml(data, self._shelf.shown(path))
        base = self._base(document, path, (*chain, self._shelf.absolute(path)))
        key = (str(self._shelf.absolute(path)), data, base)
        if key not in self._built:
            self._built[key] = _built(document, base, path, self._shelf)
        return self._built[key]

    def _base(
        self, document: Document, path: PurePath, chain: tuple[PurePath, ...]
    ) -> Dialect | None:
        name = document.value.get("extends") if isinstance(document.value, dict) else None
        if not isinstance(name, str):
            return None
        try:
            if not any(sign in name for sign in _SIGNS_OF_A_PATH):
                return _shipped(name)
            located = self._located(name, path)
        except UnknownDialectError as error:
            raise ScenarioError([document.problem(("extends",), str(error))]) from None
        if self._shelf.absolute(located) in chain:
            message = f"dialect {quoted(name)} extends itself"
            raise ScenarioError([document.problem(("extends",), message)])
        return self._build(located, chain)


def is_dialect(document: Document) -> bool:
    """Whether a file tells a dialect rather than a scenario."""
    told = document.value
    return (
        isinstance(told, dict) and "stubs" not in told and ("extends" in told or "routes" in told)
    )


def _shipped(name: str) -> Dialect:
    return _read_shipped(name, ENDPOINTS.names)


@cache
def _read_shipped(name: str, _: tuple[Endpoint, ...]) -> Dialect:
    """A dialect of the package; which endpoints there are decides its routes."""
    known = files.shipped_dialects()
    path = known.get(name)
    if path is None:
        raise UnknownDialectError(unknown("dialect", name, known))
    document = read_yaml(files.read_file(path), files.shown(path))
    extends = document.value.get("extends") if isinstance(document.value, dict) else None
    base = _shipped(extends) if isinstance(extends, str) else None
    return build(document.value, base, files.shipped_schemas(), tested=True)


def _built(document: Document, base: Dialect | None, path: PurePath, shelf: FileSource) -> Dialect:
    if document.problems:
        raise ScenarioError(document.problems)
    schemas = dict(files.shipped_schemas())
    schemas |= _own_schemas(document, path, shelf)
    try:
        return build(document.value, base, schemas)
    except DialectDataError as error:
        raise ScenarioError([_problem(document, error)]) from None


def _problem(document: Document, error: DialectDataError) -> Problem:
    position = document.locate(error.key_path, key=error.message.startswith("unknown "))
    return Problem(position=position, key_path=error.key_path, message=error.message)


def _own_schemas(document: Document, path: PurePath, shelf: FileSource) -> dict[str, JSON]:
    """Request schemas that lie beside a dialect's file."""
    told = document.value.get("requests") if isinstance(document.value, dict) else None
    found: dict[str, JSON] = {}
    for form, name in told.items() if isinstance(told, dict) else ():
        beside = path.parent / str(name)
        if not isinstance(name, str) or not shelf.within(beside, [path.parent]):
            continue
        if name.endswith(".json") and shelf.is_file(beside):
            schema = read(shelf.read_file(beside))
            if isinstance(schema, JSONReadError):
                message = f"{name!r} is no JSON: {schema.message}"
                raise ScenarioError([document.problem(("requests", form), message)])
            found[name] = schema
    return found
