"""Dialects from data: what a dialect file says, laid over the dialect it extends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mockserver.contract import ConfigSection, DialectDataError, suggestion, wrong_value
from mockserver.contract.dialect_forms import header_value, read_echo, read_items, read_rules
from mockserver.contract.request_contract import OFFICIAL, compile_contract
from mockserver.model.api_key import Credential
from mockserver.model.budget import LIMIT_EXPECTED, BudgetLimits, Limit
from mockserver.model.dialect import ADDED_KINDS, CatalogueEntry, ChatStyle, Dialect, RequestValidator, ResponsesStyle
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Endpoint, Shape
from mockserver.model.findings import Finding
from mockserver.model.frames import Event
from mockserver.model.headers import line_problem
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import Chunks
from mockserver.model.request import Headers
from mockserver.model.route import Route, path_problem

if TYPE_CHECKING:
    from mockserver.contract.reply_contract import ReplyContract

_ENVELOPE: Final = ("type", "code", "param", "message")
_ENTRY: Final = ("about", "status", "headers", "html", "extra", "envelope", "limit_message", *_ENVELOPE)
_KEYS: Final = (
    *("dialect", "about", "extends", "routes", "members", "adds", "chunks", "chat", "responses", "headers"),
    *("credentials", "envelope", "models", "models_closed", "errors", "contract", "requests"),
    *("unknown", "model_rules", "limits"),
    *("echo", "items", "http", "edge", "not_inherited"),
)
_EDGE: Final = "edge"
_STYLE_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "role": ("own", "by_content", "joined", "every"),
    "padding": ("deltas", "chunks"),
    "usage": ("own", "finish", "every", "running", "never"),
    "error": ("own", "chunk"),
}
_NOT_OF_REASONING: Final = frozenset(
    {"role", "content", "refusal", "tool_calls", "function_call", "annotations", "audio"}
)
# What a chat style allows in streams, as data of a reply contract.
_STYLE_RULES: Final[Mapping[str, Mapping[str, JSONObject]]] = {
    "role": {
        "own": {"role_again": "forbidden"},
        "by_content": {"role_again": "forbidden"},
        "joined": {"role_again": "forbidden"},
        "every": {"role_again": "required"},
    },
    "usage": {
        "own": {"usage_on": ["own"]},
        "finish": {"usage_on": ["finish"]},
        "every": {"usage_on": ["every"]},
        "running": {"usage_on": ["every"]},
        "never": {"usage_on": []},
    },
}


class LazyReplyValidator:
    """Validates replies by a contract that `make` gives on first use.

    The contract's tables and the code that reads replies are loaded only then: a server that
    validates no reply needs neither."""

    def __init__(self, make: Callable[[], ReplyContract]) -> None:
        self._make = make

    @cached_property
    def contract(self) -> ReplyContract:
        return self._make()

    def stream(self, events: Sequence[Event], shape: Shape) -> tuple[Finding, ...]:
        from mockserver.contract.judge import judge_stream  # noqa: PLC0415  # not before the first answer

        return judge_stream(events, shape=shape, contract=self.contract)

    def body(self, body: JSON, shape: Shape) -> tuple[Finding, ...]:
        from mockserver.contract.judge import judge_body  # noqa: PLC0415  # not before the first answer

        return judge_body(body, shape=shape, contract=self.contract)


def build(
    data: JSON, base: Dialect | None = None, schemas: Mapping[str, JSON] | None = None, *, tested: bool = False
) -> Dialect:
    """Build the dialect that `data` describes; keys that are absent are taken from `base`.

    `routes` replace those of the base as a whole; `members`, `headers`, `errors` and `contract`
    are laid over the base entry by entry, and a member list, header or error of null removes the
    base's. `schemas` holds the request schemas by file name. The contracts of a `tested` dialect
    are compiled on first use; see `Dialect.tested`. What is under `not_inherited` is laid over the
    rest as if it were another dialect's, which no dialect extends. Raises DialectDataError."""
    root = ConfigSection.of(data)
    root.only(_KEYS)
    dialect = base or Dialect(name="", routes=ENDPOINTS.routes)
    dialect = replace(dialect.inherited or dialect, name=root.text("dialect"), tested=tested, inherited=None)
    dialect = _laid_over(dialect, root, schemas or {}, tested=tested)
    if "not_inherited" not in root.data:
        return dialect
    own = root.section("not_inherited")
    own.only(key for key in _KEYS if key not in ("dialect", "extends", "not_inherited"))
    return replace(_laid_over(dialect, own, schemas or {}, tested=tested), inherited=dialect)


