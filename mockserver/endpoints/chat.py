"""`POST /v1/chat/completions`: chat completions and their chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.contract import ReplyForm
from mockserver.model.endpoint import Endpoint, EndpointSpec, RequestForm, Shape, ShapeSpec
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject
from mockserver.model.route import Route
from mockserver.render.chat import FINISHES, whole
from mockserver.render.chat_stream import ChatLabeller, chunks
from mockserver.render.context import ShapeRenderer

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract


def _table() -> object:
    from mockserver.contract.request_chat import CHAT  # noqa: PLC0415  # not before the first answer

    return CHAT


ENDPOINT = EndpointSpec(
    name=Endpoint.CHAT,
    routes=(Route(path="/v1/chat/completions", endpoint=Endpoint.CHAT, shape=Shape.CHAT),),
    samples=(
        {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What should I say?"}]},
        {"model": "gpt-5.4", "input": [{"role": "user", "content": "What should I say?"}]},
    ),
    forms=(
        RequestForm(
            name="chat",
            table=_table,
            foreign={
                "input": "messages",
                "instructions": "messages",
                "max_output_tokens": "max_completion_tokens",
                "text": "response_format",
                "reasoning": "reasoning_effort",
                "previous_response_id": None,
                "conversation": None,
                "include": None,
                "prompt": None,
                "max_tool_calls": None,
                "truncation": None,
                "background": None,
                "context_management": None,
            },
            moved=(
                "Unsupported parameter: '{name}' is not supported with the Chat Completions API. Use '{place}' instead."
            ),
        ),
    ),
)

SHAPE = ShapeSpec(
    name=Shape.CHAT,
    objects=("chat.completion", "chat.completion.chunk"),
    asks=(
        {},
        {"stream": True},
        {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}},
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


def _body(body: JSON, contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.invariants import completion_findings  # noqa: PLC0415  # not before the first answer
    from mockserver.contract.judge import typed_body  # noqa: PLC0415  # not before the first answer

    return typed_body(body, contract, kind="chat.completion", area="chat", invariants=completion_findings)


def _stream(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.stream_chat import chat_stream_findings  # noqa: PLC0415  # not before the first answer

    return chat_stream_findings(events, contract)


def _is_chunk(event: JSONObject) -> bool:
    kind = event.get("type")
    if isinstance(kind, str) and (kind == "error" or kind.startswith("response.")):
        return False  # an error event of a Responses stream
    return "choices" in event or event.get("error") is not None


FORM = ReplyForm(body=_body, stream=_stream, member="choices", is_event=_is_chunk)
