"""The reply of the upstream, free of endpoint and transport, as the scenario scripted it.

Every kind of output item is a subclass of `Item` in `mockserver.items`. What an item has no form for
it inherits: no chat form, no text, nothing to count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, NamedTuple, Protocol, TypeAlias

from mockserver.errors import Position
from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.latency import Delay
from mockserver.model.request import Headers, Request

Chunks: TypeAlias = "str | int | tuple[str, ...]"
"""How text is cut into deltas: `token`, `word`, `char`, a number of characters, or the pieces."""

Cutter: TypeAlias = Callable[[str], tuple[str, ...]]
"""Cuts a text into the pieces of its deltas."""

CONTENT = "content"


class ChatText(NamedTuple):
    """Text of a message: `member` is `content`, `refusal` or `reasoning`. Texts of one member are
    joined. Annotations and logprobs, in the Responses shape, belong to content."""

    member: str
    text: str
    chunks: Chunks | None = None
    annotations: tuple[JSONObject, ...] = ()
    logprobs: tuple[JSONObject, ...] = ()


class ChatCall(NamedTuple):
    """A tool call `{id, type: TYPE, TYPE: {name, MEMBER: text}}`; `call_id` None is generated."""

    type: str
    member: str
    name: str
    text: str
    call_id: str | None = None
    chunks: Chunks | None = None


class ChatMember(NamedTuple):
    """A member of the message with a value of its own and the values that a stream sends for it.
    A dialect without that member sends `text` as content."""

    member: str
    value: JSON
    deltas: Callable[[Cutter], Iterator[JSON]]
    text: str
    chunks: Chunks | None = None


ChatPart: TypeAlias = ChatText | ChatCall | ChatMember


class Templating(StrEnum):
    """How a field is filled where it quotes the request: the form of its value. `json_text` is
    text that is JSON as a rule, in which quoted text is escaped."""

    TEXT = "text"
    JSON_TEXT = "json_text"
    TEXTS = "texts"
    CHUNKS = "chunks"
    OBJECT = "object"
    OBJECTS = "objects"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`chunks` None cuts as the reply does. An item that `overlaps` begins while the item before
    it is still open. `id` None is generated; `omit` are paths of members that are left out.

    `noun` names the item in messages, `unsupported` are the shapes that cannot express it, `single`
    that a message holds at most one. `text_fields` hold the texts that are cut into deltas, `templating`
    the form of the fields that may quote the request.
    """

    noun: ClassVar[str] = "such an item"
    unsupported: ClassVar[frozenset[Shape]] = frozenset()
    single: ClassVar[bool] = False
    text_fields: ClassVar[tuple[str, ...]] = ()
    templating: ClassVar[Mapping[str, Templating]] = {}

    chunks: Chunks | None = None
    overlaps: bool = False
    id: str | None = None
    omit: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that are cut into deltas."""
        return tuple(getattr(self, name) for name in self.text_fields)

    @property
    def counted_text(self) -> str:
        """What counts as output tokens besides reasoning."""
        return "".join(self.texts)

    @property
    def reasoning_text(self) -> str:
        """What counts as reasoning tokens."""
        return ""

    @property
    def depends_on_request(self) -> bool:
        """Whether a request decides if the item may be sent, as a schema does for JSON."""
        return False

    def template_fields(self) -> Mapping[str, Templating]:
        """The fields that may quote the request, each with the form of its value."""
        return self.templating

    def unsupported_reason(self, shape: Shape) -> str | None:
        """Why a shape cannot express the item, as half a sentence; None when it can."""
        return f"{shape} cannot express {self.noun}" if shape in self.unsupported else None

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart | None:
        """What the item adds to the message of a choice; None for nothing."""
        del ids, choice
        return None

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        """The item's final form in a response, `type` first, without the `id` it is given.

        Raises TypeError for an item that the Responses shape does not have.
        """
        raise TypeError(self, ids, place, status)


ReplyFunction: TypeAlias = "Callable[[JSONObject], JSON | Awaitable[JSON]]"
"""From a request as the journal presents it to a reply in scenario form."""


class ReplyFunctionError(Exception):
    """A reply function failed; the message is for the client and the journal."""


class ReplyFactory(Protocol):
    """Makes the reply to one request."""

    async def __call__(self, request: Request, call: Call, *, shape: Shape, number: int) -> Reply:
        """The reply, validated for that shape; `number` is that of the journal.

        Raises:
            ReplyFunctionError: the function failed or its reply is invalid.
        """
        ...


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


class AnswerAs(StrEnum):
    """How a reply is sent whatever the request asks for: as a stream, or as one body of JSON."""

    STREAM = "stream"
    JSON = "json"


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
    the cache, `cache_write_30m` and `cache_write_12h` are kept for so long. The counts in `left_out` are not sent."""

    input: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    cache_write_30m: int | None = None
    cache_write_12h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    left_out: frozenset[str] = frozenset()

    @property
    def cache_written(self) -> int | None:
        """The tokens written to the cache, their sum by time where only that is stated."""
        parts = [count for count in (self.cache_write_30m, self.cache_write_12h) if count is not None]
        return sum(parts) if self.cache_write is None and parts else self.cache_write

    @property
    def least_input(self) -> int:
        """The least count of input tokens that contradicts nothing that is stated."""
        return (self.cached or 0) + (self.cache_written or 0)


NO_USAGE: Final = Usage()
"""Counts that are all taken from the texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When events leave, in seconds: `first` before event 0, `gap` before each later one, up to
    `jitter` added to each; all of these are shortened alike to end `within` a time. `per_event`, where given, replaces
    them all. A stream is kept alive every `keepalive` seconds of silence, never where it is 0."""

    first_s: float | Delay = 0.0
    gap_s: float | Delay = 0.0
    jitter_s: float = 0.0
    within_s: float | None = None
    per_event_s: tuple[float, ...] = ()
    keepalive_s: float = 0.0

    @property
    def drawn(self) -> bool:
        """Whether the waits of two calls differ."""
        return isinstance(self.first_s, Delay) or isinstance(self.gap_s, Delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Ordered items; of several `choices` only chat can speak. `chunks` None cuts as the dialect does. `fields` are
    further members of the reply, `omit` paths of members that are left out."""

    choices: tuple[tuple[Item, ...], ...]
    finish: FinishReason | None = None
    usage: Usage = NO_USAGE
    chunks: Chunks | None = None
    id: str | None = None
    model: str | None = None
    created: int | None = None
    fields: Mapping[str, JSON] = field(default_factory=dict)
    terminal_items: TerminalItems = TerminalItems.FULL
    answer_as: AnswerAs | None = None
    omit: tuple[str, ...] = ()

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
    dialect's habit, the empty string asks for none. `sse` is all of its text on the wire instead."""

    json: JSONObject | None = None
    text: str | None = None
    name: str | None = None
    sse: str | None = None


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
