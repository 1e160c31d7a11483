"""The options of a reply, and of `defaults`: everything but its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mockserver.model.cursor import Cursor
from mockserver.model.duration import read_duration
from mockserver.model.fault import FaultValueError
from mockserver.model.item import Chunks
from mockserver.model.json import JSON
from mockserver.model.reply import FinishReason, Pace, Usage
from mockserver.model.request import Headers
from mockserver.render.http1 import header_problem
from mockserver.scenario.output_items import read_chunks

if TYPE_CHECKING:
    from mockserver.faults import ReadFault


def _read_headers(cursor: Cursor) -> Headers:
    """Names and values in the order written; numbers are sent as they are written, and a list
    repeats its header."""
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
    """The headers of `headers`, and those of `base` that it does not name."""
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


_Value = TypeVar("_Value")
OUTPUT_KEYS = ("chunks", "finish", "usage", "id", "model", "created", "fields")
"""Keys that apply to rendered output only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyOptions:
    """The options as written; None where one is not. `pace` holds seconds by key."""

    chunks: Chunks | None = None
    finish: FinishReason | None = None
    usage: Mapping[str, int] | None = None
    id: str | None = None
    model: str | None = None
    created: int | None = None
    fields: Mapping[str, JSON] | None = None
    status: int | None = None
    headers: Headers | None = None
    pace: Mapping[str, tuple[float, ...]] | None = None
    faults: tuple[ReadFault, ...] | None = None
    breaks: tuple[str, ...] | None = None

    def over(self, base: ReplyOptions) -> ReplyOptions:
        """These options, and those of `base` that are not given here; mappings are merged."""
        return ReplyOptions(
            chunks=base.chunks if self.chunks is None else self.chunks,
            finish=_first(self.finish, base.finish),
            usage={**(base.usage or {}), **(self.usage or {})},
            id=_first(self.id, base.id),
            model=_first(self.model, base.model),
            created=_first(self.created, base.created),
            fields={**(base.fields or {}), **(self.fields or {})},
            status=_first(self.status, base.status),
            headers=_headers_over(base.headers or (), self.headers or ()),
            pace=_pace_over(base.pace or {}, self.pace or {}),
            faults=_first(self.faults, base.faults),
            breaks=self.breaks,
        )

    @property
    def counts(self) -> Usage:
        """The token counts that are stated."""
        usage = self.usage or {}
        return Usage(
            input=usage.get("input"),
            cached=usage.get("cached"),
            output=usage.get("output"),
            reasoning=usage.get("reasoning"),
        )

    @property
    def timing(self) -> Pace:
        """When events are sent."""
        pace = self.pace or {}
        return Pace(
            first_s=sum(pace.get("first", ())),
            gap_s=sum(pace.get("gap", ())),
            jitter_s=sum(pace.get("jitter", ())),
            per_event_s=pace.get("per_event", ()),
        )


def read_options(cursor: Cursor) -> ReplyOptions:
    """Read the options of a reply, or those under `defaults`."""
    chunks, finish, usage = cursor.get("chunks"), cursor.get("finish"), cursor.get("usage")
    own_id, model, created = cursor.get("id"), cursor.get("model"), cursor.get("created")
    fields, status, headers = cursor.get("fields"), cursor.get("status"), cursor.get("headers")
    pace, faults, breaks = cursor.get("pace"), cursor.get("faults"), cursor.get("breaks")
    return ReplyOptions(
        chunks=None if chunks is None else read_chunks(chunks),
        finish=None if finish is None else FinishReason(finish.text),
        usage=None if usage is None else {key: one.whole for key, one in usage.members()},
        id=None if own_id is None else own_id.text,
        model=None if model is None else model.text,
        created=None if created is None else created.whole,
        fields=None if fields is None else fields.object,
        status=None if status is None else status.whole,
        headers=None if headers is None else _read_headers(headers),
        pace=None if pace is None else _read_pace(pace),
        faults=None if faults is None else _read_faults(faults),
        breaks=None if breaks is None else breaks.texts,
    )


def _first(own: _Value | None, base: _Value | None) -> _Value | None:
    return base if own is None else own


def _read_pace(cursor: Cursor) -> Mapping[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {}
    for key, inner in cursor.members():
        many = isinstance(inner.value, list)
        cursors = list(inner.elements()) if many else [inner]
        found[key] = tuple(read_duration(one.value) or 0.0 for one in cursors)
        if "per_event" in found and len(found) > 1:
            inner.report(
                "'per_event' replaces 'first', 'gap' and 'jitter'; give one or the other", key=True
            )
    return found


def _pace_over(
    base: Mapping[str, tuple[float, ...]], own: Mapping[str, tuple[float, ...]]
) -> Mapping[str, tuple[float, ...]]:
    """`per_event` and the other keys exclude each other; the reply's own win."""
    if own and ("per_event" in own or "per_event" in base):
        return own
    return {**base, **own}
