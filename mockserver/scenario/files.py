"""The door through which scenarios, dialects and the package's own data come in from the disk."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mockserver.core.jsontext import JSON, Object

_HERE = Path(__file__).parent


@cache
def format_schema() -> Object:
    """The JSON Schema of the scenario format, as the loader walks it."""
    schema: JSON = json.loads((_HERE / "format.schema.json").read_bytes())
    if not isinstance(schema, dict):
        raise TypeError(schema)
    return schema


_DIALECTS = _HERE.parent / "dialects"


def dialect_names() -> tuple[str, ...]:
    """The shipped dialects."""
    return tuple(sorted(file.stem for file in _DIALECTS.glob("*.yaml")))


def dialect_path(name: str, origin: str) -> str | None:
    """The file of a shipped dialect, or of one whose path is relative to the file `origin`."""
    shipped = _DIALECTS / f"{name}.yaml"
    if name.isidentifier() and shipped.is_file():
        return str(shipped)
    if not name.endswith((".yaml", ".yml", ".json")):
        return None
    beside = (Path(origin).parent / name).resolve()
    return str(beside) if beside.is_file() else None


def is_shipped(path: str) -> bool:
    """Whether a dialect's file is one of the package's own."""
    return Path(path).parent == _DIALECTS


def stem(path: str) -> str:
    """The name of a file without folder and suffix."""
    return Path(path).stem


def read(path: str) -> bytes:
    """The bytes of a file. Raises `OSError`."""
    return Path(path).read_bytes()


def schemas(dialect: str) -> dict[str, JSON]:
    """The request schemas a dialect's file may name: the shipped ones, over them those beside it."""
    found = dict(_shipped_schemas())
    if not is_shipped(dialect):
        found |= _schemas_in(Path(dialect).parent)
    return found


@cache
def _shipped_schemas() -> dict[str, JSON]:
    return _schemas_in(_DIALECTS / "schemas")


def _schemas_in(folder: Path) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for file in sorted(folder.glob("*.json")):
        found[file.name] = json.loads(file.read_bytes())
    return found
