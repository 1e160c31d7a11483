"""Hosted tool calls, told in a few words, as output items in the wire's own shape.

Ids and statuses that are not written are left to rendering, which mints and derives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mockserver.core.jsontext import JSON, Object, write
from mockserver.core.reply import WireItem
from mockserver.scenario.chunks import read_chunks
from mockserver.scenario.spots import Spot

CONTAINER = "cntr_00000000000000000000000000000000"
"""The container of code that names none."""


def read_arguments(spot: Spot | None) -> str:
    """Arguments as text: a mapping as compact JSON, a text as it is."""
    if spot is None:
        return "{}"
    return spot.value if isinstance(spot.value, str) else write(spot.value)


def read_hosted(kind: str, spot: Spot) -> WireItem:
    """An item of one of `HOSTED`."""
    told = {key: inner for key, inner in spot.members() if key in ("id", "status")}
    item: Object = {key: inner.value for key, inner in told.items()}
    chunks = spot.get("chunks")
    return WireItem(
        item=item | _READERS[kind](spot),
        chunks=None if chunks is None else read_chunks(chunks),
        overlaps=spot.flag("overlaps"),
    )


def _value(spot: Spot, key: str, default: JSON = None) -> JSON:
    inner = spot.get(key)
    return default if inner is None else inner.value


def _web_search(spot: Spot) -> Object:
    said = _value(spot, "web_search", "")
    action: Object = dict(said) if isinstance(said, dict) else {"type": "search", "query": said}
    sources = spot.get("sources")
    if sources is not None:
        action["sources"] = sources.value
    return {"type": "web_search_call", "action": action}


def _file_search(spot: Spot) -> Object:
    queries = spot.get("file_search")
    return {
        "type": "file_search_call",
        "queries": [] if queries is None else list(queries.texts),
        "results": _value(spot, "results"),
    }


def _code_interpreter(spot: Spot) -> Object:
    outputs = spot.get("outputs")
    logs: list[JSON] | None = None
    if outputs is not None:
        logs = [_log(output.value) for output in outputs.elements()]
    return {
        "type": "code_interpreter_call",
        "code": _value(spot, "code_interpreter"),
        "container_id": _value(spot, "container", CONTAINER),
        "outputs": logs,
    }


def _log(output: JSON) -> JSON:
    return {"type": "logs", "logs": output} if isinstance(output, str) else output


def _image(spot: Spot) -> Object:
    found: Object = {"type": "image_generation_call"}
    for key, member in _IMAGE_MEMBERS.items():
        inner = spot.get(key)
        if inner is not None:
            found[member] = inner.value
    return found


def _mcp_list_tools(spot: Spot) -> Object:
    found: Object = {
        "type": "mcp_list_tools",
        "server_label": _value(spot, "mcp_list_tools"),
        "tools": _value(spot, "tools", []),
    }
    error = spot.get("error")
    return found if error is None else found | {"error": error.value}


def _mcp_call(spot: Spot) -> Object:
    output, error = spot.get("output"), spot.get("error")
    if output is not None and error is not None:
        error.refuse("'output' and 'error' exclude each other", key=True)
    found: Object = {
        "type": "mcp_call",
        "approval_request_id": _value(spot, "approval"),
        "arguments": read_arguments(spot.get("arguments")),
        "error": None if error is None else error.value,
        "name": _value(spot, "mcp_call"),
        "output": None if output is None else output.value,
        "server_label": _value(spot, "server"),
    }
    return found if error is None or spot.get("status") else found | {"status": "failed"}


def _mcp_approval(spot: Spot) -> Object:
    return {
        "type": "mcp_approval_request",
        "arguments": read_arguments(spot.get("arguments")),
        "name": _value(spot, "mcp_approval"),
        "server_label": _value(spot, "server"),
    }


_IMAGE_MEMBERS: Mapping[str, str] = {
    "image": "result",
    "partials": "partial_images",
    "revised_prompt": "revised_prompt",
    "size": "size",
    "quality": "quality",
    "background": "background",
    "output_format": "output_format",
}
_READERS: Mapping[str, Callable[[Spot], Object]] = {
    "web_search": _web_search,
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
    "image": _image,
    "mcp_list_tools": _mcp_list_tools,
    "mcp_call": _mcp_call,
    "mcp_approval": _mcp_approval,
}
HOSTED = tuple(_READERS)
"""The keys that tell a hosted tool call."""
