"""`POST /v1/responses/compact`: a conversation made smaller.

A body of `input` gets a `response.compaction`. One of `messages` is answered in the chat shape, so
that one server can stand in for gateways that do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.contract import ReplyForm
from mockserver.model.endpoint import (
    Endpoint,
    EndpointSpec,
    RequestForm,
    Route,
    Shape,
    ShapeSpec,
)
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import FinishReason
from mockserver.render.compaction import whole
from mockserver.render.context import ShapeRenderer
from mockserver.render.labels import ChatLabeller

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract

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


def _body(body: JSON, contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.invariants import compaction_findings  # noqa: PLC0415  # not before the first answer
    from mockserver.contract.judge import typed_body  # noqa: PLC0415  # not before the first answer

    return typed_body(
        body,
        contract,
        kind="response.compaction",
        area="compaction",
        invariants=compaction_findings,
    )


def _stream(_: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.collector import FindingCollector  # noqa: PLC0415  # not before the first answer

    findings = FindingCollector(contract.ignored_rules)
    findings.add("compaction.stream", "", "expected a JSON body, got an event stream")
    return findings.all()


FORM = ReplyForm(body=_body, stream=_stream)
