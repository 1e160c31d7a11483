"""The verbs of the admin API as a table.

A verb is a method of `AdminService` with its route. HTTP routes, the clients and the OpenAPI
document derive from this table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from mockserver.errors import MockServerError, UsageError
from mockserver.model.cursor import read_duration, unknown
from mockserver.model.frames import OutcomeKind
from mockserver.model.json import JSONObject, JSONReadError, read_text
from mockserver.model.setting_kinds import FLAG, Kind
from mockserver.model.stub import Scenario

PAGE = 1000
"""How many journal entries one answer holds without a `limit`."""

UPLOAD_TYPE = "application/vnd.mockserver.upload+json"
"""A scenario together with the dialect files that it names, as one JSON object."""


class AdminError(MockServerError):
    """An admin request that is rejected, with its HTTP status and further headers."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


Where: TypeAlias = Literal["path", "query", "body"]
"""The part of a request that holds a parameter."""


# --- kinds of parameters, next to those of the settings ---


_NAME = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_ALLOWED = ("unmatched", "findings", "counts")


def _digits(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _body_kind(expected: str, good: Callable[[object], bool], schema: JSONObject) -> Kind:
    return Kind(expected, lambda value: value if good(value) else None, _string, schema)


def _list_of(schema: JSONObject) -> JSONObject:
    return {"type": "array", "items": schema}


def _number_kind(expected: str, digits: int, least: int) -> Kind:
    schema: JSONObject = {"type": "integer", "minimum": least, "maximum": 10**digits - 1}
    return Kind(expected, lambda value: value, lambda text: _digits(text, digits), schema)


NUMBER = _number_kind("a whole number from 0", 15, 0)
LINE = _number_kind("a whole number from 1", 8, 1)
STRING = Kind("a string", _string, _string, {"type": "string"})
REVEAL = Kind("true or false", lambda value: value, lambda text: text == "true", {"enum": ["true", "false"]})
NUMBERS = _body_kind(
    "a list of numbers of the journal",
    lambda value: isinstance(value, list),
    _list_of({"type": "integer", "minimum": 0}),
)
STATUS = _number_kind("a status from 0 to 999", 3, 0)
CONDITIONS = _body_kind(
    "a mapping of conditions", lambda value: isinstance(value, dict), {"type": "object", "additionalProperties": True}
)
ENDPOINT_NAMES = _body_kind(
    "an endpoint or a list of them",
    lambda value: all(isinstance(one, str) for one in (value if isinstance(value, list) else [value])),
    {"anyOf": [{"type": "string"}, _list_of({"type": "string"})]},
)
OUTCOME = _body_kind(
    f"one of {', '.join(OutcomeKind)}", lambda value: value in tuple(OutcomeKind), {"enum": [*map(str, OutcomeKind)]}
)
ALLOW = _body_kind(
    f"a list of {', '.join(_ALLOWED)}",
    lambda value: isinstance(value, list) and all(one in _ALLOWED for one in value),
    _list_of({"enum": [*_ALLOWED]}),
)
SETTINGS = _body_kind("a mapping", lambda value: isinstance(value, dict), {"$ref": "#/components/schemas/Settings"})
DURATION = _body_kind(
    "a duration with its unit, such as 200ms, 1.5s or 2m",
    lambda value: isinstance(value, str) and read_duration(value) is not None,
    {"type": "string", "pattern": "^[0-9]{1,4}(ms|s|m)$"},
)
PLACE = _body_kind("a place", lambda value: value is not None, {})
"""Where a gate stands; the schema is that of fault places."""
NAME = _body_kind(
    "1 to 200 letters, digits or any of ._~-",
    lambda value: isinstance(value, str) and _NAME.fullmatch(value) is not None,
    {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,200}$"},
)


class Parameter(NamedTuple):
    """`rest` is a path parameter that may hold slashes."""

    name: str
    where: Where
    kind: Kind
    required: bool = False
    rest: bool = False

    def read(self, raw: object) -> object:
        """The argument that a request gives, as text in path and query; raises UsageError."""
        in_body = self.where == "body"
        value = self.kind.read(raw) if in_body else self.kind.parse(str(raw))
        if value is None:
            label = repr(self.name) if in_body else f"{self.where} {self.name!r}"
            raise UsageError(f"{label}: expected {self.kind.expected}, got {raw!r}")
        return value


class Verb:
    """`route` is the method, the path and, for a success other than 200, the status. `returns`
    names the answer's schema; `replies` are further statuses with their meaning and schema.
    `anywhere` verbs may run on any thread while exchanges are in flight."""

    def __init__(
        self,
        name: str,
        route: str,
        returns: str,
        about: str,
        *parameters: Parameter,
        replies: Mapping[int, tuple[str, str]] | None = None,
        anywhere: bool = False,
    ) -> None:
        self.name, self.returns, self.about = name, returns, about
        self.method, self.path, *status = route.split()
        self.status = int(status[0]) if status else 200
        self.parameters = parameters
        self.body = tuple(one for one in parameters if one.where == "body")
        self.replies = replies or {}
        self.anywhere = anywhere

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path below `/__admin/` with its parameters as named groups."""
        text = self.path.replace(".", r"\.")
        for one in self.parameters:
            what = r"\d{1,15}" if one.kind is NUMBER else ".+" if one.rest else "[^/]+"
            text = text.replace(f"{{{one.name}}}", f"(?P<{one.name}>{what})")
        return re.compile(text, re.ASCII)


def _path(name: str, kind: Kind = STRING, *, rest: bool = False) -> Parameter:
    return Parameter(name, "path", kind, required=True, rest=rest)


def _query(name: str, kind: Kind) -> Parameter:
    return Parameter(name, "query", kind)


def _body(name: str, kind: Kind, *, required: bool = False) -> Parameter:
    return Parameter(name, "body", kind, required)


_SELECTED = (
    _body("when", CONDITIONS),
    _body("on", ENDPOINT_NAMES),
    _body("stub", STRING),
    _body("status", STATUS),
    _body("outcome", OUTCOME),
)
"""What exchanges are selected by: conditions as under `when`, endpoints, the stub that replied, the
status of the reply and how it ended; all of them must agree."""
_BAD_CONDITIONS = {422: ("The conditions have problems.", "Problems")}

VERBS: tuple[Verb, ...] = (
    Verb("health", "GET health", "Health", "Whether the server answers."),
    Verb("openapi", "GET openapi.json", "Object", "This document."),
    Verb(
        "get_ca",
        "GET ca",
        "Authority",
        "The certificate that clients of this server are to trust, as PEM.",
        replies={404: ("The server speaks plain HTTP.", "Error")},
        anywhere=True,
    ),
    Verb("list_sandboxes", "GET sandboxes", "Sandboxes", "Every sandbox."),
    Verb(
        "create_sandbox",
        "POST sandboxes 201",
        "Sandbox",
        "Create a sandbox, empty unless it asks for the server's scenarios.",
        _body("name", NAME),
        _body("scenarios", FLAG),
        _body("settings", SETTINGS),
        replies={409: ("The name is taken.", "Error")},
        anywhere=True,
    ),
    Verb("drop_sandbox", "DELETE sandboxes", "Dropped", "Drop this sandbox."),
    Verb("get_sandbox", "GET sandboxes/{name}", "Sandbox", "One sandbox.", _path("name")),
    Verb("drop_named_sandbox", "DELETE sandboxes/{name}", "Dropped", "Drop one sandbox.", _path("name")),
    Verb(
        "list_scenarios", "GET scenarios", "Scenarios", "The loaded scenarios, with the number of calls of each stub."
    ),
    Verb(
        "load_scenario",
        "POST scenarios 201",
        "Loaded",
        "Load a scenario; it replaces one of the same name. A bad one changes nothing.",
        _query("origin", STRING),
        _query("line", LINE),
        replies={422: ("The scenario has problems.", "Problems")},
    ),
    Verb("unload_scenarios", "DELETE scenarios", "Unloaded", "Unload every scenario."),
    Verb("unload_scenario", "DELETE scenarios/{name}", "Unloaded", "Unload one scenario.", _path("name", rest=True)),
    Verb(
        "journal",
        "GET journal",
        "Journal",
        "Exchanges in order, credentials masked unless revealed.",
        _query("after", NUMBER),
        _query("limit", NUMBER),
        _query("reveal", REVEAL),
        _query("replies", REVEAL),
    ),
    Verb(
        "find",
        "POST journal/find",
        "Found",
        "The exchanges that agree with every member, in order, credentials masked unless revealed.",
        *_SELECTED,
        _body("reveal", FLAG),
        _body("replies", FLAG),
        replies=_BAD_CONDITIONS,
    ),
    Verb(
        "count",
        "POST journal/count",
        "Count",
        "How many exchanges agree with every member.",
        *_SELECTED,
        replies=_BAD_CONDITIONS,
    ),
    Verb("clear_journal", "DELETE journal", "Cleared", "Delete every exchange."),
    Verb(
        "journal_entry",
        "GET journal/{number}",
        "Entry",
        "One exchange.",
        _path("number", NUMBER),
        _query("reveal", REVEAL),
        _query("replies", REVEAL),
    ),
    Verb(
        "timeline",
        "GET journal/{number}/timeline",
        "Timeline",
        "The reply of one exchange, row by row, with each fault at its position.",
        _path("number", NUMBER),
    ),
    Verb("list_gates", "GET gates", "Gates", "Every gate, with the numbers of the exchanges that wait at it."),
    Verb(
        "add_gate",
        "POST gates 201",
        "Gate",
        "Pause the replies of a stub at a place, by default before their first byte.",
        _body("stub", STRING, required=True),
        _body("at", PLACE),
    ),
    Verb("clear_gates", "DELETE gates", "Released", "Open and remove every gate."),
    Verb("get_gate", "GET gates/{gate}", "Gate", "One gate.", _path("gate", NUMBER)),
    Verb("remove_gate", "DELETE gates/{gate}", "Released", "Open and remove one gate.", _path("gate", NUMBER)),
    Verb(
        "release",
        "POST gates/{gate}/release",
        "Released",
        "Resume some exchanges; without any, all of them and those to come.",
        _path("gate", NUMBER),
        _body("requests", NUMBERS),
    ),
    Verb("get_clock", "GET clock", "Clock", "The clock of this sandbox, and what time it is there."),
    Verb(
        "advance_clock",
        "POST clock",
        "Clock",
        "Advance the virtual clock of this sandbox.",
        _body("advance", DURATION, required=True),
    ),
    Verb("verify", "POST verify", "Verdict", "The verification result: `ok` without problems.", _body("allow", ALLOW)),
    Verb("reset", "POST reset", "Reset", "Return to the state of creation."),
)
BY_NAME: Mapping[str, Verb] = {verb.name: verb for verb in VERBS}


# --- messages ---


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A scenario on its way to a sandbox. `origin` is its file as reports show it, `line` the line there of an inline
    one; `files` are the dialect files that it names, by their paths relative to it."""

    text: str
    is_json: bool
    origin: str = ""
    line: int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AdminRequest:
    """`path` is what follows `/__admin/`; `body` is empty where nothing was sent. `scenario` is
    the one of an upload, which was read before."""

    method: str
    path: str
    sandbox: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    scenario: Scenario | None = None


@dataclass(frozen=True, kw_only=True)
class AdminReply:
    status: int = 200
    document: JSONObject = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def find_verb(method: str, path: str) -> tuple[Verb, Mapping[str, str]]:
    """The verb of a route with the texts of its path parameters; raises AdminError without one."""
    allowed: list[str] = []
    for verb in VERBS:
        found = verb.pattern.fullmatch(path)
        if found is not None:
            if verb.method == method:
                return verb, found.groupdict()
            allowed.append(verb.method)
    if not allowed:
        raise AdminError(404, f"no admin route {path!r}: see openapi.json")
    ways = ", ".join(allowed)
    raise AdminError(405, f"{method} is not allowed on {path!r}: expected {ways}", headers={"Allow": ways})


def read_arguments(verb: Verb, path: Mapping[str, str], query: Mapping[str, str], body: str) -> dict[str, object]:
    """The arguments of a verb from the parts of a request; raises UsageError for a wrong one."""
    given: JSONObject = _object(verb, body) if verb.body else {}
    known = [one.name for one in verb.parameters if one.where == "query"]
    for name in query:
        if name not in known:
            raise UsageError(unknown("query parameter", name, known))
    sources: Mapping[Where, Mapping[str, object]] = {"path": path, "query": query, "body": given}
    return {
        one.name: one.read(sources[one.where].get(one.name))
        for one in verb.parameters
        if one.required or one.name in sources[one.where]
    }


def _object(verb: Verb, body: str) -> JSONObject:
    if not body.strip():
        return {}
    value = read_text(body)
    if isinstance(value, JSONReadError):
        raise UsageError(f"the body is not JSON: {value.message}")
    if not isinstance(value, dict):
        raise UsageError("the body: expected a JSON object")
    known = [one.name for one in verb.body]
    strange = [name for name in value if name not in known]
    if strange:
        raise UsageError(f"unknown member {strange[0]!r}: known are {', '.join(known)}")
    return value
