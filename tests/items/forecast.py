"""The example of `docs/adding-an-output-item.md`: a forecast, registered when this is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.items import register
from mockserver.items.events import stage, string, text_deltas
from mockserver.items.keys import NAME, STRING, Form, Key, chunks_key
from mockserver.items.spec import ItemEvent, ItemSpec, StreamedText
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSONObject
from mockserver.model.reply import ChatPart, ChatText, Cutter, Item, Templating


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Item):
    noun: ClassVar[str] = "a forecast"
    text_fields: ClassVar[tuple[str, ...]] = ("text",)
    templating: ClassVar[Mapping[str, Templating]] = {"city": Templating.TEXT}

    city: str
    text: str = ""

    def chat(self, ids: IdGenerator, choice: int) -> ChatPart:
        del ids, choice
        return ChatText(member="content", text=f"{self.city}: {self.text}", chunks=self.chunks)

    def wire(self, ids: IdGenerator, place: int, status: str) -> JSONObject:
        del ids, place
        return {"type": "forecast", "status": status, "city": self.city, "text": self.text}


def events(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    yield stage("forecast", "in_progress")
    yield from text_deltas("forecast_text", "text", string(item, "text"), cut)


register(
    ItemSpec(
        type="forecast",
        forms=(
            Form(
                Key("forecast", NAME, "The city.", "city"),
                Key("text", STRING, "The forecast."),
                chunks_key("the forecast is"),
                make=Forecast,
            ),
        ),
        prefix="fo_",
        status="of_reply",
        added_status="demanded",
        added={"text": ""},
        events=events,
        members="status:#status.item city:string text:string",
        stream="""
forecast.in_progress
forecast_text.delta  delta:string  -> forecast.delta[#]
forecast_text.done  text:string
""",
        about="the forecast and its deltas",
        grammar="""
open: forecast.in_progress > in progress
in progress: forecast_text.delta, forecast_text.done > written
written: done
""",
        texts=(StreamedText("forecast_text", "text", ("text",)),),
    )
)
