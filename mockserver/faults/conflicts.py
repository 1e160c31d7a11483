"""Orders of faults that have no meaning, and why.

Faults on events come before those on frames however they are written, so that only faults of one
stage can stand in each other's way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultDecl:
    """One element of a list of faults; `certain` is false where it has a chance."""

    name: str
    value: JSON
    always: bool = True

    def has(self, name: str, key: str) -> bool:
        """Whether it is that fault with that key in its value."""
        return self.name == name and isinstance(self.value, dict) and key in self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`index` is the element's place in the list."""

    index: int
    message: str


@dataclass(frozen=True, slots=True)
class _Clash:
    """`earlier` and `later` stand in each other's way if written in this order."""

    earlier: Callable[[FaultDecl], bool]
    later: Callable[[FaultDecl], bool]
    message: str


_STOPS = ("cut", "end", "reset", "stall")
_BREAKS_OFF = ("cut", "reset", "stall")
_MAKES_WRITES = ("delay", "dribble", "throttle")


def _one_of(*names: str) -> Callable[[FaultDecl], bool]:
    return lambda written: written.name in names


def _with(name: str, key: str) -> Callable[[FaultDecl], bool]:
    return lambda written: written.has(name, key)


def _ends(written: FaultDecl) -> bool:
    return written.name == "end" or (
        written.name == "stall"
        and isinstance(written.value, dict)
        and written.value.get("then") == "end"
    )


_CLASHES = (
    _Clash(
        _one_of(*_STOPS),
        _one_of(*_STOPS),
        "the reply stops at {earlier} already; leave one of them out or give one a chance",
    ),
    _Clash(
        _one_of(*_BREAKS_OFF),
        _one_of("linger"),
        "'linger' needs a whole reply, which {earlier} does not leave; use 'stall' with 'for'",
    ),
    _Clash(
        _one_of("linger"),
        _one_of("linger"),
        "when the connection closes is told by {earlier} already; leave one of them out",
    ),
    _Clash(
        _one_of(*_MAKES_WRITES),
        _with("dribble", "coalesce"),
        "one write for everything undoes {earlier}; leave one of them out",
    ),
    _Clash(
        _with("garble", "content_length"),
        _ends,
        "'end' tells the true length and so undoes {earlier}; write it before",
    ),
    _Clash(
        _with("garble", "content_length"),
        _with("garble", "chunk_size"),
        "{earlier} does away with chunks, so that none has a size to garble",
    ),
    _Clash(
        _with("garble", "chunk_size"),
        _with("garble", "content_length"),
        "a content length does away with chunks and so undoes {earlier}",
    ),
)


def find_conflicts(faults: Sequence[FaultDecl]) -> tuple[Conflict, ...]:
    """At most one problem for each element, told of the later of two that clash.

    A fault that has a chance clashes with none: where it does not strike, the other has its way.
    """
    found: list[Conflict] = []
    for index, later in enumerate(faults):
        for before, earlier in enumerate(faults[:index]):
            clash = _clash(earlier, later)
            if clash is not None:
                said = clash.message.format(earlier=f"faults[{before}] ({earlier.name!r})")
                found.append(Conflict(index=index, message=said))
                break
    return tuple(found)


def _clash(earlier: FaultDecl, later: FaultDecl) -> _Clash | None:
    if not (earlier.always and later.always):
        return None
    return next(
        (clash for clash in _CLASHES if clash.earlier(earlier) and clash.later(later)), None
    )
