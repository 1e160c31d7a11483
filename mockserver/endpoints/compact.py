"""`POST /v1/responses/compact`: a conversation made smaller.

A body of `input` gets a `response.compaction`. One of `messages` is answered in the chat shape, so
that one server can stand in for gateways that do."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockserver.contract import ReplyForm
from mockserver.items import Compaction, Text
from mockserver.model.conversation import USER
from mockserver.model.endpoint import Endpoint, EndpointSpec, RequestForm, Shape, ShapeSpec
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject, object_without
from mockserver.model.reply import FinishReason, Output
from mockserver.model.route import Route
from mockserver.render.chat_stream import ChatLabeller
from mockserver.render.context import RenderContext, ShapeRenderer, count_tokens, responses_usage, with_own

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract

_ITEMS = "compact"
_MESSAGES = "compact-messages"


def _form(body: JSONObject) -> tuple[str, ...]:
    return (_MESSAGES, _ITEMS) if "messages" in body else (_ITEMS, _MESSAGES)


def _table() -> object:
    from mockserver.contract.request_responses import COMPACT  # noqa: PLC0415  # not before the first answer

    return COMPACT


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
    forms=(RequestForm(name=_ITEMS, table=_table), RequestForm(name=_MESSAGES)),
    form_of=_form,
)

SHAPE = ShapeSpec(name=Shape.COMPACTION, objects=("response.compaction",))


def _compaction(output: Output, context: RenderContext) -> JSONObject:
    ids = context.ids
    scripted = next((item for item in output.items if isinstance(item, Compaction)), None)
    given: JSON = context.call.body.get("input")
    messages = _user_messages(given) if scripted is None or scripted.kept is None else scripted.kept
    kept: list[JSON] = [_message(message, ids.id("msg_", place)) for place, message in enumerate(messages)]
    own = scripted.id if scripted is not None else None
    item: JSONObject = {"id": own or ids.id("cmp_"), "type": "compaction", "encrypted_content": _encrypted(output)}
    omitted = () if scripted is None else scripted.omit
    used = responses_usage(count_tokens(output, context), context.dialect)
    body: JSONObject = {
        "id": output.id or ids.id("resp_"),
        "object": "response.compaction",
        "created_at": ids.created if output.created is None else output.created,
        "output": [*kept, object_without(context.dialect.keep("item.compaction", item), omitted)],
        "usage": context.dialect.keep("usage.responses", used),
    }
    return with_own(output, context.dialect.keep("response.compaction", body))


def _user_messages(given: JSON) -> list[JSONObject]:
    """The content of every user message."""
    items = given if isinstance(given, list) else [{"role": USER, "content": given}]
    return [
        {"content": content}
        for item in items
        if isinstance(item, dict)
        and item.get("role") == USER
        and isinstance(content := item.get("content"), list | str)
    ]


def _message(given: JSONObject, generated: str) -> JSONObject:
    """A message with the members that it lacks; a bare text is one part."""
    whole: JSONObject = {"id": generated, "type": "message", "status": "completed", "content": [], "role": USER}
    content = given.get("content")
    parts: JSONObject = {"content": [{"type": "input_text", "text": content}]} if isinstance(content, str) else {}
    return whole | given | parts


def _encrypted(output: Output) -> str:
    """The content of the compaction item: as scripted, or the scripted text wrapped so that it
    looks as opaque as the upstream's."""
    for item in output.items:
        if isinstance(item, Compaction):
            return item.encrypted
    text = "".join(item.text for item in output.items if isinstance(item, Text))
    return "gAAAAA" + urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode()


RENDERER = ShapeRenderer(body=_compaction, labeller=ChatLabeller, finishes=frozenset({FinishReason.STOP}))


def _body(body: JSON, contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.invariants import compaction_findings  # noqa: PLC0415  # not before the first answer
    from mockserver.contract.judge import typed_body  # noqa: PLC0415  # not before the first answer

    return typed_body(body, contract, kind="response.compaction", area="compaction", invariants=compaction_findings)


def _stream(_: Sequence[Event], contract: ReplyContract) -> tuple[Finding, ...]:
    from mockserver.contract.rules import FindingCollector  # noqa: PLC0415  # not before the first answer

    findings = FindingCollector(contract.ignored_rules)
    findings.add("compaction.stream", "", "expected a JSON body, got an event stream")
    return findings.all()


FORM = ReplyForm(body=_body, stream=_stream)
