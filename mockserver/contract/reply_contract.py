"""What one upstream's replies must be: type tables and options, from plain data over a base.

    kinds:
      usage.responses:
        only: true                  # drop the members of the base
        closed: true                # members that are not named are an error, not a notice
        required: {input_tokens: count}
        final: {}                   # required once the object is finished
        optional: {}
        absent: [input_tokens_details]
    values: {status.response: [completed, failed]}

A member named under one presence leaves the others. Types are expressions:

    string                  a word: any, null, boolean, integer, count (an integer from 0), number,
                            string, id (a string that is not empty), object, list
    string|null             alternatives
    =response               this very string
    #status.message         a string of the list of values of that name
    @usage.chat             an object of that kind
    @item.*                 an object of the kind that its `type` names (`item.message`)
    [@part.*]               a list of these"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Final, TypeAlias, TypeGuard, TypeVar

from mockserver.contract import CONTRACT_DATE, ConfigSection, DialectDataError, wrong_value
from mockserver.contract.rules import RULES, finding
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject, describe_value, member_path


@dataclass(frozen=True, slots=True)
class Literal:
    value: str

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A string of a named list of values."""

    values: str


@dataclass(frozen=True, slots=True)
class Kind:
    """An object of a named kind; with `by_type` of the family's member that its type names."""

    name: str
    by_type: bool = False

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose every element satisfies an expression."""

    element: Expression

    def __str__(self) -> str:
        return "list"


Alternative: TypeAlias = str | Literal | OneOf | Kind | ListOf
"""A word is a plain string."""

Expression: TypeAlias = "tuple[Alternative, ...]"
"""Alternatives, of which a value satisfies at least one."""


def parse(text: str) -> Expression:
    """Parse an expression. Raises ValueError naming the part that is not understood."""
    alternatives: list[Alternative] = []
    bar, rest = "|", text
    while bar:
        if rest.startswith("["):
            listed, bar, rest = _list(rest)
            alternatives.append(listed)
        else:
            head, bar, rest = rest.partition("|")
            alternatives.append(_alternative(head))
    return tuple(alternatives)


def _list(text: str) -> tuple[ListOf, str, str]:
    """The list at the beginning of the text, the bar after it, and the rest."""
    listed, end, rest = text[1:].partition("]")
    if not end:
        raise ValueError(f"{text!r} has no ']'")
    if "[" in listed:
        raise ValueError(f"{text!r} is a list inside a list; use a kind for the inner one")
    if rest and not rest.startswith("|"):
        raise ValueError(f"expected '|' after a list, got {rest!r}")
    return ListOf(parse(listed)), rest[:1], rest[1:]


def _alternative(text: str) -> Alternative:
    if text in _WORDS:
        return text
    mark, name = text[:1], text[1:]
    if name and mark == "=":
        return Literal(name)
    if name and mark == "#":
        return OneOf(name)
    if name and mark == "@":
        return Kind(name.removesuffix(".*"), by_type=name.endswith(".*"))
    raise ValueError(f"{text!r} is not a type; known are {', '.join(_WORDS)}, =text, #values, @kind, [type]")


class Presence(StrEnum):
    """`final` members are required once the object is finished, and optional before."""

    REQUIRED = "required"
    FINAL = "final"
    OPTIONAL = "optional"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    need: Presence
    holds: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The table of one kind of object. A closed one has no further members."""

    table: Mapping[str, Member]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTable:
    """All kinds of objects, and the named lists of values.

    Findings carry the rules `AREA.schema.required`, `.type`, `.value`, `.absent` and `.unknown`;
    errors come before notices."""

    kinds: Mapping[str, Members] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, value: JSON, kind: str, path: str = "", *, area: str, final: bool = True) -> list[Finding]:
        """Check `value` as an object of `kind`. `path` leads to it; `final` says whether it is
        finished, see `Presence`."""
        return _Check(self, area, final=final).run(value, (Kind(kind),), path)

    def types_of(self, family: str) -> frozenset[str]:
        prefix = f"{family}."
        return frozenset(kind.removeprefix(prefix) for kind in self.kinds if kind.startswith(prefix))


