"""A fault that strikes in some calls only: which ones follows from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, TypeVar

from mockserver.faults.parsing import PlaceNotFoundError, PlaceRemovedError
from mockserver.faults.spec import Stage
from mockserver.model.events import Event, SseFormat
from mockserver.model.fault import Fault, FaultContext, Faults
from mockserver.model.frames import Frame
from mockserver.model.ids import IdGenerator

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilistic(Generic[T]):
    """`chance` is above 0 and at most 1."""

    always: ClassVar[bool] = False
    fault: Fault[T]
    chance: float

    @property
    def streamed(self) -> bool:
        return self.fault.streamed

    def apply(self, value: T, scene: FaultContext, /) -> T:
        return self.fault.apply(value, scene) if scene.draw < self.chance else value


def probabilistic(faults: Faults, chance: float) -> Faults:
    """The same faults, each in that share of the calls."""
    return Faults(
        events=tuple(Probabilistic(fault=fault, chance=chance) for fault in faults.events),
        spelling=tuple(Probabilistic(fault=fault, chance=chance) for fault in faults.spelling),
        frames=tuple(Probabilistic(fault=fault, chance=chance) for fault in faults.frames),
    )


_DRAWS = 2**53


@dataclass(slots=True, kw_only=True)
class FaultPipeline:
    """The faults of one reply striking one call; `mint` None rehearses.

    Call `events`, `spelling` and `frames` in this order, each at most once: what struck in one
    stage is remembered in the next. Each raises UnknownPlace.
    """

    faults: Faults
    scene: FaultContext
    mint: IdGenerator | None
    _swayed: bool = field(default=False, init=False)

    def events(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The events that leave."""
        return self._struck(Stage.EVENTS, self.faults.events, events)

    def spelling(self, spelling: SseFormat) -> SseFormat:
        """How they are spelled."""
        return self._struck(Stage.SPELLING, self.faults.spelling, spelling)

    def frames(self, frames: tuple[Frame, ...], *, streamed: bool) -> tuple[Frame, ...]:
        """The frames that are performed; faults among events pass by what is not `streamed`."""
        return self._struck(Stage.FRAMES, self.faults.frames, frames, streamed=streamed)

    def _struck(
        self, stage: Stage, faults: Sequence[Fault[T]], value: T, *, streamed: bool = True
    ) -> T:
        for place, fault in enumerate(faults):
            if streamed or not fault.streamed:
                value = self._one(f"chance/{stage}/{place}", fault, value)
        return value

    def _one(self, purpose: str, fault: Fault[T], value: T) -> T:
        if self.mint is None:
            altered = fault.apply(value, replace(self.scene, draw=0.0))
            return altered if fault.always else value
        draw = self.mint.number(purpose, _DRAWS) / _DRAWS
        try:
            altered = fault.apply(value, replace(self.scene, draw=draw))
        except PlaceRemovedError:
            return value
        except PlaceNotFoundError:
            if self._swayed:
                return value
            raise
        self._swayed = self._swayed or not (fault.always or altered is value)
        return altered
