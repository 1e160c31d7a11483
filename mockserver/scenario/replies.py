"""Replies, read into values: what is said, and everything beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockserver.core.fault import NO_FAULTS, Faults
from mockserver.core.reply import Content, ErrorReply, Output, Raw, Reply, Text
from mockserver.scenario.contents import CONTENTS, fails, read_content
from mockserver.scenario.parts import OF_OUTPUT, Parts, read_parts
from mockserver.scenario.spots import Spot
from mockserver.script.quoting import quotes

if TYPE_CHECKING:
    from mockserver.faults.table import ReadFault

_OF_HEAD = ("status", "headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reply in its place. `optional` are faults of `defaults`, which join those of the reply
    where they have a place in it."""

    spot: Spot
    reply: Reply
    optional: tuple[ReadFault, ...] = ()


def read_reply(spot: Spot, defaults: Parts) -> Draft:
    """Read a reply, or the text that is short for one."""
    if isinstance(spot.value, str):
        own = Parts()
        content: Content = Output(choices=((Text(text=spot.value),),))
    else:
        own = read_parts(spot)
        content = read_content(spot)
        _refuse_misplaced(spot, content)
    parts = own.over(defaults)
    if isinstance(content, Output):
        content = _dressed(content, parts)
    raw = isinstance(content, Raw)
    reply = Reply(
        content=content,
        status=own.status if raw or isinstance(content, ErrorReply) else parts.status,
        headers=() if raw else parts.headers or (),
        pace=parts.timing,
        faults=joined(own.faults or ()),
        breaks=parts.breaks or (),
        origin=spot.position,
    )
    return Draft(
        spot=spot,
        reply=replace(reply, quotes=quotes(reply)),
        optional=() if own.faults is not None else parts.faults or (),
    )


def silent(parts: Parts) -> Reply:
    """What parts say by themselves, of a reply without output."""
    return Reply(content=_dressed(Output(choices=((),)), parts), headers=parts.headers or ())


def joined(faults: Iterable[ReadFault]) -> Faults:
    """Faults of a list as one value."""
    return sum((one.faults for one in faults), start=NO_FAULTS)


def _dressed(output: Output, parts: Parts) -> Output:
    return Output(
        choices=output.choices,
        finish=None if fails(output) else parts.finish,
        usage=parts.counts,
        chunks=parts.chunks or "word",
        id=parts.id,
        model=parts.model,
        created=parts.created,
        fields=parts.fields or {},
    )


def _refuse_misplaced(spot: Spot, content: Content) -> None:
    """Parts that have no place beside what is said."""
    said = next((key for key in spot.object if key in CONTENTS), None)
    if said is None:
        return
    nowhere: tuple[str, ...] = ()
    if isinstance(content, Raw):
        nowhere = (*OF_OUTPUT, *_OF_HEAD)
    elif not isinstance(content, Output):
        nowhere = OF_OUTPUT
    for key, inner in spot.members():
        if key in nowhere:
            inner.refuse(f"{key!r} has no place beside {said!r}", key=True)
