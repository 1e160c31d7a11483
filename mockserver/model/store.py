"""What the API keeps of the calls that it answered: responses and their chains, and chat completions.

A call costs one reference to its record. What was stored is made from the record when it is asked
for, so that no call pays for a retrieval that never comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol

from mockserver.model.frames import OutcomeKind
from mockserver.model.journal import Record
from mockserver.model.json import JSON, JSONObject

LIMIT: Final = 10_000
_LIMIT_BYTES: Final = 64 * 1024 * 1024
# Objects that are kept as they were made; a chain is read again and again.
_MADE: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One stored object. `given` are the items or messages of its request, `items` the same as the API lists
    them; `parent` is the response that it continues; `events` gives its stream, for one in the background."""

    id: str
    value: JSONObject
    given: tuple[JSON, ...] = ()
    items: tuple[JSONObject, ...] = ()
    parent: str | None = None
    background: bool = False
    streamed: bool = False
    events: Callable[[], tuple[JSONObject, ...]] = tuple

    @property
    def kind(self) -> JSON:
        """What it is, as its `object` says."""
        return self.value.get("object")

    @property
    def output(self) -> tuple[JSON, ...]:
        """The items that a response added to its conversation."""
        found = self.value.get("output")
        return tuple(found) if isinstance(found, list) else ()


class StoredName(NamedTuple):
    """The id of an object, and whether it is made in the background."""

    id: str
    background: bool = False


class RecordReader(Protocol):
    """Makes stored objects from the records of their calls."""

    def name(self, record: Record) -> StoredName | None:
        """What a call stores, None for nothing; cheaper than to make it."""
        ...

    def read(self, record: Record) -> Stored:
        """The object of a call that has a name."""
        ...


@dataclass(slots=True)
class _Entry:
    """An object stays when it is deleted: what continues it still has its conversation."""

    record: Record
    deleted: bool = False
    changes: JSONObject = field(default_factory=dict)


class Store:
    """The stored objects of one sandbox by id, the latest `limit` of them, with at most `limit_bytes` of requests.

    A reply that is cut off or still in flight has stored nothing, unless it is made in the background.
    """

    def __init__(self, reader: RecordReader, *, limit: int = LIMIT, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._reader = reader
        self._limit = limit
        self._limit_bytes = limit_bytes
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._new: deque[Record] = deque()
        self._entries: dict[str, _Entry] = {}
        self._made: dict[str, Stored] = {}
        self._bytes = 0
        self.evicted = 0
        """How many calls the limits have pushed out, whether they had stored something or not."""

    def add(self, record: Record) -> None:
        """Remember a call that may store its reply."""
        self._new.append(record)
        self._bytes += record.size_bytes
        while len(self._new) + len(self._entries) > self._limit or (self._bytes > self._limit_bytes and self._several):
            self._evict()

    @property
    def _several(self) -> bool:
        return len(self._new) + len(self._entries) > 1

    def _evict(self) -> None:
        if self._entries:
            name = next(iter(self._entries))
            record = self._entries.pop(name).record
            self._made.pop(name, None)
        else:
            record = self._new.popleft()
        self._bytes -= record.size_bytes
        self.evicted += 1

    def get(self, name: str) -> Stored | None:
        """The object of that id; None where there is none, or it was deleted."""
        self._index()
        entry = self._entries.get(name)
        return None if entry is None or entry.deleted else self._object(name, entry)

    def all(self) -> Iterator[Stored]:
        """Every object that was not deleted, the oldest first."""
        self._index()
        for name, entry in (*self._entries.items(),):
            if not entry.deleted:
                yield self._object(name, entry)

    def delete(self, name: str) -> bool:
        """Delete an object; whether there was one."""
        found = self.get(name) is not None
        if found:
            self._entries[name].deleted = True
        return found

    def change(self, name: str, changes: JSONObject) -> None:
        """Lay members over those of an object that there is."""
        self._entries[name].changes |= changes

    def in_flight(self, name: str) -> bool:
        """Whether the reply of an object that there is has not ended."""
        return self._entries[name].record.outcome is None

    def chain(self, name: str) -> tuple[Stored, ...]:
        """A response and what it continues, the oldest first, deleted ones included; none for an unknown
        response, and from the last one that was not evicted."""
        found: list[Stored] = []
        following: str | None = name if self.get(name) is not None else None
        while following is not None and following in self._entries and len(found) < self._limit:
            found.append(self._object(following, self._entries[following]))
            following = found[-1].parent
        return tuple(reversed(found))

    def history(self, name: str) -> tuple[JSON, ...] | None:
        """The input and output items of a response and what it continues; None for an unknown response."""
        chain = self.chain(name)
        return tuple([item for one in chain for item in (*one.given, *one.output)]) if chain else None

    def _object(self, name: str, entry: _Entry) -> Stored:
        made = self._made.get(name)
        if made is None:
            made = self._reader.read(entry.record)
            if len(self._made) >= _MADE:
                del self._made[next(iter(self._made))]
            self._made[name] = made
        return made if not entry.changes else replace(made, value=made.value | entry.changes)

    def _index(self) -> None:
        """Name the calls that came since the last time, save those in flight."""
        waiting: deque[Record] = deque()
        for record in self._new:
            named, outcome = self._reader.name(record), record.outcome
            if outcome is None and not (named and named.background):
                waiting.append(record)
            elif named is None or not (named.background or (outcome and outcome.how is OutcomeKind.COMPLETE)):
                self._bytes -= record.size_bytes
            else:
                # The later of two objects with one id is the one that is found.
                before = self._entries.pop(named.id, None)
                self._bytes -= 0 if before is None else before.record.size_bytes
                self._entries[named.id] = _Entry(record)
                self._made.pop(named.id, None)
        self._new = waiting
