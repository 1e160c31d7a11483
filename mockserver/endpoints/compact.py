"""`POST /v1/responses/compact`: a conversation made smaller.

A body of `input` gets a `response.compaction`. One of `messages` is answered in the chat shape, so
that one server can stand in for gateways that do.
"""

from __future__ import annotations

from mockserver.model.endpoint import (
    Endpoint,
    EndpointSpec,
    RequestForm,
    Route,
    Shape,
    ShapeSpec,
)
from mockserver.model.json import JSONObject
from mockserver.model.reply import FinishReason
from mockserver.render.compaction import whole
from mockserver.render.context import ShapeRenderer
from mockserver.render.labels import ChatLabeller

_ITEMS = "compact"
_MESSAGES = "compact-messages"


def _form(body: JSONObject) -> tuple[str, ...]:
    return (_MESSAGES, _ITEMS) if "messages" in body else (_ITEMS, _MESSAGES)


ENDPOINT = EndpointSpec(
    name=Endpoint.COMPACT,
    routes=(
        Route(
            path="/v1/responses/compact",
            endpoint=Endpoint.COMPACT,
            shape=Shape.COMPACTION,
            by_member=(("messages", Shape.CHAT),),
        ),
    ),
    samples=(
        {"model": "gpt-5.4", "input": [{"role": "user", "content": "What should I say?"}]},
        {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What should I say?"}]},
    ),
    forms=(RequestForm(name=_ITEMS), RequestForm(name=_MESSAGES)),
    form_of=_form,
)

SHAPE = ShapeSpec(name=Shape.COMPACTION, objects=("response.compaction",))

RENDERER = ShapeRenderer(
    body=whole,
    labeller=ChatLabeller,
    finishes=frozenset({FinishReason.STOP}),
)
