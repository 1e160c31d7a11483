"""An item in the wire's own shape, of any type: written out in a scenario, or made of the few keys of a hosted tool.
And the form of an error in the output, which is no item of a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from mockserver.items.keys import OVERLAPS_KEY, Form, Key, KeyType, Read, chunks_key
from mockserver.items.spec import ItemSpec
from mockserver.model.conversation import content_text
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSONObject
from mockserver.model.reply import ErrorDelivery, ErrorRef, ErrorShape, Item, StreamError, Templating

# The members whose text counts as output tokens.
_COUNTED = frozenset({"content", "arguments", "input", "code"})

Complete: TypeAlias = Callable[[JSONObject], JSONObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem(Item):
    """`item` has its `type`; an `id` and a status that it has not are generated and derived."""

    noun: ClassVar[str] = "a raw item"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.CHAT, Shape.COMPACTION})
    templating: ClassVar[Mapping[str, Templating]] = {"item": Templating.OBJECT}

    item: JSONObject

    @property
    def counted_text(self) -> str:
        members = self.item.items()
        return "".join(content_text(value) for name, value in members if name in _COUNTED)

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        return dict(self.item)


def hosted(type_: str, complete: Complete | None = None) -> Callable[..., RawItem]:
    """What makes an item of that type of a form's fields: members by name, in the order of the
    form's keys. `complete` makes the members of the fields where they differ."""

    def make(*, overlaps: bool = False, omit: tuple[str, ...] = (), **fields: Any) -> RawItem:
        members = {n: list(v) if isinstance(v, tuple) else v for n, v in fields.items()}
        given = {name: members.pop(name) for name in ("id", "status") if name in members}
        completed = complete(members) if complete else members
        return RawItem(item=given | {"type": type_} | completed | given, overlaps=overlaps, omit=omit)

    return make


_ITEM = KeyType(
    {
        "type": "object",
        "title": "a raw item: a mapping with its type",
        "required": ["type"],
        "properties": {"type": {"type": "string", "minLength": 1, "description": "The type of the output item."}},
    },
    Read.OBJECT,
)
_FORM = Form(
    Key("item", _ITEM, "An output item as the API sends it; a missing id is generated.", default={}),
    chunks_key("its text is"),
    OVERLAPS_KEY,
    make=RawItem,
    definition="wire_item",
)


# --- an error, which ends the reply; see `StreamError` ---


def _failure(*, error: ErrorRef, form: str, shape: str) -> StreamError:
    return StreamError(error=error, form=ErrorDelivery(form), shape=ErrorShape(shape))


_ERROR = KeyType({"$ref": "#/$defs/error"}, Read.ERROR)
_DELIVERY = KeyType({"enum": ["failed", "event", "both"], "default": "failed"}, Read.TEXT)
_SHAPE = KeyType({"enum": ["flat", "nested"], "default": "nested"}, Read.TEXT)
_FAILURE = Form(
    Key("error", _ERROR, "A failure at this point of the reply; nothing may follow it.", default=ErrorRef()),
    Key(
        "as",
        _DELIVERY,
        "How a stream of responses reports it: response.failed, an error event, or one after the other.",
        "form",
        default=ErrorDelivery.FAILED,
    ),
    Key(
        "shape",
        _SHAPE,
        "Whether the members of an error event are at its top (flat) or in its error object (nested).",
        default=ErrorShape.NESTED,
    ),
    make=_failure,
    in_response=False,
)

SPECS = (ItemSpec(forms=(_FORM,)), ItemSpec(forms=(_FAILURE,)))
