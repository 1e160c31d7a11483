"""The contract of the `openai` dialect in the form of the comparison.

Kinds are named by their table and their name there: `chat request message`, `reply item.message`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Final

from contract_diff.declared import ANYTHING, NOTHING, TEXT, Declared, Holds, union
from mockserver.contract import CONTRACT_DATE, reply_contract
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_contract import Expression, ListOf, Literal, OneOf
from mockserver.contract.request_chat import CHAT
from mockserver.contract.request_responses import COMPACT, RESPONSES
from mockserver.contract.request_table import RequestTable
from mockserver.contract.request_types import Type

_REPLY_WORDS: Final = {"any": ANYTHING, "object": ANYTHING, "list": ANYTHING, "string": TEXT, "id": TEXT}
_REQUEST_WORDS: Final = {
    "any": ANYTHING,
    "object": ANYTHING,
    "strings": ANYTHING,
    "metadata": ANYTHING,
    "string": TEXT,
    "name": TEXT,
    "label": TEXT,
}
_MESSAGE: Final = "item.message"
"""An item that request tables have one kind of for each role."""
_OTHER: Final = "other"
"""The last name of a kind for all types of its family that have no kind of their own."""


def read_contract(reply: reply_contract.ReplyContract = OPENAI) -> Declared:
    """What the contract declares."""
    chat, responses = _Request("chat request", CHAT), _Request("responses request", RESPONSES)
    # Its items and tools are those of responses, so that only its body has a name of its own.
    compact = _Request("responses request", COMPACT, body="compact request body")
    replies = _Replies(reply)
    return Declared(
        name=f"the contract of {CONTRACT_DATE}",
        objects={**chat.objects, **responses.objects, **compact.objects, **replies.objects},
        roots={
            "chat.request": chat.root,
            "responses.request": responses.root,
            "compact.request": compact.root,
            "chat.reply": replies.kind("chat.completion"),
            "chat.chunk": replies.kind("chat.chunk"),
            "responses.reply": replies.kind("response"),
            "responses.event": replies.family("event"),
            "compact.reply": replies.kind("response.compaction"),
        },
    )


class _Request:
    """A request table. Its functions cannot be read, so what they check is said here."""

    def __init__(self, name: str, table: RequestTable, body: str = "") -> None:
        self._table = table
        hosted = [f"tool_choice.{tag}" for tag in table.values.get("hosted_choice", ())]
        self._names = {kind: f"{name} {kind}" for kind in (*table.kinds, *hosted, _MESSAGE)}
        self._names[table.root] = body or f"{name} {table.root}"
        families = set(self._families())
        self.objects = {
            self._names[kind]: {member: self._type(held) for member, held in found.members.items()}
            | _tag(kind, families)
            for kind, found in table.kinds.items()
        }
        self.objects |= {self._names[kind]: _tag(kind, families) for kind in hosted}
        roles = [self.objects.pop(self._names[kind]) for kind in table.kinds if kind.startswith("message.")]
        self.objects[self._names[_MESSAGE]] = _joined(roles) | _tag(_MESSAGE, families)
        self.root = self._kinds([table.root])

    def _families(self) -> Iterable[str]:
        for kind in self._table.kinds.values():
            for held in kind.members.values():
                yield from (one.name[1:-2] for one in held.alternatives if one.name.endswith(".*"))
        yield from ("item", "part", "tool_choice")

    def _type(self, held: Type) -> Holds:
        alternatives = [(self._named(one.name), one.is_list) for one in held.alternatives]
        return union(Holds(element=found) if is_list else found for found, is_list in alternatives)

    def _named(self, name: str) -> Holds:
        mark, rest = name[0], name[1:]
        if mark == "#":
            return Holds(values=frozenset(self._table.values[rest]))
        if mark == "%":
            return self._function(rest)
        if mark == "@":
            return self._family(rest[:-2]) if rest.endswith(".*") else self._kinds([rest])
        return _REQUEST_WORDS.get(name, NOTHING)

    def _function(self, name: str) -> Holds:
        match name:
            case "message":
                return self._kinds(["message"])
            case "part":
                return self._family("part")
            case "said_part":
                return replace(self._kinds(f"part.{tag}" for tag in self._table.values["said_part"]), tagged=True)
            case "tool_choice":
                values = frozenset(self._table.values["tool_choice"])
                hosted = self._kinds(f"tool_choice.{tag}" for tag in self._table.values.get("hosted_choice", ()))
                return union([self._family("tool_choice"), hosted, Holds(values=values)])
            case "input":
                items = union([self._family("item"), self._kinds([_MESSAGE])])
                return replace(TEXT, element=items)
            case "conversation":
                return union([TEXT, self._kinds(["conversation"])])
            case "model" | "previous" | "url" | "image_url" | "file_data":
                return TEXT
        raise ValueError(f"say in {__name__} what the function {name!r} of a request table checks")

    def _family(self, family: str) -> Holds:
        kinds = [kind for kind in self._table.kinds if kind.startswith(f"{family}.")]
        return replace(self._kinds(kinds), tagged=True)

    def _kinds(self, kinds: Iterable[str]) -> Holds:
        return Holds(objects=frozenset(self._names[kind] for kind in kinds))


class _Replies:
    """The tables of replies."""

    def __init__(self, contract: reply_contract.ReplyContract) -> None:
        self._tables = contract.tables
        self.objects: dict[str, dict[str, Holds]] = {
            f"reply {kind}": {
                member: self._expression(found.holds)
                for member, found in members.table.items()
                if found.need is not reply_contract.Presence.ABSENT
            }
            for kind, members in contract.tables.kinds.items()
        }

    def kind(self, name: str) -> Holds:
        """An object of one kind."""
        return Holds(objects=frozenset({f"reply {name}"}))

    def family(self, name: str) -> Holds:
        """An object of the kind that its type names."""
        tags = self._tables.types_of(name) - {_OTHER}
        return Holds(objects=frozenset(f"reply {name}.{tag}" for tag in tags if self._is_type(name, tag)), tagged=True)

    def _is_type(self, family: str, tag: str) -> bool:
        """Whether that is a type of the family, and not of one whose name begins with its name."""
        held = self._tables.kinds[f"{family}.{tag}"].table["type"].holds
        return Literal(tag) in held

    def _expression(self, expected: Expression) -> Holds:
        return union(self._alternative(one) for one in expected)

    def _alternative(self, one: reply_contract.Alternative) -> Holds:
        match one:
            case Literal(value=value):
                return Holds(values=frozenset({value}))
            case OneOf(values=values):
                return Holds(values=self._tables.values[values])
            case reply_contract.Kind(name=name, by_type=by_type):
                return self.family(name) if by_type else self.kind(name)
            case ListOf(element=element):
                return Holds(element=self._expression(element))
            case _:
                return _REPLY_WORDS.get(one, NOTHING)


def _tag(kind: str, families: Container[str]) -> dict[str, Holds]:
    """The type of a kind that belongs to a family."""
    family, _, tag = kind.rpartition(".")
    return {"type": Holds(values=frozenset({tag}))} if family in families else {}


def _joined(objects: Iterable[Mapping[str, Holds]]) -> dict[str, Holds]:
    """The members of several kinds of object."""
    found: dict[str, Holds] = {}
    for one in objects:
        for name, held in one.items():
            found[name] = union([found[name], held]) if name in found else held
    return found
