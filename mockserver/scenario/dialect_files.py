"""Dialects from their files: the shipped ones by name, anybody's by path; each is built once."""

from __future__ import annotations

from mockserver.contract.dialect_data import DialectDataError, build
from mockserver.core.dialect import Dialect
from mockserver.core.jsontext import JSON
from mockserver.errors import ScenarioError
from mockserver.scenario import files
from mockserver.scenario.dialects import UnknownDialectError
from mockserver.scenario.document import Document
from mockserver.scenario.yaml_nodes import read_yaml

REFERENCE = "openai"


class DialectFiles:
    """Finds dialects and keeps them, so that the same file gives the same object.

    A dialect that does not say what it extends extends the reference. Schemas named in a file are
    those beside it and the shipped ones.
    """

    def __init__(self) -> None:
        self._built: dict[str, Dialect] = {}

    def find(self, name: str, *, origin: str = "") -> Dialect:
        """The dialect of a name, or of a file whose path is relative to that of `origin`.

        Raises `UnknownDialectError`, or `ScenarioError` with the problems of the dialect's file.
        """
        return self._find(name, origin, ())

    def _find(self, name: str, origin: str, below: tuple[str, ...]) -> Dialect:
        found = files.dialect_path(name, origin)
        if found is None:
            raise UnknownDialectError(name, files.dialect_names())
        if found not in self._built:
            if found in below:
                raise UnknownDialectError(f"{name} (which extends itself)", files.dialect_names())
            self._built[found] = self._build(found, (*below, found))
        return self._built[found]

    def _build(self, path: str, below: tuple[str, ...]) -> Dialect:
        document = read_yaml(files.read(path), path)
        if document.problems:
            raise ScenarioError(document.problems)
        data: JSON = document.value
        extends = data.get("extends") if isinstance(data, dict) else None
        base = self._base(document, extends, path, below)
        if isinstance(data, dict):
            data = {"dialect": files.stem(path)} | data
        try:
            return build(data, base, files.schemas(path))
        except DialectDataError as error:
            position = document.locate(error.key_path)
            problem = document.problem((), error.message)
            raise ScenarioError(
                [type(problem)(position=position, key_path=error.key_path, message=error.message)]
            ) from None

    def _base(
        self, document: Document, extends: JSON, path: str, below: tuple[str, ...]
    ) -> Dialect | None:
        if extends is None and files.is_shipped(path) and files.stem(path) == REFERENCE:
            return None
        name = REFERENCE if extends is None else extends
        if not isinstance(name, str):
            raise ScenarioError(
                [document.problem(("extends",), f"wanted a name or a path, got {name!r}")]
            )
        try:
            return self._find(name, path, below)
        except UnknownDialectError as error:
            raise ScenarioError([document.problem(("extends",), str(error))]) from None
