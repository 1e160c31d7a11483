"""One case of a sweep: a reply and the faults applied to it, ready to be sent to a client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSource:
    """Reply number `reply` of stub number `stub`, both from 0, in `scenario`, which has a name.

    `kept` are the faults that the reply already has. `origin`, `folder` and `line` are the place of
    the stub.
    """

    scenario: JSONObject
    stub: int
    reply: int
    kept: tuple[JSONObject, ...]
    origin: str
    folder: str
    line: int

    def with_faults(self, faults: Sequence[JSONObject], *, heals: bool) -> JSONObject:
        """The scenario with `faults` after those of the reply. With `heals` only the first call
        gets them, and the next one the reply as it was."""
        stubs = _list(self.scenario.get("stubs"))
        stub = stubs[self.stub]
        assert isinstance(stub, dict)  # noqa: S101  # the scenario has been validated
        replies = replies_of(stub)
        whole = replies[self.reply]
        bad = as_mapping(whole) | {"faults": [*self.kept, *faults]}
        instead = [bad, whole] if heals else [bad]
        rest = {key: value for key, value in stub.items() if key not in ("reply", "replies")}
        replies[self.reply : self.reply + 1] = instead
        stubs[self.stub] = rest | {"replies": replies}
        return {**self.scenario, "stubs": stubs}


def replies_of(stub: Mapping[str, JSON]) -> list[JSON]:
    """The replies of a stub, a new list."""
    return [stub["reply"]] if "reply" in stub else _list(stub.get("replies"))


def as_mapping(reply: JSON) -> JSONObject:
    """A reply as a mapping, also where it is written as a text."""
    return dict(reply) if isinstance(reply, dict) else {"output": [{"text": reply}]}


def _list(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`id` is unique in its sweep and names the test. `faults` apply to the reply in this order.

    `events` are the labels of the events that are sent completely, which a client must deliver;
    none for a non-streaming reply. `rule` is the rule of the contract that is violated,
    and `also` are the rules violated with it.
    """

    id: str
    faults: tuple[JSONObject, ...] = field(hash=False)
    written: ScenarioSource = field(hash=False, repr=False)
    events: tuple[str, ...] = ()
    rule: str | None = None
    also: frozenset[str] = frozenset()
    heals: bool = False

    def __str__(self) -> str:
        return self.id

    @property
    def __name__(self) -> str:
        """The name pytest gives the test where `parametrize` has no ids."""
        return self.id

    @property
    def scenario(self) -> JSONObject:
        """The scenario with this case's faults, as a mapping for `load`."""
        return self.written.with_faults(self.faults, heals=self.heals)

    @property
    def origin(self) -> str:
        """The file of the scenario, as reports show it."""
        return self.written.origin

    @property
    def folder(self) -> str:
        """The folder of that file, empty for a mapping."""
        return self.written.folder

    @property
    def line(self) -> int:
        """The line of the stub in that file."""
        return self.written.line
