"""Sample calls: what a reply can be asked for, made up so that it can be rendered at load."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.model.call import Call
from mockserver.model.dialect import Route
from mockserver.model.endpoint import Shape
from mockserver.model.json import JSON, JSONObject

_TEXT = "What should I say?"
_SAID: list[JSON] = [{"role": "user", "content": _TEXT}]
_INPUTS: tuple[str, ...] = ("messages", "input")
_MODEL = "gpt-5.4"


def calls(route: Route, shape: Shape) -> Iterator[Call]:
    """Calls of a route that are answered in a shape: whole, streamed, and streamed with what a
    chat request can ask of a stream."""
    for body in _bodies(route, shape):
        yield Call(endpoint=route.endpoint, body=body)
        yield Call(endpoint=route.endpoint, body=body | {"stream": True})
        if shape is Shape.CHAT:
            options: JSONObject = {"include_usage": True, "include_obfuscation": False}
            more: JSONObject = {"stream": True, "stream_options": options}
            yield Call(endpoint=route.endpoint, body=body | more)


def _bodies(route: Route, shape: Shape) -> Iterator[JSONObject]:
    own = "messages" if route.endpoint == "chat" else "input"
    for member in dict.fromkeys((own, *_INPUTS)):
        body: JSONObject = {"model": _MODEL, member: _SAID}
        if route.answers(body) is shape:
            yield body
            return
