"""Which replies a shape can express, and so which replies an endpoint can be asked for."""

from __future__ import annotations

from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.reply import ExactBody, ExactEvents, Output, Reply
from mockserver.render.context import RENDERERS, ShapeRenderer


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
        single = [item.noun for item in items if item.single]
        twice = next((noun for noun in single if single.count(noun) > 1), None)
        if twice is not None:
            return f"a message has place for one {twice}"
        reasons = (item.unsupported_reason(shape) for item in items)
        found = next((reason for reason in reasons if reason is not None), None)
        if found is not None:
            return found
    return renderer.unsupported(output)