def _laid_over(dialect: Dialect, root: ConfigSection, schemas: Mapping[str, JSON], *, tested: bool) -> Dialect:
    if "adds" in root.data and (dialect.replies is not None or "contract" in root.data):
        dialect = replace(dialect, replies=_added_contract(root.data["adds"], dialect, tested=tested))
    if "members" in root.data and (dialect.replies is not None or "contract" in root.data):
        dialect = replace(dialect, replies=_members_contract(root.data["members"], dialect, tested=tested))
    if "chat" in root.data and (dialect.replies is not None or "contract" in root.data):
        dialect = replace(dialect, replies=_style_contract(root.data["chat"], dialect, tested=tested))
    changes: dict[str, object] = {}
    for key, (field, read) in _READERS.items():
        if key in root.data:
            changes[field] = read(root, key, dialect)
    if "contract" in root.data:
        contract = root.section("contract")
        changes["replies"] = _validator(lambda: _base_contract(dialect).overlaid(contract), tested=tested)
    if "requests" in root.data:
        changes["requests"] = _requests(root.section("requests"), schemas, tested=tested)
    found = replace(dialect, **changes)  # type: ignore[arg-type]  # each reader gives its field's type
    if not tested:
        from mockserver.contract.dialect_names import check_names  # noqa: PLC0415  # for files of users alone

        check_names(root, found, _base_contract(found), _base_contract(dialect))
    return found.behind_edge() if root.data.get("headers") == _EDGE else found


def _routes(root: ConfigSection, key: str, _: Dialect) -> tuple[Route, ...]:
    found: list[Route] = []
    first: dict[Endpoint, Route] = {}
    shapes = [one for one in SHAPES.names if one != Shape.EXACT]
    for path, route in root.section(key).sections():
        problem = path_problem(path)
        if problem is not None:
            raise DialectDataError(route.path, problem)
        route.only(("endpoint", "shape", "by_member"))
        by_member = route.section("by_member")
        endpoint = Endpoint(route.choice("endpoint", [one.name for one in ENDPOINTS if one.routes]))
        one = Route(
            path=path,
            endpoint=endpoint,
            shape=Shape(route.choice("shape", shapes)),
            by_member=tuple((name, Shape(by_member.choice(name, shapes))) for name in by_member.data),
            methods=ENDPOINTS[endpoint].routes[0].methods,
        )
        found.append(one)
        before = first.setdefault(endpoint, one)
        if one[2:4] != before[2:4]:
            raise DialectDataError(
                route.at("shape"), f"every route of {endpoint} replies in the shapes of its first, {before.path}"
            )
    return tuple(found)


def _limits(root: ConfigSection, key: str, base: Dialect) -> BudgetLimits | None:
    """Limits laid over the base's one by one; null takes them away."""
    if root.data[key] is None:
        return None
    section = root.section(key)
    section.only(("requests", "tokens"))
    found = base.limits or BudgetLimits()
    for name, value in section.data.items():
        limit = None if value is None else Limit.parse(section.text(name))
        if limit is None and value is not None:
            raise DialectDataError(section.at(name), f"expected {LIMIT_EXPECTED}, got {value!r}")
        found = replace(found, **{name: limit})
    return found


def _members(root: ConfigSection, key: str, base: Dialect) -> Mapping[str, tuple[str, ...]]:
    section = root.section(key)
    return section.layered(base.members, section.texts)


def _chunks(root: ConfigSection, key: str, _: Dialect) -> Chunks:
    match root.data[key]:
        case ("token" | "word" | "char") as way:
            return way
        case int(size) if size > 0 and size is not True:
            return size
        case value:
            raise wrong_value(root.at(key), value, "token, word, char or a number of characters")


def _adds(root: ConfigSection, key: str, base: Dialect) -> Mapping[str, JSONObject]:
    section = root.section(key)
    section.only(ADDED_KINDS)
    return section.layered(base.adds, section.object)


