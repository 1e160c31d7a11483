"""What the spelling of chat streams implies for their contract.

A dialect that says how it spells its streams need not say again that this is legal there; what it
says under `contract` goes over what is implied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

from mockserver.contract.config_section import (
    DialectDataError,
    choice,
    flag,
    known,
    mapping,
    nearest,
    one_of,
    sequence,
    status,
    text,
)
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.reply_validator import LazyReplyValidator
from mockserver.contract.request_body import BodyKind
from mockserver.contract.request_contract import compile_contract
from mockserver.model.dialect import (
    CatalogueEntry,
    ChatStyle,
    Credential,
    Dialect,
    RequestValidator,
    ResponsesStyle,
    Route,
)
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.json import JSON, JSONObject
from mockserver.model.request import Headers

_FORMS: Final[Mapping[str, Mapping[str, JSONObject]]] = {
    "role": {
        "own": {"role_again": "forbidden"},
        "joined": {"role_again": "forbidden"},
        "every": {"role_again": "required"},
    },
    "usage": {
        "own": {"usage_on": ["own"]},
        "finish": {"usage_on": ["finish"]},
        "every": {"usage_on": ["every"]},
        "never": {"usage_on": []},
    },
}


def with_implied(contract: ReplyContract, chat: JSON) -> ReplyContract:
    """The contract of streams spelled as a dialect says under `chat`; what is not said there, or
    wrong, implies nothing."""
    told = chat if isinstance(chat, dict) else {}
    form: JSONObject = {}
    for key, forms in _FORMS.items():
        form |= forms.get(str(told.get(key)), {})
    kinds: JSONObject = {}
    reasoning, first = told.get("reasoning"), told.get("first")
    if isinstance(reasoning, str) and reasoning:
        for kind in ("chat.delta", "chat.message"):
            kinds[kind] = {"optional": {reasoning: "string|null"}}
    if isinstance(first, dict):
        form["empty_chunks"] = "first" if first else "nowhere"
        known = contract.tables.kinds["chat.chunk"].table
        kinds["chat.chunk"] = {"optional": {name: "any" for name in first if name not in known}}
    return ReplyContract.from_data({"chat": form, "kinds": kinds}, contract)


_ENVELOPE = ("type", "code", "param", "message")
_ENTRY = ("about", "status", "headers", "html", "extra", *_ENVELOPE)
_SHAPES = tuple(shape.value for shape in Shape)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "role": ("own", "joined", "every"),
    "usage": ("own", "finish", "every", "never"),
    "error": ("own", "chunk"),
}
_KEYS = (
    "dialect",
    "about",
    "extends",
    "routes",
    "members",
    "chat",
    "responses",
    "headers",
    "credentials",
    "envelope",
    "models",
    "models_closed",
    "errors",
    "contract",
    "requests",
)
Value = TypeVar("Value")
Reader: TypeAlias = Callable[[JSON, str], Value]


def build(
    data: JSON,
    base: Dialect | None = None,
    schemas: Mapping[str, JSON] | None = None,
    *,
    tested: bool = False,
) -> Dialect:
    """Build the dialect that `data` tells; what it leaves out is `base`'s.

    `routes`, when given, replace the base's whole; `members`, `headers`, `errors`, `contract` are
    laid over the base's entry by entry; a member list or an error of null takes the base's away.
    `schemas` holds the request schemas by file name. Of a dialect that was `tested` the contracts
    are compiled when they are first asked for; see `Dialect.tested`.
    """
    told = mapping(data, "")
    for key in told:
        if key not in _KEYS:
            raise DialectDataError(key, f"unknown key{nearest(key, _KEYS)}")
    dialect = base or Dialect(name="")
    if "chat" in told and (dialect.replies is not None or "contract" in told):
        dialect = replace(dialect, replies=_implied(told["chat"], dialect, tested=tested))
    changes: dict[str, object] = {"name": text(told.get("dialect"), "dialect"), "tested": tested}
    for key, field, read in _FIELDS:
        if key in told:
            changes[field] = read(told[key], key)
    for key, field, lay in _LAYERED:
        if key in told:
            changes[field] = lay(told[key], key, dialect)
    if "contract" in told:
        changes["replies"] = _contract(told["contract"], "contract", dialect, tested=tested)
    if "requests" in told:
        given = {} if schemas is None else schemas
        changes["requests"] = _requests(told["requests"], "requests", given, tested=tested)
    return replace(dialect, **changes)  # type: ignore[arg-type]  # each reader gives its field's type


def _routes(value: JSON, at: str) -> Mapping[str, Route]:
    found: dict[str, Route] = {}
    doors: dict[Endpoint, str] = {}
    for path, told in mapping(value, at).items():
        here = f"{at}.{path}"
        if not path.startswith("/v1/"):
            raise DialectDataError(here, "a route begins with /v1/")
        members = mapping(told, here)
        known(members, ("endpoint", "shape", "by_member"), here)
        given = mapping(members.get("by_member", {}), f"{here}.by_member")
        found[path] = Route(
            path=path,
            endpoint=one_of(Endpoint, members.get("endpoint"), f"{here}.endpoint"),
            shape=one_of(Shape, members.get("shape"), f"{here}.shape"),
            by_member=tuple(
                (name, one_of(Shape, shape, f"{here}.by_member.{name}"))
                for name, shape in given.items()
            ),
        )
        door = found[path].endpoint
        if door in doors:
            message = f"{door.value} has the route {doors[door]} already"
            raise DialectDataError(f"{here}.endpoint", message)
        doors[door] = path
    return found


def _members(value: JSON, at: str, base: Dialect) -> Mapping[str, tuple[str, ...]]:
    found = dict(base.members)
    for kind, names in mapping(value, at).items():
        if names is None:
            found.pop(kind, None)
        else:
            found[kind] = tuple(
                text(name, f"{at}.{kind}[{index}]")
                for index, name in enumerate(sequence(names, f"{at}.{kind}"))
            )
    return found


def _chat(value: JSON, at: str, base: Dialect) -> ChatStyle:
    told = mapping(value, at)
    known(told, (*_CHOICES, "reasoning", "comment", "first", "obfuscation"), at)
    changes: dict[str, object] = {}
    for key, given in told.items():
        here = f"{at}.{key}"
        if key in _CHOICES:
            changes[key] = choice(given, _CHOICES[key], here)
        elif key == "first":
            changes[key] = mapping(given, here)
        elif key == "obfuscation":
            changes[key] = flag(given, here)
        else:
            changes[key] = text(given, here)
    return replace(base.chat, **changes)  # type: ignore[arg-type]  # checked key by key above


def _responses(value: JSON, at: str, base: Dialect) -> ResponsesStyle:
    told = mapping(value, at)
    known(told, ("done", "event_lines", "obfuscation"), at)
    changes = {key: flag(given, f"{at}.{key}") for key, given in told.items()}
    return replace(base.responses, **changes)


def _headers(value: JSON, at: str, base: Dialect) -> Headers:
    found = {name.lower(): (name, text) for name, text in base.headers}
    for name, given in mapping(value, at).items():
        if given is None:
            found.pop(name.lower(), None)
        else:
            found[name.lower()] = (name, text(given, f"{at}.{name}"))
    return tuple(found.values())


def _errors(value: JSON, at: str, base: Dialect) -> Mapping[str, CatalogueEntry]:
    found = dict(base.catalogue)
    for name, told in mapping(value, at).items():
        if told is None:
            found.pop(name, None)
        else:
            found[name] = _entry(name, mapping(told, f"{at}.{name}"), f"{at}.{name}")
    return found


def _entry(name: str, told: JSONObject, at: str) -> CatalogueEntry:
    known(told, (*_ENTRY, *_SHAPES), at)
    members: JSONObject = {key: told[key] for key in _ENVELOPE if key in told}
    members |= mapping(told.get("extra", {}), f"{at}.extra")
    html = told.get("html")
    given = mapping(told.get("headers", {}), f"{at}.headers")
    return CatalogueEntry(
        name=name,
        about=text(told.get("about", ""), f"{at}.about"),
        status=status(told.get("status"), f"{at}.status"),
        members=members,
        headers=tuple((key, text(one, f"{at}.headers.{key}")) for key, one in given.items()),
        html=None if html is None else text(html, f"{at}.html"),
        shapes={
            shape: _differing(told[shape], f"{at}.{shape}") for shape in _SHAPES if shape in told
        },
    )


def _differing(value: JSON, at: str) -> JSONObject:
    told = mapping(value, at)
    known(told, ("status", *_ENVELOPE), at)
    if "status" in told:
        status(told["status"], f"{at}.status")
    return told


def _credentials(value: JSON, at: str) -> tuple[Credential, ...]:
    found: list[Credential] = []
    for index, told in enumerate(sequence(value, at)):
        here = f"{at}[{index}]"
        members = mapping(told, here)
        known(members, ("header", "scheme"), here)
        found.append(
            Credential(
                header=text(members.get("header"), f"{here}.header").lower(),
                scheme=text(members.get("scheme", ""), f"{here}.scheme"),
            )
        )
    return tuple(found)


def _models(value: JSON, at: str) -> tuple[JSONObject, ...]:
    found: list[JSONObject] = []
    for index, told in enumerate(sequence(value, at)):
        here = f"{at}[{index}]"
        members: JSONObject = {"id": told} if isinstance(told, str) else mapping(told, here)
        text(members.get("id"), f"{here}.id")
        found.append({"id": members["id"], "object": "model"} | members)
    return tuple(found)


def _under(base: Dialect) -> ReplyContract:
    if isinstance(base.replies, LazyReplyValidator):
        return base.replies.contract
    from mockserver.contract.openai import OPENAI  # noqa: PLC0415  # not before the first answer

    return OPENAI


def _implied(chat: JSON, base: Dialect, *, tested: bool) -> LazyReplyValidator:
    def make() -> ReplyContract:

        return with_implied(_under(base), chat)

    return _judge(make, tested=tested)


def _contract(value: JSON, at: str, base: Dialect, *, tested: bool) -> LazyReplyValidator:
    told = mapping(value, at)

    def make() -> ReplyContract:
        from mockserver.contract.reply_contract import ReplyContract  # noqa: PLC0415  # not before the first answer

        return ReplyContract.from_data(told, _under(base))

    try:
        return _judge(make, tested=tested)
    except ValueError as error:
        raise DialectDataError(at, str(error)) from None


def _judge(make: Callable[[], ReplyContract], *, tested: bool) -> LazyReplyValidator:
    if tested:
        return LazyReplyValidator(make)
    made = make()
    return LazyReplyValidator(lambda: made)


def _requests(
    value: JSON, at: str, schemas: Mapping[str, JSON], *, tested: bool
) -> RequestValidator:
    told = mapping(value, at)
    known(told, (*(form.value for form in BodyKind), "without"), at)
    forms = {
        form: text(told[form.value], f"{at}.{form.value}")
        for form in BodyKind
        if form.value in told
    }
    without = [
        text(name, f"{at}.without[{index}]")
        for index, name in enumerate(sequence(told.get("without", []), f"{at}.without"))
    ]
    for form, name in forms.items():
        if name not in schemas:
            raise DialectDataError(
                f"{at}.{form.value}", f"no schema file {name!r}{nearest(name, tuple(schemas))}"
            )
    try:
        return compile_contract(forms=forms, files=schemas, without=without, later=tested)
    except ValueError as error:
        raise DialectDataError(at, str(error)) from None


def _envelope(value: JSON, at: str) -> JSON:
    return mapping(value, at)


_FIELDS: tuple[tuple[str, str, Reader[object]], ...] = (
    ("about", "about", text),
    ("routes", "routes", _routes),
    ("credentials", "credentials", _credentials),
    ("envelope", "envelope", _envelope),
    ("models", "models", _models),
    ("models_closed", "models_closed", flag),
)
_LAYERED: tuple[tuple[str, str, Callable[[JSON, str, Dialect], object]], ...] = (
    ("members", "members", _members),
    ("chat", "chat", _chat),
    ("responses", "responses", _responses),
    ("headers", "headers", _headers),
    ("errors", "catalogue", _errors),
)
