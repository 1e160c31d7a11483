"""Paths with parameters, and which of them leads to which endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.json import JSONObject

_PARAMETER = re.compile(r"\{(\+?)([A-Za-z_][A-Za-z0-9_]*)\}")
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f?#]")
_ENCODED = re.compile("%[0-9A-Fa-f]{2}")
_RESERVED = ("/__admin", "/sandbox")
PREFIX = "/v1"
"""The first segment of every path of the API, which some base URLs lack."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods that a stub may answer on a path of its own."""

PathParameters: TypeAlias = Mapping[str, str]
NO_PARAMETERS: PathParameters = {}

# Paths whose route is remembered; all are dropped when there are too many.
_REMEMBERED = 1024


class Route(NamedTuple):
    """A path of a dialect or a stub, and the endpoint behind it.

    `path` is literal, or has parameters: `{id}` stands for one segment, `{+id}` for the rest of
    the path, slashes included (RFC 6570 spells them so). `by_member` gives the shape of the reply
    by which member the request body has, tried in order; `shape` is that of any other body.
    """

    path: str
    endpoint: Endpoint
    shape: Shape
    by_member: tuple[tuple[str, Shape], ...] = ()
    methods: tuple[str, ...] = ("POST",)

    def answers(self, body: JSONObject) -> Shape:
        """The shape of the reply to a request with this body."""
        for member, shape in self.by_member:
            if member in body:
                return shape
        return self.shape

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return path_parameters(self.path)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every shape the route can reply in, the default one first."""
        return tuple(dict.fromkeys((self.shape, *(shape for _, shape in self.by_member))))


ANY_PATH = Route(path="/{+path}", endpoint=Endpoint.PATH, shape=Shape.EXACT, methods=METHODS)
"""Where the paths of stubs lie, in every dialect."""


class RoutingTable:
    """Finds the route of a request by method and path.

    Of two routes with one method and path the earlier wins, and a literal path wins over one with
    parameters. `/v1` in front of the path is optional.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._literal: dict[str, dict[str, Route]] = {}
        self._templates: list[tuple[re.Pattern[str], dict[str, Route]]] = []
        self._known: dict[str, tuple[Mapping[str, Route], PathParameters]] = {}
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            methods = by_path.setdefault(route.path, {})
            for method in route.methods:
                methods.setdefault(method, route)
        for path, methods in by_path.items():
            if "{" in path:
                self._templates.append((path_pattern(path), methods))
            else:
                self._literal[path] = methods

    def find(self, method: str, path: str) -> tuple[Route, PathParameters] | None:
        """The route and its path parameters; None where no endpoint has that method and path."""
        methods, parameters = self._at(path)
        route = methods.get(method)
        return None if route is None else (route, parameters)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes; none where it leads nowhere."""
        return tuple(self._at(path)[0])

    def _at(self, path: str) -> tuple[Mapping[str, Route], PathParameters]:
        found = self._known.get(path)
        if found is None:
            found = self._search(path)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[path] = found
        return found

    def _search(self, path: str) -> tuple[Mapping[str, Route], PathParameters]:
        spellings = spelled(path)
        for each in spellings:
            methods = self._literal.get(each)
            if methods is not None:
                return methods, NO_PARAMETERS
        for each in spellings:
            for pattern, methods in self._templates:
                found = pattern.fullmatch(each)
                if found is not None:
                    return methods, found.groupdict()
        return {}, NO_PARAMETERS


def spelled(path: str) -> tuple[str, str]:
    """A path as routes spell it: without a slash at its end, and with `/v1` in front."""
    path = path.rstrip("/") or "/"
    return path, PREFIX + path


def path_parameters(path: str) -> tuple[str, ...]:
    """The names of the parameters in the path of a route."""
    return tuple(found[2] for found in _PARAMETER.finditer(path))


def path_problem(path: str) -> str | None:
    """Why a path cannot be that of a route; None where it can."""
    if not path.startswith("/"):
        return "a path begins with /"
    names = path_parameters(path)
    literal = _PARAMETER.sub("", path)
    if len(set(names)) < len(names) or not {"{", "}"}.isdisjoint(literal):
        return "path parameters are {name} or {+name}, each name once"
    if any(len(path_parameters(segment)) > 1 for segment in path.split("/")) or path.count("{+") > 1:
        return "a segment of a path has one parameter, and a path one {+name}"
    if _UNSENDABLE.search(literal):
        return "a path has no query, fragment or space; conditions on the query stand under when.query"
    if _ENCODED.search(literal):
        return "a path is compared as it is decoded; write the character in place of its code"
    if path.endswith("/") or "//" in path:
        return "a path has neither an empty segment nor a slash at its end"
    if any(path == one or path.startswith(f"{one}/") for one in _RESERVED):
        return "paths below /__admin and /sandbox are those of the server itself"
    return None


def path_pattern(path: str) -> re.Pattern[str]:
    """The regular expression of a path, with a group for each parameter."""
    parts: list[str] = []
    end = 0
    for found in _PARAMETER.finditer(path):
        parts.append(re.escape(path[end : found.start()]))
        parts.append(f"(?P<{found[2]}>{'.+' if found[1] else '[^/]+'})")
        end = found.end()
    return re.compile("".join(parts) + re.escape(path[end:]), re.DOTALL)
