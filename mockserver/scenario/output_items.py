"""Hosted tool calls, told in a few words, as output items in the wire's own shape.

Ids and statuses that are not written are left to rendering, which mints and derives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from mockserver.model.json import JSON, JSONObject, write
from mockserver.model.reply import (
    Audio,
    Chunks,
    Compaction,
    CustomCall,
    ErrorDelivery,
    ErrorShape,
    FunctionCall,
    Item,
    RawItem,
    Reasoning,
    Refusal,
    StreamError,
    Text,
)
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.reply_parts import read_chunks, read_error

CONTAINER = "cntr_00000000000000000000000000000000"
"""The container of code that names none."""


def read_arguments(spot: Cursor | None) -> str:
    """Arguments as text: a mapping as compact JSON, a text as it is."""
    if spot is None:
        return "{}"
    return spot.value if isinstance(spot.value, str) else write(spot.value)


def read_hosted(kind: str, spot: Cursor) -> RawItem:
    """An item of one of `HOSTED`."""
    told = {key: inner for key, inner in spot.members() if key in ("id", "status")}
    item: JSONObject = {key: inner.value for key, inner in told.items()}
    chunks = spot.get("chunks")
    return RawItem(
        item=item | _READERS[kind](spot),
        chunks=None if chunks is None else read_chunks(chunks),
        overlaps=spot.flag("overlaps"),
    )


def _value(spot: Cursor, key: str, default: JSON = None) -> JSON:
    inner = spot.get(key)
    return default if inner is None else inner.value


def _web_search(spot: Cursor) -> JSONObject:
    said = _value(spot, "web_search", "")
    action: JSONObject = dict(said) if isinstance(said, dict) else {"type": "search", "query": said}
    sources = spot.get("sources")
    if sources is not None:
        action["sources"] = sources.value
    return {"type": "web_search_call", "action": action}


def _file_search(spot: Cursor) -> JSONObject:
    queries = spot.get("file_search")
    return {
        "type": "file_search_call",
        "queries": [] if queries is None else list(queries.texts),
        "results": _value(spot, "results"),
    }


def _code_interpreter(spot: Cursor) -> JSONObject:
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


def _image(spot: Cursor) -> JSONObject:
    found: JSONObject = {"type": "image_generation_call"}
    for key, member in _IMAGE_MEMBERS.items():
        inner = spot.get(key)
        if inner is not None:
            found[member] = inner.value
    return found


def _mcp_list_tools(spot: Cursor) -> JSONObject:
    found: JSONObject = {
        "type": "mcp_list_tools",
        "server_label": _value(spot, "mcp_list_tools"),
        "tools": _value(spot, "tools", []),
    }
    error = spot.get("error")
    return found if error is None else found | {"error": error.value}


def _mcp_call(spot: Cursor) -> JSONObject:
    output, error = spot.get("output"), spot.get("error")
    if output is not None and error is not None:
        error.refuse("'output' and 'error' exclude each other", key=True)
    found: JSONObject = {
        "type": "mcp_call",
        "approval_request_id": _value(spot, "approval"),
        "arguments": read_arguments(spot.get("arguments")),
        "error": None if error is None else error.value,
        "name": _value(spot, "mcp_call"),
        "output": None if output is None else output.value,
        "server_label": _value(spot, "server"),
    }
    return found if error is None or spot.get("status") else found | {"status": "failed"}


def _mcp_approval(spot: Cursor) -> JSONObject:
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
_READERS: Mapping[str, Callable[[Cursor], JSONObject]] = {
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


def read_output(spot: Cursor) -> tuple[Item, ...]:
    """The items of one output; behind a failure nothing may follow."""
    items: list[Item] = []
    failed = False
    for element in spot.elements():
        if failed:
            element.refuse("nothing may follow an error; the reply ends with it")
        item = _read(element)
        failed = failed or isinstance(item, StreamError)
        items.append(item)
    return tuple(items)


def _read(spot: Cursor) -> Item:
    return next(read for kind, read in _READERS_ITEMS.items() if kind in spot.object)(spot)


def _said(spot: Cursor, key: str, default: str = "") -> str:
    inner = spot.get(key)
    return default if inner is None else inner.text


def _optional(spot: Cursor, key: str) -> str | None:
    inner = spot.get(key)
    return None if inner is None else inner.text


def _chunks(spot: Cursor, *texts: str) -> Chunks | None:
    inner = spot.get("chunks")
    return None if inner is None else read_chunks(inner, *texts)


def _text(spot: Cursor) -> Text:
    text = _said(spot, "text")
    annotations, logprobs = spot.get("annotations"), spot.get("logprobs")
    return Text(
        text=text,
        chunks=_chunks(spot, text),
        annotations=() if annotations is None else annotations.objects,
        logprobs=() if logprobs is None else logprobs.objects,
        phase=_optional(spot, "phase"),
    )


def read_json(spot: Cursor) -> Text:
    """Data as the text that tells it."""
    return Text(text=write(spot.value), structured=True)


def _json(spot: Cursor) -> Text:
    inner = spot.get("json")
    data = Text(text="{}", structured=True) if inner is None else read_json(inner)
    return replace(data, chunks=_chunks(spot, data.text), phase=_optional(spot, "phase"))


def _refusal(spot: Cursor) -> Refusal:
    text = _said(spot, "refusal")
    return Refusal(text=text, chunks=_chunks(spot, text))


def _reasoning(spot: Cursor) -> Reasoning:
    inner = spot.get("reasoning")
    if inner is None:
        return Reasoning()
    summary, content = inner.get("summary"), inner.get("content")
    summaries = () if summary is None else summary.texts
    contents = () if content is None else content.texts
    return Reasoning(
        summary=summaries,
        content=contents,
        encrypted=_optional(inner, "encrypted"),
        chunks=_chunks(spot, *summaries, *contents),
    )


def _call(spot: Cursor) -> FunctionCall:
    arguments = read_arguments(spot.get("arguments"))
    return FunctionCall(
        name=_said(spot, "call"),
        arguments=arguments,
        call_id=_optional(spot, "call_id"),
        chunks=_chunks(spot, arguments),
    )


def _custom_call(spot: Cursor) -> CustomCall:
    text = _said(spot, "input")
    return CustomCall(
        name=_said(spot, "custom_call"),
        input=text,
        call_id=_optional(spot, "call_id"),
        chunks=_chunks(spot, text),
    )


def _audio(spot: Cursor) -> Audio:
    data, expires = spot.get("audio"), spot.get("expires")
    transcript = _said(spot, "transcript")
    return Audio(
        data=() if data is None else data.texts,
        transcript=transcript,
        id=_optional(spot, "id"),
        expires=None if expires is None else expires.whole,
        chunks=_chunks(spot, transcript),
    )


def _compaction(spot: Cursor) -> Compaction:
    return Compaction(encrypted=_said(spot, "compaction"))


def _item(spot: Cursor) -> RawItem:
    inner = spot.get("item")
    return RawItem(
        item={} if inner is None else inner.object,
        chunks=_chunks(spot),
        overlaps=spot.flag("overlaps"),
    )


def _error(spot: Cursor) -> StreamError:
    return StreamError(
        error=read_error(spot.get("error")),
        form=ErrorDelivery(_said(spot, "as", ErrorDelivery.FAILED)),
        shape=ErrorShape(_said(spot, "shape", ErrorShape.NESTED)),
    )


# `error` is last: some of the others may have one beside them.
_READERS_ITEMS: Mapping[str, Callable[[Cursor], Item]] = {
    **{kind: partial(read_hosted, kind) for kind in HOSTED},
    "text": _text,
    "json": _json,
    "refusal": _refusal,
    "reasoning": _reasoning,
    "call": _call,
    "custom_call": _custom_call,
    "audio": _audio,
    "compaction": _compaction,
    "item": _item,
    "error": _error,
}
