"""What a fault is: a function on the events, the spelling or the frames of a reply.

The three stages follow each other as a reply is rendered, whatever the order in which faults are
written; within a stage the written order holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias, TypeVar

from mockserver.model.events import Event, SseFormat
from mockserver.model.frames import Frame

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultContext:
    """What a fault may know besides what it alters.

    `labels` and `wire_labels` are those of the unfaulted stream by ordinal, empty for a whole
    reply; `draw`, from 0 up to but not including 1, belongs to this fault in this call.
    """

    labels: tuple[str, ...] = ()
    wire_labels: tuple[str | None, ...] = ()
    draw: float = 0.0

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """The scene of an unfaulted stream."""
        return cls(
            labels=tuple(event.label for event in events),
            wire_labels=tuple(event.wire_label for event in events),
        )


class Fault(Protocol[T]):
    """A function on the events, the spelling or the frames."""

    @property
    def always(self) -> bool:
        """Whether it strikes in every call."""
        ...

    @property
    def streamed(self) -> bool:
        """Whether it strikes among events, so that it has no meaning on a whole reply."""
        ...

    def apply(self, value: T, scene: FaultContext, /) -> T:
        """What leaves instead; of frames again exactly the last is an ending.

        Raises a ValueError of its own where the reply lacks the place it names.
        """
        ...


EventFault: TypeAlias = Fault[tuple[Event, ...]]
FormatFault: TypeAlias = Fault[SseFormat]
FrameFault: TypeAlias = Fault[tuple[Frame, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults of a reply by the stage where they strike."""

    events: tuple[EventFault, ...] = ()
    spelling: tuple[FormatFault, ...] = ()
    frames: tuple[FrameFault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.events or self.spelling or self.frames)

    def __add__(self, other: Faults) -> Faults:
        return Faults(
            events=self.events + other.events,
            spelling=self.spelling + other.spelling,
            frames=self.frames + other.frames,
        )

    @property
    def streamed(self) -> bool:
        """Whether any of them strikes among events and so implies a streamed request."""
        return (
            any(fault.streamed for fault in self.events)
            or any(fault.streamed for fault in self.spelling)
            or any(fault.streamed for fault in self.frames)
        )


NO_FAULTS = Faults()
