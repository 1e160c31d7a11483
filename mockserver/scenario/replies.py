"""Replies, read into values: what is said, and everything beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockserver.items import Text
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.reply import Content, ErrorReply, Output, RawBytes, Reply
from mockserver.pipeline.request_templates import quotes
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.reply_content import CONTENTS, read_content
from mockserver.scenario.reply_options import OF_OUTPUT, ReplyOptions, read_options

if TYPE_CHECKING:
    from mockserver.faults import ReadFault

_OF_HEAD = ("status", "headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedReply:
    """A reply in its place. `optional` are faults of `defaults`, which join those of the reply
    where they have a place in it."""

    spot: Cursor
    reply: Reply
    optional: tuple[ReadFault, ...] = ()


def read_reply(spot: Cursor, defaults: ReplyOptions) -> ParsedReply:
    """Read a reply, or the text that is short for one."""
    if isinstance(spot.value, str):
        own = ReplyOptions()
        content: Content = Output(choices=((Text(text=spot.value),),))
    else:
        own = read_options(spot)
        content = read_content(spot)
        _refuse_misplaced(spot, content)
    parts = own.over(defaults)
    if isinstance(content, Output):
        content = _with_options(content, parts)
    raw = isinstance(content, RawBytes)
    reply = Reply(
        content=content,
        status=own.status if raw or isinstance(content, ErrorReply) else parts.status,
        headers=() if raw else parts.headers or (),
        pace=parts.timing,
        faults=joined(own.faults or ()),
        breaks=parts.breaks or (),
        origin=spot.position,
    )
    return ParsedReply(
        spot=spot,
        reply=replace(reply, templated=quotes(reply)),
        optional=() if own.faults is not None else parts.faults or (),
    )


def defaults_only(parts: ReplyOptions) -> Reply:
    """What parts say by themselves, of a reply without output."""
    return Reply(content=_with_options(Output(choices=((),)), parts), headers=parts.headers or ())


def joined(faults: Iterable[ReadFault]) -> Faults:
    """Faults of a list as one value."""
    return sum((one.faults for one in faults), start=NO_FAULTS)


def _with_options(output: Output, parts: ReplyOptions) -> Output:
    return Output(
        choices=output.choices,
        finish=None if output.failure is not None else parts.finish,
        usage=parts.counts,
        chunks=parts.chunks or "word",
        id=parts.id,
        model=parts.model,
        created=parts.created,
        fields=parts.fields or {},
    )


def _refuse_misplaced(spot: Cursor, content: Content) -> None:
    """Parts that have no place beside what is said."""
    said = next((key for key in spot.object if key in CONTENTS), None)
    if said is None:
        return
    nowhere: tuple[str, ...] = ()
    if isinstance(content, RawBytes):
        nowhere = (*OF_OUTPUT, *_OF_HEAD)
    elif not isinstance(content, Output):
        nowhere = OF_OUTPUT
    for key, inner in spot.members():
        if key in nowhere:
            inner.refuse(f"{key!r} has no place beside {said!r}", key=True)
