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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from mockserver.contract.config_section import ConfigSection
from mockserver.contract.json_diff import describe_value
from mockserver.contract.rules import RULES
from mockserver.contract.types import (
    Expression,
    Kind,
    ListOf,
    Member,
    Members,
    OneOf,
    Presence,
    TypeTable,
    Word,
    parse,
)
from mockserver.model.json import JSON

_ANYTHING: Final = Expression((Word.ANY,))
_TYPED_NEEDS: Final = (Presence.REQUIRED, Presence.FINAL, Presence.OPTIONAL)
_KEYS: Final = ("only", "closed", *Presence)


def tables_from_data(kinds: ConfigSection, values: ConfigSection, base: TypeTable) -> TypeTable:
    """Lay kinds and values over the base; raises ValueError that names the path of the key."""
    all_kinds = dict(base.kinds)
    for name in kinds.data:
        all_kinds[name] = _members(kinds.section(name), all_kinds.get(name, Members(table={})))
    all_values = dict(base.values)
    for name in values.data:
        all_values[name] = values.strings(name)
    tables = TypeTable(kinds=all_kinds, values=all_values)
    for path, missing in _dangling(tables):
        raise ValueError(f"kinds.{path}: {missing} is not defined")
    return tables


def _members(data: ConfigSection, base: Members) -> Members:
    data.only(_KEYS)
    table = {} if data.flag("only") else dict(base.table)
    for need in _TYPED_NEEDS:
        typed = data.section(need)
        for name, text in typed.data.items():
            table[name] = Member(need=need, holds=_expression(text, typed.at(name)))
    for name in sorted(data.strings(Presence.ABSENT)):
        table[name] = Member(need=Presence.ABSENT, holds=_ANYTHING)
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


def _dangling(tables: TypeTable) -> Iterator[tuple[str, str]]:
    """References to kinds, families and values that nothing defines."""
    for kind, members in tables.kinds.items():
        for name, member in members.table.items():
            for missing in _missing(member.holds, tables):
                yield f"{kind}.{name}", missing


def _missing(holds: Expression, tables: TypeTable) -> Iterator[str]:
    for one in holds.alternatives:
        match one:
            case Kind(name=name, by_type=False) if name not in tables.kinds:
                yield f"kind {describe_value(name)}"
            case Kind(name=name, by_type=True) if not tables.types_of(name):
                yield f"family {describe_value(name)}"
            case OneOf(values=values) if values not in tables.values:
                yield f"list of values {describe_value(values)}"
            case ListOf(element=element):
                yield from _missing(element, tables)
            case _:
                pass


class Requirement(StrEnum):
    """Whether something stands in a stream."""

    FORBIDDEN = "forbidden"
    OPTIONAL = "optional"
    REQUIRED = "required"


class UsagePlace(StrEnum):
    """A chunk of a chat stream that may carry usage: its own, the finishing one, every one."""

    OWN = "own"
    FINISH = "finish"
    EVERY = "every"


class EmptyChunks(StrEnum):
    """Where a chat stream may have chunks that say nothing (filter results, keep-alives)."""

    NOWHERE = "nowhere"
    FIRST = "first"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesForm:
    """`overlap` are the item types that may be open beside each other, `extra_events` the event
    types beyond the documented ones, legal while the response is running."""

    done: Requirement = Requirement.OPTIONAL
    event_lines: Requirement = Requirement.OPTIONAL
    sequence: Requirement = Requirement.OPTIONAL
    overlap: frozenset[str] = frozenset()
    extra_events: frozenset[str] = frozenset()

    def overlaid(self, data: ConfigSection) -> ResponsesForm:
        """This form with what the data changes; raises ValueError."""
        data.only(one.name for one in fields(self))
        return ResponsesForm(
            done=data.one("done", self.done),
            event_lines=data.one("event_lines", self.event_lines),
            sequence=data.one("sequence", self.sequence),
            overlap=data.strings("overlap", self.overlap),
            extra_events=data.strings("extra_events", self.extra_events),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatForm:
    """`tools_from` is the index of the first tool call, `tool_identity` whether id and name stand
    in later fragments too, `role_again` whether later chunks repeat the role, `usage_null` whether
    the chunks before a usage chunk say `null`."""

    done: Requirement = Requirement.OPTIONAL
    event_lines: Requirement = Requirement.OPTIONAL
    usage_on: frozenset[UsagePlace] = frozenset(UsagePlace)
    usage_null: Requirement = Requirement.OPTIONAL
    role_again: Requirement = Requirement.OPTIONAL
    tool_identity: Requirement = Requirement.OPTIONAL
    tools_from: int = 0
    empty_chunks: EmptyChunks = EmptyChunks.ANYWHERE

    def overlaid(self, data: ConfigSection) -> ChatForm:
        """This form with what the data changes; raises ValueError."""
        data.only(one.name for one in fields(self))
        return ChatForm(
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
    """What one upstream's replies must be. The default holds nothing: see `openai.OPENAI`."""

    tables: TypeTable = field(default_factory=TypeTable)
    responses: ResponsesForm = field(default_factory=ResponsesForm)
    chat: ChatForm = field(default_factory=ChatForm)
    forgives: frozenset[str] = frozenset()

    @staticmethod
    def from_data(data: Mapping[str, JSON], base: ReplyContract) -> ReplyContract:
        """Lay plain data over a base, as a dialect file has it; every key may be left out.

        `kinds` and `values` are as `table_data` has them, `responses` and `chat` hold the fields of
        the two forms, `forgives` the rules this upstream does not keep beyond those of the base.
        Raises ValueError whose message begins with the path of the key.
        """
        section = ConfigSection(data, "")
        section.only(_KEYS_CONTRACT)
        forgives = section.strings("forgives")
        for rule in sorted(forgives - RULES.keys()):
            raise ValueError(f"forgives: {rule!r} is no rule")
        return ReplyContract(
            tables=tables_from_data(
                section.section("kinds"), section.section("values"), base.tables
            ),
            responses=base.responses.overlaid(section.section("responses")),
            chat=base.chat.overlaid(section.section("chat")),
            forgives=base.forgives | forgives,
        )


_KEYS_CONTRACT: Final = ("kinds", "values", "responses", "chat", "forgives")
