"""A fault that strikes in some calls only: which ones follows from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from mockserver.core.fault import Fault, Faults, Scene

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sometimes(Generic[T]):
    """`chance` is above 0 and at most 1."""

    certain: ClassVar[bool] = False
    fault: Fault[T]
    chance: float

    @property
    def streamed(self) -> bool:
        return self.fault.streamed

    def alter(self, value: T, scene: Scene, /) -> T:
        return self.fault.alter(value, scene) if scene.draw < self.chance else value


def sometimes(faults: Faults, chance: float) -> Faults:
    """The same faults, each in that share of the calls."""
    return Faults(
        events=tuple(Sometimes(fault=fault, chance=chance) for fault in faults.events),
        spelling=tuple(Sometimes(fault=fault, chance=chance) for fault in faults.spelling),
        frames=tuple(Sometimes(fault=fault, chance=chance) for fault in faults.frames),
    )