def _chat(root: ConfigSection, key: str, base: Dialect) -> ChatStyle:
    section = root.section(key)
    section.only((*_STYLE_CHOICES, "reasoning", "comment", "first", "obfuscation"))
    changes: dict[str, object] = {}
    for name in section.data:
        if name in _STYLE_CHOICES:
            changes[name] = section.choice(name, _STYLE_CHOICES[name])
        elif name == "first":
            changes[name] = section.object(name)
        elif name == "obfuscation":
            changes[name] = section.flag(name)
        else:
            changes[name] = section.text(name)
    own = changes.get("reasoning")
    if own in _NOT_OF_REASONING:
        message = f"{own!r} has a meaning of its own; expected a member such as 'reasoning_content', or 'parts'"
        raise DialectDataError(section.at("reasoning"), message)
    return replace(base.chat, **changes)  # type: ignore[arg-type]  # checked key by key above


def _responses(root: ConfigSection, key: str, base: Dialect) -> ResponsesStyle:
    section = root.section(key)
    section.only(("done", "event_lines", "obfuscation", "order"))
    changes: dict[str, object] = {name: section.flag(name) for name in section.data if name != "order"}
    if "order" in section.data:
        changes["order"] = section.choice("order", ("fixed", "sorted"))
    return replace(base.responses, **changes)  # type: ignore[arg-type]  # checked key by key above


def _headers(root: ConfigSection, key: str, base: Dialect) -> Headers:
    if root.data[key] == _EDGE:
        return base.headers
    section = root.section(key)
    by_lower_name = {name.lower(): (name, value) for name, value in base.headers}
    for name in section.data:
        if section.data[name] is None:
            by_lower_name.pop(name.lower(), None)
        else:
            by_lower_name[name.lower()] = (name, header_value(section, name))
    return tuple(by_lower_name.values())


def _errors(root: ConfigSection, key: str, base: Dialect) -> Mapping[str, CatalogueEntry]:
    section = root.section(key)
    return section.layered(base.catalogue, lambda name: _entry(name, section.section(name)))


def _entry(name: str, entry: ConfigSection) -> CatalogueEntry:
    entry.only((*_ENTRY, *SHAPES.names))
    members: JSONObject = {key: entry.data[key] for key in _ENVELOPE if key in entry.data}
    headers = entry.section("headers")
    return CatalogueEntry(
        name=name,
        about=entry.text("about", ""),
        status=entry.status("status"),
        members=members | entry.object("extra"),
        headers=tuple((key, header_value(headers, key)) for key in headers.data),
        html=None if entry.data.get("html") is None else entry.text("html"),
        envelope=entry.object("envelope") or None,
        limit_message=entry.text("limit_message", ""),
        shapes={shape: _shape_members(entry.section(shape)) for shape in SHAPES.names if shape in entry.data},
    )


def _shape_members(section: ConfigSection) -> JSONObject:
    section.only(("status", *_ENVELOPE))
    if "status" in section.data:
        section.status("status")
    return dict(section.data)


def _credentials(root: ConfigSection, key: str, _: Dialect) -> tuple[Credential, ...]:
    found: list[Credential] = []
    for path, value in root.list(key):
        credential = ConfigSection.of(value, path)
        credential.only(("header", "scheme"))
        header, scheme = credential.text("header").lower(), credential.text("scheme", "")
        problem = line_problem(header, scheme)
        if problem is not None:
            raise DialectDataError(credential.path, problem)
        found.append(Credential(header=header, scheme=scheme))
    return tuple(found)


def _models(root: ConfigSection, key: str, _: Dialect) -> tuple[JSONObject, ...]:
    found: list[JSONObject] = []
    for path, value in root.list(key):
        model = ConfigSection.of({"id": value} if isinstance(value, str) else value, path)
        found.append({"id": model.text("id"), "object": "model", **model.data})
    return tuple(found)


