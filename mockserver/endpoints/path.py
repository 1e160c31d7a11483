"""Any other path: what a stub says of its own under `on: {path: …}`, answered exactly as scripted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Never

from mockserver.model.endpoint import Endpoint, EndpointSpec, Shape, ShapeSpec
from mockserver.model.frames import DONE, TERMINATOR, RawEvent
from mockserver.model.reply import Output
from mockserver.render.context import RenderContext, ShapeRenderer

ENDPOINT = EndpointSpec(name=Endpoint.PATH, routes=(), requires_body=False)

SHAPE = ShapeSpec(name=Shape.EXACT, asks=({},))


def _no_output(_output: Output, _context: RenderContext) -> Never:
    raise TypeError("no output is rendered for a path")


def _unsupported(_output: Output) -> str:
    return "a path of its own is answered by 'body', 'events', 'raw' or 'error'"


@dataclass(slots=True)
class _PathLabeller:
    """Events are called by their type or name, and numbered."""

    counts: Counter[str] = field(default_factory=Counter)

    def names(self, event: RawEvent) -> tuple[str, str | None]:
        if event.text == DONE:
            return TERMINATOR, None
        kind = event.data.get("type") if isinstance(event.data, dict) else None
        name = kind if isinstance(kind, str) and kind else event.name or "event"
        number = self.counts[name]
        self.counts[name] += 1
        return f"{name}[{number}]", None


RENDERER = ShapeRenderer(body=_no_output, events=_no_output, labeller=_PathLabeller, unsupported=_unsupported)
