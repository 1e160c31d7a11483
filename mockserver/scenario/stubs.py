"""Stubs, read into values and proven: every reply, wherever it can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mockserver.model.conditions import Condition, StreamCondition
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Endpoint, Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import Reply
from mockserver.model.stub import Stub, WhenExhausted
from mockserver.pipeline.validate import ReplyProblem, SupportedEndpoints
from mockserver.scenario.conditions import read_conditions
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.matchers import read_range
from mockserver.scenario.messages import unknown
from mockserver.scenario.replies import ParsedReply, joined, read_reply
from mockserver.scenario.reply_options import ReplyOptions
from mockserver.scenario.template_checks import groups_named, refuse_unknown, sampled


class Prove(Protocol):
    """What is wrong with a reply in any shape and mode it can be asked in."""

    def __call__(
        self,
        reply: Reply,
        /,
        *,
        on: Sequence[Endpoint],
        shapes: Sequence[Shape],
        when: Sequence[Condition],
        dialect: Dialect,
        mint: IdGenerator,
    ) -> tuple[ReplyProblem, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """How replies are proven: `reach` tells where they can be said at all."""

    reach: Callable[[Sequence[Reply], Dialect], SupportedEndpoints]
    prove: Prove


@dataclass(frozen=True, slots=True, kw_only=True)
class StubContext:
    """What a stub takes from its scenario; `dialect` is None where there is none to prove by."""

    scenario: str
    seed: int
    dialect: Dialect | None
    defaults: ReplyOptions
    proof: Validator


MOST_STUBS = 10_000
"""Stubs of one scenario; proving each of them takes its time."""


def read_stubs(spot: Cursor, setting: StubContext) -> tuple[Stub, ...]:
    """Every stub in the order written; names are unique."""
    elements = [*spot.elements()]
    if len(elements) > MOST_STUBS:
        spot.refuse(f"wanted at most {MOST_STUBS} stubs, got {len(elements)}")
        return ()
    found: list[Stub] = []
    names: dict[str, Cursor] = {}
    for number, element in enumerate(elements, 1):
        given = element.get("name")
        name = f"stub {number}" if given is None else given.text
        before = names.setdefault(name, element)
        if before is not element:
            first = before.position
            place = f"line {first.line}, column {first.column}"
            (given or element).refuse(f"stub name {name!r} is taken by the stub at {place}")
        found.append(_read(element, name, setting))
    return tuple(found)


def _read(spot: Cursor, name: str, setting: StubContext) -> Stub:
    drafts = [read_reply(inner, setting.defaults) for inner in _replies(spot)]
    conditions = read_conditions(spot.get("when"))
    times, priority, then = spot.get("times"), spot.get("priority"), spot.get("then")
    stub = Stub(
        name=name,
        on=ENDPOINTS.scripted,
        replies=tuple(draft.reply for draft in drafts),
        when=_with_stream(conditions, drafts),
        times=None if times is None else read_range(times),
        priority=0 if priority is None else priority.whole,
        then=WhenExhausted.REPEAT if then is None else WhenExhausted(then.text),
        origin=spot.position,
    )
    _refuse_unknown_rules(drafts)
    groups = groups_named(conditions)
    for draft in drafts:
        refuse_unknown(draft.spot, draft.reply, groups)
    clean = bool(drafts) and all(draft.spot.clean for draft in drafts)
    return _proven(spot, stub, drafts, setting) if clean else stub


def _with_stream(
    conditions: tuple[Condition, ...], drafts: Sequence[ParsedReply]
) -> tuple[Condition, ...]:
    """A place among events implies a streamed request, unless `when` speaks of streams itself."""
    said = any(isinstance(one, StreamCondition) for one in conditions)
    implied = not said and any(draft.reply.faults.streamed for draft in drafts)
    return (*conditions, StreamCondition(expected=True)) if implied else conditions


def _replies(spot: Cursor) -> Iterator[Cursor]:
    reply, replies = spot.get("reply"), spot.get("replies")
    if reply is not None:
        yield reply
    elif replies is not None:
        yield from replies.elements()


def _refuse_unknown_rules(drafts: Sequence[ParsedReply]) -> None:
    for draft in drafts:
        breaks = None if isinstance(draft.spot.value, str) else draft.spot.get("breaks")
        if breaks is None:
            continue
        from mockserver.contract.rules import RULES  # noqa: PLC0415  # not before the first answer

        for element in breaks.elements():
            if element.text not in RULES:
                element.refuse(unknown("rule", element.text, RULES))


def _proven(spot: Cursor, stub: Stub, drafts: Sequence[ParsedReply], setting: StubContext) -> Stub:
    dialect = setting.dialect
    if dialect is None:
        return stub
    reach = setting.proof.reach(stub.replies, dialect)
    on = _endpoints(spot, reach)

    def prove(reply: Reply) -> tuple[ReplyProblem, ...]:
        return setting.proof.prove(
            sampled(reply),
            on=on,
            shapes=reach.shapes,
            when=stub.when,
            dialect=dialect,
            mint=IdGenerator(seed=setting.seed, scenario=setting.scenario, stub=stub.name, call=0),
        )

    replies: list[Reply] = []
    for draft in drafts:
        reply = _with_optional(draft, prove)
        replies.append(reply)
        for flaw in prove(reply):
            draft.spot.refuse_at(flaw.key, flaw.message, rule=flaw.rule)
    return replace(stub, on=on, shapes=reach.shapes, replies=tuple(replies))


def _endpoints(spot: Cursor, reach: SupportedEndpoints) -> tuple[Endpoint, ...]:
    given = spot.get("on")
    if given is None:
        if not reach.on:
            reasons = "; ".join(f"{name}: {why}" for name, why in reach.why_not.items())
            spot.refuse(f"no endpoint can say every reply of this stub ({reasons})")
        return reach.on
    elements = list(given.elements()) if isinstance(given.value, list) else [given]
    for element in elements:
        endpoint = Endpoint(element.text)
        if endpoint not in reach.on:
            element.refuse(f"{endpoint.value} cannot serve this stub: {reach.why_not[endpoint]}")
    wanted = {Endpoint(element.text) for element in elements}
    return tuple(endpoint for endpoint in ENDPOINTS.scripted if endpoint in wanted)


def _with_optional(draft: ParsedReply, prove: Callable[[Reply], tuple[ReplyProblem, ...]]) -> Reply:
    """The reply with those faults of `defaults` that have a place in it."""
    if not draft.optional:
        return draft.reply
    kept = [
        fault
        for fault in draft.optional
        if not any(
            flaw.key == "faults" for flaw in prove(replace(draft.reply, faults=fault.faults))
        )
    ]
    return replace(draft.reply, faults=joined(kept))
