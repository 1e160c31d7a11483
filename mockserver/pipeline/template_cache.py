"""Templates of replies: a request like an earlier one only fills them in.

What a reply depends on is not listed here but tracked: the members of the body that were read when
it was composed. A call that agrees in them, of the same stub over the same kind of connection,
differs in generated values and token counts alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias, cast

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.frames import Script
from mockserver.model.ids import EPOCH, IdGenerator
from mockserver.model.json import JSON
from mockserver.model.reply import Reply
from mockserver.pipeline import ComposedReply, HttpContext, compose
from mockserver.render.context import RenderContext

if TYPE_CHECKING:
    from mockserver.pipeline.template import Template

_Key: TypeAlias = tuple[object, ...]

# About what a cache entry takes besides its templates, in bytes.
_ENTRY_BYTES = 1024
# Members that carry whole conversations: a reply that reads them differs every time.
_CONVERSATION = frozenset({"input", "messages"})
# Stands for a member that is absent; no JSON value equals it.
_ABSENT: Iterator[JSON] = repeat(cast("JSON", ...))


@dataclass(slots=True)  # not frozen: one is made for every exchange
class ReplyJob:
    """What a script is composed of, apart from the call: the same call gives the same script.

    `number` is the number of the call in its sandbox, `epoch` the time of call 0 on its clock; seed,
    scenario and stub are those of the id generator.
    """

    reply: Reply
    dialect: Dialect
    seed: int
    scenario: str
    stub: str
    number: int
    shape: Shape
    http: HttpContext
    epoch: int = EPOCH

    def context(self, call: Call) -> RenderContext:
        """The context in which the reply is rendered for a call."""
        ids = IdGenerator(seed=self.seed, scenario=self.scenario, stub=self.stub, call=self.number, epoch=self.epoch)
        return RenderContext(call=call, dialect=self.dialect, ids=ids)

    def composed(self, call: Call) -> ComposedReply:
        """The reply composed for a call; raises what `compose` raises."""
        return compose(self.reply, self.context(call), self.shape, http=self.http)

    def __call__(self, call: Call) -> Script:
        """The script for a call."""
        return self.composed(call).script


@dataclass(slots=True)
class _CacheEntry:
    """One reply in one shape over one kind of connection. `varies_on` are the members of the body
    that decide, None where the reply is not cacheable. A template is None where a call came once.

    Reply and dialect are kept so that no other object can have their identity.
    """

    reply: Reply
    dialect: Dialect
    varies_on: tuple[str, ...] | None = ()
    templates: dict[_Key, Template | None] = field(default_factory=dict)
    size_bytes: int = _ENTRY_BYTES


class TemplateCache:
    """Templates of some `limit` bytes in all; the oldest leave first. Not thread-safe."""

    def __init__(self, *, limit: int = 32 * 1024 * 1024) -> None:
        self._limit = limit
        self._entries: dict[_Key, _CacheEntry] = {}
        self._size_bytes = 0

    def find(self, job: ReplyJob, call: Call) -> Template | None:
        """The template for a job and a call, made on the second call of its kind; None where the
        reply has to be composed."""
        reply = job.reply
        key = (id(reply), job.scenario, job.stub, job.seed, job.shape, job.http)
        entry = self._entries.get(key)
        if entry is None or entry.dialect is not job.dialect:
            if not reply.faults and not reply.pace.drawn:
                self._entries[key] = _CacheEntry(reply=reply, dialect=job.dialect)
                self._grow(_ENTRY_BYTES)
            return None
        varies_on = entry.varies_on
        if varies_on is None:
            return None
        vary_key = _vary_key(call, varies_on)
        return entry.templates.get(vary_key) or self._make(entry, varies_on, vary_key, job, call)

    def _make(
        self, entry: _CacheEntry, varies_on: tuple[str, ...], vary_key: _Key, job: ReplyJob, call: Call
    ) -> Template | None:
        if entry.templates and vary_key not in entry.templates:
            entry.templates[vary_key] = None
            entry.size_bytes += _ENTRY_BYTES
            self._grow(_ENTRY_BYTES)
            return None
        from mockserver.pipeline.template import template  # noqa: PLC0415  # not before the first answer

        read: set[str] = set()
        made = template(job.reply, job.context(call), job.shape, job.http, read)
        now_varies_on = tuple(sorted(read.union(varies_on)))
        if made is None or not _CONVERSATION.isdisjoint(now_varies_on):
            self._clear(entry)
            entry.varies_on = None
            return None
        if now_varies_on != varies_on:
            # Templates keyed on fewer members do not tell all calls apart.
            self._clear(entry)
            entry.varies_on = now_varies_on
        entry.templates[_vary_key(call, now_varies_on)] = made
        entry.size_bytes += made.size
        self._grow(made.size)
        return made

    def _clear(self, entry: _CacheEntry) -> None:
        self._size_bytes -= entry.size_bytes - _ENTRY_BYTES
        entry.size_bytes = _ENTRY_BYTES
        entry.templates = {}

    def _grow(self, size: int) -> None:
        """Count so many bytes more, and drop the oldest entries beyond the limit."""
        self._size_bytes += size
        while self._size_bytes > self._limit and self._entries:
            self._size_bytes -= self._entries.pop(next(iter(self._entries))).size_bytes


def _vary_key(call: Call, varies_on: tuple[str, ...]) -> _Key:
    """The values of some members and path parameters. Equal values of two types differ here, as
    they do in JSON."""
    body = call.body
    if call.parameters:
        # As `parameter_key` notes them; calling it would take longer than the rest.
        body = body | {f"{{{name}}}": value for name, value in call.parameters.items()}
    values = tuple(map(body.get, varies_on, _ABSENT))
    types = tuple(map(type, values))
    if dict in types or list in types:
        return tuple(map(repr, values)), types
    return values, types
