"""The contract of one upstream as a value: routes, shapes, envelope, catalogue, credentials.

A dialect is read from data files; no code depends on the name of one. Validation is reached
through two protocols, so that the model needs no grammar and no schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeAlias

from mockserver.model.api_key import NO_KEY, Credential
from mockserver.model.budget import BudgetLimits
from mockserver.model.echo_style import EchoStyle
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.findings import ApiError, Finding
from mockserver.model.frames import Event
from mockserver.model.http_rule import HttpRule
from mockserver.model.item_form import ItemForms
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_rule import ModelRules
from mockserver.model.model_traits import NEUTRAL, ModelTraits, traits_of
from mockserver.model.reply import Chunks, ErrorRef
from mockserver.model.request import Headers
from mockserver.model.route import ANY_PATH, Route
from mockserver.model.settings import ModelRulesPolicy, UnknownPolicy

Members: TypeAlias = Mapping[str, tuple[str, ...]]

CHUNK_TEXT = "chat.chunk.text"
"""The kind of a choice in a chunk whose delta has content."""
ADDED_KINDS = {
    **{kind: kind for kind in ("chat.completion", "chat.choice", "chat.message", "chat.chunk", "chat.chunk.choice")},
    CHUNK_TEXT: "chat.chunk.choice",
    **{kind: kind for kind in ("response", "response.compaction", "usage.chat", "usage.responses")},
}
"""The kinds to which a dialect can add members, each with the kind that the contract knows it by."""


class ReplyValidator(Protocol):
    """Validates replies against the dialect's types and stream grammar."""

    def stream(self, events: Sequence[Event], shape: Shape) -> tuple[Finding, ...]:
        """Findings in a streamed reply; empty when it keeps the contract."""
        ...

    def body(self, body: JSON, shape: Shape) -> tuple[Finding, ...]:
        """Findings in a non-streaming reply; empty when it keeps the contract."""
        ...


class Rejection(NamedTuple):
    """A contract violation in a request, and the upstream's error reply to it."""

    finding: Finding
    error: ApiError


