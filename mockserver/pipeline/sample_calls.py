"""Sample calls: what a reply can be asked for, so that it can be rendered at load."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.model.call import Call
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Route, Shape

_PARAMETER = "sample"


def calls(route: Route, shape: Shape) -> Iterator[Call]:
    """Calls of a route that are answered in a shape, one for each mode of the reply: of most
    shapes the whole first, then the stream."""
    for body in ENDPOINTS[route.endpoint].samples:
        if route.answers(body) == shape:
            parameters = dict.fromkeys(route.parameters, _PARAMETER)
            for more in SHAPES[shape].asks:
                yield Call(route.endpoint, body | more, parameters=parameters)
            return
