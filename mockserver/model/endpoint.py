"""What an endpoint is, what a shape is, and the registries of both.

Endpoints and shapes are open sets of names. One file in `mockserver/endpoints/` describes each
endpoint; the rest of the package asks the registry and branches on no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeVar

from mockserver.model.conversation import Conversation, read_conversation, read_tools
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from mockserver.model.call import Call
    from mockserver.model.dialect import Dialect
    from mockserver.model.ids import IdGenerator
    from mockserver.model.reply import ErrorRef, ExactEvents
    from mockserver.model.route import Route
    from mockserver.model.store import Store


class Endpoint(str):
    """The name of an endpoint: what a request calls. Constants name those that come with
    mockserver; any registered name is as good."""

    __slots__ = ()

    CHAT: ClassVar[Endpoint]
    RESPONSES: ClassVar[Endpoint]
    COMPACT: ClassVar[Endpoint]
    MODELS: ClassVar[Endpoint]
    PATH: ClassVar[Endpoint]

    @property
    def value(self) -> str:
        """The name as a plain string."""
        return str(self)


class Shape(str):
    """The name of a form of reply: a chat completion (or its chunks), a response (or its events),
    a `response.compaction`, or exactly what is scripted. An endpoint can reply in any shape:
    dialect and request decide."""

    __slots__ = ()

    CHAT: ClassVar[Shape]
    RESPONSES: ClassVar[Shape]
    COMPACTION: ClassVar[Shape]
    EXACT: ClassVar[Shape]

    @property
    def value(self) -> str:
        """The name as a plain string."""
        return str(self)


Endpoint.CHAT = Endpoint("chat")
Endpoint.RESPONSES = Endpoint("responses")
Endpoint.COMPACT = Endpoint("compact")
Endpoint.MODELS = Endpoint("models")
Endpoint.PATH = Endpoint("path")
Shape.CHAT = Shape("chat")
Shape.RESPONSES = Shape("responses")
Shape.COMPACTION = Shape("compaction")
Shape.EXACT = Shape("exact")

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


class Answering(NamedTuple):
    """What an endpoint that replies by itself knows besides the request."""

    dialect: Dialect
    ids: IdGenerator
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """Everything that differs between endpoints, apart from the shapes of their replies.

    `routes` are the endpoint's own, used by a dialect that lists none; all of them reply in the
    shapes of the first. An endpoint without any is reached by the paths of stubs alone. A request
    without a body reads as an empty object where the method has none, or where `requires_body` is
    false. `conversation` and `tools` read a request body for conditions and token counts. `forms`
    are the request bodies that a dialect can have a schema for; `form_of` names those that a body
    may have, in the order of
    preference. `samples` are bodies that can be sent to it, for rendering replies at load.

    Without `answer` requests are calls, which stubs answer and `on` selects. With `answer` the
    endpoint replies by itself: with a JSON body, an error of the catalogue, or events. It does so in every
    dialect, one that is `stateful` in those that list no routes.
    """

    name: Endpoint
    routes: tuple[Route, ...]
    samples: tuple[JSONObject, ...] = ({},)
    conversation: Callable[[JSONObject], Conversation] = read_conversation
    tools: Callable[[JSONObject], tuple[str, ...]] = read_tools
    forms: tuple[RequestForm, ...] = ()
    form_of: Callable[[JSONObject], tuple[str, ...]] | None = None
    requires_body: bool = True
    answer: Callable[[Call, Answering], JSONObject | ErrorRef | ExactEvents] | None = None
    stateful: bool = False

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
        return tuple(spec.name for spec in self if spec.answer is None and spec.routes)

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
        return tuple(route for spec in self if spec.answer is None or spec.stateful for route in spec.routes)

    @property
    def built_in(self) -> tuple[Route, ...]:
        """The routes of endpoints that reply by themselves, in every dialect."""
        return tuple(route for spec in self if spec.answer is not None and not spec.stateful for route in spec.routes)


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
