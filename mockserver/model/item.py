"""An output item of a reply, free of endpoint, and what it becomes in a chat message.

Every kind of item is a subclass of `Item` in `mockserver.items`. What an item has no form for it
inherits: no chat form, no text, nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject

Chunks: TypeAlias = "str | int | tuple[str, ...]"
"""How text is cut into deltas: `word`, `char`, a number of characters, or the pieces."""

Cutter: TypeAlias = Callable[[str], tuple[str, ...]]
"""Cuts a text into the pieces of its deltas."""

CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatText:
    """Text of a message: `member` is `content`, `refusal` or `reasoning`. Texts of one member are
    joined. Annotations and logprobs, in the Responses shape, belong to content."""

    member: str
    text: str
    chunks: Chunks | None = None
    annotations: tuple[JSONObject, ...] = ()
    logprobs: tuple[JSONObject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCall:
    """A tool call `{id, type: TYPE, TYPE: {name, MEMBER: text}}`; `call_id` None is generated."""

    type: str
    member: str
    name: str
    text: str
    call_id: str | None = None
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMember:
    """A member of the message with a value of its own and the values that a stream sends for it.
    A dialect without that member sends `text` as content."""

    member: str
    value: JSON
    deltas: Callable[[Cutter], Iterator[JSON]]
    text: str
    chunks: Chunks | None = None


ChatPart: TypeAlias = ChatText | ChatCall | ChatMember


class Templating(StrEnum):
    """How a field is filled where it quotes the request: the form of its value. `json_text` is
    text that is JSON as a rule, in which quoted text is escaped."""

    TEXT = "text"
    JSON_TEXT = "json_text"
    TEXTS = "texts"
    CHUNKS = "chunks"
    OBJECT = "object"
    OBJECTS = "objects"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`chunks` None cuts as the reply does. An item that `overlaps` begins while the item before
    it is still open.

    `noun` names the item in messages, `unsupported` are the shapes that cannot express it, `single`
    that a message holds at most one. `text_fields` hold the texts that are cut into deltas, `templating`
    the form of the fields that may quote the request.
    """

    noun: ClassVar[str] = "such an item"
    unsupported: ClassVar[frozenset[Shape]] = frozenset()
    single: ClassVar[bool] = False
    text_fields: ClassVar[tuple[str, ...]] = ()
    templating: ClassVar[Mapping[str, Templating]] = {}

    chunks: Chunks | None = None
    overlaps: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that are cut into deltas."""
        return tuple(getattr(self, name) for name in self.text_fields)

    @property
    def counted_text(self) -> str:
        """What counts as output tokens besides reasoning."""
        return "".join(self.texts)

    @property
    def reasoning_text(self) -> str:
        """What counts as reasoning tokens."""
        return ""

    @property
    def depends_on_request(self) -> bool:
        """Whether a request decides if the item may be sent, as a schema does for JSON."""
        return False

    def template_fields(self) -> Mapping[str, Templating]:
        """The fields that may quote the request, each with the form of its value."""
        return self.templating

    def unsupported_reason(self, shape: Shape) -> str | None:
        """Why a shape cannot express the item, as half a sentence; None when it can."""
        return f"{shape} cannot say {self.noun}" if shape in self.unsupported else None

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart | None:
        """What the item adds to the message of a choice; None for nothing."""
        del ids, choice
        return None

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        """The item's final form in a response, `type` first, without the `id` it is given.

        Raises TypeError for an item that the Responses shape does not have.
        """
        raise TypeError(self, ids, place, status)
