"""`POST /v1/chat/completions`: chat completions and their chunks."""

from __future__ import annotations

from mockserver.model.endpoint import (
    Endpoint,
    EndpointSpec,
    RequestForm,
    Route,
    Shape,
    ShapeSpec,
)
from mockserver.render.chat import FINISHES, whole
from mockserver.render.chat_stream import chunks
from mockserver.render.context import ShapeRenderer
from mockserver.render.labels import ChatLabeller

ENDPOINT = EndpointSpec(
    name=Endpoint.CHAT,
    routes=(Route(path="/v1/chat/completions", endpoint=Endpoint.CHAT, shape=Shape.CHAT),),
    samples=(
        {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What should I say?"}]},
        {"model": "gpt-5.4", "input": [{"role": "user", "content": "What should I say?"}]},
    ),
    forms=(RequestForm(name="chat"),),
)

SHAPE = ShapeSpec(
    name=Shape.CHAT,
    objects=("chat.completion", "chat.completion.chunk"),
    asks=(
        {},
        {"stream": True},
        {
            "stream": True,
            "stream_options": {"include_usage": True, "include_obfuscation": False},
        },
    ),
)

RENDERER = ShapeRenderer(
    body=whole,
    events=chunks,
    labeller=ChatLabeller,
    several_choices=True,
    finishes=FINISHES,
    foreign={"type": "its events have a type, as those of a response"},
    closes_on_error=True,
    comment=lambda dialect: dialect.chat.comment,
)
