"""The record of an output item: the forms of a scenario, how it is sent, and what its contract is.

Everything is data, so that an item costs a table. Words of the stream are event types without `response.`. Members are
listed as in the contract's tables: `name:type` is required, `name?:type` optional, `name!:type` required once the item
is done, and types are `string|null`, `#status.item`, `[@part.*]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, NamedTuple, TypeAlias

from mockserver.items.keys import Form
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Cutter

Types: TypeAlias = str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """An event between `added` and `done`: `members` follow the item's id and output index, which
    the stream adds; a `bare` event has no item id."""

    type: str
    members: JSONObject = field(default_factory=dict)
    bare: bool = False


Events: TypeAlias = Callable[[JSONObject, Cutter], Iterator[ItemEvent]]
"""The events of an item, from its final form."""


EndStatus: TypeAlias = Literal["none", "of_reply", "completed"]
"""The status of an item that a scenario gives none: none, that of the reply's end, or always `completed`."""

AddedStatus: TypeAlias = Literal["demanded", "sent", "of_end"]
"""The status of an item that is added: `in_progress`, which the contract demands or not (`sent`), or that of its
end."""


class IndexRule(NamedTuple):
    """An index of an event that must be the next of its count (`next`), or that of the thing opened
    last; it may advance the count."""

    member: str
    next: bool
    advances: bool


# The types of indexes in rows of events.
_INDEXES: Final = {"next": (True, True), "last": (False, False), "coming": (True, False)}


class EventType(NamedTuple):
    """The type row of an event, its label, and the rules about its indexes."""

    members: Types
    label: str
    indexes: tuple[IndexRule, ...]

    @classmethod
    def read(cls, row: str) -> EventType:
        """Read the members and the label of a row of `ItemSpec.stream`."""
        members, _, label = row.partition("->")
        names: list[str] = [] if "-item_id" in members else ["item_id:id"]
        names.append("output_index:count")
        indexes: list[IndexRule] = []
        for word in members.split():
            name, _, expected = word.partition(":")
            if expected in _INDEXES:
                indexes.append(IndexRule(name, *_INDEXES[expected]))
                names.append(f"{name}:count")
            elif word != "-item_id":
                names.append(word)
        return cls(" ".join(names), label.strip(), tuple(indexes))


class StreamedText(NamedTuple):
    """A text sent in `WORD.delta` events and repeated as `member` of `WORD.done`. `path` leads to it
    in the done item, where it is in none of the item's parts; `listed` are several texts there.
    `rule` about it is that of the member by default."""

    word: str
    member: str
    path: tuple[str, ...] = ()
    rule: str = ""
    listed: bool = False

    @property
    def rule_id(self) -> str:
        """The rule that a text breaks that is not the same everywhere."""
        return f"responses.{self.rule or self.member}.same"


class PartType(NamedTuple):
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


def rows(table: str) -> dict[str, str]:
    """The rows of a table of text, by their first word; an indented line continues a row."""
    lines = table.replace("\n    ", " ").splitlines()
    found = (line.partition(" ") for line in lines if line)
    return {name: rest.strip() for name, _, rest in found}


# Compared by identity: a record is made once. Without slots, for the cached properties.
@dataclass(frozen=True, kw_only=True, eq=False)
class ItemSpec:
    """An output item, or a scenario's form of one that has no type of its own (`type` empty).

    Sending: `prefix` of generated ids, TYPE_ by default. The added item shows `added` in place of its
    final members, nested as these are, and none of `added_without`. `internal` members are never sent.
    `events` are those between added and done.

    Contract: `members` is the type row of the item, `kinds` and `values` are further rows. `empty`
    are the values that a member of the added item may have, those of `added` by default. `overlaps`
    allows items of this type to be open next to each other.

    `stream` has a row for each event: its word, its members besides `item_id` (`-item_id` is an event
    without it) and `output_index`, and `-> LABEL`, the event's name in places of faults. In a label `#` is
    the number of the label so far and `@` that of the call; without a label it is the type, numbered.
    An index is of type `next` (the next of its count, which it advances), `coming` (the next) or
    `last` (that of the thing opened last). `restarts` names the index that starts again with another.

    `grammar` has a row for each state, `open` first: events with the state after them (`event > state`), the same state
    where none is named. `done` stands for `output_item.done`, `content_part.added` is followed by the type of the part,
    `other` for one that no item has. No grammar is an item that is added and done; `breaks_off` allows it to be done
    early where its status is failed or incomplete. `about` describes the order, `aliases` are other names of events.

    Of its `opaque` members each snapshot may hold another form of the same content. `unfinished` items may
    stay in progress in a completed response. `quirks` are the rules about items that the API was seen
    to break with this type.

    `texts` are sent in deltas. `parts` maps the words of events around a part to the member of the
    done item that lists such parts, `part_types` describes them."""

    type: str = ""
    forms: tuple[Form, ...] = ()

    prefix: str = ""
    status: EndStatus = "none"
    added_status: AddedStatus = "sent"
    added: JSONObject = field(default_factory=dict)
    added_without: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    events: Events | None = None

    members: Types = ""
    kinds: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, tuple[JSON, ...]] | None = None
    overlaps: bool = False
    opaque: tuple[str, ...] = ()
    unfinished: bool = False
    quirks: frozenset[str] = frozenset()
    stream: str = ""
    restarts: Mapping[str, str] = field(default_factory=dict)
    grammar: str = ""
    breaks_off: bool = False
    about: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[StreamedText, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    part_types: Mapping[str, PartType] = field(default_factory=dict)

    @cached_property
    def empty_values(self) -> Mapping[str, tuple[JSON, ...]]:
        return {n: (v,) for n, v in self.added.items()} if self.empty is None else self.empty

    @cached_property
    def event_types(self) -> Mapping[str, EventType]:
        return {word: EventType.read(row) for word, row in rows(self.stream).items()}

    @cached_property
    def steps(self) -> Mapping[str, Mapping[str, str]]:
        """The grammar: state, event, state."""
        found: dict[str, dict[str, str]] = {}
        for line in (self.grammar or f"{OPEN}: done").replace("\n    ", " ").strip().splitlines():
            state, _, events = line.strip().partition(": ")
            found[state] = {}
            for event in events.split(", "):
                word, _, after = event.partition(" > ")
                closes = word == "done"
                found[state][ITEM_DONE if closes else word] = CLOSED if closes else after or state
        return found | {CLOSED: {}}

    @cached_property
    def deltas(self) -> frozenset[str]:
        """The events with a fragment of a text."""
        return frozenset(f"{text.word}.delta" for text in self.texts)

    @cached_property
    def ends(self) -> Mapping[str, StreamedText]:
        return {f"{text.word}.done": text for text in self.texts}

    @cached_property
    def parts_opened(self) -> frozenset[str]:
        return frozenset(f"{word}.added" for word in self.parts)

    @cached_property
    def parts_ended(self) -> Mapping[str, str]:
        """The events that end a part, each with the member that lists such parts."""
        return {f"{word}.done": member for word, member in self.parts.items()}


ITEM: Final[Types] = "metadata?:object|null internal_chat_message_metadata_passthrough?:object|null"
"""Members of any item, where the client sent such metadata with its input."""

CALLER: Final[Types] = "caller?:object|null created_by?:string|null"
"""Members of an item that a program or an agent may have called."""
