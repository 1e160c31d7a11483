"""The record of an output item: how a scenario writes it, how it is sent, and what its contract is.

Everything is data, so that an item costs a table. Words of the stream are event types without
`response.`. Members are listed as in the contract's tables: `name:type` is required, `name?:type`
optional, `name!:type` required once the item is done, and types are `string|null`, `#status.item`,
`[@part.*]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

from mockserver.model.item import Cutter, Item
from mockserver.model.json import JSON, JSONObject

Types: TypeAlias = str


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


@dataclass(frozen=True, slots=True)
class KeyType:
    """The JSON Schema of a key's value, and how the value is read."""

    schema: JSONObject
    read: Read = Read.VALUE


@dataclass(frozen=True, slots=True)
class Key:
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
        """The JSON Schema of the value."""
        return self.type.schema | {"description": self.about}


class Form:
    """A way to write an item: its first key tells it from others. `make` takes the fields by name.
    `definition` is the schema's name in the printed format, KEY_item by default; of the keys of a
    pair in `excludes` only one may stand."""

    def __init__(
        self,
        *keys: Key,
        make: Callable[..., Item],
        definition: str = "",
        excludes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.keys = keys
        self.make = make
        self.key = keys[0].name
        self.definition = definition or f"{self.key}_item"
        self.excludes = excludes

    @property
    def schema(self) -> JSONObject:
        """The JSON Schema of the mapping."""
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [key.name for key in self.keys if key.required or key is self.keys[0]],
            "properties": {key.name: key.schema for key in self.keys},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """An event between `added` and `done`: `members` follow the item's id and output index, which
    the stream adds; a `bare` event has no item id."""

    type: str
    members: JSONObject = field(default_factory=dict)
    bare: bool = False


Events: TypeAlias = Callable[[JSONObject, Cutter], Iterator[ItemEvent]]
"""The events of an item, from its final form."""


class EndStatus(StrEnum):
    """The status of an item that a scenario gives none: none, that of the reply's end, or always
    `completed`."""

    NONE = "none"
    OF_REPLY = "of_reply"
    COMPLETED = "completed"


class AddedStatus(StrEnum):
    """The status of an item that is added: `in_progress`, which the contract demands or not, or
    that of its end."""

    DEMANDED = "demanded"
    SENT = "sent"
    OF_END = "of_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRule:
    """An index that must be the next of its count (`opens`), or that of the thing opened last;
    `advances` the count. Opening a thing restarts the count of `restarts`."""

    member: str
    opens: bool = False
    advances: bool = False
    restarts: str | None = None

    @property
    def rule(self) -> str:
        """The rule that a wrong index breaks."""
        return f"responses.{self.member}.order"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """`label` names the event in places of faults: `#` is the number of the label so far, `@` that
    of the call; without one it is the type, numbered. A delta that is `padded` gets obfuscation."""

    members: Types
    label: str = ""
    indexes: tuple[IndexRule, ...] = ()
    padded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedText:
    """A text sent in `WORD.delta` events and repeated as `member` of `WORD.done`. `path` leads to it
    in the done item, where it is in none of the item's parts; `listed` are several texts there."""

    word: str
    member: str
    rule: str
    path: tuple[str, ...] = ()
    listed: bool = False

    @property
    def rule_id(self) -> str:
        """The rule that a text breaks that is not the same everywhere."""
        return f"responses.{self.rule}.same"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartList:
    """Parts that `WORD.added` opens and `WORD.done` ends; the done item has them as `member`."""

    word: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartType:
    """A part's text member, the rule about it, and the values that are empty when it is added."""

    member: str
    rule: str
    empty: Mapping[str, tuple[JSON, ...]]

    @property
    def rule_id(self) -> str:
        """The rule that a text breaks that is not the same everywhere."""
        return f"responses.{self.rule}.same"


OPEN: Final = "open"
CLOSED: Final = "closed"
ITEM_DONE: Final = "output_item.done"
CLOSE: Final[Mapping[str, str]] = {ITEM_DONE: CLOSED}
Grammar: TypeAlias = Mapping[str, Mapping[str, str]]


# Compared by identity: a record is made once. Without slots, for the cached properties.
@dataclass(frozen=True, kw_only=True, eq=False)
class ItemSpec:
    """An output item, or a scenario's form of one that has no type of its own (`type` empty).

    Sending: `prefix` of generated ids, TYPE_ by default; `added` is what the added item shows in place
    of its final members, nested as these are; it has none of `added_without`. `internal` members are
    never sent.

    Contract: `members` is the type row of the item, `kinds` and `values` are further rows. `grammar` goes
    from state to event to state, beginning `open`, ending `closed`; None is an item that is added and
    done. With `breaks_off` the item may be done early where its status is failed or incomplete.
    `empty` are the values that a member of the added item may have, those of `added` by default.
    `overlaps` says that items of this type may be open next to each other; `about` describes the
    order of its events, `aliases` are other names of them.
    """

    type: str = ""
    forms: tuple[Form, ...] = ()

    prefix: str = ""
    status: EndStatus = EndStatus.NONE
    added_status: AddedStatus = AddedStatus.SENT
    added: JSONObject = field(default_factory=dict)
    added_without: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    events: Events | None = None

    about: str = ""
    members: Types = ""
    kinds: Mapping[str, Types] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    event_types: Mapping[str, EventType] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    grammar: Grammar | None = None
    breaks_off: bool = False
    texts: tuple[StreamedText, ...] = ()
    part_lists: tuple[PartList, ...] = ()
    part_types: Mapping[str, PartType] = field(default_factory=dict)
    empty: Mapping[str, tuple[JSON, ...]] | None = None
    overlaps: bool = False

    @cached_property
    def empty_values(self) -> Mapping[str, tuple[JSON, ...]]:
        """The values that members of the added item may have."""
        return {n: (v,) for n, v in self.added.items()} if self.empty is None else self.empty

    @cached_property
    def deltas(self) -> frozenset[str]:
        """The events with a fragment of a text."""
        return frozenset(f"{text.word}.delta" for text in self.texts)

    @cached_property
    def ends(self) -> Mapping[str, StreamedText]:
        """The events that repeat a text."""
        return {f"{text.word}.done": text for text in self.texts}

    @cached_property
    def parts_opened(self) -> frozenset[str]:
        """The events that open a part."""
        return frozenset(f"{parts.word}.added" for parts in self.part_lists)

    @cached_property
    def parts_ended(self) -> Mapping[str, PartList]:
        """The events that end a part."""
        return {f"{parts.word}.done": parts for parts in self.part_lists}


EVENT: Final[Types] = "item_id:id output_index:count"
"""Members of an event of an item."""
CALLER: Final[Types] = "caller?:object|null created_by?:string|null"
"""Members of an item that a program or an agent may have called."""

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
    "A mapping, sent as compact JSON, or a text that is sent as it is. Default: an empty mapping.",
    default="{}",
)
CALL_ID_KEY: Final = Key("call_id", NAME, "The id of the call. Default: minted.")
ID_KEY: Final = Key("id", ITEM_ID, "The item's id. Default: minted.")
OVERLAPS_KEY: Final = Key(
    "overlaps", _FLAG, "Whether it begins while the item before it is still open."
)


def chunks_key(texts: str) -> Key:
    """The key `chunks` for the texts that are named."""
    return Key("chunks", CHUNKS, f"How {texts} cut into deltas.")


def status_key(about: str) -> Key:
    """The key `status`."""
    return Key("status", STATUS, about)
