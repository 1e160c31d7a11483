"""What the upstream says, free of endpoint and transport, as the scenario scripted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from mockserver.errors import Position
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply_function import ReplyFactory
from mockserver.model.request import Headers

Chunks: TypeAlias = "str | int | tuple[str, ...]"
"""How text is cut into deltas: `word`, `char`, a number of characters, or the pieces."""


class FinishReason(StrEnum):
    """Why the reply ends."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ErrorDelivery(StrEnum):
    """How a streamed Responses reply tells of a failure."""

    FAILED = "failed"
    EVENT = "event"
    BOTH = "both"


class ErrorShape(StrEnum):
    """Where an `error` event of the Responses stream keeps its members."""

    FLAT = "flat"
    NESTED = "nested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRef:
    """An error by its catalogue name, by its members, or a name with members that override.

    `members` holds what was given of `status`, `type`, `code`, `param`, `message`; an absent
    member is the catalogue's, a null one is null.
    """

    name: str | None = None
    members: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A stretch of assistant text; `annotations` and `logprobs` are in the Responses wire shape.

    `structured` text is JSON that was given as data, to be held against the request's schema.
    """

    text: str
    chunks: Chunks | None = None
    annotations: tuple[JSONObject, ...] = ()
    logprobs: tuple[JSONObject, ...] = ()
    phase: str | None = None
    structured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The assistant declines."""

    text: str
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """`encrypted` is the opaque content, None for none."""

    summary: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    encrypted: str | None = None
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """`arguments` is the text that goes out; `call_id` None is minted."""

    name: str
    arguments: str
    call_id: str | None = None
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCall:
    """A call of a custom tool with free text input; `call_id` None is minted."""

    name: str
    input: str
    call_id: str | None = None
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """An output item in the wire's own shape, `type` included, `id` minted when absent. One that
    `overlaps` begins while the item before it is still open."""

    item: JSONObject
    chunks: Chunks | None = None
    overlaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Speech: `data` is base64, a piece a delta; `id` None is minted, `expires` is Unix seconds,
    None an hour after the reply."""

    data: tuple[str, ...]
    transcript: str
    id: str | None = None
    expires: int | None = None
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """The encrypted content of a compaction item."""

    encrypted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamError:
    """An error at this point of the reply; nothing may follow it."""

    error: ErrorRef
    form: ErrorDelivery = ErrorDelivery.FAILED
    shape: ErrorShape = ErrorShape.NESTED


Item: TypeAlias = (
    Text
    | Refusal
    | Reasoning
    | FunctionCall
    | CustomCall
    | Audio
    | RawItem
    | Compaction
    | StreamError
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts that the script states; None is counted from the texts."""

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    reasoning: int | None = None


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

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of the only or first choice."""
        return self.choices[0]


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
        return not any(
            isinstance(item, Text) and item.structured for items in choices for item in items
        )
