"""Reply templates: scripts with placeholders, composed once and filled in for every call that differs
only there.

A reply is composed with ids, a call and a context that give out marks in place of values, and record
what was read. The marks are found again in the bytes. A filled template has the bytes that composing
would give: that is checked on the call the template is made for, and where they differ there is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conversation import Conversation
from mockserver.model.endpoint import Shape
from mockserver.model.frames import Frame, Part, Script, Send
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Output, Reply
from mockserver.model.request import Headers
from mockserver.pipeline import Act, HttpContext, Write, announces_close, coalesce, compose
from mockserver.render.context import RenderContext, estimate_tokens

Placeholder: TypeAlias = Callable[[int], bytes] | None
"""The value of a placeholder, by the number of the call; None for the time of the call."""

_CREATED: Final = 9_081_726_354
_PROCESSING_MS: Final = "Q~processing~ms~Q"
# No count of tokens comes near; what is added to it stays below its first digits.
_TOKENS: Final = 7_310_000_000_000_000_000
# An id with less behind its prefix could be anything.
_SHORTEST: Final = 16
_COUNT: Final = rb"731[0-9]{16}"


class NotCacheableError(Exception):
    """The reply depends on more than is tracked here; it has to be composed for each call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderIds(IdGenerator):
    """`marks` grows as ids are read, each of which has one mark in `issued`."""

    marks: dict[bytes, Placeholder] = field(default_factory=dict, compare=False)
    issued: dict[tuple[str, int], str] = field(default_factory=dict, compare=False)

    def id(self, prefix: str, ordinal: int = 0) -> str:
        known = self.issued.get((prefix, ordinal))
        if known is not None:
            return known
        width = len(IdGenerator.id(self, prefix, ordinal)) - len(prefix)
        if width < _SHORTEST:
            raise NotCacheableError(prefix)
        mark = prefix + f"Q{len(self.issued):03d}".ljust(width, "~")
        self.marks[mark.encode()] = self.ids(prefix, ordinal)
        self.issued[prefix, ordinal] = mark
        return mark

    def number(self, purpose: str, below: int) -> int:
        raise NotCacheableError(purpose, below)

    def text(self, purpose: str, length: int) -> str:
        raise NotCacheableError(purpose, length)

    @property
    def created(self) -> int:
        self.marks[b"%d" % _CREATED] = None
        return _CREATED

    @property
    def processing_ms(self) -> str:
        self.marks[_PROCESSING_MS.encode()] = self.processing_ms_for()
        return _PROCESSING_MS

    def pattern(self) -> re.Pattern[bytes]:
        """A pattern that finds every mark, token counts included."""
        known = [re.escape(mark) for mark in sorted(self.marks, key=len, reverse=True)]
        return re.compile(b"(" + b"|".join([*known, _COUNT]) + b")")


def count_of(mark: bytes) -> int:
    """How much a marked count exceeds the token count of the request."""
    return int(mark) - _TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderContext(RenderContext):
    """A context that gives a mark in place of the token count of the request."""

    @property
    def prompt_tokens(self) -> int:
        return _TOKENS


class TrackedCall(Call):
    """A call whose body records which of its members are read; see `track_reads`."""

    __slots__ = ()

    @property
    def conversation(self) -> Conversation:
        raise NotCacheableError("conversation")

    @property
    def headers(self) -> Headers:
        raise NotCacheableError("headers")


class _TrackedBody(dict[str, JSON]):
    """A body that cannot be read as a whole."""

    def __init__(self, body: JSONObject, read: set[str]) -> None:
        super().__init__()
        self._body = body
        self._read = read

    def get(self, name: str, default: JSON = None) -> JSON:  # type: ignore[override]
        self._read.add(name)
        return self._body.get(name, default)

    def __getitem__(self, name: str) -> JSON:
        self._read.add(name)
        return self._body[name]

    def __contains__(self, name: object) -> bool:
        self._read.add(str(name))
        return name in self._body

    def __iter__(self) -> Iterator[str]:
        raise NotCacheableError("body")

    def __len__(self) -> int:
        raise NotCacheableError("body")

    keys = values = items = __iter__  # type: ignore[assignment]


