"""The options of a reply, and of `defaults`: everything but its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.model.cursor import Cursor, quoted, read_duration
from mockserver.model.fault import FaultValueError
from mockserver.model.headers import header_problem
from mockserver.model.json import JSON
from mockserver.model.latency import PROFILES, Delay, Distribution, Profile
from mockserver.model.reply import NO_USAGE, AnswerAs, Chunks, FinishReason, Pace, TerminalItems, Usage
from mockserver.model.request import Headers

if TYPE_CHECKING:
    from mockserver.faults import ReadFault


PaceValue: TypeAlias = float | Delay | Profile | tuple[float, ...]


def read_chunks(cursor: Cursor, *texts: str) -> Chunks:
    """Read `chunks`; the pieces must add up to the text, where there is just one."""
    match cursor.value:
        case str() as word:
            return word
        case list():
            pieces = cursor.texts
            joined = "".join(pieces)
            if len(texts) == 1 and joined != texts[0]:
                cursor.report(f"the pieces add up to {quoted(joined)}, expected {quoted(texts[0])}")
            return pieces
        case _:
            return cursor.whole


def _read_headers(cursor: Cursor) -> Headers:
    """Names and values in the order written; numbers are sent as they are written, and a list repeats its header."""
    found: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for name, inner in cursor.members():
        before = seen.setdefault(name.lower(), name)
        if before != name:
            inner.report(f"header {name!r} was given before as {before!r}", key=True)
        values = list(inner.elements()) if isinstance(inner.value, list) else [inner]
        for value in values:
            text = value.source
            wrong = header_problem(name, text)
            if wrong is not None:
                value.report(wrong)
            found.append((name, text))
    return tuple(found)


def _headers_over(base: Headers, headers: Headers) -> Headers:
    named = {name.lower() for name, _ in headers}
    return tuple(pair for pair in base if pair[0].lower() not in named) + headers


def _read_faults(cursor: Cursor) -> tuple[ReadFault, ...]:
    """Every fault that could be read, in the order written."""
    from mockserver.faults import find_conflicts, read_fault  # noqa: PLC0415  # only with faults

    found: list[ReadFault] = []
    places: list[Cursor] = []
    for element in cursor.elements():
        try:
            found.append(read_fault(element.value))
            places.append(element)
        except FaultValueError as error:
            element.report_at(error.key_path, error.message)
    for problem in find_conflicts(found):
        places[problem.index].report(problem.message)
    return tuple(found)


OUTPUT_KEYS = ("chunks", "finish", "usage", "id", "model", "created", "fields", "terminal_items", "answer_as", "omit")
"""Keys that apply to rendered output only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOptions:
    """The options as written; None where one is not. `pace` holds seconds, delays and the profile by key."""

    chunks: Chunks | None = None
    finish: FinishReason | None = None
    usage: Mapping[str, int | None] | None = None
    id: str | None = None
    model: str | None = None
    created: int | None = None
    fields: Mapping[str, JSON] | None = None
    terminal_items: TerminalItems | None = None
    answer_as: AnswerAs | None = None
    omit: tuple[str, ...] | None = None
    status: int | None = None
    headers: Headers | None = None
    pace: Mapping[str, PaceValue] | None = None
    faults: tuple[ReadFault, ...] | None = None
    breaks: tuple[str, ...] | None = None

    def over(self, base: ReplyOptions) -> ReplyOptions:
        """These options, and those of `base` that are not given here; mappings are merged."""
        if base is NO_OPTIONS:
            return self
        given = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        below = {name: value for name in _NAMES if (value := getattr(base, name)) is not None}
        merged = below | given | {"breaks": self.breaks}
        for name, merge in _MERGES.items():
            if name in given and name in below:
                merged[name] = merge(below[name], given[name])
        return ReplyOptions(**merged)

    @property
    def counts(self) -> Usage:
        if not self.usage:
            return NO_USAGE
        given = {key: count for key, count in self.usage.items() if count is not None}
        return Usage(**given, left_out=frozenset(self.usage.keys() - given.keys()))

    @property
    def timing(self) -> Pace:
        if not self.pace:
            return _NO_PACE
        return pace_of(self.pace)


