"""Finding a labelled event among those that leave."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.core.event import Event
from mockserver.core.fault import Scene
from mockserver.faults.position import ordinal_of
from mockserver.faults.unknown_place import LostPlace


def places_of(label: str, events: Sequence[Event], scene: Scene) -> list[int]:
    """Where the copies of an event are, at least one; raises UnknownPlace."""
    ordinal = ordinal_of(label, scene)
    found = [place for place, event in enumerate(events) if event.ordinal == ordinal]
    if not found:
        raise LostPlace(f"event {label!r} does not leave: an earlier fault omits it")
    return found
