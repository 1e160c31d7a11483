"""Stand-ins for what differs from call to call, so that a reply can be composed with blanks in it.

A ids, a call and an occasion that hand out marks instead of values and note what was asked of
them. Marks are found again in the bytes; whoever uses them proves that nothing else looked alike.
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
from mockserver.model.request import Headers
from mockserver.render.context import RenderContext

Placeholder: TypeAlias = Callable[[int], bytes]
"""What stands in a blank: by the number of the call, or by the tokens of its request."""

_CREATED: Final = 9_081_726_354
_PROCESSING_MS: Final = "Q~processing~ms~Q"
# No count of tokens comes near; what is added to it stays below its first digits.
_TOKENS: Final = 7_310_000_000_000_000_000
# An id with less behind its prefix could be anything.
_SHORTEST: Final = 16
_COUNT: Final = rb"731[0-9]{16}"


class NotCacheableError(Exception):
    """A reply that depends on more than is watched here; it is composed anew for each call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderIds(IdGenerator):
    """`marks` grows as ids are asked for, each of which has one mark in `asked`."""

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
        """What finds every mark, counts of tokens among them."""
        known = [re.escape(mark) for mark in sorted(self.marks, key=len, reverse=True)]
        return re.compile(b"(" + b"|".join([*known, _COUNT]) + b")")


def count_of(mark: bytes) -> int:
    """How much more than the request's tokens a marked count is."""
    return int(mark) - _TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderContext(RenderContext):
    """An occasion on which nobody has counted the request's tokens yet."""

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
    """Empty to whoever reads it as a whole, and noting that as everything."""

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
    """The call, its headers and conversation out of sight, noting in `read` what is read of its
    body. Raises NotToPrepareError for who wants to see more."""
    if call.parameters:
        raise NotCacheableError("parameters")
    return TrackedCall(call.endpoint, _TrackedBody(call.body, read))
