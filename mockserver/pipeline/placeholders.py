"""Placeholders for what differs from call to call, so that a reply can be composed once for many calls.

Ids, call and context give marks in place of values, and note what was read of them. The marks are found again in the
bytes; `template.py` compares the result with a composed reply, so that nothing else is taken for a mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from mockserver.model.call import Call
from mockserver.model.conversation import Conversation
from mockserver.model.ids import EPOCH, IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.render.context import RenderContext

Placeholder: TypeAlias = Callable[[int], bytes]
"""The value of a placeholder, by the number of the call."""

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
    """`marks` grows as ids are read, each of which has one mark in `asked`."""

    marks: dict[bytes, Placeholder] = field(default_factory=dict, compare=False)
    asked: dict[tuple[str, int], str] = field(default_factory=dict, compare=False)

    def id(self, prefix: str, ordinal: int = 0) -> str:
        known = self.asked.get((prefix, ordinal))
        if known is not None:
            return known
        width = len(IdGenerator.id(self, prefix, ordinal)) - len(prefix)
        if width < _SHORTEST:
            raise NotCacheableError(prefix)
        mark = prefix + f"Q{len(self.asked):03d}".ljust(width, "~")
        self.marks[mark.encode()] = self.ids(prefix, ordinal)
        self.asked[prefix, ordinal] = mark
        return mark

    def number(self, purpose: str, below: int) -> int:
        raise NotCacheableError(purpose, below)

    def text(self, purpose: str, length: int) -> str:
        raise NotCacheableError(purpose, length)

    @property
    def created(self) -> int:
        self.marks[b"%d" % _CREATED] = lambda call: b"%d" % (EPOCH + call)
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


def track_reads(call: Call, read: set[str]) -> Call:
    """The call without headers and conversation, which notes in `read` what is read of its body. Reading more raises
    NotCacheableError."""
    if call.parameters:
        raise NotCacheableError("parameters")
    return TrackedCall(call.endpoint, _TrackedBody(call.body, read))
