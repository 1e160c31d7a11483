"""Dialects by name or path, each built from its data file on top of the dialect it extends.

A name is that of a dialect that comes with the package. A path is relative to the file that names
it and may not leave the allowed folders: scenarios also arrive over the network."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import PurePath
from typing import Protocol

from mockserver.contract import DialectDataError
from mockserver.contract.dialect_loader import build
from mockserver.errors import Problem, ScenarioError, UsageError
from mockserver.model.cursor import Document, quoted, unknown
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.json import JSON, JSONReadError, read
from mockserver.scenario import files
from mockserver.scenario.files import Disk, FileSource
from mockserver.scenario.yaml_reader import read_yaml

_PATH_SIGNS = ("/", "\\", *files.SUFFIXES)


class UnknownDialectError(UsageError):
    """No dialect of that name, or no such file where one may be."""


class DialectSource(Protocol):
    def find(self, name: str, *, origin: str | None = None) -> Dialect: ...


class Dialects:
    """Dialects that come with the package, and those in files below allowed folders of a source, by default the disk.

    A file is read each time its dialect is looked up; an unchanged one gives the same value."""

    def __init__(self, folders: Iterable[str] = (), source: FileSource | None = None) -> None:
        self._source = Disk() if source is None else source
        self._folders = [PurePath(folder) for folder in folders]
        self._built: dict[tuple[str, bytes, Dialect | None], Dialect] = {}

    def allow_folder(self, folder: str) -> None:
        """Allow scenarios to name dialect files below a folder."""
        if PurePath(folder) not in self._folders:
            self._folders.append(PurePath(folder))

    def find(self, name: str, *, origin: str | None = None) -> Dialect:
        """The dialect of a name or path.

        `origin` is the file that names it; without one the path comes from the user and may be
        any. Raises UnknownDialectError, or ScenarioError with the problems of a dialect's file."""
        if not any(sign in name for sign in _PATH_SIGNS):
            return _shipped(name)
        path = PurePath(name) if origin is None else self._locate(name, PurePath(origin))
        if origin is None:
            self.allow_folder(str(path.parent))
        return self._build(path, ())

    def _locate(self, name: str, origin: PurePath) -> PurePath:
        if PurePath(name).is_absolute():
            raise UnknownDialectError(f"dialect {quoted(name)}: expected a path relative to the file that names it")
        tried = [folder / name for folder in (origin.parent, *self._folders)]
        allowed = [path for path in tried if self._source.within(path, self._folders)]
        for path in allowed:
            if self._source.is_file(path):
                return path
        if not allowed:
            raise UnknownDialectError(f"no dialect file {quoted(name)} in the folders of the scenarios")
        looked = " or ".join(dict.fromkeys(repr(self._source.shown(path)) for path in allowed))
        raise UnknownDialectError(f"no dialect file {quoted(name)}: there is no {looked}")

    def _build(self, path: PurePath, chain: tuple[PurePath, ...]) -> Dialect:
        data = self._source.read_file(path)
        document = read_yaml(data, self._source.shown(path))
        base = self._base(document, path, (*chain, self._source.absolute(path)))
        key = (str(self._source.absolute(path)), data, base)
        if key not in self._built:
            self._built[key] = _build_file(document, base, path, self._source)
        return self._built[key]

    def _base(self, document: Document, path: PurePath, chain: tuple[PurePath, ...]) -> Dialect | None:
        name = document.value.get("extends") if isinstance(document.value, dict) else None
        if not isinstance(name, str):
            return None
        try:
            if not any(sign in name for sign in _PATH_SIGNS):
                return _shipped(name)
            located = self._locate(name, path)
        except UnknownDialectError as error:
            raise ScenarioError([document.problem(("extends",), str(error))]) from None
        if self._source.absolute(located) in chain:
            message = f"dialect {quoted(name)} extends itself"
            raise ScenarioError([document.problem(("extends",), message)])
        return self._build(located, chain)


def is_dialect(document: Document) -> bool:
    """Whether a file defines a dialect rather than a scenario."""
    value = document.value
    return isinstance(value, dict) and "stubs" not in value and ("extends" in value or "routes" in value)


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


def _build_file(document: Document, base: Dialect | None, path: PurePath, source: FileSource) -> Dialect:
    if document.problems:
        raise ScenarioError(document.problems)
    schemas = dict(files.shipped_schemas())
    schemas |= _own_schemas(document, path, source)
    try:
        return build(document.value, base, schemas)
    except DialectDataError as error:
        raise ScenarioError([_problem(document, error)]) from None


def _problem(document: Document, error: DialectDataError) -> Problem:
    position = document.locate(error.key_path, key=error.message.startswith("unknown "))
    return Problem(position=position, key_path=error.key_path, message=error.message)


def _own_schemas(document: Document, path: PurePath, source: FileSource) -> dict[str, JSON]:
    named = document.value.get("requests") if isinstance(document.value, dict) else None
    found: dict[str, JSON] = {}
    for kind, name in named.items() if isinstance(named, dict) else ():
        schema_path = path.parent / str(name)
        if not isinstance(name, str) or not source.within(schema_path, [path.parent]):
            continue
        if name.endswith(".json") and source.is_file(schema_path):
            schema = read(source.read_file(schema_path))
            if isinstance(schema, JSONReadError):
                message = f"{name!r} is no JSON: {schema.message}"
                raise ScenarioError([document.problem(("requests", kind), message)])
            found[name] = schema
    return found
