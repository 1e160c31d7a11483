"""The timeline of a reply as a JSON document, with each fault at its position."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass

from mockserver.model.fault import Effect, FaultOfAnyStage, Probabilistic
from mockserver.model.frames import DONE, Close, EndOfReply, Part, Script, Send
from mockserver.model.journal import Record
from mockserver.model.json import JSONObject, JSONReadError, read
from mockserver.model.stub_set import Match
from mockserver.report.text import TimelineRow, timeline_rows

_INSERTED = ("inserted", Part.EVENT)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def timeline_document(entry: Record) -> JSONObject:
    """The rows of the reply to an exchange and the faults that its stub has.

    The `fault` of a row says in which way it differs on the wire from the same reply without faults, or else which
    fault names its event. The times are those of the script, before any scaling."""
    script, choice = entry.script, entry.choice
    faults = [*choice.reply.faults] if isinstance(choice, Match) else []
    return {
        "number": entry.number,
        "faults": [fault_text(fault) for fault in faults],
        "rows": [] if script is None else [*_documents(script, faults)],
    }


def fault_text(fault: object) -> str:
    """`cut  after: 3`: what the fault is and its members, but those that are not set."""
    if isinstance(fault, Probabilistic):
        return f"{fault_text(fault.fault)}  chance: {fault.chance:g}"
    name = _CAPITAL.sub(" ", type(fault).__name__).lower()
    names = [one.name for one in fields(fault)] if is_dataclass(fault) else []
    return "  ".join((name, *filter(None, (_member(one, getattr(fault, one)) for one in names))))


def _member(name: str, value: object) -> str:
    if name == "place":
        return str(value)
    return f"{name}: {value}" if isinstance(value, str | int | float) else ""


def _documents(script: Script, faults: Sequence[FaultOfAnyStage]) -> Iterator[JSONObject]:
    rows = [*timeline_rows(script)]
    named = {_label(one): fault_text(one) for one in reversed(faults) if one.always and Effect.STOPS not in one.effects}
    for row, fault in zip(rows, _faults(rows, script), strict=True):
        mark = fault or named.get(row.what)
        yield {"at_s": row.at_s, "what": row.what, "size": row.size, "shown": row.shown, "fault": mark}


def _label(fault: object) -> object:
    """The label of the event that a fault names, None for no or several events."""
    return getattr(getattr(fault, "place", fault), "label", None)


def _faults(rows: Iterable[TimelineRow], script: Script) -> Iterator[str | None]:
    """In which way each row differs from a reply without faults, None for not at all. An event that leaves in several
    writes is judged with the first."""
    texts: dict[int | None, bytes] = {}
    for frame in script.frames:
        if isinstance(frame, Send) and frame.part is Part.EVENT:
            texts[frame.nth] = texts.get(frame.nth, b"") + frame.data
    sent: set[int | None] = set()
    seen: set[int] = set()
    expected = 0
    for row in rows:
        event, first = row.event, row.nth not in sent
        if row.size is None:
            yield _act(row.what, script)
        elif event is None:
            yield "inserted" if row.what in _INSERTED else None
        elif first:
            yield _event_fault(event, seen, expected, texts.get(row.nth, b""))
            sent.add(row.nth)
            seen.add(event)
            expected = max(expected, event + 1)
        else:
            yield None


def _act(what: str, script: Script) -> str | None:
    last = script.frames[-1]
    whole = (isinstance(last, Close) and last.complete) or (isinstance(last, EndOfReply) and last.hang_up is None)
    return what if what == "stall" or not whole else None


def _event_fault(event: int, seen: Container[int], expected: int, text: bytes) -> str | None:
    if event in seen:
        return "repeated"
    if event < expected:
        return "out of order"
    if event > expected:
        missing = event - expected
        return f"{missing} event{'s' if missing > 1 else ''} missing before it"
    return "damaged" if _is_damaged(text) else None


def _is_damaged(text: bytes) -> bool:
    """Whether the data of an event is neither JSON nor the text that ends a stream."""
    data = b"\n".join(line[5:] for line in text.splitlines() if line.startswith(b"data:")).strip()
    return data not in (b"", DONE.encode()) and isinstance(read(data), JSONReadError)
