"""Stubs, read into values; every reply is validated on each endpoint that can serve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mockserver.model.conditions import Condition, StreamCondition
from mockserver.model.cursor import Cursor, unknown
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Endpoint, Shape
from mockserver.model.fault import Faults
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import Reply
from mockserver.model.stub import Stub, WhenExhausted
from mockserver.pipeline.request_templates import sampled
from mockserver.pipeline.validate import ReplyProblem, SupportedEndpoints, supported_endpoints, validate
from mockserver.scenario.conditions import read_conditions, read_range
from mockserver.scenario.replies import ParsedReply, check_templates, joined, read_reply
from mockserver.scenario.reply_options import ReplyOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class StubContext:
    """What a stub takes from its scenario; without a `dialect` replies are not validated."""

    scenario: str
    seed: int
    dialect: Dialect | None
    defaults: ReplyOptions


MAX_STUBS = 10_000
"""Stubs of one scenario; each takes time to validate."""


def read_stubs(cursor: Cursor, context: StubContext) -> tuple[Stub, ...]:
    """Every stub in the order written; names are unique."""
    elements = [*cursor.elements()]
    if len(elements) > MAX_STUBS:
        cursor.report(f"expected at most {MAX_STUBS} stubs, got {len(elements)}")
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
            (given or element).report(f"stub name {name!r} is taken by the stub at {place}")
        found.append(_read(element, name, context))
    return tuple(found)


def _read(cursor: Cursor, name: str, context: StubContext) -> Stub:
    parsed = [read_reply(inner, context.defaults) for inner in _replies(cursor)]
    conditions = read_conditions(cursor.get("when"))
    times, priority, then = cursor.get("times"), cursor.get("priority"), cursor.get("then")
    when = _with_stream(conditions, parsed)
    for one in parsed:
        _check_rules(one)
        if one.reply.templated:
            check_templates(one.cursor, one.reply, conditions)
    on, shapes = ENDPOINTS.scripted, SHAPES.names
    replies = tuple(one.reply for one in parsed)
    if context.dialect is not None and parsed and all(one.cursor.clean for one in parsed):
        supported = supported_endpoints(replies, context.dialect)
        on, shapes = _endpoints(cursor, supported), supported.shapes
        validation = _Validation(context, context.dialect, on, shapes, when, name)
        replies = tuple(validation.validated(one) for one in parsed)
    return Stub(
        name=name,
        on=on,
        shapes=shapes,
        replies=replies,
        when=when,
        times=None if times is None else read_range(times),
        priority=0 if priority is None else priority.whole,
        then=WhenExhausted.REPEAT if then is None else WhenExhausted(then.text),
        origin=cursor.position,
    )


def _with_stream(conditions: tuple[Condition, ...], parsed: Sequence[ParsedReply]) -> tuple[Condition, ...]:
    """A fault among events implies `stream: true`, unless `when` has a condition on streams."""
    if not any(one.reply.faults.streamed for one in parsed):
        return conditions
    given = any(isinstance(one, StreamCondition) for one in conditions)
    return conditions if given else (*conditions, StreamCondition(expected=True))


def _replies(cursor: Cursor) -> Iterator[Cursor]:
    reply, replies = cursor.get("reply"), cursor.get("replies")
    if reply is not None:
        yield reply
    elif replies is not None:
        yield from replies.elements()


def _check_rules(parsed: ParsedReply) -> None:
    """Report rule ids under `breaks` that do not exist."""
    breaks = None if isinstance(parsed.cursor.value, str) else parsed.cursor.get("breaks")
    if breaks is None:
        return
    from mockserver.contract.rules import RULES  # noqa: PLC0415  # not before the first answer

    for element in breaks.elements():
        if element.text not in RULES:
            element.report(unknown("rule", element.text, RULES))


def _endpoints(cursor: Cursor, supported: SupportedEndpoints) -> tuple[Endpoint, ...]:
    given = cursor.get("on")
    if given is None:
        if not supported.on:
            reasons = "; ".join(f"{name}: {why}" for name, why in supported.why_not.items())
            cursor.report(f"no endpoint can express every reply of this stub ({reasons})")
        return supported.on
    elements = list(given.elements()) if isinstance(given.value, list) else [given]
    for element in elements:
        endpoint = Endpoint(element.text)
        if endpoint not in supported.on:
            reason = supported.why_not[endpoint]
            element.report(f"{endpoint.value} cannot serve this stub: {reason}")
    wanted = {Endpoint(element.text) for element in elements}
    return tuple(endpoint for endpoint in ENDPOINTS.scripted if endpoint in wanted)


@dataclass(frozen=True, slots=True)
class _Validation:
    """Validates the replies of one stub."""

    context: StubContext
    dialect: Dialect
    on: tuple[Endpoint, ...]
    shapes: tuple[Shape, ...]
    when: tuple[Condition, ...]
    stub: str

    def validated(self, parsed: ParsedReply) -> Reply:
        """The reply with those faults of `defaults` that have a place in it; its problems are reported."""
        reply = parsed.reply
        if parsed.optional:
            kept = [one for one in parsed.optional if self._has_place(reply, one.faults)]
            reply = replace(reply, faults=joined(kept))
        for problem in self._problems(reply):
            parsed.cursor.report_at(problem.key, problem.message, rule=problem.rule)
        return reply

    def _has_place(self, reply: Reply, faults: Faults) -> bool:
        problems = self._problems(replace(reply, faults=faults))
        return all(problem.key != "faults" for problem in problems)

    def _problems(self, reply: Reply) -> tuple[ReplyProblem, ...]:
        context = self.context
        return validate(
            sampled(reply),
            on=self.on,
            shapes=self.shapes,
            when=self.when,
            dialect=self.dialect,
            ids=IdGenerator(seed=context.seed, scenario=context.scenario, stub=self.stub, call=0),
        )
