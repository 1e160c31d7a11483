"""The reply that a sweep is about, rendered for a sample call.

Replies that cannot be swept are rejected here, while tests are collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from mockserver.client.scenario_files import Finder, Found, call_site, to_json_object
from mockserver.errors import UsageError
from mockserver.faults import CHANCE, read_fault, truncating_faults
from mockserver.model.call import Call
from mockserver.model.conditions import StreamCondition
from mockserver.model.endpoint import Endpoint, Route, Shape
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Reply
from mockserver.model.stub import Scenario, Stub
from mockserver.pipeline import ComposedReply, compose
from mockserver.pipeline.validate import sample_calls
from mockserver.render.context import RenderContext
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_text, load_value
from mockserver.scenario.yaml_reader import read_yaml
from mockserver.sweeps import current_suite
from mockserver.sweeps.case import ScenarioSource, as_mapping, replies_of

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"

_INPUTS = ("messages", "input")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The reply that a caller of the public functions selects; None for what is not given."""

    source: Source
    stub: str | None
    on: str | None
    stream: bool
    reply: int
    request: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reply and the context in which it is rendered."""

    source: ScenarioSource
    reply: Reply
    context: RenderContext
    shape: Shape

    def composed(self, more: Faults = NO_FAULTS) -> ComposedReply:
        """The reply with its own faults, followed by `more`."""
        reply = replace(self.reply, faults=self.reply.faults + more)
        return compose(reply, self.context, self.shape, dry_run=True)


def find(selection: Selection) -> Target:
    """The selected reply.

    Raises:
        ScenarioError: the scenario has problems.
        UsageError: there is no such scenario, stub or reply, or it cannot be swept.
    """
    written, scenario, origin, folder = _scenario(selection.source)
    index, stub = _stub(scenario, selection.stub)
    if not 0 <= selection.reply < len(stub.replies):
        raise UsageError(f"stub {stub.name!r}: no reply {selection.reply}; it has {len(stub.replies)}, from 0")
    reply = stub.replies[selection.reply]
    endpoint, route = _endpoint(scenario, stub, selection.on)
    streams = [one.expected for one in stub.when if isinstance(one, StreamCondition)]
    if any(one != selection.stream for one in streams):
        raise UsageError(
            f"stub {stub.name!r} answers only stream: {str(not selection.stream).lower()}; "
            f"write stream={not selection.stream}"
        )
    call = _call(route, stub, endpoint, selection)
    ids = IdGenerator(seed=scenario.seed, scenario=scenario.name, stub=stub.name, call=0)
    return Target(
        source=ScenarioSource(
            scenario=written | {"scenario": scenario.name},
            stub=index,
            reply=selection.reply,
            kept=_kept(written, index, selection.reply, reply.faults, stub.name),
            origin=origin,
            folder=folder,
            line=stub.origin.line,
        ),
        reply=reply,
        context=RenderContext(call=call, dialect=scenario.dialect, ids=ids),
        shape=route.answers(call.body),
    )


def _scenario(source: Source) -> tuple[JSONObject, Scenario, str, str]:
    """The scenario in written form and loaded, its origin and its folder."""
    running = current_suite()
    file, _ = call_site()
    own_folder = (Path(file).parent,) if file else ()
    finder = Finder(folders=(*own_folder, *running.folders), root=running.root)
    if isinstance(source, Mapping):
        mapping = to_json_object(source)
        origin = finder.place(file, 1)[0]
        return mapping, load_value(mapping, "inline", Dialects(), origin=origin), origin, ""
    found = _one(finder.find(source), source)
    scenario = load_text(found.text, found.origin, Dialects([found.folder]))
    value = read_yaml(found.text, found.origin).value
    assert isinstance(value, dict)  # noqa: S101  # it has just been loaded
    return value, scenario, found.origin, found.folder


def _one(found: Sequence[Found], source: str | PathLike[str]) -> Found:
    if len(found) != 1:
        raise UsageError(f"{source!r} has {len(found)} scenarios: expected one file")
    return found[0]


def _stub(scenario: Scenario, name: str | None) -> tuple[int, Stub]:
    for index, stub in enumerate(scenario.stubs):
        if stub.name == name or (name is None and len(scenario.stubs) == 1):
            return index, stub
    names = ", ".join(repr(stub.name) for stub in scenario.stubs)
    if name is None:
        raise UsageError(f"scenario {scenario.name!r}: name one of the stubs {names}")
    raise UsageError(f"scenario {scenario.name!r}: no stub {name!r}; there are {names}")


def _endpoint(scenario: Scenario, stub: Stub, on: str | None) -> tuple[Endpoint, Route]:
    endpoint = next((one for one in stub.on if on in (None, one.value)), None)
    route = None if endpoint is None else scenario.dialect.route(endpoint)
    if endpoint is None or route is None:
        there = ", ".join(repr(one.value) for one in stub.on)
        raise UsageError(f"stub {stub.name!r} does not answer on {on!r}, only on {there}")
    return endpoint, route


def _call(route: Route, stub: Stub, endpoint: Endpoint, selection: Selection) -> Call:
    more = to_json_object(selection.request or {})
    shape = next(one for one in route.shapes if one in stub.shapes)
    sample = next(sample_calls(route, shape)).body
    if any(member in more for member in _INPUTS):
        sample = {name: value for name, value in sample.items() if name not in _INPUTS}
    return Call(endpoint=endpoint, body=sample | more | {"stream": selection.stream})


def _kept(written: JSONObject, stub: int, reply: int, faults: Faults, name: str) -> tuple[JSONObject, ...]:
    """The faults of the reply, in written form."""
    kept = tuple(element for element in _elements(written, stub, reply) if _is_in(element, faults))
    for element in kept:
        stops = next((word for word in (*truncating_faults(), CHANCE) if word in element), None)
        if stops is not None:
            raise UsageError(
                f"stub {name!r}: its reply has the fault {element}; to sweep it, leave {stops!r} to the sweep"
            )
    return kept


def _elements(written: JSONObject, stub: int, reply: int) -> list[JSONObject]:
    stubs, defaults = written["stubs"], written.get("defaults")
    found = stubs[stub] if isinstance(stubs, list) else None
    own = as_mapping(replies_of(found)[reply]) if isinstance(found, dict) else {}
    given: JSON = defaults.get("faults") if isinstance(defaults, dict) else None
    listed = own.get("faults", given)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _is_in(element: JSONObject, faults: Faults) -> bool:
    """A fault of `defaults` is left out of a reply that has no place for it."""
    read = read_fault(element).faults
    return (
        all(one in faults.events for one in read.events)
        and all(one in faults.format for one in read.format)
        and all(one in faults.frames for one in read.frames)
    )
