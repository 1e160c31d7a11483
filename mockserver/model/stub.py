"""What to answer to which requests: the specification, without any run-time state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from mockserver.errors import Position
from mockserver.model.budget import BudgetLimits
from mockserver.model.conditions import Condition
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import SHAPES, Endpoint, Shape
from mockserver.model.model_rule import ModelRules
from mockserver.model.reply import Reply
from mockserver.model.settings import ContractMode

_NUMBER = re.compile(r"[0-9]{1,9}")
_RANGE = re.compile(r"(?P<least>[0-9]{1,9})?\.\.(?P<most>[0-9]{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How often a stub is called: `most` is a capacity (None: any), `least` an expectation."""

    least: int = 0
    most: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `2`, `1..`, `..3` or `2..4`, of at most nine digits each; None for anything else,
        an empty range included."""
        if _NUMBER.fullmatch(text):
            return cls(least=int(text), most=int(text))
        found = _RANGE.fullmatch(text)
        if found is None or text == "..":
            return None
        least = int(found["least"] or 0)
        most = None if found["most"] is None else int(found["most"])
        return None if most is not None and most < least else cls(least=least, most=most)

    def __contains__(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least or ''}..{'' if self.most is None else self.most}"


class WhenExhausted(StrEnum):
    """What follows an exhausted sequence of replies."""

    REPEAT = "repeat"
    MISS = "miss"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """`on` holds the endpoints it answers and `shapes` the shapes in which its replies can be
    rendered; `times` None is optional and unlimited. A `fallback` stub is tried after all others. `name` is unique in
    its scenario. `contract`, where given, is that of requests for this stub, in which `report` gives notices only."""

    name: str
    on: tuple[Endpoint, ...]
    shapes: tuple[Shape, ...] = field(default_factory=lambda: SHAPES.names)
    replies: tuple[Reply, ...]
    when: tuple[Condition, ...] = ()
    times: Times | None = None
    priority: int = 0
    fallback: bool = False
    then: WhenExhausted = WhenExhausted.REPEAT
    contract: ContractMode | None = None
    origin: Position

    @property
    def capacity(self) -> int | None:
        """The number of calls it answers before it is used up; None for any number."""
        bound = self.times.most if self.times else None
        if self.then is WhenExhausted.MISS:
            return len(self.replies) if bound is None else min(bound, len(self.replies))
        return bound

    def reply(self, nth: int) -> Reply:
        """The reply to call number `nth`, counted from 0."""
        if len(self.replies) == 1:
            return self.replies[0]
        if self.then is WhenExhausted.CYCLE:
            return self.replies[nth % len(self.replies)]
        return self.replies[min(nth, len(self.replies) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One file, or one inline mapping: a named, ordered list of stubs under one dialect."""

    name: str
    stubs: tuple[Stub, ...]
    dialect: Dialect
    about: str = ""
    seed: int = 0
    origin: str = ""
    model_rules: ModelRules | None = None
    limits: BudgetLimits | None = None

    def named(self, name: str) -> Scenario:
        """The same under another name."""
        return replace(self, name=name)
