"""Request tables: what a request body may hold, in the order in which the API checks it.

The members are written in the language of `request_types`; what it cannot say is in functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from mockserver.contract import CONTRACT_DATE
from mockserver.contract.error_messages import INVALID_REQUEST, MAX_FAULTS, clipped, listing, quoted
from mockserver.contract.model_rules import MODEL_RULES, model_rejections
from mockserver.contract.request_types import Alternative, Further, Kind, Type
from mockserver.model.dialect import Rejection
from mockserver.model.findings import ApiError, Finding, Severity
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_rule import ModelRules
from mockserver.model.settings import UnknownPolicy

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_LONG_VALUE = 20
_BARE = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "decimal",
    "string": "string",
    "name": "string",
    "metadata": "metadata object",
}
_GOT: Mapping[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


Function: TypeAlias = "Callable[[BodyCheck, JSON, str], None]"
"""Checks a value at a path, reporting to the check of its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTable:
    """The table of one endpoint. `root` is the kind of the body. `first` and `last` are checks of
    whole bodies before and after the members of the root; `replaces` are cross-field rules that
    they check themselves."""

    kinds: Mapping[str, Kind]
    values: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, Function] = field(default_factory=dict)
    root: str = "body"
    first: Callable[[BodyCheck], None] = lambda _: None
    last: Callable[[BodyCheck], None] = lambda _: None
    replaces: tuple[str, ...] = ()


class _EnoughError(Exception):
    """No further finding is of use."""


