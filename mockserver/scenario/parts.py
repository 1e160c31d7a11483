"""Everything a reply says beside its content: what `defaults` can say as well.

Each part is absent or read; the parts of a reply are laid over those of `defaults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mockserver.core.duration import read_duration
from mockserver.core.jsontext import JSON
from mockserver.core.reply import Chunks, Finish, Pace, Usage
from mockserver.core.request import Headers
from mockserver.scenario.chunks import read_chunks
from mockserver.scenario.headers import over, read_headers
from mockserver.scenario.spots import Spot

if TYPE_CHECKING:
    from mockserver.faults.table import ReadFault

_Value = TypeVar("_Value")
OF_OUTPUT = ("chunks", "finish", "usage", "id", "model", "created", "fields")
"""Parts that only rendered output has a place for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What was written of a reply beside its content; None where nothing was. `pace` holds
    seconds by key."""

    chunks: Chunks | None = None
    finish: Finish | None = None
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

    def over(self, base: Parts) -> Parts:
        """These parts, and those of `base` that are not written here; mappings are merged."""
        return Parts(
            chunks=base.chunks if self.chunks is None else self.chunks,
            finish=_first(self.finish, base.finish),
            usage={**(base.usage or {}), **(self.usage or {})},
            id=_first(self.id, base.id),
            model=_first(self.model, base.model),
            created=_first(self.created, base.created),
            fields={**(base.fields or {}), **(self.fields or {})},
            status=_first(self.status, base.status),
            headers=over(base.headers or (), self.headers or ()),
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
        """When events leave."""
        pace = self.pace or {}
        return Pace(
            first_s=sum(pace.get("first", ())),
            gap_s=sum(pace.get("gap", ())),
            jitter_s=sum(pace.get("jitter", ())),
            per_event_s=pace.get("per_event", ()),
        )


def read_parts(spot: Spot) -> Parts:
    """Read the parts of a reply, or those under `defaults`."""
    chunks, finish, usage = spot.get("chunks"), spot.get("finish"), spot.get("usage")
    own_id, model, created = spot.get("id"), spot.get("model"), spot.get("created")
    fields, status, headers = spot.get("fields"), spot.get("status"), spot.get("headers")
    pace, faults, breaks = spot.get("pace"), spot.get("faults"), spot.get("breaks")
    return Parts(
        chunks=None if chunks is None else read_chunks(chunks),
        finish=None if finish is None else Finish(finish.text),
        usage=None if usage is None else {key: one.whole for key, one in usage.members()},
        id=None if own_id is None else own_id.text,
        model=None if model is None else model.text,
        created=None if created is None else created.whole,
        fields=None if fields is None else fields.object,
        status=None if status is None else status.whole,
        headers=None if headers is None else read_headers(headers),
        pace=None if pace is None else _read_pace(pace),
        faults=None if faults is None else _read_faults(faults),
        breaks=None if breaks is None else breaks.texts,
    )


def _read_faults(spot: Spot) -> tuple[ReadFault, ...]:
    from mockserver.scenario.faults import read_faults  # noqa: PLC0415  # not before the first answer

    return read_faults(spot)


def _first(own: _Value | None, base: _Value | None) -> _Value | None:
    return base if own is None else own


def _read_pace(spot: Spot) -> Mapping[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {}
    for key, inner in spot.members():
        many = isinstance(inner.value, list)
        spots = list(inner.elements()) if many else [inner]
        found[key] = tuple(read_duration(one.value) or 0.0 for one in spots)
        if "per_event" in found and len(found) > 1:
            inner.refuse("'per_event' stands in place of 'first', 'gap' and 'jitter'", key=True)
    return found


def _pace_over(
    base: Mapping[str, tuple[float, ...]], own: Mapping[str, tuple[float, ...]]
) -> Mapping[str, tuple[float, ...]]:
    """Of two ways to pace, each event by itself or all alike, the reply's own wins."""
    if own and ("per_event" in own or "per_event" in base):
        return own
    return {**base, **own}
