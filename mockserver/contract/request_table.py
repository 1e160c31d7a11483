"""Request tables: what a request body may hold, in the order in which the API checks it.

The members are written in the language of `request_types`; what it cannot say is in functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from mockserver.contract import CONTRACT_DATE
from mockserver.contract.error_messages import INVALID_REQUEST, MAX_FAULTS, clipped, listing, quoted
from mockserver.contract.model_rules import MODEL_RULES, is_older, model_rejections, unrecognized
from mockserver.contract.request_types import Alternative, Check, Further, Kind, Type, choices
from mockserver.model.dialect import Rejection
from mockserver.model.findings import ApiError, Finding, Severity
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_rule import ModelRules
from mockserver.model.settings import UnknownPolicy

_BARE = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "decimal",
    "string": "string",
    "name": "string",
    "label": "string",
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


_Findings: TypeAlias = Callable[[], Iterable[Rejection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTable:
    """The table of one endpoint. `root` is the kind of the body; model rules are those of `form`.

    `first` checks the whole body before the members of the root. `last` are checks after those,
    each for bodies that have its member. `replaces` are cross-field rules that these include."""

    kinds: Mapping[str, Kind]
    values: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, Check] = field(default_factory=dict)
    root: str = "body"
    form: str = ""
    first: Callable[[BodyCheck], None] = lambda _: None
    last: tuple[tuple[str, Callable[[BodyCheck, JSON], None]], ...] = ()
    replaces: tuple[str, ...] = ()


class _EnoughError(Exception):
    """No further finding is of use."""


class BodyCheck:
    """One check of one body. Rejections are in the order in which the API finds them.

    A first pass follows the body, without order and paths, to its first finding. Only if there is
    one, a second pass follows the table to its last, or to MAX_FAULTS errors; further notices than
    MAX_FAULTS are dropped.

    The functions of a table note what has to be checked behind it: `calls_tools`, that there are
    tool calls or outputs, `bad_image`, that an image is none, and `late`, rejections that come last.
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
        self.table, self.body = table, body
        self.found: list[Rejection] = []
        self.late: list[Rejection] = []
        self.calls_tools = self.bad_image = False
        self._strict, self._unknown = strict, unknown
        self._in_order = False
        self._errors = 0
        model = body.get("model")
        self._rules = [one for one in rules if one.of(model, table.form)] if isinstance(model, str) else []

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
        *,
        late: bool = False,
    ) -> None:
        """Add a rejection; `param` is the path unless it is given, `note` is for the finding. A
        `late` one comes behind the others."""
        param = (path or None) if param == "" else param
        made = Rejection(
            finding=Finding(rule=f"request.{rule}", path=path, message=message + note, severity=severity),
            error=ApiError(status=400, type=INVALID_REQUEST, code=code, param=param, message=message),
        )
        if not (late and self._in_order):
            self.add(made)
        elif len(self.late) < MAX_FAULTS:
            self.late.append(made)

    def add(self, rejection: Rejection) -> None:
        """Add a rejection; ends the pass where no more are of use."""
        if rejection.finding.severity is Severity.ERROR:
            self._errors += 1
        elif len(self.found) - self._errors >= MAX_FAULTS:
            return
        self.found.append(rejection)
        if not self._in_order or self._errors >= MAX_FAULTS:
            raise _EnoughError

    def missing(self, path: str) -> None:
        """Report a required member that is absent."""
        message = f"Missing required parameter: '{path}'."
        self.report("missing", path, message, "missing_required_parameter")

    def unknown(
        self, path: str, hint: str = "", severity: Severity = Severity.ERROR, *, unrecognized: str = ""
    ) -> None:
        """Report a member that the table does not have, as the policy has it; `unrecognized` is the
        message of a model whose errors name no parameter."""
        if self._unknown is UnknownPolicy.ACCEPT:
            return
        if self._unknown is UnknownPolicy.REPORT and not self._strict:
            severity = Severity.NOTICE
        message = f"Unknown parameter: '{clipped(path)}'.{hint}"
        note = f" (not in the contract of {CONTRACT_DATE}; `unknown: accept` allows it)"
        code, param = (None, None) if unrecognized else ("unknown_parameter", "")
        self.report("unknown", path, unrecognized or message, code, param, severity=severity, note=note)

    def unknown_members(self, other: Collection[str] = (), severity: Severity = Severity.ERROR) -> None:
        """Report the members of the body that are neither in the root nor among `other`."""
        known = self.table.kinds[self.table.root].members
        if self.body.keys() <= known.keys():
            return
        foreign = list(islice((name for name in self.body if name not in known and name not in other), MAX_FAULTS))
        listed = ""
        if self.table.form == "chat" and MODEL_RULES in self._rules and is_older(self.body.get("model")):
            listed = unrecognized(foreign)
        for name in foreign:
            self.unknown(name, near_names(name, known, self.body), severity, unrecognized=listed)

    def model_rules(self, stage: str) -> None:
        """Report the members of the body that its model does not support."""
        if self._rules:
            self.found.extend(model_rejections(self.body, self.table.form, self._rules, stage))

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

    def run(self, between: _Findings | None = None, after: _Findings | None = None) -> tuple[Rejection, ...]:
        """Check the whole body; `between` gives rejections that follow those of the members,
        `after` those that come last of all, where there are tool calls or outputs."""
        for in_order in (False, True):
            self._in_order = in_order
            self.found.clear()
            self._errors = 0
            with suppress(_EnoughError):
                self._pass(between, after)
            if not self.found:
                return ()
        return tuple(sorted(self.found, key=lambda one: one.finding.severity is Severity.NOTICE))

    def _pass(self, between: _Findings | None, after: _Findings | None) -> None:
        table, body = self.table, self.body
        root = table.kinds[table.root]
        if not root.required <= body.keys():
            self._missing_members(body, root, "")
        table.first(self)
        self._members(body, root, "")
        if between is not None:
            self.found.extend(between())
        for name, check in table.last:
            if name in body:
                check(self, body[name])
        if after is not None and self.calls_tools:
            self.found.extend(after())

    def object(self, value: JSONObject, kind: Kind, path: str) -> None:
        """Check an object of a kind: missing members first, then unknown ones, then the values."""
        if not kind.required <= value.keys():
            self._missing_members(value, kind, path)
        if not value.keys() <= kind.members.keys():
            measured = kind.further is Further.REFUSED or (kind.further is Further.UNMEASURED and self._strict)
            severity = Severity.ERROR if measured else Severity.NOTICE
            for name in value:
                if name not in kind.members:
                    self.unknown(self.member(path, name), severity=severity)
        self._members(value, kind, path)

    def _missing_members(self, value: JSONObject, kind: Kind, path: str) -> None:
        for name in kind.members:
            if name in kind.required and name not in value:
                self.missing(self.member(path, name))

    def _members(self, value: JSONObject, kind: Kind, path: str) -> None:
        """Check the values of the members of an object in the order of its table."""
        members = kind.members
        if self._in_order:
            for name, expected in members.items():
                if name in value:
                    self.value(value[name], expected, _member(path, name))
            return
        for name, each in value.items():
            if name in members:
                check = members[name].checks[type(each)]
                if check is not None:
                    check(self, each, "")

    def value(self, value: JSON, expected: Type, path: str) -> None:
        """Check a value against a type."""
        check = expected.checks[type(value)]
        if check is not None:
            check(self, value, path)

    def member(self, path: str, name: str) -> str:
        """The path of a member, empty in the first pass."""
        return _member(path, name) if self._in_order else ""

    def element(self, path: str, index: int) -> str:
        """The path of an element of a list, empty in the first pass."""
        return f"{path}[{index}]" if self._in_order else ""

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
            values = choices(self.table.values[one.name[1:]])
            return f"array of one of {values}" if one.is_list else values
        bare = _BARE.get(one.name, "null" if one.name == "null" else "object")
        return f"array of {bare}s" if one.is_list else bare


def _with_article(words: str) -> str:
    return words if words == "null" else f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _member(path: str, name: str) -> str:
    return f"{path}.{clipped(name)}" if path else clipped(name)


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
