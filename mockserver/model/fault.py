"""What a fault is: a function on the events, the SSE format or the frames of a reply.

The three stages follow each other as a reply is rendered, in whatever order a scenario lists its
faults; within a stage the listed order holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Generic, Self, TypeAlias, TypeVar

from mockserver.errors import MockServerError
from mockserver.model.frames import Event, Frame, RawEvent, SseFormat
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON

T = TypeVar("T")


class FaultValueError(MockServerError, ValueError):
    """The value of a fault is invalid; `key_path` leads from the element of the list of faults to
    the invalid value, as in `cut.inside.byte`."""

    def __init__(self, key_path: str, message: str) -> None:
        self.key_path = key_path
        self.message = message
        super().__init__(f"{key_path}: {message}" if key_path else message)


class PlaceNotFoundError(MockServerError, ValueError):
    """The reply does not have the place that a fault names.

    `nearest` is the most similar label and `labels` are all labels of the unfaulted stream; both
    are empty if the place has no label.
    """

    def __init__(self, message: str, *, nearest: str | None = None, labels: Sequence[str] = ()) -> None:
        self.nearest = nearest
        self.labels = tuple(labels)
        super().__init__(message)


class PlaceRemovedError(PlaceNotFoundError):
    """The unfaulted reply has the place, but an earlier fault or the HTTP framing removed it."""


NO_BODY = "this reply is a stream and has no JSON body"


class Effect(StrEnum):
    """What a fault does to a reply that another fault may conflict with. A fault from elsewhere
    may declare any other text."""

    STOPS = "stops"
    """Nothing after the place of the fault is sent."""
    INCOMPLETE = "incomplete"
    """The client finds the reply incomplete."""
    CLOSES = "closes"
    """The fault decides when the connection closes."""
    SEPARATE_WRITES = "separate writes"
    """The reply leaves in several writes."""
    FALSE_LENGTH = "false length"
    """`content-length` is not the length of the body."""
    FALSE_CHUNK_SIZE = "false chunk size"
    """The size of a chunk is not a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultContext:
    """What a fault may use besides the value that it changes.

    `labels` and `wire_labels` are the labels of the unfaulted stream by ordinal, empty for a
    non-streaming reply; `draw` is a number in [0, 1) for this fault and call. `encode` writes an event or the text of
    a comment in the format of the stream, None for a non-streaming reply. `coding` is the content coding of the body,
    empty for none.
    """

    labels: tuple[str, ...] = ()
    wire_labels: tuple[str | None, ...] = ()
    draw: float = 0.0
    encode: Callable[[RawEvent | str], bytes] | None = None
    coding: str = ""

    @classmethod
    def of(cls, events: Sequence[Event], coding: str = "") -> Self:
        """The context of an unfaulted stream."""
        return cls(
            labels=tuple(event.label for event in events),
            wire_labels=tuple(event.wire_label for event in events),
            coding=coding,
        )

    def need_text(self, what: object) -> None:
        """Raise PlaceNotFoundError if the body is compressed, so that it has no text."""
        if self.coding:
            message = f"{what}: the body is compressed with {self.coding}; expected a place between events or at a byte"
            raise PlaceNotFoundError(message)


