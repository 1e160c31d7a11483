"""Paths that stubs have for themselves, under `on: {path: …}`, and conditions on the parameters of a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockserver.model.conditions import AnyOfCondition, Condition, NoneOfCondition
from mockserver.model.cursor import Cursor
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, Endpoint, Shape
from mockserver.model.path_conditions import ParameterCondition, PathCondition
from mockserver.model.reply import Reply
from mockserver.model.route import METHODS, Route, RoutingTable, path_problem
from mockserver.pipeline.request_templates import unknown_parameter
from mockserver.render import unsupported_reason
from mockserver.scenario.conditions import read_conditions

_GROUPS = ("all_of", "any_of", "none_of")


def read_own_path(on: Cursor | None, dialect: Dialect | None) -> PathCondition | None:
    """The path that a stub has for itself; None where `on` names endpoints, or the path is wrong."""
    if on is None or not isinstance(on.value, dict):
        return None
    path, method, endpoint = on.get("path"), on.get("method"), on.get("endpoint")
    if path is None:
        return None
    problem = path_problem(path.text)
    if problem is not None:
        path.report(f"{problem}, got {path.text!r}")
        return None
    name = Endpoint.PATH if endpoint is None else Endpoint(endpoint.text)
    methods = METHODS if endpoint is None else ENDPOINTS[name].routes[0].methods
    if method is not None:
        if method.text not in methods:
            method.report(f"requests of {name} are sent with {' or '.join(methods)}; leave 'method' out")
        methods = (method.text,)
    route = None if dialect is None else dialect.route(name)
    shape = Shape.EXACT if route is None else route.shape
    table = RoutingTable(() if dialect is None else dialect.routes)
    taken = {found[0].endpoint for one in methods if (found := table.find(one, path.text)) is not None}
    for other in taken:
        path.report(f"this path is that of the endpoint {other}; write on: {other}")
    by_member = () if route is None else route.by_member
    return PathCondition(Route(path=path.text, endpoint=name, shape=shape, by_member=by_member, methods=methods))


def parameters_of(on: Cursor | None, own: PathCondition | None, dialect: Dialect | None) -> tuple[str, ...] | None:
    """The names of the parameters that the paths of a stub have; None where the path is not known."""
    if own is not None:
        return own.route.parameters
    if dialect is None or (on is not None and isinstance(on.value, dict)):
        return None
    names = (on.texts if isinstance(on.value, list) else (on.text,)) if on is not None else ENDPOINTS.scripted
    return tuple(dict.fromkeys(name for one in dialect.routes if one.endpoint in names for name in one.parameters))


def read_path_conditions(
    when: Cursor | None, own: PathCondition | None, parameters: Sequence[str] | None
) -> tuple[Condition, ...]:
    """The conditions of a stub, with that on its own path first."""
    conditions: list[Condition] = [] if own is None else [own]
    conditions += (_on_own_path(one, own) for one in read_conditions(when))
    if when is not None and parameters is not None:
        _check_names(when, parameters)
    return tuple(conditions)


def _on_own_path(condition: Condition, own: PathCondition | None) -> Condition:
    """The condition with the path by which its parameters are read."""
    match condition:
        case ParameterCondition():
            return replace(condition, own=own)
        case AnyOfCondition(groups=groups):
            return AnyOfCondition(groups=tuple(tuple(_on_own_path(one, own) for one in group) for group in groups))
        case NoneOfCondition(group=group):
            return replace(condition, group=tuple(_on_own_path(one, own) for one in group))
        case _:
            return condition


def _check_names(when: Cursor, parameters: Sequence[str]) -> None:
    for key, inner in when.members():
        if key == "path":
            for name, parameter in inner.members():
                problem = unknown_parameter(name, parameters)
                if problem is not None:
                    parameter.report(problem, key=True)
        elif key in _GROUPS:
            for element in inner.elements():
                _check_names(element, parameters)


def exact_endpoint(cursor: Cursor, replies: Sequence[Reply]) -> tuple[tuple[Endpoint, ...], tuple[Shape, ...]]:
    """The endpoint and shape of a stub that has a path for itself; a reply that it cannot give is reported."""
    reason = next(filter(None, [unsupported_reason(one, Shape.EXACT) for one in replies]), None)
    if reason is not None:
        cursor.report(reason, "on")
    return (Endpoint.PATH,), (Shape.EXACT,)
