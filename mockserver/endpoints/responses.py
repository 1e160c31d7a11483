"""`POST /v1/responses`: responses and their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mockserver.contract import ReplyForm
from mockserver.model.endpoint import Endpoint, EndpointSpec, RequestForm, Shape, ShapeSpec
from mockserver.model.findings import Finding
from mockserver.model.frames import Event, RawEvent
from mockserver.model.json import JSON, JSONObject
from mockserver.model.route import Route
from mockserver.render.context import ShapeRenderer
from mockserver.render.responses import whole
from mockserver.render.responses_stream import ResponsesLabeller, events, scripted_event

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract


def _table() -> object:
    from mockserver.contract.request_responses import RESPONSES  # noqa: PLC0415  # not before the first answer

    return RESPONSES


ENDPOINT = EndpointSpec(
    name=Endpoint.RESPONSES,
    routes=(Route(path="/v1/responses", endpoint=Endpoint.RESPONSES, shape=Shape.RESPONSES),),
    samples=(
        {"model": "gpt-5.4", "input": [{"role": "user", "content": "What should I say?"}]},
        {"model": "gpt-5.4", "messages": [{"role": "user", "content": "What should I say?"}]},
    ),
    forms=(
        RequestForm(
            name="responses",
            table=_table,
            foreign={
                "messages": "input",
                "max_tokens": "max_output_tokens",
                "max_completion_tokens": "max_output_tokens",
                "response_format": "text.format",
                "functions": "tools",
                "function_call": "tool_choice",
                "reasoning_effort": "reasoning.effort",
                "verbosity": "text.verbosity",
                "n": None,
                "stop": None,
                "logprobs": None,
                "logit_bias": None,
                "seed": None,
                "modalities": None,
                "audio": None,
                "prediction": None,
                "web_search_options": None,
            },
            moved=(
                "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved "
                "to '{place}'. Try again with the new parameter. See the API documentation for "
                "more information: https://platform.openai.com/docs/api-reference/responses/create."
            ),
        ),
    ),
)

SHAPE = ShapeSpec(name=Shape.RESPONSES, objects=("response",))

RENDERER = ShapeRenderer(
    body=whole,
    events=events,
    scripted=scripted_event,
    labeller=ResponsesLabeller,
    foreign={"choices": "its events have choices, as chat chunks"},
    fails_in_body=True,
    keepalive=RawEvent(data={"type": "keepalive", "sequence_number": 0}),
)


def _body(body: JSON, contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.judge import typed_body  # noqa: PLC0415  # not before the first answer

    return typed_body(body, contract, kind="response", area="responses", invariants=_invariants)


def _invariants(response: JSONObject) -> Iterator[Finding]:
    from mockserver.contract.invariants import RUNNING, ended_findings, is_running, running_findings  # noqa: PLC0415  # not before the first answer

    if is_running(response):
        return running_findings(response, RUNNING, "")
    return ended_findings(response, "")


def _stream(events: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.stream_responses import responses_stream_findings  # noqa: PLC0415  # not before the first answer

    return responses_stream_findings(events, contract)


def _is_event(event: JSONObject) -> bool:
    kind = event.get("type")
    return isinstance(kind, str) and (kind == "error" or kind.startswith("response."))


FORM = ReplyForm(body=_body, stream=_stream, member="output", is_event=_is_event)
