"""The fault `reset`: everything before the place arrives, then RST."""

from __future__ import annotations

from mockserver.faults.cut import Cut
from mockserver.faults.place import PLACE
from mockserver.faults.syntax import FaultSpec
from mockserver.model.frames import Reset

SPEC = FaultSpec(
    name="reset",
    example="reset: PLACE",
    about="stop at the place: everything before it arrives, then RST",
    syntax=PLACE.map(lambda place: Cut(place=place, ending=Reset())),
    truncates=True,
)