class BodyCheck:
    """One check of one body. Rejections are in the order in which the API finds them.

    A first pass follows the body, without order and paths, to its first finding. Only if there is
    one, a second pass follows the table to its last, or to MAX_FAULTS errors; further notices than
    MAX_FAULTS are dropped.
    """

    def __init__(
        self,
        table: RequestTable,
        body: JSONObject,
        *,
        strict: bool = False,
        unknown: UnknownPolicy = UnknownPolicy.REFUSE,
        rules: Sequence[ModelRules] = (MODEL_RULES,),
    ) -> None:
        self.table, self.body, self._rules = table, body, rules
        self.found: list[Rejection] = []
        self._strict, self._unknown = strict, unknown
        self._in_order = False
        self._errors = 0

    # --- reporting ------------------------------------------------------------------------------

    def report(
        self,
        rule: str,
        path: str,
        message: str,
        code: str | None,
        param: str | None = "",
        severity: Severity = Severity.ERROR,
        note: str = "",
    ) -> None:
        """Add a rejection; `param` is the path unless it is given, `note` is for the finding."""
        if severity is Severity.NOTICE and len(self.found) - self._errors >= MAX_FAULTS:
            return
        param = (path or None) if param == "" else param
        self.found.append(
            Rejection(
                finding=Finding(rule=f"request.{rule}", path=path, message=message + note, severity=severity),
                error=ApiError(status=400, type=INVALID_REQUEST, code=code, param=param, message=message),
            )
        )
        self._errors += severity is Severity.ERROR
        if not self._in_order or self._errors >= MAX_FAULTS:
            raise _EnoughError

    def missing(self, path: str) -> None:
        """Report a required member that is absent."""
        message = f"Missing required parameter: '{path}'."
        self.report("missing", path, message, "missing_required_parameter")

    def unknown(self, path: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        """Report a member that the table does not have, as the policy has it."""
        if self._unknown is UnknownPolicy.ACCEPT:
            return
        if self._unknown is UnknownPolicy.REPORT and not self._strict:
            severity = Severity.NOTICE
        message = f"Unknown parameter: '{clipped(path)}'.{hint}"
        note = f" (not in the contract of {CONTRACT_DATE}; `unknown: accept` allows it)"
        self.report("unknown", path, message, "unknown_parameter", severity=severity, note=note)

    def unknown_members(self, other: Collection[str] = (), severity: Severity = Severity.ERROR) -> None:
        """Report the members of the body that are neither in the root nor among `other`."""
        known = self.table.kinds[self.table.root].members
        if self.body.keys() <= known.keys():
            return
        foreign = (name for name in self.body if name not in known and name not in other)
        for name in islice(foreign, MAX_FAULTS):
            self.unknown(name, near_names(name, known, self.body), severity)

    def model_rules(self, form: str, stage: str) -> None:
        """Report the members of the body that its model does not support."""
        model = self.body.get("model")
        if isinstance(model, str) and any(one.of(model, form) for one in self._rules):
            self.found.extend(model_rejections(self.body, form, self._rules, stage))

    def wrong_type(self, path: str, value: JSON, expected: str, got: str = "") -> None:
        """Report a value of the wrong type; `expected` has its article."""
        got = got or _GOT[type(value)]
        message = f"Invalid type for '{path}': expected {expected}, but got {got} instead."
        self.report("type", path, message, "invalid_type")

    def wrong_value(self, path: str, value: str, values: tuple[str, ...]) -> None:
        """Report a string that is not among the values."""
        names = listing([quoted(one) for one in values])
        supported = f"Supported values are: {names}" if len(values) > 1 else f"Value must be {names}"
        self.report("value", path, f"Invalid value: {quoted(value)}. {supported}.", "invalid_value")

    # --- checking -------------------------------------------------------------------------------

    def run(
        self, between: Callable[[], Iterable[Rejection]] = tuple, after: Callable[[], Iterable[Rejection]] = tuple
    ) -> tuple[Rejection, ...]:
        """Check the whole body; `between` gives rejections that follow those of the members,
        `after` those that come last of all."""
        for in_order in (False, True):
            self._in_order = in_order
            self.found.clear()
            self._errors = 0
            with suppress(_EnoughError):
                self._pass(between, after)
            if not self.found:
                return ()
        return tuple(sorted(self.found, key=lambda one: one.finding.severity is Severity.NOTICE))

    def _pass(self, between: Callable[[], Iterable[Rejection]], after: Callable[[], Iterable[Rejection]]) -> None:
        root = self.table.kinds[self.table.root]
        self._missing_members(self.body, root, "")
        self.table.first(self)
        self.members(self.body, root, "")
        self.found.extend(between())
        self.table.last(self)
        self.found.extend(after())

    def object(self, value: JSONObject, kind: Kind, path: str) -> None:
        """Check an object of a kind: missing members first, then unknown ones, then the values."""
        self._missing_members(value, kind, path)
        if not value.keys() <= kind.members.keys():
            measured = kind.further is Further.REFUSED or (kind.further is Further.UNMEASURED and self._strict)
            severity = Severity.ERROR if measured else Severity.NOTICE
            for name in value:
                if name not in kind.members:
                    self.unknown(self.member(path, name), severity=severity)
        self.members(value, kind, path)

    def members(self, value: JSONObject, kind: Kind, path: str) -> None:
        """Check the values of the members of an object in the order of its table."""
        if self._in_order:
            for name, expected in kind.members.items():
                if name in value:
                    self.value(value[name], expected, _member(path, name))
            return
        for name, each in value.items():
            if name in kind.members:
                self.value(each, kind.members[name], "")

    def _missing_members(self, value: JSONObject, kind: Kind, path: str) -> None:
        if not kind.required <= value.keys():
            for name in kind.members:
                if name in kind.required and name not in value:
                    self.missing(self.member(path, name))

    def value(self, value: JSON, expected: Type, path: str) -> None:
        """Check a value against a type."""
        kind = type(value)
        if kind in expected.by_json_type:
            one = expected.by_json_type[kind]
            if one is not None:
                self._checked(value, one, path)
            return
        integer = next((one for one in expected.alternatives if one.name == "integer"), None)
        if integer is not None and isinstance(value, float) and value.is_integer():
            self._bounds(value, integer, path)
        else:
            self.wrong_type(path, value, self.describe(expected))

    def member(self, path: str, name: str) -> str:
        """The path of a member, empty in the first pass."""
        return _member(path, name) if self._in_order else ""

    def element(self, path: str, index: int) -> str:
        """The path of an element of a list, empty in the first pass."""
        return f"{path}[{index}]" if self._in_order else ""

    def _checked(self, value: JSON, one: Alternative, path: str) -> None:
        if one.is_list and isinstance(value, list):
            self._list(value, one, path)
        else:
            self._single(value, one, path)

    def _list(self, value: list[JSON], one: Alternative, path: str) -> None:
        self._length("array", len(value), one, path)
        element = _element(one.name)
        if self._in_order:
            for index, each in enumerate(value):
                self.value(each, element, f"{path}[{index}]")
            return
        for each in value:
            self.value(each, element, "")

    def _single(self, value: JSON, one: Alternative, path: str) -> None:
        mark, name = one.name[0], one.name[1:]
        if mark == "#":
            values = self.table.values[name]
            if value not in values:
                self.wrong_value(path, str(value), values)
        elif mark == "%":
            self.table.functions[name](self, value, path)
        elif mark == "@" and isinstance(value, dict):
            kind = self._kind_of(value, name, path)
            if kind is not None:
                self.object(value, kind, path)
        elif isinstance(value, str):
            self._length("string", len(value), one, path)
            if one.name == "name" and value and not _NAME.fullmatch(value):
                message = (
                    f"Invalid '{path}': string does not match pattern. Expected a string that "
                    f"matches the pattern '^{_NAME.pattern}$'."
                )
                self.report("pattern", path, message, "invalid_value")
        elif isinstance(value, dict) and one.name in ("strings", "metadata"):
            self._strings(value, one, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._bounds(value, one, path)

    def _kind_of(self, value: JSONObject, name: str, path: str) -> Kind | None:
        kinds = self.table.kinds
        if not name.endswith(".*"):
            return kinds[name]
        family = name.removesuffix("*")
        tag = value.get("type")
        if "type" not in value:
            self.missing(_member(path, "type"))
        elif not isinstance(tag, str):
            self.wrong_type(_member(path, "type"), tag, "a string")
        elif family + tag in kinds:
            return kinds[family + tag]
        else:
            values = tuple(one.removeprefix(family) for one in kinds if one.startswith(family))
            self.wrong_value(_member(path, "type"), tag, self.table.values.get(family + "type", values))
        return None

    def _bounds(self, value: float, one: Alternative, path: str) -> None:
        noun = "integer" if one.name == "integer" else "decimal"
        side = ""
        if one.low is not None and value < one.low:
            side, bound, limit = "below", "min", f">= {one.low}"
        elif one.high is not None and value > one.high:
            side, bound, limit = "above", "max", f"<= {one.high}"
        if side:
            message = (
                f"Invalid '{path}': {noun} {side} {bound}imum value. "
                f"Expected a value {limit}, but got {quoted(value)} instead."
            )
            self.report("range", path, message, f"{noun}_{side}_{bound}_value")

    def _length(self, noun: str, length: int, one: Alternative, path: str) -> None:
        article = "an" if noun == "array" else "a"
        got = f"{article} {noun} with length {length}"
        if one.low is not None and length < one.low:
            empty = length == 0
            wrong, bound, limit = f"{noun} too short", "minimum", one.low
            code = f"{noun}_below_min_length"
            if empty:
                wrong, got, code = f"empty {noun}", f"an empty {noun}", f"empty_{noun}"
        elif one.high is not None and length > one.high:
            wrong, bound, limit = f"{noun} too long", "maximum", one.high
            code = f"{noun}_above_max_length"
        else:
            return
        message = (
            f"Invalid '{path}': {wrong}. Expected {article} {noun} with {bound} length {limit}, but got {got} instead."
        )
        self.report("length", path, message, code)

    def _strings(self, value: JSONObject, one: Alternative, path: str) -> None:
        most = 16 if one.name == "metadata" else None
        if most is not None and len(value) > most:
            message = (
                f"Invalid '{path}': too many properties. Expected an object with at most {most} "
                f"properties, but got an object with {len(value)} properties instead."
            )
            self.report("count", path, message, "object_above_max_properties")
        bounds = Type.of(Alternative("string", high=512 if one.name == "metadata" else None))
        for name, each in value.items():
            if one.name == "metadata" and len(name) > 64:
                message = (
                    f"Invalid property name in '{path}': {_shortened(name)} is too long. Expected "
                    f"a string with maximum length 64, but got a string with length {len(name)} "
                    "instead."
                )
                where = f"{path}.{name}"
                self.report("name", where, message, "property_name_above_max_length")
            self.value(each, bounds, self.member(path, name))

    # --- words ----------------------------------------------------------------------------------

    def describe(self, expected: Type) -> str:
        """The expected type as error messages name it, with its article."""
        listed = expected.alternatives
        types = [one for one in listed if one.name != "null" or one.is_list] or list(listed)
        first, *rest = (self._bare(one) for one in types)
        first = first if first[0] == "'" else _with_article(first)
        if types[0].name.startswith("#") and not types[0].is_list:
            first = f"one of {first}"
        return f"one of {listing([first, *rest], last='or')}" if rest else first

    def _bare(self, one: Alternative) -> str:
        if one.noun:
            return one.noun
        if one.name.startswith("#"):
            values = listing([_shortened(each) for each in self.table.values[one.name[1:]]], "or")
            return f"array of one of {values}" if one.is_list else values
        bare = _BARE.get(one.name, "null" if one.name == "null" else "object")
        return f"array of {bare}s" if one.is_list else bare


@lru_cache(maxsize=256)
def _element(name: str) -> Type:
    return Type.of(Alternative(name))


def _with_article(words: str) -> str:
    return words if words == "null" else f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _member(path: str, name: str) -> str:
    return f"{path}.{clipped(name)}" if path else clipped(name)


def _shortened(value: str) -> str:
    return f"'{value[:3]}...{value[-3:]}'" if len(value) >= _LONG_VALUE else f"'{value}'"


def near_names(name: str, known: Iterable[str], present: JSONObject) -> str:
    """` Did you mean 'stop' or 'store'?`: known names within two edits that are not present."""
    distances = [(_edits(name, one), one) for one in known if one not in present]
    near = [one for distance, one in sorted(distances, key=lambda pair: pair[0]) if distance <= 2]
    return f" Did you mean {listing([quoted(one) for one in near], last='or')}?" if near else ""


def _edits(one: str, other: str) -> int:
    """The Levenshtein distance, at most 3."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, start=1):
        previous, row[0] = row[0], index
        for place, against in enumerate(other, start=1):
            kept = previous if letter == against else previous + 1
            previous, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return min(row[-1], 3)
