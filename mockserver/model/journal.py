"""The ordered, bounded record of exchanges in one sandbox.

What is kept is raw bytes and references; an `Entry` with its parsed forms is made when somebody
asks for one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint
from mockserver.model.findings import Finding
from mockserver.model.frames import Frame, Outcome, Script, Send
from mockserver.model.request import Request
from mockserver.model.stub_set import Match, Miss

# About what a frame takes beside its bytes.
_FRAME = 100


class ExchangeKind(StrEnum):
    """What an exchange was: a call of an endpoint, side traffic such as `GET /v1/models`, or
    bytes that were no HTTP request."""

    CALL = "call"
    SIDE = "side"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`number` counts from 1 in the sandbox; `at_s` is seconds since the sandbox was made.

    `call` is None where the body could not be read or nothing was called; `choice` is None where
    the request was answered before any stub was asked. `status` is the HTTP status of the answer
    (0 where none was sent), `script` the frames of a performed reply, `held` the places where it
    came to a closed gate, `outcome` how it ended, None while it is under way.
    """

    number: int
    kind: ExchangeKind
    at_s: float
    request: Request
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    status: int = 0
    script: Script | None = None
    held: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to, beyond what every entry does."""
        return self.request.size_bytes + _weight(self.call) + _weight(self.script)

    def entry(self) -> Entry:
        """Itself."""
        return self


class Kept(Protocol):
    """An exchange as the journal keeps it: what tells the entry when somebody asks."""

    @property
    def number(self) -> int: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to, beyond what every entry does."""
        ...

    def entry(self) -> Entry:
        """The entry; what has to be parsed or composed again for it waits until it is asked."""
        ...


@dataclass(slots=True)
class Recorded:
    """A call as the journal keeps it; see `Entry` for the members.

    `call` is kept only where the body's bytes do not tell it again, as when they came compressed;
    `endpoint` is None where nothing was called. `script` may be what gives the script of a call.
    """

    number: int
    at_s: float
    request: Request
    endpoint: Endpoint | None
    call: Call | None
    choice: Match | Miss | None
    findings: tuple[Finding, ...]
    status: int
    script: Script | Callable[[Call], Script] | None
    held: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to, beyond what every entry does."""
        return self.request.size_bytes + _weight(self.call) + _weight(self.script)

    def entry(self) -> Entry:
        """The entry; what has to be parsed or composed again for it waits until it is asked."""
        call, made = self._call(), self.script
        script = made if isinstance(made, Script) else None
        if call is not None and made is not None and not isinstance(made, Script):
            script = ScriptAgain(made, call)
        return Entry(
            number=self.number,
            kind=ExchangeKind.CALL,
            at_s=self.at_s,
            request=self.request,
            call=call,
            choice=self.choice,
            findings=self.findings,
            status=self.status,
            script=script,
            held=self.held,
            outcome=self.outcome,
        )

    def _call(self) -> Call | None:
        if self.call is not None:
            return self.call.unread()  # what is read of it goes with the reader
        return None if self.endpoint is None else Call(self.endpoint, request=self.request)


class ScriptAgain(Script):
    """A script that was played before, and is composed again when somebody asks."""

    _make: Callable[[Call], Script]
    _call: Call

    def __init__(self, make: Callable[[Call], Script], call: Call) -> None:
        vars(self).update(_make=make, _call=call)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame."""
        return self._make(self._call).frames


class Journal:
    """Keeps the last `limit` entries and at most `limit_bytes` of what was asked and of scripts
    that cannot be composed again."""

    def __init__(self, *, limit: int = 10_000, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._entries: deque[Kept] = deque()
        self._bytes = 0
        self._next = 1
        self.generation = 0
        """Counts the clearings, as numbers begin again after each."""

    def __iter__(self) -> Iterator[Entry]:
        return (one.entry() for one in tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self)

    @property
    def dropped(self) -> int:
        """How many entries the bounds have pushed out since the last clearing."""
        # Seen from another thread an entry may be there before it is counted.
        return max(self._next - 1 - len(self._entries), 0)

    @property
    def open(self) -> tuple[int, ...]:
        """Numbers of the exchanges still under way."""
        kept = tuple(self._entries)
        return tuple([one.number for one in kept if one.outcome is None])

    def next_number(self) -> int:
        """The number that the next entry will bear."""
        return self._next

    def add(self, entry: Kept) -> None:
        """Record an exchange; its number must be `next_number()`."""
        entries = self._entries
        entries.append(entry)
        self._next += 1
        self._bytes += entry.size_bytes
        while len(entries) > self._limit or (self._bytes > self._limit_bytes and len(entries) > 1):
            self._bytes -= entries.popleft().size_bytes

    def _find(self, number: int) -> Kept | None:
        """Numbers have no gaps."""
        place = number - self._next + len(self._entries)
        return self._entries[place] if 0 <= place < len(self._entries) else None

    def _put(self, entry: Entry) -> None:
        """In the place of the one with that number, which weighs the same."""
        self._entries[entry.number - self._next + len(self._entries)] = entry

    def end(self, number: int, outcome: Outcome, *, generation: int | None = None) -> None:
        """Say how an exchange of an era ended, of the present one by default; one that was dropped
        or cleared meanwhile is ignored."""
        entry = self._find(number) if generation in (None, self.generation) else None
        if isinstance(entry, Recorded):
            entry.outcome = outcome
        elif isinstance(entry, Entry):
            self._put(replace(entry, outcome=outcome))

    def hold(self, number: int, place: str) -> None:
        """Say that an exchange came to a closed gate; see `end` for what is ignored."""
        entry = self._find(number)
        if isinstance(entry, Recorded):
            entry.held = (*entry.held, place)
        elif isinstance(entry, Entry):
            self._put(replace(entry, held=(*entry.held, place)))

    def get(self, number: int) -> Entry | None:
        entry = self._find(number)
        return None if entry is None else entry.entry()

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._entries.clear()
        self._bytes = 0
        self._next = 1
        self.generation += 1


def _weight(kept: object) -> int:
    """What weighs are bytes of their own: a call that is read again has them, and a script."""
    if isinstance(kept, Call):
        return kept.size_bytes
    frames = kept.frames if isinstance(kept, Script) else ()
    return sum(_FRAME + (len(frame.data) if isinstance(frame, Send) else 0) for frame in frames)
