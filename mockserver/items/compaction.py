"""A compaction: earlier turns of a conversation in opaque form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items.events import stage_types
from mockserver.items.spec import CLOSE, OPEN, STRING, Form, ItemSpec, Key
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.item import Item, Templating
from mockserver.model.json import JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction(Item):
    """`encrypted` is the opaque content."""

    noun: ClassVar[str] = "compaction"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.CHAT})

    encrypted: str

    @property
    def counted_text(self) -> str:
        return self.encrypted

    @property
    def templating(self) -> Mapping[str, Templating]:
        return {"encrypted": Templating.TEXT}

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        del ids, place, status
        return {"type": "compaction", "encrypted_content": self.encrypted}


_FORM = Form(
    Key(
        "compaction", STRING, "The encrypted content of a compaction item.", "encrypted", default=""
    ),
    make=Compaction,
)

SPECS = (
    ItemSpec(
        type="compaction",
        forms=(_FORM,),
        prefix="cmp_",
        about="the steps of compacting",
        members="encrypted_content:string created_by?:string|null",
        event_types=stage_types("compaction", "compacting"),
        grammar={OPEN: {"compaction.compacting": "compacting", **CLOSE}, "compacting": CLOSE},
    ),
)
