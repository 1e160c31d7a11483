"""The ordered, bounded record of exchanges in one sandbox.

A record holds raw bytes and references; its parsed forms are made when they are read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint
from mockserver.model.findings import Finding
from mockserver.model.frames import Outcome, Script, Send
from mockserver.model.ids import EPOCH
from mockserver.model.json import JSON, write_bytes
from mockserver.model.request import Request
from mockserver.model.route import NO_PARAMETERS, PathParameters
from mockserver.model.stub_set import Match, Miss

# About what a frame takes besides its bytes.
_FRAME_BYTES = 100
# A reference to an item of the conversation that is continued.
_ITEM_BYTES = 8

ScriptSource: TypeAlias = Script | Callable[[Call], Script]
"""A script, or what composes it again from the call."""


class ExchangeKind(StrEnum):
    """What an exchange was: a call of an endpoint, another request such as `GET /v1/models`, or
    bytes that were no HTTP request."""

    CALL = "call"
    SIDE = "side"
    GARBAGE = "garbage"


@dataclass(slots=True, kw_only=True, eq=False)  # not frozen: one is made for every exchange
class Record:
    """One exchange. `number` counts from 1 in the sandbox; `at_s` is seconds since the sandbox was
    made, `clock_s` the time on its clock in Unix seconds; `reproducible` is whether that clock is
    virtual.

    `endpoint` is None where the body could not be read or no endpoint was called, `parameters` are
    those of its path, `history` are the items of the conversation that it continues, `streams` says whether
    the request asks for a stream. `decoded` is the body as JSON text where it came with a content coding.
    `choice` is None where the request was answered before any stub was considered. `status` is the HTTP
    status of the reply (0 for none), `source` gives its script, `held` the places where it stopped
    at a closed gate, `outcome` how it ended, None while it is in flight. `reason` says of input that is no HTTP what
    it was, where that is known.
    """

    number: int
    kind: ExchangeKind
    at_s: float
    clock_s: float = EPOCH
    reproducible: bool = True
    request: Request
    endpoint: Endpoint | None = None
    parameters: PathParameters | None = None
    history: tuple[JSON, ...] = ()
    streams: bool = False
    decoded: bytes | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    status: int = 0
    source: ScriptSource | None = None
    held: tuple[str, ...] = ()
    reason: str = ""
    outcome: Outcome | None = None

    @property
    def call(self) -> Call | None:
        """The call, None for no endpoint. Each has to be parsed again, so that what is read of it
        is freed with it."""
        if self.endpoint is None:
            return None
        return Call(
            self.endpoint,
            request=self.request,
            data=self.decoded,
            parameters=self.parameters or NO_PARAMETERS,
            history=self.history,
        )

    @property
    def script(self) -> Script | None:
        """The script of the reply, composed again where it was made from a template."""
        source = self.source
        if source is None or isinstance(source, Script):
            return source
        call = self.call
        return None if call is None else source(call)

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to, beyond what every record does."""
        size = self.request.size_bytes + _ITEM_BYTES * len(self.history)
        if self.decoded is not None:
            size += len(self.decoded)
        if isinstance(self.source, Script):
            for frame in self.source.frames:
                size += _FRAME_BYTES + (len(frame.data) if isinstance(frame, Send) else 0)
        return size


def decoded_body(request: Request, call: Call) -> bytes | None:
    """The body of a call as JSON text where it came with a content coding, else None."""
    return write_bytes(call.body) if request.header("content-encoding") is not None else None


class Journal:
    """Keeps the last `limit` records and at most `limit_bytes` of requests and of scripts that
    cannot be composed again."""

    def __init__(self, *, limit: int = 10_000, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._next = 1

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    @property
    def entries(self) -> tuple[Record, ...]:
        return tuple(self._records)

    @property
    def dropped(self) -> int:
        """How many records the limits have pushed out since the last clearing."""
        # Another thread may see a record before it is counted.
        return max(self._next - 1 - len(self._records), 0)

    @property
    def open(self) -> tuple[int, ...]:
        """Numbers of the exchanges in flight."""
        return tuple([one.number for one in self if one.outcome is None])

    def next_number(self) -> int:
        """The number of the next record."""
        return self._next

    def add(self, record: Record) -> None:
        """Record an exchange; its number must be `next_number()`."""
        records = self._records
        records.append(record)
        self._next += 1
        self._bytes += record.size_bytes
        while len(records) > self._limit or (self._bytes > self._limit_bytes and len(records) > 1):
            self._bytes -= records.popleft().size_bytes

    def complete(
        self, record: Record, *, status: int, findings: tuple[Finding, ...], source: ScriptSource | None
    ) -> None:
        """Add to a record what is known of its reply only after it was recorded."""
        before = record.size_bytes
        record.status, record.findings, record.source = status, findings, source
        if self.get(record.number) is record:
            self._bytes += record.size_bytes - before

    def get(self, number: int) -> Record | None:
        """The record of that number, None where it was dropped or never was."""
        # Numbers have no gaps.
        place = number - self._next + len(self._records)
        return self._records[place] if 0 <= place < len(self._records) else None

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._records.clear()
        self._bytes = 0
        self._next = 1
