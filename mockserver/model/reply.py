"""The reply of the upstream, free of endpoint and transport, as the scenario scripted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

from mockserver.errors import Position
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.item import Chunks, Item, Templating
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply_function import ReplyFactory
from mockserver.model.request import Headers


class FinishReason(StrEnum):
    """Why the reply ends."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ErrorDelivery(StrEnum):
    """How a streamed Responses reply reports a failure."""

    FAILED = "failed"
    EVENT = "event"
    BOTH = "both"


class ErrorShape(StrEnum):
    """Where an `error` event of the Responses stream keeps its members."""

    FLAT = "flat"
    NESTED = "nested"


class TerminalItems(StrEnum):
    """What the terminal event of a Responses stream repeats of the items: all of them, an empty
    list, or no `output`."""

    FULL = "full"
    EMPTY = "empty"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRef:
    """An error by its catalogue name, by its members, or a name with members that override.

    `members` holds what was given of `status`, `type`, `code`, `param`, `message`; an absent
    member is the catalogue's, a null one is null.
    """

    name: str | None = None
    members: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamError(Item):
    """An error at this point of the reply; no item follows it."""

    templating: ClassVar[Mapping[str, Templating]] = {"error": Templating.ERROR}

    error: ErrorRef
    form: ErrorDelivery = ErrorDelivery.FAILED
    shape: ErrorShape = ErrorShape.NESTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts that the script states; None is counted from the texts. Of the tokens written to
    the cache, `cache_write_30m` and `cache_write_12h` are kept for so long."""

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    cache_write_30m: int | None = None
    cache_write_12h: int | None = None
    output: int | None = None
    reasoning: int | None = None

    @property
    def cache_written(self) -> int | None:
        """The tokens written to the cache, their sum by time where only that is stated."""
        parts = [count for count in (self.cache_write_30m, self.cache_write_12h) if count is not None]
        return sum(parts) if self.cache_write is None and parts else self.cache_write

    @property
    def least_input(self) -> int:
        """The least count of input tokens that contradicts nothing that is stated."""
        return (self.cached or 0) + (self.cache_written or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When events leave, in seconds: `first` before event 0, `gap` before each later one, up to
    `jitter` added to each; `per_event`, where given, replaces both."""

    first_s: float = 0.0
    gap_s: float = 0.0
    jitter_s: float = 0.0
    per_event_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Ordered items; of several `choices` only chat can speak."""

    choices: tuple[tuple[Item, ...], ...]
    finish: FinishReason | None = None
    usage: Usage = Usage()
    chunks: Chunks = "word"
    id: str | None = None
    model: str | None = None
    created: int | None = None
    fields: Mapping[str, JSON] = field(default_factory=dict)
    terminal_items: TerminalItems = TerminalItems.FULL

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of the only or first choice."""
        return self.choices[0]

    @property
    def failure(self) -> StreamError | None:
        """The first error among the items."""
        found = (item for items in self.choices for item in items if isinstance(item, StreamError))
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReply:
    """An HTTP error in the dialect's envelope."""

    error: ErrorRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactBody:
    """JSON that is judged, or text that goes out as it stands."""

    json: JSON = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedEvent:
    """One exact SSE event: a JSON object, or text; `name` None leaves the `event:` line to the
    dialect's habit, the empty string asks for none."""

    json: JSONObject | None = None
    text: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactEvents:
    """A stream event by event."""

    events: tuple[ScriptedEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBytes:
    """Exact bytes from the status line on."""

    data: bytes


Content: TypeAlias = Output | ErrorReply | ExactBody | ExactEvents | RawBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`status` and `headers` override the HTTP head; `breaks` names rules broken on purpose;
    `quotes` tells that its texts quote the request. With a `maker` all of it only stands in for
    the reply that is made when a request comes."""

    content: Content
    status: int | None = None
    headers: Headers = ()
    pace: Pace = Pace()
    faults: Faults = NO_FAULTS
    breaks: tuple[str, ...] = ()
    templated: bool = False
    factory: ReplyFactory | None = None
    origin: Position | None = None

    @property
    def static(self) -> bool:
        """Whether it is the same whatever a request says: nothing is made for it, quoted from it
        or held against a schema of its own."""
        if self.factory is not None or self.templated:
            return False
        choices = self.content.choices if isinstance(self.content, Output) else ()
        return not any(item.depends_on_request for items in choices for item in items)