_READERS: Final[Mapping[str, tuple[str, Callable[[ConfigSection, str, Dialect], object]]]] = {
    "about": ("about", lambda root, key, _: root.text(key)),
    "routes": ("routes", _routes),
    "credentials": ("credentials", _credentials),
    "envelope": ("envelope", lambda root, key, _: root.object(key)),
    "models": ("models", _models),
    "models_closed": ("models_closed", lambda root, key, _: root.flag(key)),
    "unknown": ("unknown", lambda root, key, base: root.one(key, base.unknown)),
    "model_rules": ("model_rules", lambda root, key, base: root.one(key, base.model_rules)),
    "limits": ("limits", _limits),
    "members": ("members", _members),
    "chunks": ("chunks", _chunks),
    "adds": ("adds", _adds),
    "chat": ("chat", _chat),
    "responses": ("responses", _responses),
    "headers": ("headers", _headers),
    "errors": ("catalogue", _errors),
    "echo": ("echo", read_echo),
    "items": ("items", read_items),
    "http": ("http", read_rules),
    "edge": ("edge", read_rules),
}


def _base_contract(base: Dialect) -> ReplyContract:
    if isinstance(base.replies, LazyReplyValidator):
        return base.replies.contract
    from mockserver.contract.openai import OPENAI  # noqa: PLC0415  # not before the first answer

    return OPENAI


def _members_contract(members: JSON, base: Dialect, *, tested: bool) -> LazyReplyValidator:
    """The base's contract, changed to allow the members that are sent, and those that are left out."""

    def make() -> ReplyContract:
        from mockserver.contract.dialect_names import with_members  # noqa: PLC0415  # not before the first answer

        return with_members(_base_contract(base), members if isinstance(members, dict) else {})

    return _validator(make, tested=tested)


def _added_contract(adds: JSON, base: Dialect, *, tested: bool) -> LazyReplyValidator:
    """The base's contract, changed to allow the members that a dialect adds."""

    def make() -> ReplyContract:
        contract = _base_contract(base)
        for kind, members in adds.items() if isinstance(adds, dict) else ():
            name = ADDED_KINDS.get(kind, "")
            known = contract.tables.kinds.get(name)
            if known is not None and isinstance(members, dict):
                more: JSONObject = {one: "any" for one in members if one not in known.table}
                contract = contract.overlaid(ConfigSection({"kinds": {name: {"optional": more}}}))
        return contract

    return _validator(make, tested=tested)


def _style_contract(chat: JSON, base: Dialect, *, tested: bool) -> LazyReplyValidator:
    """The base's contract, changed to allow what the chat style implies. Keys that are absent or
    wrong imply nothing; `contract` is laid over the result."""
    style = chat if isinstance(chat, dict) else {}

    def make() -> ReplyContract:
        contract = _base_contract(base)
        rules: JSONObject = {}
        for key, by_word in _STYLE_RULES.items():
            rules |= by_word.get(str(style.get(key)), {})
        kinds: JSONObject = {}
        reasoning, first = style.get("reasoning"), style.get("first")
        if reasoning == "parts":
            kinds["chat.delta"] = {"optional": {"content": "string|list|null"}}
            kinds["chat.message"] = {"required": {"content": "string|list|null"}}
        elif isinstance(reasoning, str) and reasoning:
            for kind in ("chat.delta", "chat.message"):
                kinds[kind] = {"optional": {reasoning: "string|null"}}
        if isinstance(first, dict):
            rules["empty_chunks"] = "first" if first else "nowhere"
        return contract.overlaid(ConfigSection({"chat": rules, "kinds": kinds}))

    return _validator(make, tested=tested)


def _validator(make: Callable[[], ReplyContract], *, tested: bool) -> LazyReplyValidator:
    validator = LazyReplyValidator(make)
    if not tested:
        _ = validator.contract
    return validator


def _requests(section: ConfigSection, schemas: Mapping[str, JSON], *, tested: bool) -> RequestValidator:
    section.only((*ENDPOINTS.form_names, "without"))
    names = {kind: section.text(kind) for kind in ENDPOINTS.form_names if kind in section.data}
    for kind, name in names.items():
        if name not in schemas and name != OFFICIAL:
            raise DialectDataError(section.at(kind), f"no schema file {name!r}{suggestion(name, schemas)}")
    without = section.texts("without")
    try:
        return compile_contract(forms=names, files=schemas, without=without, later=tested)
    except ValueError as error:
        raise DialectDataError(section.path, str(error)) from None
