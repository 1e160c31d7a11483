"""Stored objects made from the records of the calls that stored them.

A reply is rendered again without its faults: what is stored is what the API meant to send.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.fault import NO_FAULTS
from mockserver.model.ids import IdGenerator
from mockserver.model.journal import Record
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import ErrorDelivery, ExactBody, ExactEvents, Output, Reply
from mockserver.model.store import Stored, StoredName
from mockserver.pipeline.template_cache import ReplyJob
from mockserver.render import render
from mockserver.render.context import RENDERERS
from mockserver.render.replies import EventStream

_ENDINGS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
# Output items have the lower numbers.
_FIRST_INPUT: Final = 1_000_000
_MESSAGE: Final = "message"
_PREFIXES: Final = {
    _MESSAGE: "msg_",
    "reasoning": "rs_",
    "compaction": "cmp_",
    "custom_tool_call": "ctc_",
    "custom_tool_call_output": "ctco_",
}
_SUCCESS: Final = (None, 200)


class RecordedReplies:
    """What the replies of a sandbox stored."""

    def name(self, record: Record) -> StoredName | None:
        """The name under which a call stored its reply; None where it stored none."""
        job, call = record.source, record.call
        if not isinstance(job, ReplyJob) or call is None or not _stores(call, job):
            return None
        content = job.reply.content
        if isinstance(content, Output):
            name: JSON = content.id or job.context(call).ids.id("resp_")
        else:
            value = _exact(job.reply)
            name = None if value is None else value.get("id")
        return StoredName(name, call.body.get("background") is True) if isinstance(name, str) and name else None

    def read(self, record: Record) -> Stored:
        """What a call that has a name stored."""
        job, call = record.source, record.call
        assert isinstance(job, ReplyJob)  # noqa: S101  # or it had no name
        assert call is not None  # noqa: S101  # as above
        context = job.context(call)
        content = job.reply.content
        value = RENDERERS[job.shape].body(content, context) if isinstance(content, Output) else _exact(job.reply)
        assert value is not None  # noqa: S101  # as above
        given = call.body.get("input")
        items: list[JSON] = given if isinstance(given, list) else [{"role": "user", "content": given}]
        parent = call.body.get("previous_response_id")
        return Stored(
            id=str(value["id"]),
            value=value,
            given=tuple(items) if given else (),
            items=listed(items if given else [], context.ids),
            parent=parent if isinstance(parent, str) else None,
            background=call.body.get("background") is True,
            streamed=call.stream,
            events=lambda: _events(job, call),
        )


def _stores(call: Call, job: ReplyJob) -> bool:
    reply = job.reply
    if call.endpoint != Endpoint.RESPONSES or job.shape != Shape.RESPONSES or call.body.get("store") is False:
        return False
    failure = reply.content.failure if isinstance(reply.content, Output) else None
    return reply.status in _SUCCESS and (failure is None or failure.form is not ErrorDelivery.EVENT)


def _exact(reply: Reply) -> JSONObject | None:
    """The response of a reply that the scenario wrote out; None where it is none."""
    match reply.content:
        case ExactBody(json=dict(body)):
            found: JSON = body
        case ExactEvents(events=events):
            ends = [one.json for one in events if one.json is not None and one.json.get("type") in _ENDINGS]
            found = ends[-1].get("response") if ends else None
        case _:
            return None
    return found if isinstance(found, dict) and found.get("object") == "response" else None


def _events(job: ReplyJob, call: Call) -> tuple[JSONObject, ...]:
    """The events of the stream, as they were sent to a client that lost none."""
    rendered = render(replace(job.reply, faults=NO_FAULTS), job.context(call), job.shape, stream=True)
    events = rendered.events if isinstance(rendered, EventStream) else ()
    return tuple(one.data for one in events if isinstance(one.data, dict))


def listed(items: list[JSON], ids: IdGenerator) -> tuple[JSONObject, ...]:
    """The items of an input as the API lists them: with ids, and messages in their full form."""
    return tuple(_listed(item, ids, _FIRST_INPUT + place) for place, item in enumerate(items) if isinstance(item, dict))


def _listed(item: JSONObject, ids: IdGenerator, place: int) -> JSONObject:
    kind = str(item.get("type") or _MESSAGE)
    name = item.get("id") or ids.id(_PREFIXES.get(kind, "fc_"), place)
    if kind != _MESSAGE:
        return {"id": name} | item
    role, content = item.get("role"), item.get("content")
    if isinstance(content, str):
        own: JSONObject = {"type": "input_text", "text": content}
        said: JSONObject = {"type": "output_text", "annotations": [], "logprobs": [], "text": content}
        content = [said if role == "assistant" else own]
    return {"id": name, "type": kind, "status": "completed", "content": content, "role": role}
