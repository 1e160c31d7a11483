"""A dialect told by data: one mapping, on top of the one it extends.

Reading the files is not done here. What is wrong in the data is a `DialectDataError` with the key
path, so that the reader can add file, line and column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

from mockserver.contract.replies.contract import ReplyContract
from mockserver.contract.replies.openai import OPENAI
from mockserver.contract.reply_judge import TableJudge
from mockserver.contract.requests.contract import compile_contract
from mockserver.contract.requests.form import Form
from mockserver.core.dialect import (
    CatalogueEntry,
    ChatStyle,
    Credential,
    Dialect,
    RequestJudge,
    ResponsesStyle,
    Route,
)
from mockserver.core.endpoint import Endpoint, Shape
from mockserver.core.jsontext import JSON, Object
from mockserver.core.request import Headers

_ENVELOPE = ("type", "code", "param", "message")
_ENTRY = ("about", "status", "headers", "html", "extra", *_ENVELOPE)
_SHAPES = tuple(shape.value for shape in Shape)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "role": ("own", "joined", "every"),
    "usage": ("own", "finish", "every", "never"),
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


class DialectDataError(ValueError):
    """Data that makes no dialect; `key_path` leads to the place: `routes./v1/responses.shape`."""

    def __init__(self, key_path: str, message: str) -> None:
        super().__init__(f"{key_path}: {message}" if key_path else message)
        self.key_path = key_path
        self.message = message


def build(
    data: JSON, base: Dialect | None = None, schemas: Mapping[str, JSON] | None = None
) -> Dialect:
    """Build the dialect that `data` tells; what it leaves out is `base`'s.

    `routes`, when given, replace the base's whole; `members`, `headers`, `errors`, `contract` are
    laid over the base's entry by entry; a member list or an error of null takes the base's away.
    `schemas` holds the request schemas by file name.
    """
    told = _mapping(data, "")
    for key in told:
        if key not in _KEYS:
            raise DialectDataError(key, f"unknown key{_nearest(key, _KEYS)}")
    dialect = base or Dialect(name="")
    changes: dict[str, object] = {"name": _text(told.get("dialect"), "dialect")}
    for key, field, read in _FIELDS:
        if key in told:
            changes[field] = read(told[key], key)
    for key, field, lay in _LAYERED:
        if key in told:
            changes[field] = lay(told[key], key, dialect)
    if "requests" in told:
        changes["requests"] = _requests(told["requests"], "requests", schemas or {})
    return replace(dialect, **changes)  # type: ignore[arg-type]  # each reader gives its field's type


def _routes(value: JSON, at: str) -> Mapping[str, Route]:
    found: dict[str, Route] = {}
    doors: dict[Endpoint, str] = {}
    for path, told in _mapping(value, at).items():
        here = f"{at}.{path}"
        if not path.startswith("/v1/"):
            raise DialectDataError(here, "a route begins with /v1/")
        members = _mapping(told, here)
        _known(members, ("endpoint", "shape", "by_member"), here)
        given = _mapping(members.get("by_member", {}), f"{here}.by_member")
        found[path] = Route(
            path=path,
            endpoint=_one_of(Endpoint, members.get("endpoint"), f"{here}.endpoint"),
            shape=_one_of(Shape, members.get("shape"), f"{here}.shape"),
            by_member=tuple(
                (name, _one_of(Shape, shape, f"{here}.by_member.{name}"))
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
    for kind, names in _mapping(value, at).items():
        if names is None:
            found.pop(kind, None)
        else:
            found[kind] = tuple(
                _text(name, f"{at}.{kind}[{index}]")
                for index, name in enumerate(_sequence(names, f"{at}.{kind}"))
            )
    return found


def _chat(value: JSON, at: str, base: Dialect) -> ChatStyle:
    told = _mapping(value, at)
    _known(told, ("role", "usage", "reasoning", "comment", "first", "obfuscation"), at)
    changes: dict[str, object] = {}
    for key, given in told.items():
        here = f"{at}.{key}"
        if key in _CHOICES:
            changes[key] = _choice(given, _CHOICES[key], here)
        elif key == "first":
            changes[key] = _mapping(given, here)
        elif key == "obfuscation":
            changes[key] = _flag(given, here)
        else:
            changes[key] = _text(given, here)
    return replace(base.chat, **changes)  # type: ignore[arg-type]  # checked key by key above


def _responses(value: JSON, at: str, base: Dialect) -> ResponsesStyle:
    told = _mapping(value, at)
    _known(told, ("done", "event_lines", "obfuscation"), at)
    changes = {key: _flag(given, f"{at}.{key}") for key, given in told.items()}
    return replace(base.responses, **changes)


def _headers(value: JSON, at: str, base: Dialect) -> Headers:
    found = {name.lower(): (name, text) for name, text in base.headers}
    for name, given in _mapping(value, at).items():
        if given is None:
            found.pop(name.lower(), None)
        else:
            found[name.lower()] = (name, _text(given, f"{at}.{name}"))
    return tuple(found.values())


def _errors(value: JSON, at: str, base: Dialect) -> Mapping[str, CatalogueEntry]:
    found = dict(base.catalogue)
    for name, told in _mapping(value, at).items():
        if told is None:
            found.pop(name, None)
        else:
            found[name] = _entry(name, _mapping(told, f"{at}.{name}"), f"{at}.{name}")
    return found


def _entry(name: str, told: Object, at: str) -> CatalogueEntry:
    _known(told, (*_ENTRY, *_SHAPES), at)
    members: Object = {key: told[key] for key in _ENVELOPE if key in told}
    members |= _mapping(told.get("extra", {}), f"{at}.extra")
    html = told.get("html")
    given = _mapping(told.get("headers", {}), f"{at}.headers")
    return CatalogueEntry(
        name=name,
        about=_text(told.get("about", ""), f"{at}.about"),
        status=_status(told.get("status"), f"{at}.status"),
        members=members,
        headers=tuple((key, _text(text, f"{at}.headers.{key}")) for key, text in given.items()),
        html=None if html is None else _text(html, f"{at}.html"),
        shapes={
            shape: _differing(told[shape], f"{at}.{shape}") for shape in _SHAPES if shape in told
        },
    )


def _differing(value: JSON, at: str) -> Object:
    told = _mapping(value, at)
    _known(told, ("status", *_ENVELOPE), at)
    if "status" in told:
        _status(told["status"], f"{at}.status")
    return told


def _credentials(value: JSON, at: str) -> tuple[Credential, ...]:
    found: list[Credential] = []
    for index, told in enumerate(_sequence(value, at)):
        here = f"{at}[{index}]"
        members = _mapping(told, here)
        _known(members, ("header", "scheme"), here)
        found.append(
            Credential(
                header=_text(members.get("header"), f"{here}.header").lower(),
                scheme=_text(members.get("scheme", ""), f"{here}.scheme"),
            )
        )
    return tuple(found)


def _models(value: JSON, at: str) -> tuple[Object, ...]:
    found: list[Object] = []
    for index, told in enumerate(_sequence(value, at)):
        here = f"{at}[{index}]"
        members: Object = {"id": told} if isinstance(told, str) else _mapping(told, here)
        _text(members.get("id"), f"{here}.id")
        found.append({"id": members["id"], "object": "model"} | members)
    return tuple(found)


def _contract(value: JSON, at: str, base: Dialect) -> TableJudge:
    told = _mapping(value, at)
    under = base.replies.contract if isinstance(base.replies, TableJudge) else OPENAI
    try:
        return TableJudge(ReplyContract.from_data(told, under))
    except ValueError as error:
        raise DialectDataError(at, str(error)) from None


def _requests(value: JSON, at: str, schemas: Mapping[str, JSON]) -> RequestJudge:
    told = _mapping(value, at)
    _known(told, (*(form.value for form in Form), "without"), at)
    forms = {
        form: _text(told[form.value], f"{at}.{form.value}") for form in Form if form.value in told
    }
    without = [
        _text(name, f"{at}.without[{index}]")
        for index, name in enumerate(_sequence(told.get("without", []), f"{at}.without"))
    ]
    for form, name in forms.items():
        if name not in schemas:
            raise DialectDataError(
                f"{at}.{form.value}", f"no schema file {name!r}{_nearest(name, tuple(schemas))}"
            )
    try:
        return compile_contract(forms=forms, files=schemas, without=without)
    except ValueError as error:
        raise DialectDataError(at, str(error)) from None


def _envelope(value: JSON, at: str) -> JSON:
    return _mapping(value, at)


def _mapping(value: JSON, at: str) -> Object:
    if isinstance(value, dict):
        return value
    raise DialectDataError(at, f"wanted a mapping, got {value!r}")


def _sequence(value: JSON, at: str) -> list[JSON]:
    if isinstance(value, list):
        return value
    raise DialectDataError(at, f"wanted a list, got {value!r}")


def _text(value: JSON, at: str) -> str:
    if isinstance(value, str):
        return value
    raise DialectDataError(at, f"wanted a text, got {value!r}")


def _flag(value: JSON, at: str) -> bool:
    if isinstance(value, bool):
        return value
    raise DialectDataError(at, f"wanted true or false, got {value!r}")


def _status(value: JSON, at: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999:
        return value
    raise DialectDataError(at, f"wanted an HTTP status, got {value!r}")


def _choice(value: JSON, choices: tuple[str, ...], at: str) -> str:
    if isinstance(value, str) and value in choices:
        return value
    raise DialectDataError(at, f"wanted one of {', '.join(choices)}, got {value!r}")


Named = TypeVar("Named", Endpoint, Shape)


def _one_of(kind: type[Named], value: JSON, at: str) -> Named:
    return kind(_choice(value, tuple(one.value for one in kind), at))


def _known(told: Object, keys: tuple[str, ...], at: str) -> None:
    for key in told:
        if key not in keys:
            raise DialectDataError(f"{at}.{key}", f"unknown key{_nearest(key, keys)}")


def _nearest(key: str, keys: tuple[str, ...]) -> str:
    near = get_close_matches(key, keys, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(keys))}"


_FIELDS: tuple[tuple[str, str, Reader[object]], ...] = (
    ("about", "about", _text),
    ("routes", "routes", _routes),
    ("credentials", "credentials", _credentials),
    ("envelope", "envelope", _envelope),
    ("models", "models", _models),
    ("models_closed", "models_closed", _flag),
)
_LAYERED: tuple[tuple[str, str, Callable[[JSON, str, Dialect], object]], ...] = (
    ("members", "members", _members),
    ("chat", "chat", _chat),
    ("responses", "responses", _responses),
    ("headers", "headers", _headers),
    ("errors", "catalogue", _errors),
    ("contract", "replies", _contract),
)
