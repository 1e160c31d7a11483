"""One case of a sweep: a reply and the faults applied to it, ready to be sent to a client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Reply number `reply` of stub number `stub`, both from 0, in `scenario`, which names itself.

    `kept` are the faults that the reply has already. `origin`, `folder` and `line` say where the
    stub stands.
    """

    scenario: JSONObject
    stub: int
    reply: int
    kept: tuple[JSONObject, ...]
    origin: str
    folder: str
    line: int

    def broken(self, faults: Sequence[JSONObject], *, heals: bool) -> JSONObject:
        """The scenario with `faults` behind those of the reply. Where it `heals`, the reply is
        broken once, and the next call gets it as it was."""
        stubs = _list(self.scenario.get("stubs"))
        stub = stubs[self.stub]
        assert isinstance(stub, dict)  # noqa: S101  # the scenario was loaded before
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
    """A reply written as text, at length."""
    return dict(reply) if isinstance(reply, dict) else {"output": [{"text": reply}]}


def _list(value: JSON) -> list[JSON]:
    return list(value) if isinstance(value, list) else []


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
