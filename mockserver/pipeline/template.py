"""A script with blanks: composed once, and filled in for every call that differs only there.

What is filled in has the same bytes as what would be composed. A template proves that on the call
it is made for, and is not made where the proof fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TypeAlias

from mockserver.model.call import Call
from mockserver.model.endpoint import Shape
from mockserver.model.frames import Frame, Part, Script, Send
from mockserver.model.reply import Output, Reply
from mockserver.pipeline.coalesce import Act, Write, coalesce
from mockserver.pipeline.compose import HttpContext, compose
from mockserver.pipeline.placeholders import (
    NotCacheableError,
    PlaceholderContext,
    PlaceholderIds,
    count_of,
    track_reads,
)
from mockserver.render.context import RenderContext, estimate_tokens

Values: TypeAlias = list[bytes]
Pick: TypeAlias = Callable[[Values], tuple[bytes, ...]]
Piece: TypeAlias = bytes | int
"""Bytes as they are, or the number of a blank."""

# Of the values number 0 is empty: what joins segments where no blank does.
_FIRST = 1
# Counts are kept for so many sizes of requests.
_COUNTS = 1024
# A blank that recurs so often separates what lies between: joining is faster than formatting.
_OFTEN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _WriteTemplate:
    """One write: `separator` is the number of the blank that joins `segments`, 0 where there is
    only one; those that hold further blanks are told in `formats` with their place."""

    frames: int
    separator: int
    segments: tuple[bytes, ...]
    formats: tuple[tuple[int, bytes, Pick], ...]

    def data(self, values: Values) -> bytes:
        """What is written."""
        if not self.separator:
            [(_, form, pick)] = self.formats
            return form % pick(values)
        segments = [*self.segments]
        for place, form, pick in self.formats:
            segments[place] = form % pick(values)
        return values[self.separator].join(segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SizedTemplate:
    """A template with the lengths that hold for one width of its token counts; `pairs` are values
    made of two others with something between; `only` is the one write that is followed by one other
    act, where there is no more."""

    pairs: tuple[tuple[int, bytes, int], ...]
    acts: tuple[_WriteTemplate | Act, ...]

    def filled(self, values: Values) -> tuple[Act, ...]:
        """The acts with these values."""
        self._pair(values)
        return tuple(
            [Write(one.data(values), one.frames) if isinstance(one, _WriteTemplate) else one for one in self.acts]
        )

    def _pair(self, values: Values) -> None:
        for one, between, other in self.pairs:
            values.append(values[one] + between + values[other])


def _pick(blanks: tuple[int, ...]) -> Pick:
    """What takes some of the values, in that order."""
    if len(blanks) > 1:
        return itemgetter(*blanks)
    return lambda values: tuple([values[blank] for blank in blanks])


class Template:
    """The script of one reply, asked for in one way; `closes` says that its head announces the
    connection's end, `timed` that it is writes and waits, a moderate number of bytes in all, and
    a plain finish, `at_once` that there is no wait. There are so many `frames`; `size` is about
    what it takes in memory, in bytes."""

    def __init__(self, frames: Sequence[Frame], ids: PlaceholderIds, *, least: int, status: int) -> None:
        """`least` is how many tokens a request has at least."""
        self.status = status
        self.closes = announces_close(frames)
        sent = sum(len(frame.data) for frame in frames if isinstance(frame, Send))
        self.size = 4 * sent
        self._frames = frames
        self._least = least
        self._forms: dict[tuple[int, ...], _SizedTemplate | None] = {}
        self._known: dict[int, tuple[Values, tuple[int, ...]]] = {}
        splits = [ids.pattern().split(frame.data) if isinstance(frame, Send) else [b""] for frame in frames]
        marks = list(dict.fromkeys(mark for split in splits for mark in split[1::2]))
        counts = [mark for mark in marks if mark not in ids.marks]
        numbers = {mark: number for number, mark in enumerate([*counts, *(set(marks) - set(counts))], _FIRST)}
        self._counts = [count_of(mark) for mark in counts]
        self._blanks = [ids.marks[mark] for mark in numbers if mark in ids.marks]
        self._pieces: list[tuple[Piece, ...]] = [
            tuple(numbers[piece] if place % 2 else piece for place, piece in enumerate(split)) for split in splits
        ]

    def fill(self, number: int, call: Call, compose_script: Callable[[Call], Script]) -> tuple[Act, ...] | None:
        """The acts for a call of that number in its sandbox; None where they would differ from the
        composed script. That is made once for every width of the counts, to compare."""
        counts, widths = self._counted(call)
        values = self._filled(number, counts)
        if widths not in self._forms:
            self._forms[widths] = self._formed(values, compose_script(call))
        form = self._forms[widths]
        return None if form is None else form.filled(values)

    def _counted(self, call: Call) -> tuple[Values, tuple[int, ...]]:
        """The counts of tokens that the reply to a call has, behind the empty value, and how wide
        they are."""
        if not self._counts:
            return [b""], ()
        tokens = max(estimate_tokens(call.input_text), self._least)
        known = self._known.get(tokens)
        if known is None:
            counts = [b"", *[b"%d" % (tokens + more) for more in self._counts]]
            if len(self._known) >= _COUNTS:
                self._known.clear()
            known = self._known[tokens] = counts, tuple(map(len, counts))
        return known

    def _filled(self, number: int, counts: Values) -> Values:
        """What stands in the blanks for a call of that number."""
        values = [*counts]
        for blank in self._blanks:  # not a comprehension, which is a call before Python 3.12
            values.append(blank(number))  # noqa: PERF401
        return values

    def _formed(self, values: Values, proof: Script) -> _SizedTemplate | None:
        pieces = self._measured(values)
        frames = tuple(
            replace(frame, data=_told(said, values)) if isinstance(frame, Send) else frame
            for frame, said in zip(self._frames, pieces, strict=True)
        )
        return _form(coalesce(frames), pieces, len(values)) if frames == proof.frames else None

    def _measured(self, values: Values) -> list[tuple[Piece, ...]]:
        """The pieces of each frame, lengths among them as they are with these values."""
        pieces = [*self._pieces]
        for place, frame in enumerate(self._frames[:-1]):
            follower = self._frames[place + 1]
            if not (isinstance(frame, Send) and isinstance(follower, Send)):
                continue
            before, now = len(follower.data), len(_told(self._pieces[place + 1], values))
            if frame.part is Part.CHUNK_SIZE:
                pieces[place] = (b"%x\r\n" % now,)
            elif frame.part is Part.HEAD and follower.part is Part.BODY:
                old, new = (b"\r\ncontent-length: %d\r\n" % size for size in (before, now))
                pieces[place] = tuple(
                    piece.replace(old, new) if isinstance(piece, bytes) else piece for piece in pieces[place]
                )
        return pieces


def template(
    reply: Reply, occasion: RenderContext, shape: Shape, carrier: HttpContext, read: set[str]
) -> Template | None:
    """The template of a reply for every call that agrees with this one in the members of its body
    that are then in `read`; None where no such few members decide."""
    ids = occasion.ids
    blank = PlaceholderIds(seed=ids.seed, scenario=ids.scenario, stub=ids.stub, call=ids.call)
    try:
        call = track_reads(occasion.call, read)
        asking = PlaceholderContext(call=call, dialect=occasion.dialect, ids=blank)
        composed = compose(reply, asking, shape, carrier=carrier)
    except NotCacheableError:
        return None
    usage = reply.content.usage if isinstance(reply.content, Output) else None
    least = usage.least_input if usage is not None else 0
    return Template(composed.script.frames, blank, least=least, status=composed.status)


def announces_close(frames: Sequence[Frame]) -> bool:
    """Whether the head tells the client that the connection ends with this reply."""
    for frame in frames:
        if isinstance(frame, Send):
            return frame.part is Part.HEAD and b"\r\nconnection: close" in frame.data.lower()
    return False


def _told(pieces: Sequence[Piece], values: Values) -> bytes:
    return b"".join([piece if isinstance(piece, bytes) else values[piece] for piece in pieces])


def _form(told: Iterable[Act], pieces: list[tuple[Piece, ...]], values: int) -> _SizedTemplate:
    """Split the pieces of each write so that few steps fill them in."""
    writes: list[tuple[Act, list[Piece]]] = []
    place = 0
    for act in told:
        count = act.frames if isinstance(act, Write) else 1
        run = [piece for frame in pieces[place : place + count] for piece in frame]
        writes.append((act, _merged(run)))
        place += count
    pairs = _pairs([run for _, run in writes], values)
    drafts = tuple(_draft(act, run) if isinstance(act, Write) else act for act, run in writes)
    return _SizedTemplate(pairs=tuple(pairs), acts=drafts)


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Bytes and blanks in turn, bytes at both ends."""
    merged: list[Piece] = [b""]
    for piece in pieces:
        if isinstance(piece, int):
            merged += (piece, b"")
        else:
            merged[-1] += piece  # type: ignore[operator]
    return merged


