"""`/v1/responses/{response_id}` and below: what was stored of responses, without a stub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from mockserver.endpoints.paging import page, refusal
from mockserver.model.call import Call
from mockserver.model.endpoint import Answering, Endpoint, EndpointSpec, Shape
from mockserver.model.json import JSON, JSONObject, as_object
from mockserver.model.reply import ErrorRef, ExactEvents, ScriptedEvent
from mockserver.model.route import Route
from mockserver.model.store import Stored
from mockserver.render.context import estimate_tokens

Answered: TypeAlias = "JSONObject | ErrorRef | ExactEvents"
Answer: TypeAlias = Callable[[Call, Answering], Answered]

_RUNNING: Final[JSONObject] = {"status": "in_progress", "completed_at": None, "output": [], "usage": None}
_CANCELLED: Final[JSONObject] = {
    "status": "cancelled",
    "completed_at": None,
    "error": None,
    "incomplete_details": None,
    "output": [],
    "usage": None,
}
_IMAGE_URLS: Final = "message.input_image.image_url"


def unknown_response(name: str) -> ErrorRef:
    """The error of a `previous_response_id` that cannot be continued."""
    message = f"Previous response with id '{name}' not found."
    return refusal(message, "previous_response_id", "previous_response_not_found")


def _found(call: Call, answering: Answering) -> Stored | ErrorRef:
    name = call.parameters["response_id"]
    if not name.startswith("resp"):
        message = f"Invalid 'response_id': '{name}'. Expected an ID that begins with 'resp'."
        return refusal(message, "response_id", "invalid_value")
    found = answering.store.get(name)
    if found is None or found.kind != "response":
        return refusal(f"Response with id '{name}' not found.", status=404)
    return found


def _of_response(answer: Callable[[Stored, Call, Answering], Answered]) -> Answer:
    def answered(call: Call, answering: Answering) -> Answered:
        found = _found(call, answering)
        return found if isinstance(found, ErrorRef) else answer(found, call, answering)

    return answered


def _retrieve(found: Stored, call: Call, answering: Answering) -> Answered:
    query = dict(call.query)
    if query.get("stream") != "true":
        running = answering.store.in_flight(found.id) and found.value["status"] != "cancelled"
        return found.value | _RUNNING if running else found.value
    for created_with, asked in ((found.background, "background"), (found.streamed, "stream")):
        if not created_with:
            return refusal(f"This response cannot be streamed because it was not created with {asked}=true.")
    after = query.get("starting_after", "-1")
    if not after.removeprefix("-").isdecimal():
        message = "Invalid type for 'starting_after': expected an integer, but got a string instead."
        return refusal(message, "starting_after", "invalid_type")
    padded = query.get("include_obfuscation") != "false"
    events = found.events()[max(int(after) + 1, 0) :]
    return ExactEvents(
        events=tuple(
            ScriptedEvent(json={k: v for k, v in one.items() if padded or k != "obfuscation"}) for one in events
        )
    )


def _delete(found: Stored, _: Call, answering: Answering) -> JSONObject:
    answering.store.delete(found.id)
    return {"id": found.id, "object": "response.deleted", "deleted": True}


def _cancel(found: Stored, _: Call, answering: Answering) -> JSONObject | ErrorRef:
    if found.value.get("status") == "cancelled":
        return found.value
    if not found.background:
        return refusal("Cannot cancel a synchronous response.")
    if answering.store.in_flight(found.id):
        answering.store.change(found.id, _CANCELLED)
        return found.value | _CANCELLED
    if found.streamed:
        return refusal("Cannot cancel a completed response.")
    return found.value


def _input_items(found: Stored, call: Call, answering: Answering) -> JSONObject | ErrorRef:
    items: list[JSONObject] = []
    for one in answering.store.chain(found.id):
        items.extend(one.items)
        if one.id != found.id:
            items.extend(as_object(item) for item in one.output)
    included = {value for name, value in call.query if name in ("include", "include[]")}
    shown = [item if _IMAGE_URLS in included else _without_data(item) for item in items]
    return page(shown, call.query, order="desc")


def _without_data(item: JSONObject) -> JSONObject:
    """An input item without the URLs of its images, which are listed on demand, and the data of its files."""
    content = item.get("content")
    if not isinstance(content, list):
        return item
    return item | {"content": [_part(part) for part in content]}


def _part(part: JSON) -> JSON:
    kind = part.get("type") if isinstance(part, dict) else None
    if isinstance(part, dict) and kind == "input_image" and "image_url" in part:
        return part | {"image_url": None}
    if isinstance(part, dict) and kind == "input_file":
        return {name: value for name, value in part.items() if name != "file_data"}
    return part


def _input_tokens(call: Call, answering: Answering) -> JSONObject | ErrorRef:
    previous = call.body.get("previous_response_id")
    if isinstance(previous, str):
        history = answering.store.history(previous)
        if history is None:
            return unknown_response(previous)
        call.history = history
    return {"object": "response.input_tokens", "input_tokens": estimate_tokens(call.input_text)}


def _endpoint(name: str, path: str, methods: tuple[str, ...], answer: Answer) -> EndpointSpec:
    route = Route(path=f"/v1/responses/{path}", endpoint=Endpoint(name), shape=Shape.RESPONSES, methods=methods)
    return EndpointSpec(name=Endpoint(name), routes=(route,), answer=answer, stateful=True, requires_body=False)


ENDPOINTS: Final = (
    _endpoint("responses.retrieve", "{response_id}", ("GET", "HEAD"), _of_response(_retrieve)),
    _endpoint("responses.delete", "{response_id}", ("DELETE",), _of_response(_delete)),
    _endpoint("responses.cancel", "{response_id}/cancel", ("POST",), _of_response(_cancel)),
    _endpoint("responses.input_items", "{response_id}/input_items", ("GET", "HEAD"), _of_response(_input_items)),
    _endpoint("responses.input_tokens", "input_tokens", ("POST",), _input_tokens),
)
