"""The reply contract of one upstream as a value: tables of members, lists of values, and forms.

What is here is data that a dialect alters; what holds for every upstream of the family (the order
of a stream, the text in its places) is in the grammar and the invariants. A rule that an upstream
does not keep is named under `forgives`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from mockserver.contract.replies.checking import Tables
from mockserver.contract.replies.reading import Section
from mockserver.contract.replies.table_data import tables_from_data
from mockserver.contract.rules import RULES
from mockserver.core.jsontext import JSON


class Demand(StrEnum):
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

    done: Demand = Demand.OPTIONAL
    event_lines: Demand = Demand.OPTIONAL
    sequence: Demand = Demand.OPTIONAL
    overlap: frozenset[str] = frozenset()
    extra_events: frozenset[str] = frozenset()

    def overlaid(self, data: Section) -> ResponsesForm:
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

    done: Demand = Demand.OPTIONAL
    event_lines: Demand = Demand.OPTIONAL
    usage_on: frozenset[UsagePlace] = frozenset(UsagePlace)
    usage_null: Demand = Demand.OPTIONAL
    role_again: Demand = Demand.OPTIONAL
    tool_identity: Demand = Demand.OPTIONAL
    tools_from: int = 0
    empty_chunks: EmptyChunks = EmptyChunks.ANYWHERE

    def overlaid(self, data: Section) -> ChatForm:
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

    tables: Tables = field(default_factory=Tables)
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
        section = Section(data, "")
        section.only(_KEYS)
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


_KEYS: Final = ("kinds", "values", "responses", "chat", "forgives")