def _pairs(runs: list[list[Piece]], values: int) -> list[tuple[int, bytes, int]]:
    """Make one of two blanks that often follow each other with the same bytes between."""
    pairs: list[tuple[int, bytes, int]] = []
    while True:
        seen = Counter(
            (run[place], run[place + 1], run[place + 2]) for run in runs for place in range(1, len(run) - 2, 2)
        )
        if not seen:
            return pairs
        [(triple, count)] = seen.most_common(1)
        if count < _OFTEN:
            return pairs
        pairs.append(triple)  # type: ignore[arg-type]
        for run in runs:
            place = 1
            while place < len(run) - 2:
                if (run[place], run[place + 1], run[place + 2]) == triple:
                    run[place : place + 3] = [values + len(pairs) - 1]
                place += 2


def _draft(write: Write, run: list[Piece]) -> _WriteTemplate:
    blanks = Counter(piece for piece in run if isinstance(piece, int))
    [(separator, count)] = blanks.most_common(1) or [(0, 0)]
    if count < _OFTEN:
        separator = 0
    segments: list[bytes] = []
    formats: list[tuple[int, bytes, Pick]] = []
    part: list[Piece] = []
    for piece in (*run, separator):
        if piece == separator and isinstance(piece, int):
            inside = tuple(one for one in part if isinstance(one, int))
            if inside or not separator:
                form = b"".join(one.replace(b"%", b"%%") if isinstance(one, bytes) else b"%b" for one in part)
                formats.append((len(segments), form, _pick(inside)))
            segments.append(b"".join(one for one in part if isinstance(one, bytes)))
            part = []
        else:
            part.append(piece)
    return _WriteTemplate(frames=write.frames, separator=separator, segments=tuple(segments), formats=tuple(formats))
