"""The verbs of the admin API as a table.

A verb is a method of `AdminService` with its route. HTTP routes, the clients and the OpenAPI
document derive from this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from mockserver.errors import MockServerError, UsageError
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text
from mockserver.model.settings import FLAG, Kind
from mockserver.model.stub import Scenario

PAGE = 1000
"""How many journal entries one answer holds without a `limit`."""

UPLOAD_TYPE = "application/vnd.mockserver.upload+json"
"""A scenario together with the dialect files that it names, as one JSON object."""


class AdminError(MockServerError):
    """An admin request that is rejected, with its HTTP status and further headers."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class Where(StrEnum):
    """The part of a request that holds a parameter."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"


# --- kinds of parameters, next to those of the settings ---


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _parse_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _any_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _true(text: str) -> bool:
    return text == "true"


def _list_of(words: tuple[str, ...]) -> Kind:
    def read(value: object) -> list[object] | None:
        good = isinstance(value, list) and all(one in words for one in value)
        return value if good and isinstance(value, list) else None

    schema: JSONObject = {"type": "array", "items": {"enum": [*words]}}
    return Kind(f"a list of {', '.join(words)}", read, _any_text, schema)


def _a_list(value: object) -> list[object] | None:
    return value if isinstance(value, list) else None


def _a_mapping(value: object) -> dict[str, object] | None:
    return value if isinstance(value, dict) else None


_NAME = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_NUMBERS: JSONObject = {"type": "array", "items": {"type": "integer", "minimum": 0}}
NUMBER = Kind(
    "a whole number from 0",
    _number,
    _parse_number,
    {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
)
LINE = Kind(
    "a whole number from 1",
    _number,
    lambda text: _parse_number(text) if len(text) < 9 else None,
    {"type": "integer", "minimum": 1, "maximum": 10**8 - 1},
)
STRING = Kind("a string", _any_text, _any_text, {"type": "string"})
REVEAL = Kind("true or false", lambda value: value, _true, {"enum": ["true", "false"]})
NUMBERS = Kind("a list of numbers of the journal", _a_list, _any_text, _NUMBERS)
ALLOW = _list_of(("unmatched", "findings", "counts"))
SETTINGS = Kind("a mapping", _a_mapping, _any_text, {"$ref": "#/components/schemas/Settings"})
PLACE = Kind("a place", lambda value: value, _any_text, {})
"""Where a gate stands; the schema is that of fault places."""
NAME = Kind(
    "1 to 200 letters, digits or any of ._~-",
    lambda value: value if isinstance(value, str) and _NAME.fullmatch(value) else None,
    _any_text,
    {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,200}$"},
)


class Parameter(NamedTuple):
    """`rest` is a path parameter that may hold slashes."""

    name: str
    where: Where
    kind: Kind
    required: bool = False
    rest: bool = False


@dataclass(frozen=True, kw_only=True)
class Verb:
    """`returns` names the answer's schema. `anywhere` verbs may run on any thread while exchanges
    are in flight; `replies` are further statuses with their meaning."""

    name: str
    method: str
    path: str
    about: str
    returns: str
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    replies: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    anywhere: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path below `/__admin/` with its parameters as named groups."""
        text = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        for one in self.parameters:
            if one.where is Where.PATH:
                what = r"\d{1,15}" if one.kind is NUMBER else ".+" if one.rest else "[^/]+"
                text = text.replace(f"{{{one.name}}}", f"(?P<{one.name}>{what})")
        return re.compile(text, re.ASCII)

    @cached_property
    def has_body(self) -> bool:
        """Whether the request has a JSON object."""
        return any(one.where is Where.BODY for one in self.parameters)


def _path(name: str, kind: Kind = STRING, *, rest: bool = False) -> Parameter:
    return Parameter(name, Where.PATH, kind, required=True, rest=rest)


def _query(name: str, kind: Kind) -> Parameter:
    return Parameter(name, Where.QUERY, kind)


def _body(name: str, kind: Kind, *, required: bool = False) -> Parameter:
    return Parameter(name, Where.BODY, kind, required)


def _verb(
    name: str,
    route: str,
    returns: str,
    about: str,
    *parameters: Parameter,
    replies: Mapping[int, tuple[str, str]] | None = None,
    anywhere: bool = False,
) -> Verb:
    """`route` is the method, the path and, for a success other than 200, the status."""
    method, path, *status = route.split()
    return Verb(
        name=name,
        method=method,
        path=path,
        about=about,
        returns=returns,
        status=int(status[0]) if status else 200,
        parameters=parameters,
        replies=replies or {},
        anywhere=anywhere,
    )


