"""What a shape can say: which replies an endpoint can be asked for."""

from __future__ import annotations

from mockserver.model.endpoint import Shape
from mockserver.model.reply import (
    Audio,
    Compaction,
    CustomCall,
    ExactBody,
    ExactEvents,
    FinishReason,
    FunctionCall,
    Item,
    Output,
    RawItem,
    Reasoning,
    Refusal,
    Reply,
    Text,
)
from mockserver.render.chat import FINISHES

_NAMES: dict[type, str] = {
    Text: "text",
    Refusal: "a refusal",
    Reasoning: "reasoning",
    FunctionCall: "a call",
    CustomCall: "a custom_call",
    RawItem: "an item in the wire's own shape",
    Audio: "audio",
    Compaction: "compaction",
}
_UNSAYABLE: dict[Shape, tuple[type, ...]] = {
    Shape.CHAT: (RawItem, Compaction),
    Shape.RESPONSES: (Audio,),
    Shape.COMPACTION: (Refusal, Reasoning, FunctionCall, CustomCall, Audio, RawItem),
}

# A message of chat cites the web alone.
_NOT_IN_CHAT = ("file_citation", "container_file_citation", "file_path")

_OBJECTS: dict[str, Shape] = {
    "chat.completion": Shape.CHAT,
    "response": Shape.RESPONSES,
    "response.compaction": Shape.COMPACTION,
}


def unsupported_reason(reply: Reply, shape: Shape) -> str | None:
    """Why a shape cannot express a reply, as half a sentence; None when it can."""
    match reply.content:
        case ExactEvents() if shape is Shape.COMPACTION:
            return "a compaction has no stream"
        case ExactEvents(events=events):
            typed = any(event.json is not None and "type" in event.json for event in events)
            if typed and shape is Shape.CHAT:
                return "its events have a type, as those of a response"
            chunky = any(event.json is not None and "choices" in event.json for event in events)
            if chunky and shape is Shape.RESPONSES:
                return "its events have choices, as chat chunks"
            return None
        case Output() as output:
            return _output(output, shape)
        case ExactBody(json=dict(body)):
            wanted = _OBJECTS.get(str(body.get("object")), shape)
            return None if wanted is shape else f"its body is that of {wanted.value}"
        case _:
            return None


def _output(output: Output, shape: Shape) -> str | None:
    if len(output.choices) > 1 and shape is not Shape.CHAT:
        return "only chat has several choices"
    if shape is Shape.CHAT and output.finish is not None and output.finish not in FINISHES:
        return f"chat cannot finish with {output.finish.value!r}"
    if shape is Shape.COMPACTION and output.finish not in (None, FinishReason.STOP):
        return f"a compaction cannot finish with {str(output.finish)!r}"
    for items in output.choices:
        if sum(isinstance(item, Audio) for item in items) > 1:
            return "a message has place for one audio"
        for item in items:
            said = _unsayable(item, shape)
            if said is not None:
                return said
    return None


def _unsayable(item: Item, shape: Shape) -> str | None:
    if isinstance(item, _UNSAYABLE[shape]):
        return f"{shape.value} cannot say {_NAMES[type(item)]}"
    if isinstance(item, Text) and shape is Shape.CHAT:
        cited = (annotation.get("type") for annotation in item.annotations)
        return next((f"chat cannot say a {one}" for one in cited if one in _NOT_IN_CHAT), None)
    return None
