"""What a shape can say: which replies an endpoint can be asked for."""

from __future__ import annotations

from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.reply import (
    Audio,
    Compaction,
    CustomCall,
    ExactBody,
    ExactEvents,
    FunctionCall,
    Item,
    Output,
    RawItem,
    Reasoning,
    Refusal,
    Reply,
    Text,
)
from mockserver.render.context import RENDERERS, ShapeRenderer

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


def unsupported_reason(reply: Reply, shape: Shape) -> str | None:
    """Why a shape cannot express a reply, as half a sentence; None when it can."""
    renderer = RENDERERS[shape]
    match reply.content:
        case ExactEvents() if renderer.events is None:
            return f"a {shape} has no stream"
        case ExactEvents(events=events):
            members = {name for event in events for name in event.json or ()}
            return next((why for name, why in renderer.foreign.items() if name in members), None)
        case Output() as output:
            return _output(output, shape, renderer)
        case ExactBody(json=dict(body)):
            kind = body.get("object")
            wanted = next((one.name for one in SHAPES if kind in one.objects[:1]), shape)
            return None if wanted == shape else f"its body is that of {wanted}"
        case _:
            return None


def _output(output: Output, shape: Shape, renderer: ShapeRenderer) -> str | None:
    if len(output.choices) > 1 and not renderer.several_choices:
        return "only chat has several choices"
    finish = output.finish
    if finish is not None and renderer.finishes is not None and finish not in renderer.finishes:
        return f"{shape} cannot finish with {finish.value!r}"
    for items in output.choices:
        if sum(isinstance(item, Audio) for item in items) > 1:
            return "a message has place for one audio"
        for item in items:
            said = _unsayable(item, shape)
            if said is not None:
                return said
    return renderer.unsupported(output)


def _unsayable(item: Item, shape: Shape) -> str | None:
    if isinstance(item, _UNSAYABLE.get(shape, ())):
        return f"{shape} cannot say {_NAMES[type(item)]}"
    if isinstance(item, Text) and shape == Shape.CHAT:
        cited = (annotation.get("type") for annotation in item.annotations)
        return next((f"chat cannot say a {one}" for one in cited if one in _NOT_IN_CHAT), None)
    return None
