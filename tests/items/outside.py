"""An output item from outside the package: `python -m pytest` runs this file in a fresh process.

The item is a forecast. It has a value class, a form in scenarios, events, a grammar and a chat form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from mockserver import MockServer, ScenarioError
from mockserver.items import register
from mockserver.items.events import stage, string, text_deltas
from mockserver.items.spec import (
    NAME,
    STRING,
    AddedStatus,
    EndStatus,
    Form,
    ItemEvent,
    ItemSpec,
    Key,
    StreamedText,
    chunks_key,
)
from mockserver.model.ids import IdGenerator
from mockserver.model.item import ChatPart, ChatText, Cutter, Item, Templating
from mockserver.model.json import JSONObject
from tests.server.end_to_end import CHAT, RESPONSES, asking, post


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
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
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

ITEM = {"forecast": "{{request.user}}", "text": "sun and rain"}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def sent(server: MockServer, path: str, **members: object) -> str:
    return post(server.url, path, asking("Oslo", path, **members)).body.decode()


def test_it_is_streamed_event_by_event(server: MockServer) -> None:
    server.load({"stubs": [{"reply": {"output": [ITEM]}}]})
    body = sent(server, RESPONSES, stream=True)
    data = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: ")]
    assert [event["type"].removeprefix("response.") for event in data] == [
        "created",
        "in_progress",
        "output_item.added",
        "forecast.in_progress",
        *["forecast_text.delta"] * 3,
        "forecast_text.done",
        "output_item.done",
        "completed",
    ]
    added, done = data[2]["item"], data[8]["item"]
    assert done | {"id": ""} == {
        "id": "",
        "type": "forecast",
        "status": "completed",
        "city": "Oslo",
        "text": "sun and rain",
    }
    assert added == done | {"status": "in_progress", "text": ""}
    assert data[9]["response"]["output"] == [done]
    assert data[9]["response"]["usage"]["output_tokens"] == 3


def test_it_has_a_chat_form(server: MockServer) -> None:
    server.load({"stubs": [{"reply": {"output": [ITEM]}}]})
    message = json.loads(sent(server, CHAT))["choices"][0]["message"]
    assert message["content"] == "Oslo: sun and rain"


def test_its_labels_are_places_of_faults(server: MockServer) -> None:
    faults = [{"omit": "forecast.delta[1]"}]
    server.load({"stubs": [{"on": "responses", "reply": {"output": [ITEM], "faults": faults}}]})
    body = sent(server, RESPONSES, stream=True)
    assert [piece in body for piece in ('"sun "', '"and "', '"rain"')] == [True, False, True]


def test_its_grammar_is_validated(server: MockServer) -> None:
    from mockserver import judge  # loads the contract, after the registration

    faults = [{"omit": "response.forecast_text.done[0]"}]
    server.load({"stubs": [{"on": "responses", "reply": {"output": [ITEM], "faults": faults}}]})
    found = judge(sent(server, RESPONSES, stream=True).encode())
    assert [finding.rule for finding in found.findings] == [
        "responses.sequence",
        "responses.forecast.order",
    ]


def test_its_form_is_checked(server: MockServer) -> None:
    with pytest.raises(ScenarioError, match="unknown key 'txt'; did you mean 'text'"):
        server.load({"stubs": [{"reply": {"output": [{"forecast": "Oslo", "txt": "x"}]}}]})
