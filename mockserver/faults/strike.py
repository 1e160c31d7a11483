"""Letting the faults of a reply strike, stage by stage.

Rehearsed at load, without a mint, every fault is tried and must find its place behind all that
strike in every call. Played with a mint, each fault has a draw of its own; a place that is gone
because a fault struck which does not always, or because this request's HTTP version has no such
framing, leaves its fault without effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mockserver.core.event import Event
from mockserver.core.fault import Fault, Faults, Scene
from mockserver.core.frames import Frame
from mockserver.core.minted import Mint
from mockserver.core.spelling import Spelling
from mockserver.faults.spec import Stage
from mockserver.faults.unknown_place import LostPlace, UnknownPlace

T = TypeVar("T")

_DRAWS = 2**53


@dataclass(slots=True, kw_only=True)
class Strike:
    """The faults of one reply striking one call; `mint` None rehearses.

    Call `events`, `spelling` and `frames` in this order, each at most once: what struck in one
    stage is remembered in the next. Each raises UnknownPlace.
    """

    faults: Faults
    scene: Scene
    mint: Mint | None
    _swayed: bool = field(default=False, init=False)

    def events(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The events that leave."""
        return self._struck(Stage.EVENTS, self.faults.events, events)

    def spelling(self, spelling: Spelling) -> Spelling:
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
            altered = fault.alter(value, replace(self.scene, draw=0.0))
            return altered if fault.certain else value
        draw = self.mint.number(purpose, _DRAWS) / _DRAWS
        try:
            altered = fault.alter(value, replace(self.scene, draw=draw))
        except LostPlace:
            return value
        except UnknownPlace:
            if self._swayed:
                return value
            raise
        self._swayed = self._swayed or not (fault.certain or altered is value)
        return altered
