"""What an endpoint is, which routes lead to it, and the registry of endpoints.

Endpoints and shapes are open sets of names. One file in `mockserver/endpoints/` describes each
endpoint; the rest of the package asks the registry and branches on no name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar

from mockserver.model.conversation import Conversation, read_conversation, read_tools
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from mockserver.model.call import Call
    from mockserver.model.dialect import Dialect
    from mockserver.model.ids import IdGenerator
    from mockserver.model.reply import ErrorRef

_PARAMETER = re.compile(r"\{(\+?)([A-Za-z_]\w*)\}")
PREFIX = "/v1"
"""The first segment of every path of the API, which some base URLs lack."""


class Endpoint(str):
    """The name of an endpoint: what a request calls. Constants name those that come with
    mockserver; any registered name is as good."""

    __slots__ = ()

    CHAT: ClassVar[Endpoint]
    RESPONSES: ClassVar[Endpoint]
    COMPACT: ClassVar[Endpoint]
    MODELS: ClassVar[Endpoint]

    @property
    def value(self) -> str:
        """The name as a plain string."""
        return str(self)


class Shape(str):
    """The name of a form of reply: a chat completion (or its chunks), a response (or its events),
    a `response.compaction`. An endpoint can reply in any shape: dialect and request decide."""

    __slots__ = ()

    CHAT: ClassVar[Shape]
    RESPONSES: ClassVar[Shape]
    COMPACTION: ClassVar[Shape]

    @property
    def value(self) -> str:
        """The name as a plain string."""
        return str(self)


Endpoint.CHAT = Endpoint("chat")
Endpoint.RESPONSES = Endpoint("responses")
Endpoint.COMPACT = Endpoint("compact")
Endpoint.MODELS = Endpoint("models")
Shape.CHAT = Shape("chat")
Shape.RESPONSES = Shape("responses")
Shape.COMPACTION = Shape("compaction")

Name = TypeVar("Name", bound=str)
Entry = TypeVar("Entry")


class Registry(Generic[Name, Entry]):
    """Entries by name, in the order of their registration.

    The first lookup imports `package`, whose modules register the entries that come with
    mockserver. So a pure layer finds them without importing what lies above it.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, Name] = {}
        self._loaded = False

    def add(self, name: Name, entry: Entry) -> None:
        """Register an entry. Raises ValueError where the name is taken."""
        if name in self._entries:
            raise ValueError(f"{name!r} is registered already")
        self._entries[name], self._names[name] = entry, name
        self._changed()

    def remove(self, name: str) -> None:
        """Take an entry away; an unknown name is ignored."""
        self._entries.pop(name, None)
        self._names.pop(name, None)
        self._changed()

    def _changed(self) -> None:
        self.__dict__ = {name: value for name, value in vars(self).items() if name not in ("names", "scripted")}

    def get(self, name: str) -> Entry | None:
        """The entry of that name, None where there is none."""
        self._load()
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        if name not in self._entries:
            self._load()
        return self._entries[name]

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """Every name."""
        self._load()
        return tuple(self._names.values())

    def __iter__(self) -> Iterator[Entry]:
        self._load()
        return iter([*self._entries.values()])

    def _load(self) -> None:
        if not self._loaded:
            import_module(self._package)
            self._loaded = True


class Route(NamedTuple):
    """A path of a dialect and the endpoint behind it.

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
        return tuple(found[2] for found in _PARAMETER.finditer(self.path))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every shape the route can reply in, the default one first."""
        return tuple(dict.fromkeys((self.shape, *(shape for _, shape in self.by_member))))


PathParameters: TypeAlias = Mapping[str, str]
NO_PARAMETERS: PathParameters = {}