class RequestValidator(Protocol):
    """Validates request bodies against the dialect's schemas and cross-field rules."""

    def judge(
        self,
        endpoint: Endpoint,
        body: JSONObject,
        *,
        strict: bool,
        unknown: UnknownPolicy = UnknownPolicy.DEFAULT,
        model_rules: ModelRulesPolicy = ModelRulesPolicy.DEFAULT,
        own_rules: ModelRules | None = None,
    ) -> tuple[Rejection, ...]:
        """Violations in the order in which the upstream would find them.

        The first of severity error decides the reply. `own_rules` are model rules of a scenario.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStyle:
    """How a chat stream is formed beyond its members.

    `role`: `own` chunk before the text, an `own` one of which `by_content` decides the members (a
    single call is in it), `joined` with the first delta, or on `every` chunk.
    `usage`: a chunk of its `own` under include_usage, on the `finish` chunk, on `every` chunk, on every
    chunk and `running`, which is that of the text so far, or `never`. `error`: an envelope of its `own`,
    or in a `chunk` whose finish_reason is `error`. `reasoning` is the delta member that carries
    reasoning, `parts` for parts of a list in `content`, empty for none. `comment` is sent as a
    comment block before each chunk; `first` is an extra first chunk's members; `obfuscation` pads
    what `padding` names, deltas of content or every chunk, where the request does not forbid it.
    """

    role: str = "own"
    usage: str = "own"
    error: str = "own"
    reasoning: str = ""
    comment: str = ""
    first: JSONObject = field(default_factory=dict)
    obfuscation: bool = False
    padding: str = "deltas"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesStyle:
    """How a Responses stream is formed: `done` ends it with `[DONE]`, `event_lines` puts the
    type on an `event:` line, `obfuscation` pads deltas where the request does not forbid it,
    `order` is that of an event's members: `fixed`, or `sorted` by name behind the type."""

    done: bool = False
    event_lines: bool = True
    obfuscation: bool = False
    order: str = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """An error by name; `shapes` holds members that differ for one shape of reply.

    `{model}` in a message is replaced by the requested model, `{key}` by the API key with stars in
    its midst. `envelope` is that of this error, None for the dialect's;
    `limit_message` is the message where a budget is used up.
    """

    name: str
    about: str
    status: int
    members: JSONObject
    headers: Headers = ()
    html: str | None = None
    envelope: JSON = None
    limit_message: str = ""
    shapes: Mapping[str, JSONObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dialect:
    """Two dialects are the same when they are one object: each file is read once.

    `members` lists, per kind of object (`response`, `usage.chat` …), the members that are sent
    and their order; a kind that is not listed is sent with all of them, but a `chat.delta` then
    has the members of `chat.message`. `adds` holds members with their values, per kind of object
    out of `ADDED_KINDS`. `chunks` cuts texts where the reply does not say how.
    `headers` are sent on every reply, with `{request_id}`, `{processing_ms}` and `{model}` filled
    in. `envelope` is the error body, with the placeholders `$message`, `$type`, `$param`, `$code`,
    `$status` and `$request_id`. A `tested` dialect comes with the package, whose tests compile its
    contracts and validate plain replies by them. Later rules of `http` take precedence; those of
    `edge` join them where a server behind the API's edge is asked for. `unknown` and `model_rules`
    are for sandboxes whose settings leave them to the
    dialect. `inherited` is what dialects that extend this one get, None for all of it.
    """

    name: str
    about: str = ""
    routes: tuple[Route, ...] = ()
    members: Members = field(default_factory=dict)
    chunks: Chunks = "token"
    adds: Mapping[str, JSONObject] = field(default_factory=dict)
    chat: ChatStyle = ChatStyle()
    responses: ResponsesStyle = ResponsesStyle()
    headers: Headers = ()
    envelope: JSON = None
    catalogue: Mapping[str, CatalogueEntry] = field(default_factory=dict)
    credentials: tuple[Credential, ...] = ()
    models: tuple[JSONObject, ...] = ()
    models_closed: bool = False
    items: ItemForms = field(default_factory=dict)
    echo: EchoStyle = field(default_factory=EchoStyle)
    http: tuple[HttpRule, ...] = ()
    edge: tuple[HttpRule, ...] = ()
    replies: ReplyValidator | None = None
    requests: RequestValidator | None = None
    unknown: UnknownPolicy = UnknownPolicy.REPORT
    model_rules: ModelRulesPolicy = ModelRulesPolicy.OFF
    limits: BudgetLimits | None = None
    tested: bool = False
    inherited: Dialect | None = None

    def keep(self, kind: str, whole: JSONObject) -> JSONObject:
        """The members of `whole` that this dialect sends for that kind of object, and those that it
        adds, in its order."""
        names = self.members.get(kind)
        more = self.adds.get(kind)
        if more is not None:
            whole = {**whole, **more}
            names = None if names is None else (*names, *(name for name in more if name not in names))
        if names is None:
            return whole
        return {name: whole[name] for name in names if name in whole}

    def sends(self, kind: str, member: str) -> bool:
        """Whether this dialect has that member in that kind of object."""
        names = self.members.get(kind)
        return names is None or member in names

    def traits(self, model: str) -> ModelTraits:
        """What this dialect's replies of a model look like."""
        return traits_of(model) if self.echo.by_model else NEUTRAL

    def http_rules(self, shape: str, status: int | None) -> tuple[HttpRule, ...]:
        """The rules for a reply, in order."""
        return _http_rules(self, shape, status)

    def behind_edge(self) -> Dialect:
        """This dialect with the headers of the API's edge."""
        return _behind_edge(self)

    def route(self, endpoint: Endpoint) -> Route | None:
        """The route that serves an endpoint, None where the upstream has none."""
        return _route(self, endpoint)

    def shape(self, endpoint: Endpoint, body: JSONObject) -> Shape | None:
        """The shape of the reply to a call, None where the upstream has no such endpoint."""
        route = _route(self, endpoint)
        return None if route is None else route.answers(body)

    def quotes_key(self, ref: ErrorRef) -> bool:
        """Whether the message of an error quotes the API key."""
        entry = self.catalogue.get(ref.name or "")
        message = ref.members.get("message", entry.members.get("message") if entry else None)
        return isinstance(message, str) and "{key}" in message

    def error(self, ref: ErrorRef, shape: Shape, model: str | None = None, *, key: str = "") -> ApiError:
        """Resolve an error for one shape of reply; `key` is what it quotes of the API key.

        A name that is not in the catalogue is a `KeyError`; scenarios are checked for that when
        they load."""
        entry = self.catalogue.get(ref.name) if ref.name is not None else None
        if ref.name is not None and entry is None:
            raise KeyError(ref.name)
        members: JSONObject = {"status": 500, "type": "server_error", "code": None, "param": None}
        members["message"] = "The server had an error while processing your request."
        if entry is not None:
            members |= entry.members | {"status": entry.status}
            members |= entry.shapes.get(shape, {})
        members |= ref.members
        # A scripted error with more than a status has the envelope, not the HTML page of an edge.
        paged = entry is not None and ref.members.keys() <= {"status"}
        status = members.pop("status")
        message = members.pop("message")
        return ApiError(
            status=status if isinstance(status, int) else 500,
            type=members.pop("type"),
            code=members.pop("code"),
            param=members.pop("param"),
            message=str(message).replace("{model}", model or "unknown").replace("{key}", key or NO_KEY),
            headers=entry.headers if entry else (),
            html=entry.html if entry and paged else None,
            envelope=entry.envelope if entry else None,
            extra=members,
        )


@lru_cache(maxsize=1024)
def _route(dialect: Dialect, endpoint: Endpoint) -> Route | None:
    return next((one for one in (*dialect.routes, ANY_PATH) if one.endpoint == endpoint), None)


@lru_cache(maxsize=1024)
def _http_rules(dialect: Dialect, shape: str, status: int | None) -> tuple[HttpRule, ...]:
    return tuple(rule for rule in dialect.http if rule.applies(shape, status))


@lru_cache(maxsize=256)
def _behind_edge(dialect: Dialect) -> Dialect:
    return replace(dialect, http=(*dialect.http, *dialect.edge)) if dialect.edge else dialect
