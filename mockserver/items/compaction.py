"""A compaction: earlier turns of a conversation in opaque form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items.keys import ID_KEY, OBJECTS, STRING, Form, Key
from mockserver.items.spec import ItemSpec
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSONObject
from mockserver.model.reply import Item, Templating


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction(Item):
    """`encrypted` is the opaque content. `kept` are the messages before it where the conversation itself is compacted,
    None for the user's."""

    noun: ClassVar[str] = "compaction"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.CHAT})
    templating: ClassVar[Mapping[str, Templating]] = {"encrypted": Templating.TEXT}

    encrypted: str
    kept: tuple[JSONObject, ...] | None = None

    @property
    def counted_text(self) -> str:
        return self.encrypted

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        return {"type": "compaction", "encrypted_content": self.encrypted}


_FORM = Form(
    Key("compaction", STRING, "The encrypted content of a compaction item.", "encrypted", default=""),
    Key("kept", OBJECTS, "On compact, the messages before it; what one lacks is filled in. Default: the user's."),
    ID_KEY,
    make=Compaction,
)

SPECS = (
    ItemSpec(
        type="compaction",
        forms=(_FORM,),
        prefix="cmp_",
        opaque=("encrypted_content",),
        about="the steps of compacting",
        members="encrypted_content:string created_by?:string|null",
        stream="compaction.compacting",
        grammar="""
open: compaction.compacting > compacting, done
compacting: done
""",
    ),
)
