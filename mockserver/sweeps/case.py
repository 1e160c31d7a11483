"""One case of a sweep: a reply and what happens to it, ready to be played to a client."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.model.json import JSONObject
from mockserver.sweeps.written import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`id` is unique in its sweep and names the test. `faults` strike the reply, in this order.

    `events` are the labels of the events of which every byte leaves, so that a client has to have
    them; of a whole reply there are none. `rule` is the rule of the contract that a violation
    breaks, and `also` are those it breaks beside it.
    """

    id: str
    faults: tuple[JSONObject, ...] = field(hash=False)
    written: Written = field(hash=False, repr=False)
    events: tuple[str, ...] = ()
    rule: str | None = None
    also: frozenset[str] = frozenset()
    heals: bool = False

    def __str__(self) -> str:
        return self.id

    @property
    def __name__(self) -> str:
        """By this pytest names the test where `parametrize` is given no ids."""
        return self.id

    @property
    def scenario(self) -> JSONObject:
        """The scenario with this reply broken, as a mapping for `load`."""
        return self.written.broken(self.faults, heals=self.heals)

    @property
    def origin(self) -> str:
        """The file of the scenario, as reports show it."""
        return self.written.origin

    @property
    def folder(self) -> str:
        """Where that file lies, empty for a mapping."""
        return self.written.folder

    @property
    def line(self) -> int:
        """The line of the stub in that file."""
        return self.written.line
