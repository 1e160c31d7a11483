"""Keepalives of a pace: what the upstream sends while a stream has nothing to say.

They are planned from the waits of a finished script, those of faults included, so places of faults are those of the
stream without them. A wait inside an event has none, as nothing can be sent there, nor has the wait before a stream
may be kept alive. In a stream whose events are numbered each takes a number, and the events behind it move on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from mockserver.model.frames import TERMINATOR, Beat, Event, Frame, Part, Send, Stall, Wait

LABEL: Final = "keepalive"
# So many in one reply, as their frames are all in memory.
_MOST: Final = 10_000
_SLACK_S: Final = 1e-9

Held: TypeAlias = Sequence[tuple[int, int]]
"""Keepalives sent at gates: the frame before which, and how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive:
    """What is sent every `every_s` seconds of silence: `before`, and in a stream whose events are numbered a number and
    `after`. The stream may be kept alive behind event `opens`, -1 for the head, and before event `closes`."""

    every_s: float
    before: bytes
    after: bytes | None = None
    opens: int = -1
    closes: int = 0
    chunked: bool = True

    def beat(self, number: int, *, first_s: float) -> Beat:
        """It again and again, from that number on."""
        return Beat(
            every_s=self.every_s,
            first_s=first_s,
            before=self.before,
            number=None if self.after is None else number,
            after=self.after or b"",
            chunked=self.chunked,
        )

    def frames(self, number: int) -> tuple[Send, ...]:
        """It once, as frames."""
        text = replace(self.beat(number, first_s=0.0), chunked=False).data(0)
        pieces = [(Part.EVENT, text)]
        if self.chunked:
            pieces = [(Part.CHUNK_SIZE, b"%x\r\n" % len(text)), *pieces, (Part.CHUNK_END, b"\r\n")]
        return tuple(Send(data=data, part=part, label=LABEL) for part, data in pieces)


def bounds(events: Sequence[Event], *, numbered: bool) -> tuple[int, int]:
    """The ordinals of the events behind which and before which a stream may be kept alive."""
    opens = next((event.ordinal for event in events if event.label == "in_progress"), 0) if numbered else -1
    closes = next((event.ordinal for event in events if event.label in (TERMINATOR, "error")), len(events) - 1)
    return opens, closes


class _Silence:
    """Where a script is as its frames pass: the last event that was sent, whether it is complete, how many keepalives
    there were, and the seconds since."""

    def __init__(self, keepalive: Keepalive) -> None:
        self._keepalive = keepalive
        self._last = -2
        self._complete = False
        self._tail = b""
        self.sent = 0
        self.seconds = 0.0

    @property
    def open(self) -> bool:
        """Whether a keepalive may be sent here."""
        return self._complete and self._keepalive.opens <= self._last < self._keepalive.closes

    @property
    def number(self) -> int:
        """The number of a keepalive that is sent here."""
        return self._last + 1 + self.sent

    @property
    def rest_s(self) -> float:
        """The time until one is due."""
        return max(self._keepalive.every_s - self.seconds, 0.0)

    def passed(self, frame: Frame) -> None:
        if isinstance(frame, Wait | Stall):
            self.seconds += frame.seconds or 0.0
        elif isinstance(frame, Send):
            self.seconds = 0.0
            self._tail = (self._tail + frame.data)[-4:]
            if frame.part is Part.HEAD:
                self._last, self._complete = -1, self._tail == b"\r\n\r\n"
            elif frame.part in (Part.BODY, Part.LAST_CHUNK):
                self._last = self._keepalive.closes
            else:
                self._last = max(self._last, -1 if frame.event is None else frame.event)
                self._complete = self._ends_event(frame)
                self.sent += _is_keepalive(frame)

    def _ends_event(self, send: Send) -> bool:
        if self._keepalive.chunked:
            return send.part is Part.CHUNK_END and self._tail.endswith(b"\r\n")
        return self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))


def _is_keepalive(send: Send) -> bool:
    """Whether it is the text of a keepalive."""
    return send.label == LABEL and send.event is None and send.part is Part.EVENT


class Planned(NamedTuple):
    """A script with keepalives in its waits; the numbers in it are still those without them."""

    frames: tuple[Frame, ...]
    keepalive: Keepalive

    @classmethod
    def of(cls, frames: Sequence[Frame], keepalive: Keepalive) -> Planned:
        return cls(tuple(_planned(frames, keepalive)), keepalive)

    def numbered(self, held: Held = ()) -> tuple[Frame, ...]:
        """The frames with the right numbers, as many as before."""
        return tuple(_numbered(self.frames, self.keepalive, held))

    def beat_at(self, index: int, held: Held = ()) -> Beat | None:
        """What is sent again and again while the reply is held before a frame; None where nothing can be."""
        silence = _Silence(self.keepalive)
        for frame in self.frames[:index]:
            silence.passed(frame)
        if not silence.open:
            return None
        number = silence.number + sum(count for _, count in held)
        return self.keepalive.beat(number, first_s=silence.rest_s)