class _Check:
    __slots__ = ("_area", "_errors", "_final", "_notices", "_tables")

    def __init__(self, tables: TypeTable, area: str, *, final: bool) -> None:
        self._tables, self._area, self._final = tables, area, final
        self._errors: list[Finding] = []
        self._notices: list[Finding] = []

    def run(self, value: JSON, expected: Expression, path: str) -> list[Finding]:
        self._value(value, expected, path)
        return self._errors + self._notices

    def _add(self, problem: str, path: str, message: str) -> None:
        found = self._notices if problem == "unknown" else self._errors
        found.append(finding(f"{self._area}.schema.{problem}", path, message))

    def _value(self, value: JSON, expected: Expression, path: str) -> None:
        if any(self._is_leaf(value, one) for one in expected):
            return
        match next((one for one in expected if _may_be(value, one)), None):
            case Kind(name=name, by_type=by_type) if isinstance(value, dict):
                members = self._by_type(value, name, path) if by_type else self._tables.kinds[name]
                if members is not None:
                    self._object(value, members, path)
            case ListOf(element=element) if isinstance(value, list):
                for index, each in enumerate(value):
                    self._value(each, element, f"{path}[{index}]")
            case _:
                problem = "value" if _is_narrow(value, expected) else "type"
                self._add(problem, path, f"expected {self._described(expected)}, got {describe_value(value)}")

    def _by_type(self, value: JSONObject, family: str, path: str) -> Members | None:
        """The table that the object's `type` names; for a type without one, that of `FAMILY.other`."""
        where, kind = member_path(path, "type"), value.get("type")
        if not isinstance(kind, str):
            if "type" in value:
                self._add("type", where, f"expected a type, got {describe_value(kind)}")
            else:
                self._add("required", where, "missing, expected a type")
            return None
        kinds = self._tables.kinds
        members = kinds.get(f"{family}.{kind}", kinds.get(f"{family}.other"))
        if members is None:
            self._unknown_type(kind, where)
        return members

    def _unknown_type(self, kind: str, where: str) -> None:
        message = f"{describe_value(kind)} is unknown to the contract of {CONTRACT_DATE}"
        self._add("unknown", where, message)

    def _object(self, value: JSONObject, members: Members, path: str) -> None:
        kind = value.get("type")
        if isinstance(kind, str) and not members.closed and not _may_be_of(kind, members):
            self._unknown_type(kind, member_path(path, "type"))
            return
        for name, member in members.table.items():
            where = member_path(path, name)
            if name not in value:
                final = self._final and member.need is Presence.FINAL
                if final or member.need is Presence.REQUIRED:
                    self._add("required", where, f"missing, expected {self._described(member.holds)}")
            elif member.need is Presence.ABSENT:
                self._add("absent", where, f"expected no such member, got {describe_value(value[name])}")
            else:
                self._value(value[name], member.holds, where)
        for name in value:
            if name not in members.table:
                problem = "absent" if members.closed else "unknown"
                known = "" if members.closed else f" in the contract of {CONTRACT_DATE}"
                message = f"unknown member{known}, got {describe_value(value[name])}"
                self._add(problem, member_path(path, name), message)

    def _is_leaf(self, value: JSON, one: Alternative) -> bool:
        match one:
            case str():
                return _WORDS[one](value)
            case Literal(value=literal):
                return isinstance(value, str) and value == literal
            case OneOf(values=values):
                return isinstance(value, str) and value in self._tables.values[values]
            case _:
                return False

    def _described(self, expected: Expression) -> str:
        values = self._tables.values
        return " or ".join(
            ", ".join(sorted(values[one.values])) if isinstance(one, OneOf) else str(one) for one in expected
        )


def _may_be_of(kind: str, members: Members) -> bool:
    """Whether objects with these members can have that type."""
    member = members.table.get("type")
    literals = [one.value for one in member.holds if isinstance(one, Literal)] if member is not None else []
    return not literals or kind in literals


def _may_be(value: JSON, one: Alternative) -> bool:
    """Whether the value is of the JSON type that a kind or a list describes further."""
    return isinstance(value, dict) if isinstance(one, Kind) else (isinstance(one, ListOf) and isinstance(value, list))


def _is_integer(value: JSON) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_WORDS: Final[Mapping[str, Callable[[JSON], bool]]] = {
    "any": lambda _: True,
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "count": lambda value: _is_integer(value) and value >= 0,
    "number": lambda value: _is_integer(value) or isinstance(value, float),
    "string": lambda value: isinstance(value, str),
    "id": lambda value: isinstance(value, str) and value != "",
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
}


def _is_narrow(value: JSON, expected: Expression) -> bool:
    """Whether the JSON type is right and only something narrower is not satisfied."""
    if isinstance(value, str):
        return any(one == "id" or isinstance(one, Literal | OneOf) for one in expected)
    return _is_integer(value) and "count" in expected


class Requirement(StrEnum):
    FORBIDDEN = "forbidden"
    OPTIONAL = "optional"
    REQUIRED = "required"


class UsagePlace(StrEnum):
    """A chunk of a chat stream that may carry usage: its own, the finishing one, every one."""

    OWN = "own"
    FINISH = "finish"
    EVERY = "every"


