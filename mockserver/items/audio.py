"""Speech with its transcript, which only the chat shape has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items.keys import ITEM_ID, STRING, TEXTS, Form, Key, KeyType, Read, chunks_key
from mockserver.items.spec import ItemSpec
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import ChatMember, ChatPart, Cutter, Item, Templating

# Later turns may refer to audio for so long.
_LIFETIME_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio(Item):
    """`data` is base64, each piece a delta; `id` None is generated, `expires` is Unix seconds, None an
    hour after the reply."""

    noun: ClassVar[str] = "audio"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.RESPONSES, Shape.COMPACTION})
    single: ClassVar[bool] = True
    text_fields: ClassVar[tuple[str, ...]] = ("transcript",)
    templating: ClassVar[Mapping[str, Templating]] = {"transcript": Templating.TEXT, "chunks": Templating.CHUNKS}

    data: tuple[str, ...]
    transcript: str
    expires: int | None = None

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        value: JSONObject = {
            "id": self.id or ids.id("audio_", choice),
            "data": "".join(self.data),
            "expires_at": ids.created + _LIFETIME_S if self.expires is None else self.expires,
            "transcript": self.transcript,
        }

        def deltas(cut: Cutter) -> Iterator[JSON]:
            yield {"id": value["id"], "transcript": ""}
            for piece in cut(self.transcript):
                yield {"transcript": piece}
            for sound in self.data or ("",):
                yield {"data": sound}
            yield {"expires_at": value["expires_at"]}

        return ChatMember(member="audio", value=value, deltas=deltas, text=self.transcript, chunks=self.chunks)


_COUNT = KeyType({"$ref": "#/$defs/count"}, Read.WHOLE)
_FORM = Form(
    Key("audio", TEXTS, "Audio in base64; each element of a list is a delta.", "data", default=()),
    Key("transcript", STRING, "The transcript of the audio.", default="", required=True),
    Key("id", ITEM_ID, "The id of the audio. Default: generated."),
    Key("expires", _COUNT, "When the id expires, in Unix seconds. Default: an hour after the reply."),
    chunks_key("the transcript is"),
    make=Audio,
    in_response=False,
)

SPECS = (ItemSpec(forms=(_FORM,)),)