def _planned(frames: Sequence[Frame], keepalive: Keepalive) -> Iterator[Frame]:
    silence = _Silence(keepalive)
    for frame in frames:
        found = frame
        if isinstance(found, Wait | Stall) and silence.open:
            if found.seconds is None:
                beat = keepalive.beat(silence.number, first_s=silence.rest_s)
                yield found if found.beat is not None else Stall(beat=beat)
                continue
            while silence.rest_s < (found.seconds or 0.0) - _SLACK_S and silence.sent < _MOST:
                part_s = silence.rest_s
                found = replace(found, seconds=(found.seconds or 0.0) - part_s)
                yield replace(found, seconds=part_s)
                for send in keepalive.frames(silence.number):
                    silence.passed(send)
                    yield send
        silence.passed(found)
        yield found


def _numbered(frames: Sequence[Frame], keepalive: Keepalive, held: Held) -> Iterator[Frame]:
    silence = _Silence(keepalive)
    index = 0
    while index < len(frames):
        frame = frames[index]
        end = index + 1
        more = sum(count for at, count in held if at <= index)
        part: Sequence[Frame] = (frame,)
        if keepalive.after is None:
            pass
        elif isinstance(frame, Stall) and frame.beat is not None and frame.beat.number is not None:
            part = (replace(frame, beat=replace(frame.beat, number=silence.number + more)),)
        elif isinstance(frame, Send) and frame.label == LABEL and frame.event is None:
            end = index + 1 + 2 * keepalive.chunked
            part = keepalive.frames(silence.number + more)
        elif isinstance(frame, Send) and frame.event is not None and silence.sent + more:
            end = _end_of_event(frames, index)
            part = _moved(frames[index:end], frame.event, silence.sent + more)
        for passed in frames[index:end]:
            silence.passed(passed)
        yield from part
        index = end


def _end_of_event(frames: Sequence[Frame], begin: int) -> int:
    """Behind the last send of the event that begins there."""
    first, end = frames[begin], begin + 1
    for index in range(begin, len(frames)):
        frame = frames[index]
        if isinstance(frame, Send) and isinstance(first, Send):
            if frame.nth != first.nth:
                break
            end = index + 1
    return end


_DATA: Final = re.compile(rb"(?:^|[\r\n])data:")
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[][{}]', re.DOTALL)
_NUMBER: Final = re.compile(rb"\s*:\s*([0-9]+)(?![0-9.eE])")


def _moved(event: Sequence[Frame], ordinal: int, by: int) -> list[Frame]:
    """The frames of an event with its number moved; one that a fault or the scenario wrote stays as it is."""
    found = list(event)
    text = _Joined(found, Part.EVENT)
    number = _number_in(text.data)
    if number is None or int(number[1]) != ordinal:
        return found
    new = b"%d" % (ordinal + by)
    longer = len(new) - len(number[1])
    text.put(number.start(1), number.end(1), new)
    line = _Joined(found, Part.CHUNK_SIZE)
    size = re.match(rb"[0-9a-f]+(?=\r\n)", line.data)
    if size is not None and longer:
        line.put(0, size.end(), b"%x" % (int(size[0], 16) + longer))
    return found


def _number_in(text: bytes) -> re.Match[bytes] | None:
    """The `sequence_number` of the object in the SSE text of an event."""
    data = _DATA.search(text)
    depth = 0
    for token in () if data is None else _TOKEN.finditer(text, data.end()):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        elif depth == 1 and token[0] == b'"sequence_number"':
            found = _NUMBER.match(text, token.end())
            if found is not None:
                return found
    return None


class _Joined:
    """The bytes of the sends of one part among some frames."""

    def __init__(self, frames: list[Frame], part: Part) -> None:
        self._frames = frames
        self._sends = [
            (place, frame) for place, frame in enumerate(frames) if isinstance(frame, Send) and frame.part is part
        ]
        self.data = b"".join(frame.data for _, frame in self._sends)

    def put(self, start: int, stop: int, new: bytes) -> None:
        """Replace bytes by as many or more; they stay divided as they are."""
        data = self.data[:start] + new + self.data[stop:]
        longer = len(new) - (stop - start)
        begin = end = 0
        for place, send in self._sends:
            end += len(send.data)
            until = end + longer if end > start else end
            self._frames[place] = replace(send, data=data[begin:until])
            begin = until