class EmptyChunks(StrEnum):
    """Where a chat stream may have chunks without content (filter results, keep-alives)."""

    NOWHERE = "nowhere"
    FIRST = "first"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesOptions:
    """Options of Responses streams. `overlap` are the item types that may be open side by side,
    `extra_events` the event types beyond the documented ones, legal while the response runs."""

    done: Requirement = Requirement.OPTIONAL
    event_lines: Requirement = Requirement.OPTIONAL
    sequence: Requirement = Requirement.OPTIONAL
    overlap: frozenset[str] = frozenset()
    extra_events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """Options of chat streams. `tools_from` is the index of the first tool call, `tool_identity`
    whether later fragments repeat id and name, `role_again` whether later chunks repeat the role,
    `usage_null` whether chunks before the usage chunk have `usage: null`."""

    done: Requirement = Requirement.OPTIONAL
    event_lines: Requirement = Requirement.OPTIONAL
    usage_on: frozenset[UsagePlace] = frozenset(UsagePlace)
    usage_null: Requirement = Requirement.OPTIONAL
    role_again: Requirement = Requirement.OPTIONAL
    tool_identity: Requirement = Requirement.OPTIONAL
    tools_from: int = 0
    empty_chunks: EmptyChunks = EmptyChunks.ANYWHERE


_Options = TypeVar("_Options", ResponsesOptions, ChatOptions)
# How options that are no enumeration are read.
_OPTION_READERS: Final[Mapping[str, Callable[[ConfigSection, str], object]]] = {
    "overlap": ConfigSection.strings,
    "extra_events": ConfigSection.strings,
    "usage_on": lambda data, name: data.several(name, UsagePlace),
    "tools_from": ConfigSection.count,
}


def _overlaid(options: _Options, data: ConfigSection) -> _Options:
    data.only(one.name for one in fields(options))
    changes = {
        name: _OPTION_READERS[name](data, name) if name in _OPTION_READERS else data.one(name, getattr(options, name))
        for name in data.data
    }
    return replace(options, **changes)  # type: ignore[arg-type]  # read by the type of the option


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContract:
    """The contract of one upstream's replies. The default accepts anything; see `openai.OPENAI`."""

    tables: TypeTable = field(default_factory=TypeTable)
    responses: ResponsesOptions = field(default_factory=ResponsesOptions)
    chat: ChatOptions = field(default_factory=ChatOptions)
    ignored_rules: frozenset[str] = frozenset()

    @staticmethod
    def from_data(data: Mapping[str, JSON], base: ReplyContract) -> ReplyContract:
        return base.overlaid(ConfigSection(data))

    def overlaid(self, data: ConfigSection) -> ReplyContract:
        """This contract with the changes that the data makes; every key is optional.

        `kinds` and `values` are laid over the tables, `responses` and `chat` hold the fields of the two options,
        `forgives` are rules to ignore beyond those ignored already. Raises DialectDataError."""
        data.only(("kinds", "values", "responses", "chat", "forgives"))
        ignored = data.strings("forgives")
        for rule in sorted(ignored - RULES.keys()):
            raise DialectDataError(data.at("forgives"), f"no rule {rule!r}")
        return ReplyContract(
            tables=_tables(data.section("kinds"), data.section("values"), self.tables),
            responses=_overlaid(self.responses, data.section("responses")),
            chat=_overlaid(self.chat, data.section("chat")),
            ignored_rules=self.ignored_rules | ignored,
        )


def _tables(kinds: ConfigSection, values: ConfigSection, base: TypeTable) -> TypeTable:
    all_kinds = dict(base.kinds)
    for name, section in kinds.sections():
        all_kinds[name] = _members(section, all_kinds.get(name, Members(table={})))
    all_values = {**base.values, **{name: values.strings(name) for name in values.data}}
    tables = TypeTable(kinds=all_kinds, values=all_values)
    for kind, members in all_kinds.items():
        for name, member in members.table.items():
            for undefined in _undefined(member.holds, tables):
                raise DialectDataError(f"{kinds.at(kind)}.{name}", f"{undefined} is not defined")
    return tables


def _members(data: ConfigSection, base: Members) -> Members:
    data.only(("only", "closed", *Presence))
    table = {} if data.flag("only") else dict(base.table)
    for presence in (Presence.REQUIRED, Presence.FINAL, Presence.OPTIONAL):
        typed = data.section(presence)
        for name, text in typed.data.items():
            table[name] = Member(need=presence, holds=_expression(text, typed.at(name)))
    for name in sorted(data.strings(Presence.ABSENT)):
        table[name] = Member(need=Presence.ABSENT, holds=("any",))
    return Members(table=table, closed=data.flag("closed", default=base.closed))


def _expression(text: JSON, path: str) -> Expression:
    if not isinstance(text, str):
        raise wrong_value(path, text, "a type, written as a string")
    try:
        return parse(text)
    except ValueError as error:
        raise DialectDataError(path, str(error)) from None


def _undefined(expected: Expression, tables: TypeTable) -> Iterator[str]:
    """Names of kinds, families and values in an expression that the tables do not have."""
    for one in expected:
        match one:
            case Kind(name=name, by_type=False) if name not in tables.kinds:
                yield f"kind {name!r}"
            case Kind(name=name, by_type=True) if not tables.types_of(name):
                yield f"family {name!r}"
            case OneOf(values=values) if values not in tables.values:
                yield f"list of values {values!r}"
            case ListOf(element=element):
                yield from _undefined(element, tables)
            case _:
                pass
