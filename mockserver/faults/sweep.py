"""Walking all the places where a reply may break: cases as values, with readable ids.

A case holds a fault as a scenario writes it, so that it can be given to a stub of any server. What
surrounds a place inside an event is named, not counted: the bytes that leave depend on the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Protocol, TypeVar

from mockserver.faults.apply import FaultPipeline
from mockserver.faults.frame_edits import body_sends, head_sends, joined, sends_of
from mockserver.faults.landmarks import Landmark, places_in_event, places_in_json
from mockserver.faults.parsing import FaultValueError, PlaceNotFoundError
from mockserver.faults.registry import read_fault
from mockserver.model.fault import FaultContext
from mockserver.model.frames import EndOfReply, Frame, Part, Script, Send, Stall
from mockserver.model.json import JSON, JSONObject

# Of any body that is shorter than a megabyte, and rounded down.
_ALL_BUT_ONE = "99.9999%"


class TruncationKind(StrEnum):
    """The ways to stop at a place."""

    END = "end"
    CUT = "cut"
    RESET = "reset"
    STALL = "stall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`fault` is one element of a reply's `faults`."""

    id: str
    fault: JSONObject

    def __str__(self) -> str:
        return self.id


class Named(Protocol):
    """Anything with an id of its own."""

    @property
    def id(self) -> str:
        """Unique among its like."""
        ...


C = TypeVar("C", bound=Named)


def truncations(
    script: Script,
    kinds: Iterable[TruncationKind] = tuple(TruncationKind),
    *,
    stall_for: str | None = None,
    scene: FaultContext | None = None,
) -> tuple[Case, ...]:
    """Every distinct truncation of a script, whose labels are those of `scene` where faults have
    changed its events already.

    A stall lasts `stall_for`, by default until the client leaves.
    """
    pause: JSONObject = {} if stall_for is None else {"for": stall_for}
    whole = _arrival(script.frames)
    seen = {whole}
    found: list[Case] = []
    for slug, place in places(script):
        for kind in kinds:
            value: JSONObject = place | pause if kind is TruncationKind.STALL else place
            case = Case(id=f"{slug}/{kind}", fault={kind.value: value})
            frames = altered(script, case.fault, scene)
            if frames is None or (arrival := _arrival(frames)) in seen:
                continue
            seen.add(arrival)
            found.append(case)
    return tuple(found)


def reslicings(script: Script, *, scene: FaultContext | None = None) -> tuple[Case, ...]:
    """Ways to deliver the same bytes in other portions: fixed sizes, sizes in turn, inside each
    character, all at once, and one division at each kind of place."""
    seen: set[tuple[bytes, ...]] = {_writes(script.frames)}
    found: list[Case] = []
    for case in _resliced(script):
        frames = altered(script, case.fault, scene)
        if frames is None or (writes := _writes(frames)) in seen:
            continue
        seen.add(writes)
        found.append(case)
    return tuple(found)


def sample(cases: Sequence[C], limit: int | None, seed: int = 0) -> tuple[C, ...]:
    """At most `limit` of the cases in their order; the same seed and ids choose the same ones."""
    if limit is None or limit >= len(cases):
        return tuple(cases)

    def rank(case: C) -> bytes:
        return blake2b(f"{seed}\x1f{case.id}".encode(), digest_size=16).digest()

    chosen = {case.id for case in sorted(cases, key=rank)[:limit]}
    return tuple(case for case in cases if case.id in chosen)


def places(script: Script) -> Iterator[tuple[str, JSONObject]]:
    """One place of each kind, from the head to the end, with a name that fits into an id."""
    head = joined(head_sends(script.frames))
    status_line = head.find(b"\r\n") + 2
    yield "head", {"at": "head"}
    yield "status-line", _inside("part", "status_line", status_line // 2)
    yield "headers", _inside("part", "headers", (len(head) - status_line) // 2)
    yield "after-head", {"at_byte": 0}
    for label, nth in _events(script):
        yield f"{label}/chunk-size", _inside("chunk_size", label, 1)
        text = joined(sends_of(script.frames, nth, Part.EVENT))
        for kind in _in_order(places_in_event(text)):
            yield f"{label}/{kind}", _within("event", label, kind)
        yield f"after-{label}", {"after": label}
    bodies = [send for send in body_sends(script.frames) if send[1].part is Part.BODY]
    if bodies:
        body = joined(bodies)
        for kind in _in_order(places_in_json(body)):
            yield f"body/{kind}", _within("part", "body", kind)
        yield "body/half", {"at_byte": "50%"}
        yield "body/all-but-one", {"at_byte": _ALL_BUT_ONE}


def scene_of(script: Script) -> FaultContext:
    """The labels of an unfaulted script; the wire's own names are not among them."""
    return FaultContext(labels=tuple(label for label, _ in _events(script)))


def _events(script: Script) -> list[tuple[str, int]]:
    found = {
        (frame.label, frame.nth): None
        for frame in script.frames
        if isinstance(frame, Send) and frame.label is not None and frame.nth is not None
    }
    return list(found)


def _in_order(found: Mapping[Landmark, int]) -> list[Landmark]:
    return sorted(found, key=found.__getitem__)


def _within(key: str, value: JSON, kind: Landmark) -> JSONObject:
    return {"inside": {key: value, "at": kind.value}}


def _inside(key: str, value: JSON, byte: int) -> JSONObject:
    return {"inside": {key: value, "byte": byte}}


def _resliced(script: Script) -> Iterator[Case]:
    for size in (1, 2, 3, 5, 7, 16, 61, 256, 1024):
        yield Case(id=f"bytes-{size}", fault={"dribble": {"bytes": size}})
    for sizes in ([3, 7], [1, 200], [1000, 1]):
        said = "-".join(str(size) for size in sizes)
        yield Case(id=f"sizes-{said}", fault={"dribble": {"sizes": list[JSON](sizes)}})
    yield Case(id="split-utf8", fault={"dribble": {"split_utf8": True}})
    yield Case(id="coalesce", fault={"dribble": {"coalesce": True}})
    for slug, place in places(script):
        yield Case(id=f"divide-{slug}", fault={"delay": place | {"for": 0}})


def altered(
    script: Script, fault: JSONObject, scene: FaultContext | None = None
) -> tuple[Frame, ...] | None:
    """The frames behind a fault; None where it has no meaning at that place."""
    try:
        faults = read_fault(fault).faults
        strike = FaultPipeline(faults=faults, scene=scene or scene_of(script), mint=None)
        return strike.frames(script.frames, streamed=True)
    except (FaultValueError, PlaceNotFoundError):
        return None


def _arrival(frames: Sequence[Frame]) -> tuple[bytes, bool, str]:
    """What a client can tell two replies apart by, time left aside. A reply that is whole before
    its silence counts as stalled."""
    wire = Script(frames=tuple(frames)).wire
    stalled = any(isinstance(frame, Stall) for frame in frames)
    return wire, stalled, "" if isinstance(frames[-1], EndOfReply) else type(frames[-1]).__name__


def _writes(frames: Sequence[Frame]) -> tuple[bytes, ...]:
    found = [b""]
    for frame in frames:
        if isinstance(frame, Send):
            found[-1] += frame.data
        else:
            found.append(b"")
    return tuple(write for write in found if write)