_KEEPALIVE = "keepalive"
NO_OPTIONS = ReplyOptions()
_NO_PACE = Pace()
_NAMES = tuple(ReplyOptions.__dataclass_fields__)


def read_options(cursor: Cursor) -> ReplyOptions:
    found = {key: _READERS[key](inner) for key, inner in cursor.members() if key in _READERS}
    return ReplyOptions(**found) if found else NO_OPTIONS


def pace_of(written: Mapping[str, PaceValue]) -> Pace:
    """The pace of the keys under `pace`; those beside a profile take the place of what it says."""
    found = dict(written)
    profile = found.pop("profile", None)
    if isinstance(profile, Profile):
        found = {"first": profile.first, "gap": profile.gap, **found}
    return Pace(**{f"{key}_s": value for key, value in found.items()})  # type: ignore[arg-type]  # as read by key


def _read_pace(cursor: Cursor) -> Mapping[str, PaceValue]:
    found: dict[str, PaceValue] = {}
    for key, inner in cursor.members():
        if key == "profile":
            found[key] = PROFILES[inner.text]
        elif isinstance(inner.value, list):
            found[key] = tuple(read_duration(one.value) or 0.0 for one in inner.elements())
        else:
            found[key] = _read_delay(inner)
        if "per_event" in found and len(found.keys() - {_KEEPALIVE}) > 1:
            inner.report("'per_event' replaces the other keys of 'pace'; give one or the other", key=True)
    return found


def _read_delay(cursor: Cursor) -> float | Delay:
    if not isinstance(cursor.value, dict):
        return read_duration(cursor.value) or 0.0
    for name, inner in cursor.members():
        seconds = {key: read_duration(one.value) or 0.0 for key, one in inner.members() if key != "sigma"}
        if seconds.get("most", inf) < seconds.get("least", 0.0):
            inner.report("'most' is less than 'least'; exchange them", "most")
        sigma = inner.object.get("sigma")
        return Delay(
            kind=Distribution(name),
            centre=seconds.get("mean" if name == Distribution.NORMAL else "median", 0.0),
            spread=sigma if isinstance(sigma, int | float) else seconds.get("deviation", 0.0),
            least=seconds.get("least", 0.0),
            most=seconds.get("most", inf),
        )
    return 0.0


def _pace_over(base: Mapping[str, PaceValue], own: Mapping[str, PaceValue]) -> Mapping[str, PaceValue]:
    """`per_event` and the other keys but `keepalive` exclude each other; the reply's own win, as does its profile."""
    if own.keys() - {_KEEPALIVE} and ("per_event" in own or "per_event" in base or "profile" in own):
        return {key: value for key, value in base.items() if key == _KEEPALIVE} | {**own}
    return {**base, **own}


# Values of fields that differ in type by name.
_MERGES: Mapping[str, Callable[[Any, Any], object]] = {
    "usage": lambda base, own: {**base, **own},
    "fields": lambda base, own: {**base, **own},
    "headers": _headers_over,
    "pace": _pace_over,
}
_READERS: Mapping[str, Callable[[Cursor], Any]] = {
    "chunks": read_chunks,
    "finish": lambda cursor: FinishReason(cursor.text),
    "usage": lambda cursor: {key: None if one.value is None else one.whole for key, one in cursor.members()},
    "id": lambda cursor: cursor.text,
    "model": lambda cursor: cursor.text,
    "created": lambda cursor: cursor.whole,
    "fields": lambda cursor: cursor.object,
    "terminal_items": lambda cursor: TerminalItems(cursor.text),
    "omit": lambda cursor: cursor.texts,
    "answer_as": lambda cursor: AnswerAs(cursor.text),
    "status": lambda cursor: cursor.whole,
    "headers": _read_headers,
    "pace": _read_pace,
    "faults": _read_faults,
    "breaks": lambda cursor: cursor.texts,
}
