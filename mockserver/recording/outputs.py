"""A recorded reply as the output that a scenario would have for it: items, finish, usage, identity.

Nothing is promised about what is found; whoever asks renders it and compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from mockserver.model.json import JSON, JSONObject, as_list, as_object, objects, read, read_text, write
from mockserver.model.sse import read_event, split_events
from mockserver.recording.exchange import RecordedExchange

_FINISHES: Final = frozenset({"length", "content_filter"})
_PADDED: Final = "obfuscation"


def outputs(exchange: RecordedExchange) -> Iterator[JSONObject]:
    """The output of a reply, if it can have one."""
    if not exchange.streamed:
        body = read(exchange.reply_body)
        if isinstance(body, dict):
            yield from _of_body(body, {})
        return
    events = [read_text(read_event(part).data or "") for part in split_events(exchange.reply_text or "")]
    found = [event for event in events if isinstance(event, dict)]
    # What pads a delta is made up anew in each rendering.
    if any(_PADDED in event for event in found):
        return
    whole = _assembled(found)
    yield from _of_body(whole.body, whole.pieces)


def _of_body(body: JSONObject, pieces: dict[str, list[JSON]]) -> Iterator[JSONObject]:
    kind = body.get("object")
    if kind == "chat.completion":
        choices = objects(body.get("choices"))
        items = [_chat_items(one, pieces, f"choices[{place}]") for place, one in enumerate(choices)]
        if items:
            content: JSONObject = {"output": items[0]} if len(items) == 1 else {"choices": [*items]}
            yield content | _finish(choices[0]) | _identity(body, "created") | _usage(body, "prompt", "completion")
    elif kind == "response":
        listed: list[JSON] = []
        for place, item in enumerate(objects(body.get("output"))):
            cut = pieces.get(f"output[{place}]")
            listed.append({"item": item, "chunks": cut} if cut else {"item": item})
        if listed:
            status: JSONObject = {"finish": "length"} if body.get("status") == "incomplete" else {}
            yield {"output": listed, **status, **_identity(body, "created_at"), **_usage(body, "input", "output")}


def _identity(body: JSONObject, created: str) -> JSONObject:
    names = {"id": "id", "model": "model", created: "created"}
    return {key: body[name] for name, key in names.items() if body.get(name) is not None}


def _usage(body: JSONObject, asked: str, written: str) -> JSONObject:
    usage = as_object(body.get("usage"))
    details = as_object(usage.get(f"{asked}_tokens_details")), as_object(usage.get(f"{written}_tokens_details"))
    counts: JSONObject = {
        "input": usage.get(f"{asked}_tokens"),
        "cached": details[0].get("cached_tokens") or None,
        "output": usage.get(f"{written}_tokens"),
        "reasoning": details[1].get("reasoning_tokens"),
    }
    given: JSONObject = {name: count for name, count in counts.items() if isinstance(count, int)}
    return {"usage": given} if given else {}


# --- chat ---


def _finish(choice: JSONObject) -> JSONObject:
    reason = choice.get("finish_reason")
    called = bool(as_object(choice.get("message")).get("tool_calls"))
    differs = reason in _FINISHES or (called and reason == "stop")
    return {"finish": reason} if differs else {}


def _chat_items(choice: JSONObject, pieces: dict[str, list[JSON]], at: str) -> list[JSON]:
    message = as_object(choice.get("message"))
    items: list[JSONObject] = []
    content, refusal = message.get("content"), message.get("refusal")
    if isinstance(content, str):
        citations = [_flat(one) for one in objects(message.get("annotations"))]
        probable = as_list(as_object(choice.get("logprobs")).get("content"))
        text: JSONObject = {"text": content}
        text |= {"annotations": list[JSON](citations)} if citations else {}
        items.append(text | ({"logprobs": probable} if probable else _chunks(pieces, f"{at}.content")))
    if isinstance(refusal, str):
        items.append({"refusal": refusal, **_chunks(pieces, f"{at}.refusal")})
    for place, call in enumerate(objects(message.get("tool_calls"))):
        items.append(_call(call) | _chunks(pieces, f"{at}.tool_calls[{place}]"))
    return list[JSON](items)


def _chunks(pieces: dict[str, list[JSON]], path: str) -> JSONObject:
    found = pieces.get(path)
    return {"chunks": found} if found else {}


def _flat(annotation: JSONObject) -> JSON:
    kind = annotation.get("type")
    inner = annotation.get(kind) if isinstance(kind, str) else None
    return {"type": kind, **inner} if isinstance(inner, dict) else annotation


def _call(call: JSONObject) -> JSONObject:
    if call.get("type") == "custom":
        inner = as_object(call.get("custom"))
        return {"custom_call": inner.get("name"), "input": inner.get("input"), "call_id": call.get("id")}
    inner = as_object(call.get("function"))
    text = inner.get("arguments")
    arguments = read_text(text) if isinstance(text, str) else None
    given: JSON = arguments if isinstance(arguments, dict) and write(arguments) == text else text
    return {"call": inner.get("name"), "arguments": given, "call_id": call.get("id")}


# --- streams, put together ---


@dataclass(slots=True)
class _Whole:
    """The body that a stream adds up to, and the deltas of its texts by the place of each."""

    body: JSONObject = field(default_factory=dict)
    pieces: dict[str, list[JSON]] = field(default_factory=dict)

    def add(self, path: str, piece: JSON) -> None:
        self.pieces.setdefault(path, []).append(piece)


def _assembled(events: Sequence[JSONObject]) -> _Whole:
    whole = _Whole()
    for event in events:
        kind = event.get("type")
        if event.get("object") == "chat.completion.chunk":
            _add_chunk(whole, event)
        elif isinstance(kind, str) and kind.endswith(".delta") and isinstance(event.get("delta"), str):
            whole.add(f"output[{event.get('output_index')}]", event["delta"])
        elif isinstance(event.get("response"), dict):
            whole.body = as_object(event["response"])
    return whole


def _add_chunk(whole: _Whole, chunk: JSONObject) -> None:
    body = whole.body
    if not body:
        body |= {name: value for name, value in chunk.items() if name != "choices"} | {"object": "chat.completion"}
        body["choices"] = []
    if isinstance(chunk.get("usage"), dict):
        body["usage"] = chunk["usage"]
    choices = as_list(body["choices"])
    for one in objects(chunk.get("choices")):
        index = one.get("index")
        if not isinstance(index, int) or not 0 <= index <= len(choices):
            continue
        if index == len(choices):
            choices.append({"message": {}})
        choice = as_object(choices[index])
        message = as_object(choice["message"])
        if one.get("finish_reason") is not None:
            choice["finish_reason"] = one["finish_reason"]
        delta = as_object(one.get("delta"))
        for member in ("content", "refusal"):
            if piece := delta.get(member):
                message[member] = f"{message.get(member) or ''}{piece}"
                whole.add(f"choices[{index}].{member}", piece)
        for call in objects(delta.get("tool_calls")):
            _add_call(whole, message, call, f"choices[{index}]")


def _add_call(whole: _Whole, message: JSONObject, call: JSONObject, at: str) -> None:
    calls = as_list(message.setdefault("tool_calls", []))
    index, inner = call.get("index"), as_object(call.get("function"))
    if index == len(calls):
        calls.append({"id": call.get("id"), "type": "function", "function": dict(inner)})
    elif isinstance(index, int) and 0 <= index < len(calls):
        function = as_object(as_object(calls[index]).get("function"))
        function["arguments"] = f"{function.get('arguments') or ''}{inner.get('arguments') or ''}"
    if piece := inner.get("arguments"):
        whole.add(f"{at}.tool_calls[{index}]", piece)
