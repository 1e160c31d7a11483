"""A script as a timeline: when, what, how many bytes, and the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.model.frames import Part, Script, Send, Stall, Wait
from mockserver.report.redact import truncate_middle

_SHOWN = 100
# Chunk framing around an event is counted with it and not shown.
_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END)


@dataclass(slots=True, kw_only=True)
class _Row:
    at_s: float
    what: str
    size: int | None
    shown: str
    nth: int | None = None


def timeline_text(script: Script) -> str:
    """One line for each event, stall and ending; times are from the start of the reply."""
    rows = list(_rows(script))
    what_width = max(len(row.what) for row in rows)
    size_width = max(len(_size(row)) for row in rows)
    return "\n".join(
        f"{_clock(row.at_s):>9}  {row.what:<{what_width}}  {_size(row):>{size_width}}  "
        f"{truncate_middle(row.shown, _SHOWN)}".rstrip()
        for row in rows
    )


def _rows(script: Script) -> Iterator[_Row]:
    at_s = 0.0
    current: _Row | None = None
    for frame in script.frames:
        if isinstance(frame, Send):
            if current is not None and frame.nth is not None and current.nth == frame.nth:
                _add(current, frame)
                continue
            if current is not None:
                yield current
            current = _Row(at_s=at_s, what=frame.label or frame.part.value, size=0, shown="", nth=frame.nth)
            _add(current, frame)
            continue
        if current is not None:
            yield current
            current = None
        match frame:
            case Wait():
                at_s += frame.seconds
            case Stall():
                endless = "until the client disconnects"
                shown = endless if frame.seconds is None else f"for {_clock(frame.seconds)}"
                yield _Row(at_s=at_s, what="stall", size=None, shown=shown)
                at_s += frame.seconds or 0.0
            case _:
                yield _Row(at_s=at_s, what=frame.title, size=None, shown=frame.description)


def _add(row: _Row, send: Send) -> None:
    row.size = (row.size or 0) + len(send.data)
    if send.part not in _FRAMING:
        row.shown += _shown(send)


def _shown(send: Send) -> str:
    text = send.data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip("\n")
    if send.part is Part.HEAD:
        first, *rest = text.split("\n")
        kind = next((line for line in rest if line.lower().startswith("content-type:")), "")
        return f"{first}  {kind}".rstrip()
    return "  ".join(text.split("\n"))


def _size(row: _Row) -> str:
    return "" if row.size is None else f"{row.size} B"


def _clock(seconds: float) -> str:
    """Milliseconds below ten seconds, seconds above."""
    if seconds >= 10:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.4g} ms" if seconds < 1 else f"{seconds * 1000:.0f} ms"