class Fault(Generic[T]):
    """A function on the events, the body, the SSE format or the frames of a reply.

    Subclass `EventFault`, `BodyFault`, `FormatFault` or `FrameFault`.
    """

    __slots__ = ()
    always: ClassVar[bool] = True
    """Whether the fault applies in every call."""
    effects: ClassVar[frozenset[str]] = frozenset()
    """The effects that a later fault in the list may conflict with."""
    conflicts: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Effects of an earlier fault in the list with which this one has no meaning, each with the
    message for the user, in which `{earlier}` is the earlier fault."""

    @property
    def streamed(self) -> bool:
        """Whether the fault applies to events, so that it has no meaning in a non-streaming
        reply."""
        return True

    @property
    def whole(self) -> bool:
        """Whether the fault applies to the body of a non-streaming reply."""
        return False

    def apply(self, value: T, context: FaultContext, /) -> T:
        """The changed value; exactly the last of changed frames is an ending.

        Raises:
            PlaceNotFoundError: the reply does not have the place.
        """
        raise NotImplementedError


class EventFault(Fault[tuple[Event, ...]]):
    """A fault that changes the events of a stream."""

    __slots__ = ()


class BodyFault(Fault[JSON]):
    """A fault that changes the body of a reply that does not stream."""

    __slots__ = ()

    @property
    def streamed(self) -> bool:
        return False

    @property
    def whole(self) -> bool:
        return True


class FormatFault(Fault[SseFormat]):
    """A fault that changes the SSE format of a stream."""

    __slots__ = ()


class FrameFault(Fault[tuple[Frame, ...]]):
    """A fault that changes the frames of a reply, streaming or not."""

    __slots__ = ()

    @property
    def streamed(self) -> bool:
        return False


AnyFault: TypeAlias = EventFault | BodyFault | FormatFault | FrameFault
FaultOfAnyStage: TypeAlias = "Fault[tuple[Event, ...]] | Fault[JSON] | Fault[SseFormat] | Fault[tuple[Frame, ...]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilistic(Fault[T]):
    """A fault that applies in some of the calls: `chance` is in (0, 1]. The draws follow from the
    seed."""

    always: ClassVar[bool] = False
    fault: Fault[T]
    chance: float

    @property
    def streamed(self) -> bool:
        return self.fault.streamed

    @property
    def whole(self) -> bool:
        return self.fault.whole

    def apply(self, value: T, context: FaultContext, /) -> T:
        return self.fault.apply(value, context) if context.draw < self.chance else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults of a reply by stage."""

    events: tuple[Fault[tuple[Event, ...]], ...] = ()
    body: tuple[Fault[JSON], ...] = ()
    format: tuple[Fault[SseFormat], ...] = ()
    frames: tuple[Fault[tuple[Frame, ...]], ...] = ()

    @classmethod
    def of(cls, fault: AnyFault) -> Self:
        """One fault in its stage."""
        if isinstance(fault, EventFault):
            return cls(events=(fault,))
        if isinstance(fault, BodyFault):
            return cls(body=(fault,))
        if isinstance(fault, FormatFault):
            return cls(format=(fault,))
        return cls(frames=(fault,))

    def __iter__(self) -> Iterator[FaultOfAnyStage]:
        return iter((*self.events, *self.body, *self.format, *self.frames))

    def __bool__(self) -> bool:
        return bool(self.events or self.body or self.format or self.frames)

    def __add__(self, other: Faults) -> Faults:
        return Faults(
            events=self.events + other.events,
            body=self.body + other.body,
            format=self.format + other.format,
            frames=self.frames + other.frames,
        )

    @property
    def streamed(self) -> bool:
        """Whether any fault applies to events."""
        return any(fault.streamed for fault in self)

    @property
    def whole(self) -> bool:
        """Whether any fault applies to the body of a non-streaming reply. Next to faults at events each applies in
        its own kind of reply."""
        return any(fault.whole for fault in self)

    def with_chance(self, chance: float) -> Faults:
        """The same faults, each applied in that share of the calls."""
        return Faults(
            events=tuple(Probabilistic(fault=fault, chance=chance) for fault in self.events),
            body=tuple(Probabilistic(fault=fault, chance=chance) for fault in self.body),
            format=tuple(Probabilistic(fault=fault, chance=chance) for fault in self.format),
            frames=tuple(Probabilistic(fault=fault, chance=chance) for fault in self.frames),
        )


NO_FAULTS = Faults()


@dataclass(slots=True, kw_only=True)
class FaultPipeline:
    """Applies the faults of one reply in one call; a dry run, without `ids`, tries every fault
    and keeps the effects of those that apply always.

    Call `events` of a stream or `body` of any other reply, then `format` and `frames`, each at most once: what a stage
    changed by chance counts in the next. Each raises PlaceNotFoundError.
    """

    _DRAWS: ClassVar[int] = 2**53
    faults: Faults
    context: FaultContext
    ids: IdGenerator | None
    _changed_by_chance: bool = field(default=False, init=False)

    def events(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The events that are sent."""
        return self._apply("events", self.faults.events, events)

    def body(self, body: JSON) -> JSON:
        """The JSON that is sent."""
        return self._apply("body", self.faults.body, body, streamed=False)

    def format(self, sse_format: SseFormat, *, streamed: bool = True) -> SseFormat:
        """The format in which they are sent."""
        # The purpose is part of the seed of each draw, so it never changes.
        return self._apply("spelling", self.faults.format, sse_format, streamed=streamed)

    def frames(self, frames: tuple[Frame, ...], *, streamed: bool) -> tuple[Frame, ...]:
        """The frames that are sent; a reply that is not `streamed` skips the faults that apply to
        events, and a stream those of the body."""
        return self._apply("frames", self.faults.frames, frames, streamed=streamed)

    def _apply(self, stage: str, faults: Sequence[Fault[T]], value: T, *, streamed: bool = True) -> T:
        for index, fault in enumerate(faults):
            if not (fault.whole if streamed else fault.streamed):
                value = self._apply_one(f"chance/{stage}/{index}", fault, value)
        return value

    def _apply_one(self, purpose: str, fault: Fault[T], value: T) -> T:
        if self.ids is None:
            changed = fault.apply(value, replace(self.context, draw=0.0))
            return changed if fault.always else value
        draw = self.ids.number(purpose, self._DRAWS) / self._DRAWS
        try:
            changed = fault.apply(value, replace(self.context, draw=draw))
        except PlaceRemovedError:
            return value
        except PlaceNotFoundError:
            if self._changed_by_chance:
                return value
            raise
        if not fault.always and changed is not value:
            self._changed_by_chance = True
        return changed