class _TrackedParameters(dict[str, str]):
    """Path parameters that record which of them are read, by `get` alone."""

    def __init__(self, parameters: _TrackedBody) -> None:
        super().__init__()
        self._parameters = parameters

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        value = self._parameters.get(parameter_key(name), default)
        return None if value is None else str(value)


def track_reads(call: Call, read: set[str]) -> Call:
    """The call without headers and conversation, which notes in `read` what is read of its body and of its path.
    Reading more raises NotCacheableError."""
    parameters: JSONObject = {parameter_key(name): value for name, value in call.parameters.items()}
    return TrackedCall(
        call.endpoint, _TrackedBody(call.body, read), parameters=_TrackedParameters(_TrackedBody(parameters, read))
    )


def parameter_key(name: str) -> str:
    """How a path parameter is noted among the members of the body."""
    return f"{{{name}}}"


Values: TypeAlias = list[bytes]
Pick: TypeAlias = Callable[[Values], tuple[bytes, ...]]
Piece: TypeAlias = bytes | int
"""Bytes as they are, or the number of a placeholder."""

# Of the values number 0 is empty: it joins segments where no placeholder does.
_FIRST = 1
# Counts are kept for so many sizes of requests.
_COUNTS = 1024
# A placeholder that recurs so often separates what lies between: joining is faster than formatting.
_OFTEN = 6


class _WriteTemplate(NamedTuple):
    """One write: `separator` is the number of the placeholder that joins `segments`, 0 where there is only one
    segment. `formats` are those segments that hold further placeholders, each with its index."""

    frames: int
    separator: int
    segments: tuple[bytes, ...]
    formats: tuple[tuple[int, bytes, Pick], ...]

    def data(self, values: Values) -> bytes:
        """The bytes with these values."""
        if not self.separator:
            [(_, form, pick)] = self.formats
            return form % pick(values)
        segments = [*self.segments]
        for place, form, pick in self.formats:
            segments[place] = form % pick(values)
        return values[self.separator].join(segments)


class _SizedTemplate(NamedTuple):
    """The acts for one width of the token counts, which decides the lengths in them. `pairs` are values made of two
    others with bytes between."""

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


def _pick(placeholders: tuple[int, ...]) -> Pick:
    """A function that takes some of the values, in that order."""
    if len(placeholders) > 1:
        return itemgetter(*placeholders)
    return lambda values: tuple([values[placeholder] for placeholder in placeholders])


class Template:
    """The script of one reply for one kind of request. `closes` says that its head announces the end of the connection;
    `size` is about what it takes in memory, in bytes."""

    def __init__(self, frames: Sequence[Frame], ids: PlaceholderIds, *, least: int, status: int) -> None:
        """`least` is how many tokens a request has at least."""
        self.status = status
        self.closes = announces_close(frames)
        sent = sum(len(frame.data) for frame in frames if isinstance(frame, Send))
        self.size = 4 * sent
        self._frames = frames
        self._least = least
        self._by_width: dict[tuple[int, ...], _SizedTemplate | None] = {}
        self._known: dict[int, tuple[Values, tuple[int, ...]]] = {}
        splits = [ids.pattern().split(frame.data) if isinstance(frame, Send) else [b""] for frame in frames]
        marks = list(dict.fromkeys(mark for split in splits for mark in split[1::2]))
        counts = [mark for mark in marks if mark not in ids.marks]
        numbers = {mark: number for number, mark in enumerate([*counts, *(set(marks) - set(counts))], _FIRST)}
        self._counts = [count_of(mark) for mark in counts]
        self._placeholders = [ids.marks[mark] for mark in numbers if mark in ids.marks]
        self._pieces: list[tuple[Piece, ...]] = [
            tuple(numbers[piece] if place % 2 else piece for place, piece in enumerate(split)) for split in splits
        ]

    def fill(
        self, number: int, call: Call, compose_script: Callable[[Call], Script], epoch: int
    ) -> tuple[Act, ...] | None:
        """The acts for a call of that number in its sandbox; None where they would differ from the
        composed script. That is made once for every width of the counts, to compare."""
        counts, widths = self._counted(call)
        values = self._filled(number, epoch, counts)
        if widths not in self._by_width:
            self._by_width[widths] = self._sized(values, compose_script(call))
        form = self._by_width[widths]
        return None if form is None else form.filled(values)

    def _counted(self, call: Call) -> tuple[Values, tuple[int, ...]]:
        """The token counts in the reply to a call, behind the empty value, and their widths."""
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

    def _filled(self, number: int, epoch: int, counts: Values) -> Values:
        """The values of the placeholders for a call of that number."""
        values = [*counts]
        for placeholder in self._placeholders:  # not a comprehension, which is a call before Python 3.12
            values.append(b"%d" % (epoch + number) if placeholder is None else placeholder(number))  # noqa: PERF401
        return values

    def _sized(self, values: Values, proof: Script) -> _SizedTemplate | None:
        pieces = self._measured(values)
        frames = tuple(
            replace(frame, data=_joined(pieces_of, values)) if isinstance(frame, Send) else frame
            for frame, pieces_of in zip(self._frames, pieces, strict=True)
        )
        return _arranged(coalesce(frames), pieces, len(values)) if frames == proof.frames else None

    def _measured(self, values: Values) -> list[tuple[Piece, ...]]:
        """The pieces of each frame, with the lengths that these values give."""
        pieces = [*self._pieces]
        for place, frame in enumerate(self._frames[:-1]):
            follower = self._frames[place + 1]
            if not (isinstance(frame, Send) and isinstance(follower, Send)):
                continue
            before, now = len(follower.data), len(_joined(self._pieces[place + 1], values))
            if frame.part is Part.CHUNK_SIZE:
                pieces[place] = (b"%x\r\n" % now,)
            elif frame.part is Part.HEAD and follower.part is Part.BODY:
                old, new = (b"\r\ncontent-length: %d\r\n" % size for size in (before, now))
                pieces[place] = tuple(
                    piece.replace(old, new) if isinstance(piece, bytes) else piece for piece in pieces[place]
                )
        return pieces


