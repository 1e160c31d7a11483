"""`mockserver explain`: what a stub puts on the wire and when, without opening a port."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from difflib import get_close_matches

from mockserver.errors import UsageError
from mockserver.model.conditions import StreamCondition
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.fault import PlaceNotFoundError
from mockserver.model.ids import IdGenerator
from mockserver.model.stub import Scenario, Stub
from mockserver.pipeline.compose import compose
from mockserver.pipeline.sample_calls import calls
from mockserver.render.context import RenderContext
from mockserver.report.timeline import timeline_text
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.discovery import load_paths


def explain(options: argparse.Namespace) -> int:
    """Print the timeline of every reply asked about, each in the ways it can be asked for."""
    path, name = _target(options.target)
    for scenario in load_paths([path], Dialects()):
        for stub in _stubs(scenario, name):
            for text in _told(scenario, stub, options):
                sys.stdout.write(f"{text}\n\n")
    return 0


def _target(target: str) -> tuple[str, str | None]:
    path, colon, name = target.rpartition(":")
    # A colon may also belong to the path, as in C:\scenarios.
    return (path, name) if colon and path.endswith((".yaml", ".yml", ".json")) else (target, None)


def _stubs(scenario: Scenario, name: str | None) -> tuple[Stub, ...]:
    if name is None:
        return scenario.stubs
    found = tuple(stub for stub in scenario.stubs if stub.name == name)
    if not found:
        names = [stub.name for stub in scenario.stubs]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, names))}"
        raise UsageError(f"{scenario.origin}: no stub {name!r}; {hint}")
    return found


def _told(scenario: Scenario, stub: Stub, options: argparse.Namespace) -> Iterator[str]:
    for endpoint in stub.on:
        route = scenario.dialect.route(endpoint)
        if route is None or options.on not in (None, endpoint.value):
            continue
        for shape in (one for one in route.shapes if one in stub.shapes):
            yield from _ways(scenario, stub, endpoint, shape, only_streams=options.stream)


def _ways(
    scenario: Scenario, stub: Stub, endpoint: Endpoint, shape: Shape, *, only_streams: bool
) -> Iterator[str]:
    route = scenario.dialect.route(endpoint)
    wanted = [one.expected for one in stub.when if isinstance(one, StreamCondition)]
    asked = list(calls(route, shape))[:2] if route else []
    for nth, reply in enumerate(stub.replies):
        for call in asked:
            if (only_streams and not call.stream) or any(call.stream != one for one in wanted):
                continue
            mint = IdGenerator(seed=scenario.seed, scenario=scenario.name, stub=stub.name, call=0)
            occasion = RenderContext(call=call, dialect=scenario.dialect, mint=mint)
            number = f" reply {nth + 1} of {len(stub.replies)}" if len(stub.replies) > 1 else ""
            way = "streamed" if call.stream else "whole"
            title = (
                f'{stub.origin} "{stub.name}"{number} on {endpoint.value} as {shape.value}, {way}'
            )
            try:
                script = compose(reply, occasion, shape).script
            except PlaceNotFoundError as error:
                yield f"{title}\n  {error}"
                continue
            yield f"{title}\n{timeline_text(script)}"


COMMANDS = {"explain": explain}
