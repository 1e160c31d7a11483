"""The names that a dialect file uses, checked against what there is; and what its `members` make legal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from mockserver.contract import ConfigSection, DialectDataError, suggestion
from mockserver.contract.reply_contract import Expression, Kind, ListOf, Member, Members, OneOf, Presence, ReplyContract
from mockserver.model.dialect import Dialect
from mockserver.model.json import JSON

_KINDS: Final = (
    *("response", "response.compaction", "usage.responses", "usage.responses.input", "usage.chat"),
    *("chat.completion", "chat.choice", "chat.message", "chat.chunk", "chat.chunk.choice", "chat.delta"),
)
"""Kinds whose members are sent in order, besides items and parts."""
_MEMBER_FAMILIES: Final = ("item", "part")
_FORM_FAMILIES: Final = ("item", "part", "annotation", "action")
_PLACEHOLDERS: Final = ("$message", "$type", "$param", "$code", "$status", "$request_id")
_PLACEHOLDER: Final = re.compile(r"\$[a-z_]+")
# Their types are not kinds of their own.
_FREE_FAMILIES: Final = ("action",)


def check_names(root: ConfigSection, dialect: Dialect, contract: ReplyContract, base: ReplyContract) -> None:
    """Raises DialectDataError for a name that means nothing. `contract` is the dialect's, `base` the one that its
    file changes."""
    kinds = contract.tables.kinds
    for kind, names in root.section("members").data.items():
        path = root.section("members").at(kind)
        if names is None:
            continue
        if kind not in _KINDS and not _is_of(kind, _MEMBER_FAMILIES, kinds):
            raise _unknown("kind", kind, path, kinds, families=_MEMBER_FAMILIES, plain=_KINDS)
        known = {*kinds[kind].table, *dialect.echo.members, *dialect.chat.first}
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if name not in known:
                raise DialectDataError(f"{path}[{index}]", f"unknown member {name!r}{suggestion(str(name), known)}")
    for kind in root.section("items").data:
        if not _is_of(kind, _FORM_FAMILIES, kinds):
            raise _unknown("kind", kind, root.section("items").at(kind), kinds, families=_FORM_FAMILIES)
    _check_contract(root.section("contract"), contract, base)
    _check_envelope(root.object("envelope"), "envelope")


def _check_contract(section: ConfigSection, contract: ReplyContract, base: ReplyContract) -> None:
    """What is new in a contract has to be referred to, or nothing would be held to it."""
    kinds, values = section.section("kinds"), section.section("values")
    named: set[str] = set()
    families: set[str] = set()
    lists: set[str] = set()
    for table in contract.tables.kinds.values():
        for member in table.table.values():
            for one in _flat(member.holds):
                if isinstance(one, OneOf):
                    lists.add(one.values)
                elif isinstance(one, Kind):
                    (families if one.by_type else named).add(one.name)
    prefixes = tuple(f"{family}." for family in (*families, "event"))
    for kind in kinds.data:
        if kind not in base.tables.kinds and kind not in named and not kind.startswith(prefixes):
            raise DialectDataError(kinds.at(kind), f"unknown kind {kind!r}{_near(kind, base.tables.kinds, '@')}")
    for name in values.data:
        if name not in base.tables.values and name not in lists:
            raise DialectDataError(values.at(name), f"unknown list {name!r}{_near(name, base.tables.values, '#')}")


def _near(name: str, known: Iterable[str], mark: str) -> str:
    near = get_close_matches(name[:80], known, n=1)
    unused = f"no type refers to {mark}{name}"
    return f"; did you mean {near[0]!r}?" if near else f"; {unused}"


def _flat(expected: Expression) -> Iterator[object]:
    for one in expected:
        if isinstance(one, ListOf):
            yield from _flat(one.element)
        else:
            yield one


def _is_of(kind: str, families: tuple[str, ...], kinds: Mapping[str, Members]) -> bool:
    family, _, name = kind.partition(".")
    return family in families and bool(name) and (family in _FREE_FAMILIES or kind in kinds)


def _unknown(
    what: str,
    name: str,
    path: str,
    kinds: Mapping[str, Members],
    *,
    families: tuple[str, ...],
    plain: tuple[str, ...] = (),
) -> DialectDataError:
    known = (*plain, *(kind for kind in kinds if kind.partition(".")[0] in families))
    near = get_close_matches(name[:80], known, n=1)
    listed = ", ".join((*plain, *(f"{family}.TYPE" for family in families)))
    hint = f"did you mean {near[0]!r}?" if near else f"known are {listed}"
    return DialectDataError(path, f"unknown {what} {name!r}; {hint}")


def _check_envelope(value: JSON, path: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_envelope(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_envelope(inner, f"{path}[{index}]")
    elif isinstance(value, str):
        for name in _PLACEHOLDER.findall(value):
            if name not in _PLACEHOLDERS:
                raise DialectDataError(path, f"unknown placeholder {name!r}{suggestion(name, _PLACEHOLDERS)}")


def with_members(contract: ReplyContract, members: Mapping[str, JSON]) -> ReplyContract:
    """The contract of replies with these members: what is listed may be sent, what is left out need not be."""
    kinds = dict(contract.tables.kinds)
    for kind, names in members.items():
        if isinstance(names, list) and kind in kinds:
            table = {name: _needed(member, listed=name in names) for name, member in kinds[kind].table.items()}
            kinds[kind] = replace(kinds[kind], table=table)
    return replace(contract, tables=replace(contract.tables, kinds=kinds))


def _needed(member: Member, *, listed: bool) -> Member:
    required = member.need in (Presence.REQUIRED, Presence.FINAL)
    return (
        replace(member, need=Presence.OPTIONAL) if (member.need is Presence.ABSENT if listed else required) else member
    )
