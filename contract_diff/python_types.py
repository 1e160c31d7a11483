"""Reads the types of an installed `openai` package; run by the interpreter that has it.

Writes one JSON object: the version, the members of every type, and what the roots hold. Of this
project it imports nothing, because that interpreter does not have it."""

from __future__ import annotations

import importlib
import json
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, Final

import typing_extensions

ROOTS: Final = {
    "chat.request": ("openai.types.chat.completion_create_params", "CompletionCreateParams"),
    "chat.reply": ("openai.types.chat", "ChatCompletion"),
    "chat.chunk": ("openai.types.chat", "ChatCompletionChunk"),
    "responses.request": ("openai.types.responses.response_create_params", "ResponseCreateParams"),
    "responses.reply": ("openai.types.responses", "Response"),
    "responses.event": ("openai.types.responses", "ResponseStreamEvent"),
    "compact.request": ("openai.types.responses.response_compact_params", "ResponseCompactParams"),
    "compact.reply": ("openai.types.responses", "CompactedResponse"),
}
_UNIONS: Final = (typing.Union, types.UnionType)
_WRAPPERS: Final = (
    typing.Annotated,
    typing.Required,
    typing.NotRequired,
    typing_extensions.Required,
    typing_extensions.NotRequired,
)


class Reader:
    """Collects the types that annotations lead to."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, list[Any]]] = {}

    def alternatives(self, annotation: Any) -> list[Any]:
        """The alternatives of an annotation: `=text`, `@type`, a word, or a list of one's own."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if isinstance(annotation, typing_extensions.TypeAliasType):
            return self.alternatives(annotation.__value__)
        if origin in _UNIONS:
            return [one for argument in arguments for one in self.alternatives(argument)]
        if origin in _WRAPPERS:
            return self.alternatives(arguments[0])
        if origin in (typing.Literal, typing_extensions.Literal):
            return [f"={one}" for one in arguments if isinstance(one, str)]
        if annotation is str:
            return ["text"]
        if annotation in (type(None), bool, int, float):
            return []
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return ["anything"]
        if arguments:  # List, Iterable, and the package's own sequences
            return [{"list": self.alternatives(arguments[0])}]
        if isinstance(annotation, type) and getattr(annotation, "__annotations__", None) is not None:
            return [f"@{self.object(annotation)}"]
        return ["anything"]

    def object(self, found: type) -> str:
        """The name of a type of object, whose members are read once."""
        name = f"{found.__module__}.{found.__qualname__}"
        if name not in self.objects:
            members = self.objects[name] = {}
            fields: Mapping[str, Any] = getattr(found, "model_fields", {})
            for member, annotation in _hints(found, fields).items():
                members[_sent(member, annotation, fields)] = self.alternatives(annotation)
        return name


def _hints(found: type, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The annotations of the members; those of a model have been read by its class."""
    if fields:
        return {name: one.annotation for name, one in fields.items()}
    return typing_extensions.get_type_hints(found, include_extras=True)


def _sent(member: str, annotation: Any, fields: Mapping[str, Any]) -> str:
    """The name of a member in JSON: that of its alias, where it has one."""
    alias = getattr(fields.get(member), "alias", None)
    while alias is None and typing.get_origin(annotation) in _WRAPPERS:
        extras = getattr(annotation, "__metadata__", ())
        alias = next((one.alias for one in extras if getattr(one, "alias", None)), None)
        annotation = typing.get_args(annotation)[0]
    return alias or member


def main() -> int:
    """Print what the installed package declares."""
    reader = Reader()
    roots = {
        root: reader.alternatives(getattr(importlib.import_module(module), name))
        for root, (module, name) in ROOTS.items()
    }
    version = getattr(importlib.import_module("openai"), "__version__", "unknown")
    json.dump({"version": version, "objects": reader.objects, "roots": roots}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
