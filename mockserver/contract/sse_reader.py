"""A captured event stream read by the rules of WHATWG HTML, section 9.2.6.

Reading never fails: what a conforming reader passes over in silence is said as a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.shown import shown

_LINE: Final = re.compile("([^\r\n]*)(\r\n|\r|\n|\\Z)")
_BOM: Final = "\ufeff"
_FIELDS: Final = frozenset({"event", "data", "id", "retry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One dispatched event; `name` is None without an `event` field, `comments` stood before or in
    it, `line` is where its first field stands, from 1."""

    name: str | None
    data: str
    line: int
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """What a reader gets, and what is to be said about the form."""

    messages: tuple[Message, ...]
    remarks: tuple[Remark, ...]


def read_stream(data: bytes) -> EventStream:
    """Read a whole event stream; an event without its blank line is lost, as it is to a client."""
    reader = _Reader()
    for number, line in enumerate(_lines(reader.decoded(data)), start=1):
        reader.take(line, number)
    reader.end()
    return EventStream(messages=tuple(reader.messages), remarks=tuple(reader.remarks))


def _lines(text: str) -> Iterator[str]:
    """The lines without their ends; the last may have had none."""
    for line in _LINE.finditer(text):
        if line[2] or line[1]:
            yield line[1]


class _Reader:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.remarks: list[Remark] = []
        self._comments: list[str] = []
        self._data: list[str] = []
        self._name: str | None = None
        self._line: int | None = None

    def decoded(self, data: bytes) -> str:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._say("sse.utf8", f"invalid UTF-8 at byte {error.start}")
            text = data.decode("utf-8", "replace")
        if text.startswith(_BOM):
            self._say("sse.bom", "found a byte order mark, which some readers take for text")
            text = text[1:]
        return text

    def take(self, line: str, number: int) -> None:
        if not line:
            self._dispatch()
            return
        if line.startswith(":"):
            self._comments.append(line[1:].removeprefix(" "))
            return
        field, _, value = line.partition(":")
        if self._line is None:
            self._line = number
        self._field(field, value.removeprefix(" "), number)

    def end(self) -> None:
        if self._data or self._name is not None:
            message = (
                f"the event begun in line {self._line} has no blank line behind it and is lost"
            )
            self._say("sse.final_blank", message)

    def _field(self, field: str, value: str, number: int) -> None:
        where = f"line {number}"
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field not in _FIELDS:
            self._say("sse.field", f"found field {shown(field)} in {where}, which readers ignore")
        elif field == "id" and "\0" in value:
            self._say("sse.id", f"found an id with NUL in {where}, which readers ignore")
        elif field == "retry" and not (value.isascii() and value.isdigit()):
            self._say("sse.retry", f"found retry {shown(value)} in {where}, digits would be right")

    def _dispatch(self) -> None:
        if self._data:
            self.messages.append(
                Message(
                    name=self._name or None,
                    data="\n".join(self._data),
                    line=self._line or 0,
                    comments=tuple(self._comments),
                )
            )
            self._comments.clear()
        elif self._name is not None:
            message = f"the event in line {self._line} has no data, which most readers ignore"
            self._say("sse.data", message)
        self._data.clear()
        self._name = self._line = None

    def _say(self, rule: str, message: str) -> None:
        self.remarks.append(Remark(rule, "", message))
