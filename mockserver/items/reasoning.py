"""Reasoning: summary parts, then the reasoning itself, and encrypted content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items.events import delta
from mockserver.items.keys import ID_KEY, STRING, TEXTS, Form, Key, KeyType, chunks_key
from mockserver.items.message import PART_ROWS
from mockserver.items.spec import ItemEvent, ItemSpec, PartType, StreamedText
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, as_list
from mockserver.model.reply import ChatPart, ChatText, Cutter, Item, Templating


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning(Item):
    """`encrypted` is the opaque content, None for none."""

    noun: ClassVar[str] = "reasoning"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    templating: ClassVar[Mapping[str, Templating]] = {"summary": Templating.TEXTS, "content": Templating.TEXTS}

    summary: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    encrypted: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return self.summary + self.content

    @property
    def counted_text(self) -> str:
        return ""

    @property
    def reasoning_text(self) -> str:
        return "".join(self.texts)

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        """The reasoning itself, the summary where there is none."""
        return ChatText(member="reasoning", text="".join(self.content or self.summary), chunks=self.chunks)

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        item: JSONObject = {"type": "reasoning", "summary": _parts("summary_text", self.summary)}
        if self.content:
            item["content"] = _parts("reasoning_text", self.content)
        if self.encrypted is not None:
            item["encrypted_content"] = self.encrypted
        return item


def _parts(kind: str, texts: tuple[str, ...]) -> list[JSON]:
    return [{"type": kind, "text": text} for text in texts]


def _events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    for member, index, parts, texts in (
        ("summary", "summary_index", "reasoning_summary_part", "reasoning_summary_text"),
        ("content", "content_index", "content_part", "reasoning_text"),
    ):
        for number, (part, text) in enumerate(_texts(item.get(member))):
            at: JSONObject = {index: number}
            empty: JSONObject = part | {"text": ""}
            yield ItemEvent(type=f"response.{parts}.added", members=at | {"part": empty})
            for piece in cut(text):
                yield delta(texts, at | {"delta": piece})
            yield ItemEvent(type=f"response.{texts}.done", members=at | {"text": text})
            yield ItemEvent(type=f"response.{parts}.done", members=at | {"part": part})


def _texts(value: JSON) -> list[tuple[JSONObject, str]]:
    """The parts of a list with their texts; what is no such part is left out."""
    return [
        (part, text) for part in as_list(value) if isinstance(part, dict) and isinstance(text := part.get("text"), str)
    ]


_REASONING_KEYS = (
    Key("summary", TEXTS, "Summary parts."),
    Key("content", TEXTS, "The reasoning itself."),
    Key("encrypted", STRING, "The opaque content."),
)
_REASONING = KeyType(
    {
        "type": "object",
        "title": "a mapping of summary, content, encrypted",
        "additionalProperties": False,
        "properties": {key.name: key.schema for key in _REASONING_KEYS},
    }
)
_FORM = Form(
    Key("reasoning", _REASONING, "The reasoning; an empty mapping is an item without texts.", keys=_REASONING_KEYS),
    chunks_key("the texts are"),
    ID_KEY,
    make=Reasoning,
)

SPECS = (
    ItemSpec(
        type="reasoning",
        forms=(_FORM,),
        prefix="rs_",
        added_status="demanded",
        added={"summary": [], "content": []},
        empty={"summary": ([],), "content": ([], None)},
        opaque=("encrypted_content",),
        events=_events,
        members=(
            "summary:[@part.summary_text] content?:[@part.reasoning_text]|null "
            "encrypted_content?:string|null status?:#status.item|null"
        ),
        kinds="""
part.reasoning_text  type:=reasoning_text text:string
part.summary_text  type:=summary_text text:string
""",
        stream=PART_ROWS
        + """
reasoning_text.delta  content_index:last delta:string  -> reasoning.delta[#]
reasoning_text.done  content_index:last text:string  -> reasoning.done[#]
reasoning_summary_part.added  summary_index:next part:@part.summary_text  -> part[#].added
reasoning_summary_part.done  summary_index:last part:@part.summary_text status?:=incomplete|null
    -> part[#].done
reasoning_summary_text.delta  summary_index:last delta:string  -> reasoning.delta[#]
reasoning_summary_text.done  summary_index:last text:string  -> reasoning.done[#]
""",
        # Open Responses names these two differently.
        aliases={"reasoning.delta": "reasoning_text.delta", "reasoning.done": "reasoning_text.done"},
        about="summaries and reasoning text",
        grammar="""
open: reasoning_summary_part.added > summary, content_part.added reasoning_text > reasoning,
    content_part.added other > reasoned, done
summary: reasoning_summary_text.delta, reasoning_summary_text.done > summarised
summarised: reasoning_summary_part.done > open
reasoning: reasoning_text.delta, reasoning_text.done > reasoned
reasoned: content_part.done > content
content: content_part.added reasoning_text > reasoning, content_part.added other > reasoned, done
""",
        texts=(
            StreamedText("reasoning_text", "text", rule="reasoning"),
            StreamedText("reasoning_summary_text", "text", rule="summary"),
        ),
        parts={"content_part": "content", "reasoning_summary_part": "summary"},
        part_types={
            "reasoning_text": PartType("text", "reasoning", {"text": ("",)}),
            "summary_text": PartType("text", "summary", {"text": ("",)}),
        },
    ),
)
