"""How a scenario writes an output item: the forms of mappings, their keys, and the types of these."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from mockserver.model.json import JSONObject
from mockserver.model.reply import Item


class Read(StrEnum):
    """How a scenario's key is read; what the schema refused is absent. `arguments` is text as it
    is, or data as compact JSON; `json_text` is compact JSON of any data."""

    VALUE = "value"
    TEXT = "text"
    TEXTS = "texts"
    WHOLE = "whole"
    FLAG = "flag"
    LIST = "list"
    OBJECT = "object"
    OBJECTS = "objects"
    ARGUMENTS = "arguments"
    JSON_TEXT = "json_text"
    ERROR = "error"
    CHUNKS = "chunks"


class _Omit:
    """The default of a key that adds nothing where it is absent."""


OMIT: Final = _Omit()


class KeyType(NamedTuple):
    """The JSON Schema of a key's value, and how the value is read."""

    schema: JSONObject
    read: Read = Read.VALUE


class Key(NamedTuple):
    """A key of a form. It fills the field of its own name, or `field`; absent it gives `default`, or
    nothing. A key with `keys` is a mapping whose own keys fill fields."""

    name: str
    type: KeyType
    about: str
    field: str = ""
    default: object = OMIT
    required: bool = False
    keys: tuple[Key, ...] = ()

    @property
    def schema(self) -> JSONObject:
        return self.type.schema | {"description": self.about}


class Form:
    """A way to write an item: its first key identifies it. `make` takes the fields by name. `definition` is the
    schema's name in the printed format, KEY_item by default; of the keys of a pair in `excludes` only one may stand.
    Any item of a response may omit members."""

    def __init__(
        self,
        *keys: Key,
        make: Callable[..., Item],
        definition: str = "",
        excludes: tuple[tuple[str, str], ...] = (),
        in_response: bool = True,
    ) -> None:
        self.keys = (*keys, OMIT_KEY) if in_response else keys
        self.make = make
        self.key = keys[0].name
        self.definition = definition or f"{self.key}_item"
        self.excludes = excludes

    @property
    def schema(self) -> JSONObject:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [key.name for key in self.keys if key.required or key is self.keys[0]],
            "properties": {key.name: key.schema for key in self.keys},
        }


STRING: Final = KeyType({"type": "string"}, Read.TEXT)
NAME: Final = KeyType({"type": "string", "minLength": 1}, Read.TEXT)
TEXTS: Final = KeyType({"$ref": "#/$defs/texts"}, Read.TEXTS)
OBJECTS: Final = KeyType({"$ref": "#/$defs/objects"}, Read.OBJECTS)
CHUNKS: Final = KeyType({"$ref": "#/$defs/item_chunks"}, Read.CHUNKS)
ITEM_ID: Final = KeyType({"$ref": "#/$defs/item_id"}, Read.TEXT)
STATUS: Final = KeyType({"$ref": "#/$defs/item_status"}, Read.TEXT)
_ARGUMENTS: Final = KeyType({"$ref": "#/$defs/arguments"}, Read.ARGUMENTS)
_FLAG: Final = KeyType({"type": "boolean", "default": False}, Read.FLAG)

ARGUMENTS_KEY: Final = Key(
    "arguments",
    _ARGUMENTS,
    "A mapping, sent as compact JSON, or a text that is sent as it is; from_schema: data that fit the tool's schema. "
    "Default: an empty mapping.",
    default="{}",
)
CALL_KEYS: Final = (
    Key("async", _FLAG, "Whether the model goes on without waiting for the output.", "asynchronous"),
    Key(
        "caller",
        KeyType(
            {"type": "object", "required": ["type"], "title": "a mapping {type: program, caller_id: …}"}, Read.OBJECT
        ),
        "Who calls; a call by a program stays in progress.",
    ),
    Key("namespace", NAME, "The namespace of the tool."),
)
"""The keys of a call that not every call has."""
CALL_ID_KEY: Final = Key("call_id", NAME, "The id of the call. Default: generated.")
ID_KEY: Final = Key("id", ITEM_ID, "The item's id. Default: generated.")
OVERLAPS_KEY: Final = Key("overlaps", _FLAG, "Whether it begins while the item before it is still open.")
OMIT_KEY: Final = Key(
    "omit",
    KeyType({"$ref": "#/$defs/omitted"}, Read.TEXTS),
    "Members of the item in a response that are left out: status, content.logprobs, … In a list each element counts.",
)
HOSTED_KEYS: Final = (ID_KEY, OVERLAPS_KEY)
"""The last keys of an item of a hosted tool."""


def chunks_key(texts: str) -> Key:
    return Key("chunks", CHUNKS, f"How {texts} cut into deltas.")


def status_key(about: str) -> Key:
    return Key("status", STATUS, about)
