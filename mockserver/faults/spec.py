"""What the table of faults says about each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mockserver.model.fault import Faults
from mockserver.model.json import JSON, JSONObject


class Stage(StrEnum):
    """What a fault alters, in the order in which a reply is rendered."""

    EVENTS = "events"
    SPELLING = "spelling"
    FRAMES = "frames"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpec:
    """`written` and `about` are for people, `schema` for editors; `build` reads the value and
    raises FaultValueError with a key path that begins with the fault's name."""

    name: str
    stages: tuple[Stage, ...]
    written: str
    about: str
    schema: JSONObject
    build: Callable[[JSON], Faults]
