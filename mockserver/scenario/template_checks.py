"""What a reply quotes from the request, held against what its stub can know of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mockserver.model.conditions import (
    Condition,
    HeaderOrQueryCondition,
    TextCondition,
    ToolResultCondition,
)
from mockserver.model.matchers import TextMatcher, group_names
from mockserver.model.reply import Reply
from mockserver.pipeline.request_templates import (
    CALL,
    names,
    names_in,
    of_a_match,
    problem,
    substitute,
)
from mockserver.scenario.cursor import Cursor

_SAMPLE = "quoted"


def groups_named(when: Sequence[Condition]) -> frozenset[str]:
    """The named groups of every regular expression in a stub's conditions."""
    return frozenset(name for one in when for want in _wants(one) for name in group_names(want))


def _wants(condition: Condition) -> Iterator[TextMatcher]:
    match condition:
        case TextCondition(want=want):
            yield want
        case HeaderOrQueryCondition(want=want) if not isinstance(want, bool):
            yield want
        case ToolResultCondition(of=of, call_id=call_id, text=text):
            yield from (want for want in (of, call_id, text) if want is not None)


def refuse_unknown(spot: Cursor, reply: Reply, groups: frozenset[str]) -> None:
    """Refuse each name that no request has anything for, where it is written. What is not written
    in the reply stands in `defaults`; there only the groups of a match are the stub's concern."""
    for name in names(reply):
        message = problem(name, groups)
        places = tuple(_places(spot, name))
        if message is not None and (places or of_a_match(name)):
            for place in places or (spot,):
                place.refuse(message)


def refuse_unknown_in_defaults(spot: Cursor, reply: Reply) -> None:
    """The same for what `defaults` say by themselves, whatever the stub."""
    for name in names(reply):
        message = problem(name, frozenset())
        if message is not None and not of_a_match(name):
            for place in _places(spot, name):
                place.refuse(message)


def _places(spot: Cursor, name: str) -> Iterator[Cursor]:
    match spot.value:
        case str() as text:
            if name in names_in(text):
                yield spot
        case dict():
            for _, inner in spot.members():
                yield from _places(inner, name)
        case list():
            for inner in spot.elements():
                yield from _places(inner, name)


def sampled(reply: Reply) -> Reply:
    """A reply as it may go out, with a text in place of everything it quotes."""
    if not reply.templated:
        return reply
    return replace(
        substitute(reply, lambda name: "1" if name == CALL else _SAMPLE), templated=False
    )