class RoutingTable:
    """Finds the route of a request by method and path.

    Of two routes with one method and path the earlier wins, and a literal path wins over one with
    parameters. `/v1` in front of the path is optional.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._literal: dict[str, dict[str, Route]] = {}
        self._templates: list[tuple[re.Pattern[str], dict[str, Route]]] = []
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            methods = by_path.setdefault(route.path, {})
            for method in route.methods:
                methods.setdefault(method, route)
        for path, methods in by_path.items():
            if "{" in path:
                self._templates.append((_pattern(path), methods))
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
        path = path.rstrip("/") or "/"
        for each in (path, PREFIX + path):
            methods = self._literal.get(each)
            if methods is not None:
                return methods, NO_PARAMETERS
        for each in (path, PREFIX + path):
            for pattern, methods in self._templates:
                found = pattern.fullmatch(each)
                if found is not None:
                    return methods, found.groupdict()
        return {}, NO_PARAMETERS


def path_problem(path: str) -> str | None:
    """Why a path cannot be that of a route; None where it can."""
    if not path.startswith("/"):
        return "a path begins with /"
    names = [found[2] for found in _PARAMETER.finditer(path)]
    if len(set(names)) < len(names) or not {"{", "}"}.isdisjoint(_PARAMETER.sub("", path)):
        return "path parameters are {name} or {+name}, each name once"
    return None


def _pattern(path: str) -> re.Pattern[str]:
    parts: list[str] = []
    end = 0
    for found in _PARAMETER.finditer(path):
        parts.append(re.escape(path[end : found.start()]))
        parts.append(f"(?P<{found[2]}>{'.+' if found[1] else '[^/]+'})")
        end = found.end()
    return re.compile("".join(parts) + re.escape(path[end:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """One form that the bodies of an endpoint can have.

    `name` is the key under which a dialect names the form's schema. `foreign` holds parameters of
    other endpoints that clients send here by mistake, each with the parameter to use in its place,
    None where there is none; `moved` is the upstream's message about one, with `{name}` and
    `{place}`. `table` gives the `RequestTable` of the official API, which a dialect selects by
    `official` in place of a schema.
    """

    name: str
    foreign: Mapping[str, str | None] = field(default_factory=dict)
    moved: str = ""
    table: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """Everything that differs between endpoints, apart from the shapes of their replies.

    `routes` are the endpoint's own, used by a dialect that lists none; all of them reply in the
    shapes of the first. A request without a body reads as an empty object where the method has
    none, or where `requires_body` is false. `conversation` and `tools`
    read a request body for conditions and token counts. `forms` are the request bodies that a
    dialect can have a schema for; `form_of` names those that a body may have, in the order of
    preference. `samples` are bodies that can be sent to it, for rendering replies at load.

    Without `answer` requests are calls, which stubs answer and `on` selects. With `answer` the
    endpoint replies by itself, in every dialect: with a JSON body, or an error of the catalogue.
    """

    name: Endpoint
    routes: tuple[Route, ...]
    samples: tuple[JSONObject, ...] = ({},)
    conversation: Callable[[JSONObject], Conversation] = read_conversation
    tools: Callable[[JSONObject], tuple[str, ...]] = read_tools
    forms: tuple[RequestForm, ...] = ()
    form_of: Callable[[JSONObject], tuple[str, ...]] | None = None
    requires_body: bool = True
    answer: Callable[[Call, Dialect, IdGenerator], JSONObject | ErrorRef] | None = None

    _form_names: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_form_names", tuple(form.name for form in self.forms))

    def form_names(self, body: JSONObject) -> tuple[str, ...]:
        """The forms that a body may have; the first that the dialect has a schema for counts."""
        return self._form_names if self.form_of is None else self.form_of(body)


class EndpointRegistry(Registry[Endpoint, EndpointSpec]):
    """The endpoints there are."""

    @cached_property
    def scripted(self) -> tuple[Endpoint, ...]:
        """The endpoints whose requests are answered by stubs: what `on` can name."""
        return tuple(spec.name for spec in self if spec.answer is None)

    @property
    def form_names(self) -> tuple[str, ...]:
        """The names of every form that a request body can have."""
        return tuple(form.name for spec in self for form in spec.forms)

    def form(self, name: str) -> RequestForm:
        """The form of that name. Raises KeyError."""
        for spec in self:
            for form in spec.forms:
                if form.name == name:
                    return form
        raise KeyError(name)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of a dialect that lists none."""
        return tuple(route for spec in self if spec.answer is None for route in spec.routes)

    @property
    def built_in(self) -> tuple[Route, ...]:
        """The routes of endpoints that reply by themselves, in every dialect."""
        return tuple(route for spec in self if spec.answer is not None for route in spec.routes)


class ShapeSpec(NamedTuple):
    """What every layer knows about a shape; how it is rendered and validated is registered with
    those layers under the same name.

    `objects` are the values that its JSON has under `object`: of a whole reply first, then of an
    element of a stream. `asks` are what a sample request is extended by to get the reply in each
    of its modes. `envelope` is the body of an error in this shape, where it is not the dialect's.
    """

    name: Shape
    objects: tuple[str, ...] = ()
    asks: tuple[JSONObject, ...] = ({}, {"stream": True})
    envelope: JSON = None


ENDPOINTS = EndpointRegistry("mockserver.endpoints")
SHAPES: Registry[Shape, ShapeSpec] = Registry("mockserver.endpoints")
