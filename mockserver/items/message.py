"""The message: assistant text with its annotations and log probabilities, or a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from mockserver.items.events import align_logprobs, delta, string
from mockserver.items.keys import ID_KEY, OBJECTS, STRING, Form, Key, KeyType, Read, chunks_key
from mockserver.items.spec import ItemEvent, ItemSpec, PartType, StreamedText
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, as_list, objects, write
from mockserver.model.reply import CONTENT, ChatPart, ChatText, Cutter, Item, Templating

FROM_FORMAT: Final = "from_format"
# A message of chat cites the web alone.
_NOT_IN_CHAT = frozenset({"file_citation", "container_file_citation", "file_path"})


def _message(part: JSONObject, status: str, phase: str | None = None) -> JSONObject:
    message: JSONObject = {"type": "message", "status": status, "content": [part], "role": "assistant"}
    return message if phase is None else message | {"phase": phase}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Item):
    """Assistant text; `annotations` and `logprobs` are in the Responses wire shape. `structured`
    text is JSON that was given as data, to be validated against the request's schema. `from_format` is
    text made for the format that the request asks for."""

    noun: ClassVar[str] = "text"
    templating: ClassVar[Mapping[str, Templating]] = {"chunks": Templating.CHUNKS, "annotations": Templating.OBJECTS}
    text_fields: ClassVar[tuple[str, ...]] = ("text",)

    text: str
    annotations: tuple[JSONObject, ...] = ()
    logprobs: tuple[JSONObject, ...] = ()
    phase: str | None = None
    structured: bool = False
    from_format: bool = False

    @property
    def depends_on_request(self) -> bool:
        return self.structured or self.from_format

    def template_fields(self) -> Mapping[str, Templating]:
        form = Templating.JSON_TEXT if self.structured else Templating.TEXT
        return {**self.templating, "text": form}

    def unsupported_reason(self, shape: Shape) -> str | None:
        cited = (annotation.get("type") for annotation in self.annotations)
        if shape != Shape.CHAT:
            return None
        return next((f"chat cannot express a {one}" for one in cited if one in _NOT_IN_CHAT), None)

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        return ChatText(
            member=CONTENT, text=self.text, chunks=self.chunks, annotations=self.annotations, logprobs=self.logprobs
        )

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        part: JSONObject = {
            "type": "output_text",
            "annotations": list(self.annotations),
            "logprobs": list(self.logprobs),
            "text": self.text,
        }
        return _message(part, status, self.phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Item):
    noun: ClassVar[str] = "a refusal"
    unsupported: ClassVar[frozenset[Shape]] = frozenset({Shape.COMPACTION})
    text_fields: ClassVar[tuple[str, ...]] = ("text",)
    templating: ClassVar[Mapping[str, Templating]] = {"text": Templating.TEXT, "chunks": Templating.CHUNKS}

    text: str

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        return ChatText(member="refusal", text=self.text, chunks=self.chunks)

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        return _message({"type": "refusal", "refusal": self.text}, status)


def _text(text: str, **members: Any) -> Text:  # the fields of the form's keys
    return Text(text=text, from_format=text == FROM_FORMAT, **members)


def structured_text(value: JSON) -> Text:
    """Data as the text that holds it."""
    return Text(text=write(value), structured=True)


def _events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    for index, part in enumerate(as_list(item.get("content"))):
        if not isinstance(part, dict):
            continue
        if part.get("type") == "refusal":
            yield from _refusal_events(part, cut, index)
        else:
            yield from _text_events(part, cut, index)


def _text_events(part: JSONObject, cut: Cutter, index: int) -> Iterator[ItemEvent]:
    """A part of text; its logprobs, where it has them, decide the deltas."""
    at: JSONObject = {"content_index": index}
    lists: JSONObject = {name: [] for name in ("annotations", "logprobs") if name in part}
    empty: JSONObject = part | lists | {"text": ""}
    yield ItemEvent(type="response.content_part.added", members=at | {"part": empty})
    text, logprobs = string(part, "text"), objects(part.get("logprobs"))
    for piece, probable in align_logprobs(text, logprobs, cut(text)):
        yield delta("output_text", at | {"delta": piece, "logprobs": probable})
    for number, annotation in enumerate(as_list(part.get("annotations"))):
        members = at | {"annotation_index": number, "annotation": annotation}
        yield ItemEvent(type="response.output_text.annotation.added", members=members)
    done = at | {"text": part.get("text"), "logprobs": list(logprobs)}
    yield ItemEvent(type="response.output_text.done", members=done)
    yield ItemEvent(type="response.content_part.done", members=at | {"part": part})


def _refusal_events(part: JSONObject, cut: Cutter, index: int) -> Iterator[ItemEvent]:
    at: JSONObject = {"content_index": index}
    empty: JSONObject = part | {"refusal": ""}
    yield ItemEvent(type="response.content_part.added", members=at | {"part": empty})
    for piece in cut(string(part, "refusal")):
        yield delta("refusal", at | {"delta": piece})
    yield ItemEvent(type="response.refusal.done", members=at | {"refusal": part.get("refusal")})
    yield ItemEvent(type="response.content_part.done", members=at | {"part": part})


_PHASE = KeyType({"$ref": "#/$defs/phase"}, Read.TEXT)
_DATA = KeyType({"$ref": "#/$defs/data"}, Read.JSON_TEXT)
_PHASE_KEY = Key("phase", _PHASE, "The part of a longer turn that the message belongs to.")
_CHUNKS_KEY = chunks_key("the text is")
_JSON_ABOUT = "Structured output as data: a text of compact JSON, validated against the schema of the request."
_FORMS = (
    Form(
        Key("text", STRING, "Assistant text; from_format: data that fit the format of the request.", default=""),
        Key("annotations", OBJECTS, "Citations, in the shape they have in a response."),
        Key("logprobs", OBJECTS, "Tokens with their log probabilities; they set the deltas."),
        _PHASE_KEY,
        _CHUNKS_KEY,
        ID_KEY,
        make=_text,
    ),
    Form(
        Key("json", _DATA, _JSON_ABOUT, "text", default="{}"),
        _PHASE_KEY,
        _CHUNKS_KEY,
        ID_KEY,
        make=partial(Text, structured=True),
    ),
    Form(Key("refusal", STRING, "The text of the refusal.", "text", default=""), _CHUNKS_KEY, ID_KEY, make=Refusal),
)

PART_ROWS = """
content_part.added  content_index:next part:@part.*  -> part[#].added
content_part.done  content_index:last part:@part.*  -> part[#].done
"""

MESSAGE = ItemSpec(
    type="message",
    forms=_FORMS,
    prefix="msg_",
    status="of_reply",
    added_status="demanded",
    added={"content": []},
    # A message of one token may be completed when it is added (observed in 2026).
    quirks=frozenset({"responses.item.status.added"}),
    events=_events,
    members="role:=assistant content:[@part.*] status:#status.item phase?:string|null",
    kinds="""
part.output_text  type:=output_text text:string annotations:[@annotation.*]
    logprobs?:[@logprob]|null
part.refusal  type:=refusal refusal:string
annotation.url_citation  type:=url_citation url:string title:string start_index:count
    end_index:count
annotation.file_citation  type:=file_citation file_id:string filename:string index:count
annotation.container_file_citation  type:=container_file_citation container_id:string
    file_id:string filename:string start_index:count end_index:count
annotation.file_path  type:=file_path file_id:string index:count
logprob  token:string logprob:number bytes?:list|null top_logprobs?:list|null
""",
    values={"status.item": "in_progress completed incomplete"},
    stream=PART_ROWS
    + """
output_text.delta  content_index:last delta:string logprobs:[@logprob]  -> text.delta[#]
output_text.done  content_index:last text:string logprobs:[@logprob]  -> text.done[#]
output_text.annotation.added  content_index:last annotation_index:next annotation:@annotation.*
    -> annotation.added[#]
refusal.delta  content_index:last delta:string  -> refusal.delta[#]
refusal.done  content_index:last refusal:string  -> refusal.done[#]
""",
    restarts={"content_index": "annotation_index"},
    about="parts, text, refusals and annotations",
    grammar="""
open: content_part.added output_text > text, content_part.added refusal > refusal,
    content_part.added other > written, done
text: output_text.delta, output_text.annotation.added, output_text.done > written
refusal: refusal.delta, refusal.done > written
written: content_part.done > open
""",
    texts=(StreamedText("output_text", "text"), StreamedText("refusal", "refusal")),
    parts={"content_part": "content"},
    part_types={
        "output_text": PartType("text", "text", {"text": ("",), "annotations": ([],), "logprobs": ([], None)}),
        "refusal": PartType("refusal", "refusal", {"refusal": ("",)}),
    },
)
SPECS = (MESSAGE,)
