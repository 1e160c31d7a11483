"""`mockserver new`, `check` and `explain`: write, validate and preview scenario files."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from mockserver.cli.parser import counted
from mockserver.errors import UsageError
from mockserver.model.conditions import StreamCondition
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.fault import PlaceNotFoundError
from mockserver.model.ids import IdGenerator
from mockserver.model.json import write
from mockserver.model.path_conditions import PathCondition
from mockserver.model.reply import Output
from mockserver.model.stub import Scenario, Stub
from mockserver.pipeline import compose
from mockserver.pipeline.request_templates import tells_time
from mockserver.pipeline.validate import sample_calls
from mockserver.render.context import RenderContext
from mockserver.report.text import timeline_text
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_paths

_SUFFIXES = (".yaml", ".yml")
# What YAML reads as this text without quotes.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WAYS = {True: "streaming", False: "non-streaming"}
_WORDS = frozenset({"true", "false", "null"})


def new(options: argparse.Namespace) -> int:
    """Write the file and print its path; an existing file stays as it is."""
    path = _path(options.name)
    template = files("mockserver.cli").joinpath("template.yaml").read_text("utf-8")
    text = template.replace("$FILE", str(path)).replace("$NAME", _quoted(path.stem))
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"there is a file {str(path)!r} already; take another name") from None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from error
    sys.stdout.write(f"wrote {path}; now: mockserver serve {path} --reload\n")
    return 0


def _path(name: str) -> Path:
    path = Path(name)
    if not path.name:
        raise UsageError(f"expected the name of a scenario, got {name!r}")
    return path if path.suffix in _SUFFIXES else path.with_name(f"{path.name}.yaml")


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else write(name)


def check(options: argparse.Namespace) -> int:
    """0 without problems; raises ScenarioError with every problem otherwise."""
    scenarios = load_paths(options.paths, Dialects())
    stubs = sum(len(scenario.stubs) for scenario in scenarios)
    sys.stdout.write(f"{counted(len(scenarios), 'scenario')}, {counted(stubs, 'stub')}, no problems\n")
    for stub in (one for scenario in scenarios for one in scenario.stubs if any(map(tells_time, one.replies))):
        sys.stdout.write(f'{stub.origin} "{stub.name}" tells the time: with --clock real not reproducible\n')
    return 0


def explain(options: argparse.Namespace) -> int:
    """Print the timeline of every selected reply, for each way to request it."""
    path, name = _target(options.target)
    for scenario in load_paths([path], Dialects()):
        for stub in _stubs(scenario, name):
            for text in _timelines(scenario, stub, options):
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


def _timelines(scenario: Scenario, stub: Stub, options: argparse.Namespace) -> Iterator[str]:
    for endpoint in stub.on:
        route = scenario.dialect.route(endpoint)
        if route is None or options.on not in (None, endpoint.value):
            continue
        for shape in (one for one in route.shapes if one in stub.shapes):
            yield from _ways(scenario, stub, endpoint, shape, only_streams=options.stream)


def _ways(scenario: Scenario, stub: Stub, endpoint: Endpoint, shape: Shape, *, only_streams: bool) -> Iterator[str]:
    route = scenario.dialect.route(endpoint)
    expected = [one.expected for one in stub.when if isinstance(one, StreamCondition)]
    samples = list(sample_calls(route, shape))[:2] if route else []
    where = next((one.route.path for one in stub.when if isinstance(one, PathCondition)), endpoint.value)
    for nth, reply in enumerate(stub.replies):
        for call in samples:
            if (only_streams and not call.stream) or any(call.stream != one for one in expected):
                continue
            ids = IdGenerator(seed=scenario.seed, scenario=scenario.name, stub=stub.name, call=0)
            context = RenderContext(call=call, dialect=scenario.dialect, ids=ids)
            number = f" reply {nth + 1} of {len(stub.replies)}" if len(stub.replies) > 1 else ""
            way = _WAYS[call.stream]
            title = f'{stub.origin} "{stub.name}"{number} on {where} as {shape.value}, {way}'
            try:
                composed = compose(reply, context, shape)
            except PlaceNotFoundError as error:
                yield f"{title}\n  {error}"
                continue
            fixed = isinstance(reply.content, Output) and reply.content.answer_as is not None
            if fixed and composed.streamed != call.stream:
                title += f" asked for, {_WAYS[composed.streamed]} answered"
            yield f"{title}\n{timeline_text(composed.script)}"


COMMANDS = {"new": new, "check": check, "explain": explain}
