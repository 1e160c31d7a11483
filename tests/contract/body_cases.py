"""For every rule of whole replies, one that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Final

from tests.contract.bodies import (
    ERROR,
    called,
    calling,
    choice,
    compacted,
    completion,
    failed,
    incomplete,
    queued,
    response,
)
from tests.contract.cases import Case
from tests.contract.mutations import Step, at, change, remove
from tests.contract.responses_streams import live, message, stream
from tests.kit import JSON, OPENAI, Finding, JSONObject, ReplyContract, Shape, judge_body, judge_stream

_TEXTED: Final = ReplyContract.from_data({"kinds": {"response": {"required": {"output_text": "string"}}}}, OPENAI)
_CLOSED: Final = ReplyContract.from_data({"kinds": {"error": {"closed": True}}}, OPENAI)
_SHORT: Final = ReplyContract.from_data(
    {"kinds": {"error": {"required": {"type": "#types"}}}, "values": {"types": ["invalid_request_error"]}}, OPENAI
)
_PARTED: Final = ReplyContract.from_data({"kinds": {"response.compaction": {"absent": ["model"]}}}, OPENAI)


def judged(body: JSON, shape: Shape, contract: ReplyContract = OPENAI) -> tuple[Finding, ...]:
    return judge_body(body, shape=shape, contract=contract)


def _case(
    shape: Shape,
    rule: str,
    base: Callable[[], JSONObject],
    *steps: Step,
    to: JSON,
    contract: ReplyContract = OPENAI,
    note: str = "",
) -> Case:
    return Case(
        rule=rule,
        kept=lambda: judged(base(), shape, contract),
        broken=lambda: judged(change(base(), *steps, to=to), shape, contract),
        note=f"whole {note}".strip(),
    )


def _lacking(shape: Shape, rule: str, base: Callable[[], JSONObject], *steps: Step) -> Case:
    return Case(
        rule=rule,
        kept=lambda: judged(base(), shape),
        broken=lambda: judged(remove(base(), *steps), shape),
        note="whole, lacking",
    )


def _texted() -> JSONObject:
    return change(response(), "output_text", to="Hello")


def _error() -> JSONObject:
    return deepcopy(ERROR)


_RESPONSE: Final = Shape.RESPONSES
_CHAT: Final = Shape.CHAT
_COMPACT: Final = Shape.COMPACTION
_DETAILS: Final = "input_tokens_details"

CASES: Final = (
    _case(_RESPONSE, "responses.completed.clean", response, "incomplete_details", to={"reason": "content_filter"}),
    _case(_RESPONSE, "responses.completed.items", calling, "output", 1, "status", to="in_progress"),
    _case(_RESPONSE, "responses.usage.set", response, "usage", to=None),
    _case(_RESPONSE, "responses.usage.sum", response, "usage", "total_tokens", to=0),
    _case(_RESPONSE, "responses.usage.bounds", response, "usage", _DETAILS, "cached_tokens", to=-1, note="below 0"),
    _case(_RESPONSE, "responses.usage.bounds", response, "usage",
        to={"input_tokens": -1, _DETAILS: {"cached_tokens": 0}, "output_tokens": 1,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 0}, note="negative"),
    _case(_RESPONSE, "responses.incomplete.reason", incomplete, "incomplete_details", to=None),
    _case(_RESPONSE, "responses.incomplete.item", incomplete, "output", 0, "status", to="completed"),
    _case(_RESPONSE, "responses.failed.error", failed, "error", to=None),
    _case(_RESPONSE, "responses.item.id", calling, "output", 1, "id", to="fc_0"),
    _case(_RESPONSE, "responses.output_text.same", _texted, "output_text", to="Help", contract=_TEXTED),
    _case(_RESPONSE, "responses.running.empty", queued, "usage", to=response()["usage"]),
    _lacking(_RESPONSE, "responses.schema.required", response, "model"),
    _case(_RESPONSE, "responses.schema.type", response, "output", to={}),
    _case(_RESPONSE, "responses.schema.value", response, "status", to="done"),
    _case(_RESPONSE, "responses.schema.value", response, "id", to="", note="empty id"),
    _case(_RESPONSE, "responses.schema.unknown", response, "surprise", to=1),
    _case(_CHAT, "chat.choice.order", lambda: completion(choice(0, content="a"), choice(1, content="b")), "choices", 1,
        "index", to=2),
    _case(_CHAT, "chat.tool.id", lambda: called("call_1", "call_2"), "choices", 0, "message", "tool_calls", 1, "id",
        to="call_1"),
    _case(_CHAT, "chat.finish.tools", completion, "choices", 0, "finish_reason", to="tool_calls"),
    _case(_CHAT, "chat.usage.sum", completion, "usage", "total_tokens", to=0),
    _case(_CHAT, "chat.usage.bounds", completion, "usage", "prompt_tokens_details", "cached_tokens", to=13),
    _case(_CHAT, "chat.usage.bounds", completion, "usage", "completion_tokens_details",
        to={"accepted_prediction_tokens": 3, "rejected_prediction_tokens": 3}, note="together"),
    _lacking(_CHAT, "chat.schema.required", completion, "choices", 0, "message", "refusal"),
    _case(_CHAT, "chat.schema.type", completion, "created", to=1.5),
    _case(_CHAT, "chat.schema.value", completion, "object", to="chat.completion.chunk"),
    _case(_CHAT, "chat.schema.absent", lambda: called("call_1"), "choices", 0, "message", "tool_calls", 0, "index",
        to=0),
    _case(_CHAT, "chat.schema.unknown", completion, "surprise", to=1),
    _case(_COMPACT, "compaction.item.last", compacted, "output", to=[]),
    _case(_COMPACT, "compaction.item.last", compacted, "output", 0, to=at(compacted(), "output", 2), note="early"),
    _case(_COMPACT, "compaction.messages", compacted, "output", 1, "role", to="assistant"),
    _case(_COMPACT, "compaction.item.id", compacted, "output", 1, "id", to="msg_0"),
    _case(_COMPACT, "compaction.usage.sum", compacted, "usage", "total_tokens", to=0),
    _case(_COMPACT, "compaction.usage.bounds", compacted, "usage", _DETAILS, "cached_tokens", to=13),
    _lacking(_COMPACT, "compaction.schema.required", compacted, "usage"),
    _case(_COMPACT, "compaction.schema.type", compacted, "created_at", to=None),
    _case(_COMPACT, "compaction.schema.value", compacted, "output", 0, "status", to="asleep"),
    _case(_COMPACT, "compaction.schema.absent", compacted, "model", to="gpt-5.4", contract=_PARTED),
    _case(_COMPACT, "compaction.schema.unknown", compacted, "surprise", to=1),
    Case(rule="compaction.stream", kept=lambda: judged(compacted(), _COMPACT),
        broken=lambda: judge_stream(stream(*live(message("Hi"))), shape=_COMPACT, contract=OPENAI)),
    _lacking(_CHAT, "error.schema.required", _error, "error", "param"),
    _case(_RESPONSE, "error.schema.type", _error, "error", "code", to=400),
    _case(_RESPONSE, "error.schema.value", _error, "error", "type", to="rude", contract=_SHORT),
    _case(_COMPACT, "error.schema.absent", _error, "error", "surprise", to=1, contract=_CLOSED),
    _case(_CHAT, "error.schema.unknown", _error, "error", "surprise", to=1),
)  # fmt: skip
