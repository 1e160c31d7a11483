"""Python values as JSON: tuples are lists, any mapping is an object, nothing else is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from mockserver.errors import UsageError
from mockserver.model.json import JSON, JSONObject


def plain(value: object, path: str = "") -> JSON:
    """The value as JSON.

    Raises:
        UsageError: something in it has no JSON; the message says where.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return plain_object(value, path)
    if isinstance(value, list | tuple):
        return [plain(one, f"{path}[{index}]") for index, one in enumerate(value)]
    where = f" at {path.removeprefix('.')!r}" if path else ""
    raise UsageError(f"{value!r:.80}{where} has no JSON: wanted text, numbers, lists or mappings")


def plain_object(value: Mapping[str, object], path: str = "") -> JSONObject:
    """A mapping as a JSON object; see `plain`."""
    return {str(name): plain(one, f"{path}.{name}") for name, one in value.items()}
