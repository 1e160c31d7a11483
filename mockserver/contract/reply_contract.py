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

Types are written in the language of `types`. A member named under one presence leaves the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from mockserver.contract.config_section import ConfigSection, DialectDataError, wrong_value
from mockserver.contract.rules import RULES
from mockserver.contract.types import Expression, Kind, ListOf, Member, Members, OneOf, Presence, TypeTable, Word, parse
from mockserver.model.json import JSON

_ANYTHING: Final = Expression((Word.ANY,))
_TYPED: Final = (Presence.REQUIRED, Presence.FINAL, Presence.OPTIONAL)


class Requirement(StrEnum):
    """Whether something occurs in a stream."""

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

    def overlaid(self, data: ConfigSection) -> ResponsesOptions:
        """These options with the changes that the data makes."""
        data.only(one.name for one in fields(self))
        return ResponsesOptions(
            done=data.one("done", self.done),
            event_lines=data.one("event_lines", self.event_lines),
            sequence=data.one("sequence", self.sequence),
            overlap=data.strings("overlap", self.overlap),
            extra_events=data.strings("extra_events", self.extra_events),
        )


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

    def overlaid(self, data: ConfigSection) -> ChatOptions:
        """These options with the changes that the data makes."""
        data.only(one.name for one in fields(self))
        return ChatOptions(
            done=data.one("done", self.done),
            event_lines=data.one("event_lines", self.event_lines),
            usage_on=data.several("usage_on", self.usage_on, UsagePlace),
            usage_null=data.one("usage_null", self.usage_null),
            role_again=data.one("role_again", self.role_again),
            tool_identity=data.one("tool_identity", self.tool_identity),
            tools_from=data.count("tools_from", self.tools_from),
            empty_chunks=data.one("empty_chunks", self.empty_chunks),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContract:
    """The contract of one upstream's replies. The default accepts anything; see `openai.OPENAI`."""

    tables: TypeTable = field(default_factory=TypeTable)
    responses: ResponsesOptions = field(default_factory=ResponsesOptions)
    chat: ChatOptions = field(default_factory=ChatOptions)
    ignored_rules: frozenset[str] = frozenset()

    @staticmethod
    def from_data(data: Mapping[str, JSON], base: ReplyContract) -> ReplyContract:
        """The base with plain data laid over it, see `overlaid`."""
        return base.overlaid(ConfigSection(data))

    def overlaid(self, data: ConfigSection) -> ReplyContract:
        """This contract with the changes that the data makes; every key is optional.

        `kinds` and `values` are laid over the tables, `responses` and `chat` hold the fields of
        the two options, `forgives` are rules to ignore beyond those ignored already.
        Raises DialectDataError.
        """
        data.only(("kinds", "values", "responses", "chat", "forgives"))
        ignored = data.strings("forgives")
        for rule in sorted(ignored - RULES.keys()):
            raise DialectDataError(data.at("forgives"), f"no rule {rule!r}")
        return ReplyContract(
            tables=_tables(data.section("kinds"), data.section("values"), self.tables),
            responses=self.responses.overlaid(data.section("responses")),
            chat=self.chat.overlaid(data.section("chat")),
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
                path = f"{kinds.at(kind)}.{name}"
                raise DialectDataError(path, f"{undefined} is not defined")
    return tables


def _members(data: ConfigSection, base: Members) -> Members:
    data.only(("only", "closed", *Presence))
    table = {} if data.flag("only") else dict(base.table)
    for presence in _TYPED:
        typed = data.section(presence)
        for name, text in typed.data.items():
            table[name] = Member(need=presence, holds=_expression(text, typed.at(name)))
    for name in sorted(data.strings(Presence.ABSENT)):
        table[name] = Member(need=Presence.ABSENT, holds=_ANYTHING)
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
    for one in expected.alternatives:
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
