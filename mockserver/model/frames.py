"""A streamed reply as events, and a reply on the wire as frames, one timed act each, which make a script.

Nothing here knows sockets or clocks. A script is comparable and printable; the player performs
it, the faults rewrite it, the referee in the tests reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from mockserver.model.json import JSON

DONE = "[DONE]"
"""The text of the event that ends a chat stream."""
TERMINATOR = "terminator"
"""The label of the event that ends a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`data` is JSON; `text` is sent verbatim in its place (`[DONE]`, damaged JSON).

    `name` is the `event:` line, None for none. `label` is unique in its stream
    (`text.delta[3]`), `wire_label` is the same under the event's own type
    (`response.output_text.delta[3]`); in chat it is the role or finish that shares a chunk with
    another delta. `ordinal` is the position in the stream without faults, from 0. `sse` is how the event is
    spelled where a scenario spells it.
    """

    label: str
    ordinal: int
    data: JSON
    text: str | None = None
    name: str | None = None
    wire_label: str | None = None
    sse: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """An event before it has a label; see `Event` for the members."""

    data: JSON = None
    text: str | None = None
    name: str | None = None
    sse: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SseFormat:
    """How events are serialized; the defaults are the upstream's.

    `newline` ends each line; `comment` is a comment block before each event; `id` writes the
    ordinal as `id:`; `retry_ms` goes with the first event; `split_data` spreads JSON over
    several `data:` lines; `space` follows each colon; `final_blank` is the empty line after the
    last event, without which readers drop it; `event_lines` are the `event:` lines. A reply that is no stream and
    `chunked` is sent in a chunk.
    """

    newline: str = "\n"
    comment: str | None = None
    id: bool = False
    retry_ms: int | None = None
    split_data: bool = False
    space: bool = True
    final_blank: bool = True
    event_lines: bool = True
    chunked: bool = False


PLAIN = SseFormat()


class Part(StrEnum):
    """What a stretch of wire bytes is."""

    HEAD = "head"
    CHUNK_SIZE = "chunk-size"
    EVENT = "event"
    BODY = "body"
    CHUNK_END = "chunk-end"
    LAST_CHUNK = "last-chunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Bytes for the peer. `event` is the ordinal of the event they belong to, counted in the
    unfaulted stream, `label` its label, `nth` its place among the events that leave, from 0 (a
    repeated event has two); all None outside events."""

    data: bytes
    part: Part
    event: int | None = None
    label: str | None = None
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Let `seconds` of script time pass. Waits add up from the start of the reply, so that a late
    frame does not delay the ones behind it. A wait of 0 only keeps its neighbours in two writes."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """Bytes that are sent every `every_s` seconds of a wait whose end is not known, the first after `first_s`: `before`
    and `after` a `number` that counts on, where there is one, as a chunk of their own if `chunked`."""

    every_s: float
    first_s: float
    before: bytes
    number: int | None = None
    after: bytes = b""
    chunked: bool = False

    def data(self, nth: int) -> bytes:
        """The bytes of one of them, from 0."""
        counted = b"" if self.number is None else b"%d" % (self.number + nth)
        text = self.before + counted + self.after
        return b"%x\r\n%b\r\n" % (len(text), text) if self.chunked else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """Keep silent with the connection open for `seconds`, or until the peer leaves when None; then `beat`, where there
    is one, is sent meanwhile."""

    seconds: float | None = None
    beat: Beat | None = None


class IdleClose(StrEnum):
    """How a connection ends that its client takes for usable."""

    FIN = "fin"
    RST = "rst"


class OutcomeKind(StrEnum):
    """`client_left` means that the client disconnected before the script had ended by itself."""

    COMPLETE = "complete"
    CUT = "cut"
    RESET = "reset"
    STALLED = "stalled"
    CLIENT_LEFT = "client_left"


class ClientDisconnected(ConnectionError):  # noqa: N818  # an event, not a mistake
    """The client disconnected before everything was read or written."""


class ReplySink(Protocol):
    """Where an ending is performed: the connection, or a recorder in tests.

    Every coroutine raises `ClientDisconnected` when the client is gone.
    """

    async def send(self, data: bytes) -> None:
        """Write `data` and return when there is room for more."""

    async def sleep(self, seconds: float | None) -> None:
        """Let time pass with the connection open, without end when None; 0 yields once."""

    async def close(self, *, close_notify: bool = True) -> None:
        """Send FIN after everything written; with TLS behind a `close_notify` if that is wanted."""

    async def reset(self) -> None:
        """Send RST after everything written was delivered."""

    async def close_on_next_request(self, how: IdleClose) -> None:
        """Keep the connection open and end it when the next request begins."""


class Ending:
    """How a reply ends, the last frame of a script. A new way to end is a subclass.

    `title` and `description` stand for it in the timeline of a reply. `matters_to_client` says
    that a client that disconnected before this ending missed something.
    """

    __slots__ = ()

    @property
    def title(self) -> str:
        """One word."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What happens to the connection."""
        raise NotImplementedError

    @property
    def matters_to_client(self) -> bool:
        return True

    async def perform(self, sink: ReplySink) -> OutcomeKind:
        """End the reply on `sink`; gives the outcome of the exchange."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfReply(Ending):
    """The reply is complete; the connection stays open if HTTP and the request allow it. With
    `hang_up` it stays open only until the first byte of the next request, and ends in that way."""

    hang_up: IdleClose | None = None

    @property
    def title(self) -> str:
        return "finish"

    @property
    def description(self) -> str:
        text = "the reply is complete"
        if self.hang_up is not None:
            text += f"; {self.hang_up.upper()} when the next request begins"
        return text

    @property
    def matters_to_client(self) -> bool:
        return False

    async def perform(self, sink: ReplySink) -> OutcomeKind:
        if self.hang_up is not None:
            await sink.close_on_next_request(self.hang_up)
        return OutcomeKind.COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Ending):
    """Deliver what was written, then FIN. `complete` says that the reply is complete all the same,
    as a body that ends with the connection is. Over TLS FIN follows a `close_notify`, or comes without one."""

    complete: bool = False
    close_notify: bool = True

    @property
    def title(self) -> str:
        return "close"

    @property
    def description(self) -> str:
        text = "FIN, after everything above was delivered"
        return text if self.close_notify else f"{text}; over TLS without close_notify"

    @property
    def matters_to_client(self) -> bool:
        return not self.complete

    async def perform(self, sink: ReplySink) -> OutcomeKind:
        await sink.close(close_notify=self.close_notify)
        return OutcomeKind.COMPLETE if self.complete else OutcomeKind.CUT


@dataclass(frozen=True, slots=True)
class Reset(Ending):
    """Deliver what was written, then RST."""

    @property
    def title(self) -> str:
        return "reset"

    @property
    def description(self) -> str:
        return "RST, after everything above was delivered"

    async def perform(self, sink: ReplySink) -> OutcomeKind:
        await sink.reset()
        return OutcomeKind.RESET


Frame: TypeAlias = Send | Wait | Stall | Ending


class Script(NamedTuple):
    """The whole reply: frames in order, of which exactly the last is an ending."""

    frames: tuple[Frame, ...]

    @property
    def wire(self) -> bytes:
        """Every byte the peer would receive."""
        return b"".join(frame.data for frame in self.frames if isinstance(frame, Send))


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for every exchange
class Outcome:
    """`frames` were performed and `sent` bytes handed to the transport; the times are seconds of
    a monotonic clock, comparable within one process."""

    how: OutcomeKind
    frames: int
    sent: int
    started_s: float
    ended_s: float
