"""The reply that a sweep is about, rendered for a sample call, and a case: that reply with other faults.

Replies that cannot be swept are rejected here, while tests are collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from mockserver.client.scenario_files import Finder, call_site, to_json_object
from mockserver.errors import UsageError
from mockserver.faults import CHANCE, read_fault, truncating_faults
from mockserver.model.call import Call
from mockserver.model.conditions import StreamCondition
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, as_list, as_object, objects
from mockserver.model.reply import Reply
from mockserver.model.route import Route
from mockserver.model.stub import Scenario, Stub
from mockserver.pipeline import ComposedReply, compose
from mockserver.pipeline.validate import sample_calls
from mockserver.render.context import RenderContext
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_text, load_value
from mockserver.scenario.yaml_reader import read_yaml
from mockserver.sweeps import current_suite

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"

_INPUTS = ("messages", "input")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptReply:
    """Reply number `reply` of stub number `stub`, both from 0, in `scenario`, which has a name.

    `kept` are the faults that the reply already has. `origin`, `folder` and `line` are the place of the stub."""

    scenario: JSONObject
    stub: int
    reply: int
    kept: tuple[JSONObject, ...]
    origin: str
    folder: str
    line: int

    def with_faults(self, faults: Sequence[JSONObject], *, heals: bool) -> JSONObject:
        """The scenario with `faults` after those of the reply. With `heals` only the first call
        gets them, and the next one the reply as it was."""
        stubs = list(as_list(self.scenario.get("stubs")))
        stub = stubs[self.stub]
        assert isinstance(stub, dict)  # noqa: S101  # the scenario has been validated
        replies = _replies_of(stub)
        whole = replies[self.reply]
        bad = _as_mapping(whole) | {"faults": [*self.kept, *faults]}
        instead = [bad, whole] if heals else [bad]
        rest = {key: value for key, value in stub.items() if key not in ("reply", "replies")}
        replies[self.reply : self.reply + 1] = instead
        stubs[self.stub] = rest | {"replies": replies}
        return {**self.scenario, "stubs": stubs}


def _replies_of(stub: Mapping[str, JSON]) -> list[JSON]:
    return [stub["reply"]] if "reply" in stub else list(as_list(stub.get("replies")))


def _as_mapping(reply: JSON) -> JSONObject:
    """A reply as a mapping, also where it is written as a text."""
    return dict(reply) if isinstance(reply, dict) else {"output": [{"text": reply}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`id` is unique in its sweep and names the test. `faults` apply to the reply in this order.

    `events` are the labels of the events that are sent completely, which a client must deliver;
    none for a non-streaming reply. `rule` is the rule of the contract that is violated,
    and `also` are the rules violated with it."""

    id: str
    faults: tuple[JSONObject, ...] = field(hash=False)
    written: SweptReply = field(hash=False, repr=False)
    events: tuple[str, ...] = ()
    rule: str | None = None
    also: frozenset[str] = frozenset()
    heals: bool = False

    def __str__(self) -> str:
        return self.id

    @property
    def __name__(self) -> str:
        """The name pytest gives the test where `parametrize` has no ids."""
        return self.id

    @property
    def scenario(self) -> JSONObject:
        return self.written.with_faults(self.faults, heals=self.heals)

    @property
    def origin(self) -> str:
        """The file of the scenario, as reports show it."""
        return self.written.origin

    @property
    def folder(self) -> str:
        """The folder of that file, empty for a mapping."""
        return self.written.folder

    @property
    def line(self) -> int:
        return self.written.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    source: SweptReply
    reply: Reply
    context: RenderContext
    shape: Shape

    def composed(self, more: Faults = NO_FAULTS) -> ComposedReply:
        """The reply with its own faults, followed by `more`."""
        reply = replace(self.reply, faults=self.reply.faults + more)
        return compose(reply, self.context, self.shape, dry_run=True)


def find(
    source: Source, *, stub: str | None, on: str | None, reply: int, request: Mapping[str, object] | None, stream: bool
) -> Target:
    """The reply that a caller selects; None for what is not given.

    Raises ScenarioError: the scenario has problems; UsageError: there is no such scenario, stub or reply, or it cannot
    be swept."""
    written, scenario, origin, folder = _scenario(source)
    index, found = _stub(scenario, stub)
    if not 0 <= reply < len(found.replies):
        raise UsageError(f"stub {found.name!r}: no reply {reply}; it has {len(found.replies)}, from 0")
    chosen = found.replies[reply]
    endpoint, route = _endpoint(scenario, found, on)
    streams = [one.expected for one in found.when if isinstance(one, StreamCondition)]
    if any(one != stream for one in streams):
        raise UsageError(
            f"stub {found.name!r} answers only stream: {str(not stream).lower()}; write stream={not stream}"
        )
    call = _call(route, found, endpoint, {**to_json_object(request or {}), "stream": stream})
    ids = IdGenerator(seed=scenario.seed, scenario=scenario.name, stub=found.name, call=0)
    return Target(
        source=SweptReply(
            scenario=written | {"scenario": scenario.name},
            stub=index,
            reply=reply,
            kept=_kept(written, index, reply, chosen.faults, found.name),
            origin=origin,
            folder=folder,
            line=found.origin.line,
        ),
        reply=chosen,
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
    scenarios = finder.find(source)
    if len(scenarios) != 1:
        raise UsageError(f"{source!r} has {len(scenarios)} scenarios: expected one file")
    [found] = scenarios
    scenario = load_text(found.text, found.origin, Dialects([found.folder]))
    value = read_yaml(found.text, found.origin).value
    assert isinstance(value, dict)  # noqa: S101  # it has just been loaded
    return value, scenario, found.origin, found.folder


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


def _call(route: Route, stub: Stub, endpoint: Endpoint, given: JSONObject) -> Call:
    call = next(sample_calls(route, next(one for one in route.shapes if one in stub.shapes)))
    sample = call.body
    if any(member in given for member in _INPUTS):
        sample = {name: value for name, value in sample.items() if name not in _INPUTS}
    return Call(endpoint=endpoint, body=sample | given, parameters=call.parameters)


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
    own = _as_mapping(_replies_of(as_object(as_list(written["stubs"])[stub]))[reply])
    return objects(own.get("faults", as_object(written.get("defaults")).get("faults")))


def _is_in(element: JSONObject, faults: Faults) -> bool:
    """A fault of `defaults` is left out of a reply that has no place for it."""
    read = read_fault(element).faults
    return (
        all(one in faults.events for one in read.events)
        and all(one in faults.body for one in read.body)
        and all(one in faults.format for one in read.format)
        and all(one in faults.frames for one in read.frames)
    )
