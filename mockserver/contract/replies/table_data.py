"""Tables of members from plain data, laid over other tables.

    kinds:
      usage.responses:
        only: true                  # forget the members of the base
        closed: true                # members that are not named are an error, not a notice
        required: {input_tokens: count}
        final: {}                   # required once the object is finished
        optional: {}
        absent: [input_tokens_details]
    values: {status.response: [completed, failed]}

Types are written as `expressions` has them. A member named under one need leaves the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.replies.checking import Member, Members, Need, Tables
from mockserver.contract.replies.expressions import (
    Expression,
    Kind,
    ListOf,
    OneOf,
    Word,
    parse,
)
from mockserver.contract.replies.reading import Section
from mockserver.contract.replies.shown import shown

_ANYTHING: Final = Expression((Word.ANY,))
_TYPED_NEEDS: Final = (Need.REQUIRED, Need.FINAL, Need.OPTIONAL)
_KEYS: Final = ("only", "closed", *Need)


def tables_from_data(kinds: Section, values: Section, base: Tables) -> Tables:
    """Lay kinds and values over the base; raises ValueError that names the path of the key."""
    all_kinds = dict(base.kinds)
    for name in kinds.data:
        all_kinds[name] = _members(kinds.section(name), all_kinds.get(name, Members(table={})))
    all_values = dict(base.values)
    for name in values.data:
        all_values[name] = values.strings(name)
    tables = Tables(kinds=all_kinds, values=all_values)
    for path, missing in _dangling(tables):
        raise ValueError(f"kinds.{path}: {missing} is not defined")
    return tables


def _members(data: Section, base: Members) -> Members:
    data.only(_KEYS)
    table = {} if data.flag("only") else dict(base.table)
    for need in _TYPED_NEEDS:
        typed = data.section(need)
        for name, text in typed.data.items():
            table[name] = Member(need=need, holds=_expression(text, typed.at(name)))
    for name in sorted(data.strings(Need.ABSENT)):
        table[name] = Member(need=Need.ABSENT, holds=_ANYTHING)
    return Members(
        table=table, closed=data.flag("closed") if "closed" in data.data else base.closed
    )


def _expression(text: object, path: str) -> Expression:
    if not isinstance(text, str):
        raise ValueError(f"{path}: a type is written as text")
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _dangling(tables: Tables) -> Iterator[tuple[str, str]]:
    """References to kinds, families and values that nothing defines."""
    for kind, members in tables.kinds.items():
        for name, member in members.table.items():
            for missing in _missing(member.holds, tables):
                yield f"{kind}.{name}", missing


def _missing(holds: Expression, tables: Tables) -> Iterator[str]:
    for one in holds.alternatives:
        match one:
            case Kind(name=name, by_type=False) if name not in tables.kinds:
                yield f"kind {shown(name)}"
            case Kind(name=name, by_type=True) if not tables.types_of(name):
                yield f"family {shown(name)}"
            case OneOf(values=values) if values not in tables.values:
                yield f"list of values {shown(values)}"
            case ListOf(element=element):
                yield from _missing(element, tables)
            case _:
                pass
