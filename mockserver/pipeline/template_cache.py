"""Replies composed in advance: what is asked for again in the same way is only filled in.

What a script depends on is not listed here but watched: the members of the body that were read when
it was composed. A call that agrees in them, and is to the same stub over the same kind of
connection, differs in minted values and token counts alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeAlias, cast

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.frames import Script
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Reply
from mockserver.model.stub import Scenario
from mockserver.pipeline.coalesce import Act
from mockserver.pipeline.compose import ComposedReply, HttpContext, compose
from mockserver.pipeline.template import Template, template
from mockserver.render.context import RenderContext

_Key: TypeAlias = tuple[object, ...]

# About what it takes to know of one way of asking, in bytes.
_NOTE = 1024
# Members in which whole conversations travel; who reads them is different every time.
_CONVERSATION = frozenset({"input", "messages"})
# What a member has that is not there: nothing of JSON.
_ABSENT: Iterator[JSON] = repeat(cast("JSON", ...))


@dataclass(slots=True)
class ReplyJob:
    """What a script was composed of, but for the call: given that again it gives the same.

    `number` is that of the call in its sandbox; seed, scenario and stub are the mint's.
    """

    reply: Reply
    dialect: Dialect
    seed: int
    scenario: str
    stub: str
    number: int
    shape: Shape
    carrier: HttpContext

    def occasion(self, call: Call) -> RenderContext:
        """The occasion of a call."""
        mint = IdGenerator(seed=self.seed, scenario=self.scenario, stub=self.stub, call=self.number)
        return RenderContext(call=call, dialect=self.dialect, mint=mint)

    def composed(self, call: Call) -> ComposedReply:
        """What is composed for a call; raises what `compose` raises."""
        return compose(self.reply, self.occasion(call), self.shape, carrier=self.carrier)

    def __call__(self, call: Call) -> Script:
        """The script for a call."""
        return self.composed(call).script


@dataclass(slots=True)
class Played:
    """What leaves for one call; `closes` says that the head announces the connection's end,
    `timed` that the acts are writes and waits, moderate in size, and a plain finish, `at_once`
    that there is not even a wait."""

    acts: tuple[Act, ...]
    status: int
    closes: bool
    timed: bool
    at_once: bool


@dataclass(slots=True)
class _CacheEntry:
    """A reply in one shape over one kind of connection; `read` are the members that decide, None
    where they cannot be told. A template is None where a call has come once, or none can be made.

    Reply and dialect are kept so that nothing else can have their identity.
    """

    reply: Reply
    dialect: Dialect
    read: tuple[str, ...] | None = ()
    templates: dict[_Key, Template | None] = field(default_factory=dict)
    size_bytes: int = _NOTE


class TemplateCache:
    """Templates of some `limit` bytes in all; the oldest leave first. Not thread-safe."""

    def __init__(self, *, limit: int = 32 * 1024 * 1024) -> None:
        self._limit = limit
        self._ways: dict[_Key, _CacheEntry] = {}
        self._weight = 0

    def find(
        self,
        reply: Reply,
        scenario: Scenario,
        stub: str,
        shape: Shape,
        carrier: HttpContext,
        body: JSONObject,
    ) -> Template | None:
        """The template for a call with that body to a stub, where there is one already."""
        key = (id(reply), scenario.name, stub, scenario.seed, shape, carrier)
        way = self._ways.get(key)
        if way is None or way.read is None or way.dialect is not scenario.dialect:
            return None
        return way.templates.get(_vary_key(body, way.read))

    def play(self, recipe: ReplyJob, call: Call) -> Played | None:
        """What a recipe gives for a call, filled in; None where it has to be composed, as for
        whatever comes for the first time."""
        reply = recipe.reply
        key = (id(reply), recipe.scenario, recipe.stub, recipe.seed, recipe.shape, recipe.carrier)
        way = self._ways.get(key)
        if way is None or way.dialect is not recipe.dialect:
            if not reply.faults:
                self._ways[key] = _CacheEntry(reply=reply, dialect=recipe.dialect)
                self._weigh(_NOTE)
            return None
        if way.read is None:
            return None
        facts = _vary_key(call.body, way.read)
        found = way.templates.get(facts)
        if found is None:
            found = self._made(way, way.read, facts, recipe, call)
            if found is None:
                return None
        acts = found.filled(recipe.number, call, lambda: recipe(call))
        if acts is None:
            return None
        return Played(acts, found.status, found.closes, found.timed, found.at_once)

    def _made(
        self, way: _CacheEntry, known: tuple[str, ...], facts: _Key, recipe: ReplyJob, call: Call
    ) -> Template | None:
        """A template for calls like this one, on the second of its kind."""
        if way.templates and facts not in way.templates:
            way.templates[facts] = None
            way.size_bytes += _NOTE
            self._weigh(_NOTE)
            return None
        read: set[str] = set()
        made = template(recipe.reply, recipe.occasion(call), recipe.shape, recipe.carrier, read)
        deciding = tuple(sorted(read.union(known)))
        if made is None or not _CONVERSATION.isdisjoint(deciding):
            self._clear(way)
            way.read = None
            return None
        if deciding != known:
            # What was told apart by fewer members is not told apart enough.
            self._clear(way)
            way.read = deciding
        way.templates[_vary_key(call.body, deciding)] = made
        way.size_bytes += made.size
        self._weigh(made.size)
        return made

    def _clear(self, way: _CacheEntry) -> None:
        self._weight -= way.size_bytes - _NOTE
        way.size_bytes = _NOTE
        way.templates = {}

    def _weigh(self, more: int) -> None:
        """Take up so many bytes more, and let go of the oldest where that is too much."""
        self._weight += more
        while self._weight > self._limit and self._ways:
            self._weight -= self._ways.pop(next(iter(self._ways))).size_bytes


def _vary_key(body: JSONObject, read: tuple[str, ...]) -> _Key:
    """What the body says in some members; values that are equal and of two kinds differ here, as
    they do in JSON."""
    values = tuple(map(body.get, read, _ABSENT))
    kinds = tuple(map(type, values))
    if dict in kinds or list in kinds:
        return tuple(map(repr, values)), kinds
    return values, kinds