VERBS: tuple[Verb, ...] = (
    _verb("health", "GET health", "Health", "Whether the server answers."),
    _verb("openapi", "GET openapi.json", "Object", "This document."),
    _verb("list_sandboxes", "GET sandboxes", "Sandboxes", "Every sandbox."),
    _verb(
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
    _verb("drop_sandbox", "DELETE sandboxes", "Dropped", "Drop this sandbox."),
    _verb("get_sandbox", "GET sandboxes/{name}", "Sandbox", "One sandbox.", _path("name")),
    _verb(
        "drop_named_sandbox",
        "DELETE sandboxes/{name}",
        "Dropped",
        "Drop one sandbox.",
        _path("name"),
    ),
    _verb(
        "list_scenarios",
        "GET scenarios",
        "Scenarios",
        "The loaded scenarios, with the number of calls of each stub.",
    ),
    _verb(
        "load_scenario",
        "POST scenarios 201",
        "Loaded",
        "Load a scenario; it replaces one of the same name. A bad one changes nothing.",
        _query("origin", STRING),
        _query("line", LINE),
        replies={422: ("The scenario has problems.", "Problems")},
    ),
    _verb("unload_scenarios", "DELETE scenarios", "Unloaded", "Unload every scenario."),
    _verb(
        "unload_scenario",
        "DELETE scenarios/{name}",
        "Unloaded",
        "Unload one scenario.",
        _path("name", rest=True),
    ),
    _verb(
        "journal",
        "GET journal",
        "Journal",
        "Exchanges in order, credentials masked unless revealed.",
        _query("after", NUMBER),
        _query("limit", NUMBER),
        _query("reveal", REVEAL),
    ),
    _verb("clear_journal", "DELETE journal", "Cleared", "Delete every exchange."),
    _verb(
        "journal_entry",
        "GET journal/{number}",
        "Entry",
        "One exchange.",
        _path("number", NUMBER),
        _query("reveal", REVEAL),
    ),
    _verb(
        "list_gates",
        "GET gates",
        "Gates",
        "Every gate, with the numbers of the exchanges that wait at it.",
    ),
    _verb(
        "add_gate",
        "POST gates 201",
        "Gate",
        "Pause the replies of a stub at a place, by default before their first byte.",
        _body("stub", STRING, required=True),
        _body("at", PLACE),
    ),
    _verb("clear_gates", "DELETE gates", "Released", "Open and remove every gate."),
    _verb("get_gate", "GET gates/{gate}", "Gate", "One gate.", _path("gate", NUMBER)),
    _verb(
        "remove_gate",
        "DELETE gates/{gate}",
        "Released",
        "Open and remove one gate.",
        _path("gate", NUMBER),
    ),
    _verb(
        "release",
        "POST gates/{gate}/release",
        "Released",
        "Resume some exchanges; without any, all of them and those to come.",
        _path("gate", NUMBER),
        _body("requests", NUMBERS),
    ),
    _verb(
        "verify",
        "POST verify",
        "Verdict",
        "The verification result: `ok` without problems.",
        _body("allow", ALLOW),
    ),
    _verb("reset", "POST reset", "Reset", "Return to the state of creation."),
)
BY_NAME: Mapping[str, Verb] = {verb.name: verb for verb in VERBS}


# --- messages ---


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A scenario on its way to a sandbox. `origin` is its file as reports show it, `line` the
    line there of an inline one; `files` are the dialect files that it names, by their paths
    relative to it."""

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
    """`headers` are those besides the ones that every answer has."""

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
    message = f"{method} is not allowed on {path!r}: expected {ways}"
    raise AdminError(405, message, headers={"Allow": ways})


def read_arguments(
    verb: Verb, path: Mapping[str, str], query: Mapping[str, str], body: str
) -> dict[str, object]:
    """The arguments of a verb from the parts of a request; raises UsageError for a wrong one."""
    given: JSONObject = _object(verb, body) if verb.has_body else {}
    arguments: dict[str, object] = {}
    for name, where, kind, required, _ in verb.parameters:
        source: Mapping[str, JSON] = (
            given if where is Where.BODY else {**path} if where is Where.PATH else {**query}
        )
        if name not in source and not required:
            continue
        raw = source.get(name)
        in_body = where is Where.BODY
        value = kind.read(raw) if in_body else kind.parse(str(raw))
        if value is None:
            label = f"{name!r}" if in_body else f"{where.value} {name!r}"
            raise UsageError(f"{label}: expected {kind.expected}, got {raw!r}")
        arguments[name] = value
    return arguments


def _object(verb: Verb, body: str) -> JSONObject:
    if not body.strip():
        return {}
    value = read_text(body)
    if isinstance(value, JSONReadError):
        raise UsageError(f"the body is not JSON: {value.message}")
    if not isinstance(value, dict):
        raise UsageError("the body: expected a JSON object")
    known = [one.name for one in verb.parameters if one.where is Where.BODY]
    unknown = [name for name in value if name not in known]
    if unknown:
        raise UsageError(f"unknown member {unknown[0]!r}: known are {', '.join(known)}")
    return value