def template(reply: Reply, context: RenderContext, shape: Shape, http: HttpContext, read: set[str]) -> Template | None:
    """The template of a reply for every call whose body has the same members `read`, which is filled here; None where
    the reply depends on more than a few members."""
    ids = context.ids
    placeholder = PlaceholderIds(seed=ids.seed, scenario=ids.scenario, stub=ids.stub, call=ids.call, epoch=ids.epoch)
    try:
        call = track_reads(context.call, read)
        asking = PlaceholderContext(call=call, dialect=context.dialect, ids=placeholder)
        composed = compose(reply, asking, shape, http=http)
    except NotCacheableError:
        return None
    usage = reply.content.usage if isinstance(reply.content, Output) else None
    least = usage.least_input if usage is not None else 0
    return Template(composed.script.frames, placeholder, least=least, status=composed.status)


def _joined(pieces: Sequence[Piece], values: Values) -> bytes:
    return b"".join([piece if isinstance(piece, bytes) else values[piece] for piece in pieces])


def _arranged(acts: Iterable[Act], pieces: list[tuple[Piece, ...]], values: int) -> _SizedTemplate:
    """Arrange the pieces of each write so that few steps fill them in."""
    writes: list[tuple[Act, list[Piece]]] = []
    place = 0
    for act in acts:
        count = act.frames if isinstance(act, Write) else 1
        run = [piece for frame in pieces[place : place + count] for piece in frame]
        writes.append((act, _merged(run)))
        place += count
    pairs = _pairs([run for _, run in writes], values)
    templates = tuple(_write_template(act, run) if isinstance(act, Write) else act for act, run in writes)
    return _SizedTemplate(pairs=tuple(pairs), acts=templates)


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Bytes and placeholders in turn, bytes at both ends."""
    merged: list[Piece] = [b""]
    for piece in pieces:
        if isinstance(piece, int):
            merged += (piece, b"")
        else:
            merged[-1] += piece  # type: ignore[operator]
    return merged


def _pairs(runs: list[list[Piece]], values: int) -> list[tuple[int, bytes, int]]:
    """Make one of two placeholders that often follow each other with the same bytes between."""
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


def _write_template(write: Write, run: list[Piece]) -> _WriteTemplate:
    placeholders = Counter(piece for piece in run if isinstance(piece, int))
    [(separator, count)] = placeholders.most_common(1) or [(0, 0)]
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
