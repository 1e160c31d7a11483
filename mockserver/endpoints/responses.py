"""`POST /v1/responses`: responses and their events."""

from __future__ import annotations

from mockserver.model.endpoint import (
    Endpoint,
    EndpointSpec,
    RequestForm,
    Route,
    Shape,
    ShapeSpec,
)
from mockserver.render.context import ShapeRenderer
from mockserver.render.labels import ResponsesLabeller
from mockserver.render.responses import events, scripted_event, whole

ENDPOINT = EndpointSpec(
    name=Endpoint.RESPONSES,
    routes=(Route(path="/v1/responses", endpoint=Endpoint.RESPONSES, shape=Shape.RESPONSES),),
    samples=(
        {"model": "gpt-5.4", "input": [{"role": "user", "content": "What should I say?"}]},
        {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What should I say?"}]},
    ),
    forms=(RequestForm(name="responses"),),
)

SHAPE = ShapeSpec(name=Shape.RESPONSES, objects=("response",))

RENDERER = ShapeRenderer(
    body=whole,
    events=events,
    scripted=scripted_event,
    labeller=ResponsesLabeller,
    foreign={"choices": "its events have choices, as chat chunks"},
    fails_in_body=True,
)
