"""Validation of the request bodies of one dialect, by its schemas and cross-field rules.

Order of the findings: parameters of the other endpoint, then the schema in the order of the body,
then cross-field rules; notices come last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Protocol, TypeAlias

from mockserver.contract.body_index import BodyIndex
from mockserver.contract.cross_field import CROSS_FIELD_RULES, CrossFieldRule
from mockserver.contract.error_messages import MAX_FAULTS, SCHEMA_RULES, rejection, to_rejection
from mockserver.contract.model_rules import MODEL_RULES, model_rejections
from mockserver.contract.request_table import BodyCheck, RequestTable
from mockserver.contract.schema_checks import Check, SchemaFaults
from mockserver.contract.schema_compiler import Compiler
from mockserver.model.dialect import Rejection
from mockserver.model.endpoint import ENDPOINTS, Endpoint, RequestForm
from mockserver.model.findings import Rule, Severity
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_rule import ModelRules
from mockserver.model.settings import ModelRulesPolicy, UnknownPolicy

_WRONG_ENDPOINT = Rule(
    id="request.foreign",
    meaning="a parameter belongs to this endpoint, not to the other one",
    source="official API, 400 replies",
)
_DEPTH = Rule(
    id="request.depth",
    meaning="a body is not nested deeper than its schema can be followed",
    source="this server's own limit",
)

_STRICT_SCHEMA = Rule(
    id="request.strict_schema",
    meaning="the schema of a function is an object's; a strict one requires every property and admits no others",
    source="official API, recorded 400 replies and public reports",
)
_JSON_MODE = Rule(
    id="request.json_mode",
    meaning="a request for a JSON object speaks of JSON",
    source="official API, recorded 400 replies and public reports",
)
_REASONING = Rule(
    id="request.input.reasoning_followed",
    meaning="a reasoning item is followed by the item that the model produced after it",
    source="official API, recorded 400 replies",
)
_MODEL = Rule(
    id="request.model",
    meaning="the model supports the parameter and its value",
    source="official API, recorded and measured 400 replies",
)
OFFICIAL = "official"
"""In place of a schema file: the official table of the endpoint."""

REQUEST_RULES: tuple[Rule, ...] = (
    _WRONG_ENDPOINT,
    _STRICT_SCHEMA,
    _JSON_MODE,
    _REASONING,
    _MODEL,
    *SCHEMA_RULES,
    _DEPTH,
    *(one.rule for one in CROSS_FIELD_RULES),
)


_DEFAULT, _REFUSE, _ACCEPT = UnknownPolicy.DEFAULT, UnknownPolicy.REFUSE, UnknownPolicy.ACCEPT
_OFF = ModelRulesPolicy.OFF

_Rules: TypeAlias = Mapping[str, tuple[CrossFieldRule, ...]]
_OwnRules: TypeAlias = tuple[ModelRules, ...]


class _BodyValidator(Protocol):
    def judge(
        self, body: JSONObject, *, strict: bool, unknown: UnknownPolicy, model_rules: ModelRulesPolicy, own: _OwnRules
    ) -> tuple[Rejection, ...]: ...


class _TableBody:
    """A body by the official table of its form, and by the cross-field rules that the table does
    not replace."""

    def __init__(self, form: RequestForm, without: Collection[str]) -> None:
        self._form, self._without = form, without

    @cached_property
    def _table(self) -> RequestTable:
        table = self._form.table() if self._form.table is not None else None
        if not isinstance(table, RequestTable):
            raise ValueError(f"there is no official table for {self._form.name!r}")
        return table

    @cached_property
    def _rules(self) -> tuple[_Rules, _Rules]:
        """The cross-field rules about members of the body, and those about the conversation."""
        members = self._table.kinds[self._table.root].members.keys()
        without = {*self._without, *self._table.replaces}
        turns = members & {"messages", "input"}
        return (
            _by_member(self._form.name, members - turns, without),
            _by_member(self._form.name, turns, without) if turns else {},
        )

    def judge(
        self, body: JSONObject, *, strict: bool, unknown: UnknownPolicy, model_rules: ModelRulesPolicy, own: _OwnRules
    ) -> tuple[Rejection, ...]:
        rules = own if model_rules is _OFF else (MODEL_RULES, *own)
        unknown = _REFUSE if unknown is _DEFAULT else unknown
        check = BodyCheck(self._table, body, strict=strict, unknown=unknown, rules=rules)
        members, turns = self._rules
        between = None if body.keys().isdisjoint(members) else partial(_cross_field_findings, members, body)
        try:
            return check.run(between, partial(_cross_field_findings, turns, body))
        except RecursionError:
            return (_too_deep(),)


@dataclass(slots=True)
class _CompiledBody:
    """The checks of one form of body. `foreign` are the parameters of the other endpoint that its
    schema does not have; `cross_field` are the rules by member."""

    form: RequestForm
    check: Check
    foreign: frozenset[str]
    cross_field: Mapping[str, tuple[CrossFieldRule, ...]]

    def judge(
        self,
        body: JSONObject,
        *,
        strict: bool,
        unknown: UnknownPolicy,
        model_rules: ModelRulesPolicy,  # noqa: ARG002  # the package's rules are the official table's
        own: _OwnRules,
    ) -> tuple[Rejection, ...]:
        try:
            faults = self.check(body)
        except RecursionError:
            return (_too_deep(),)
        cross_field = _cross_field_findings(self.cross_field, body)
        cross_field += model_rejections(body, self.form.name, own)
        if faults is None and not cross_field:
            return ()
        refused = unknown is _REFUSE or (strict and unknown is not _ACCEPT)
        severity = None if unknown is _ACCEPT else Severity.ERROR if refused else Severity.NOTICE
        return tuple(_in_order(self, faults or SchemaFaults(), cross_field, body, severity))


def _too_deep() -> Rejection:
    return rejection(_DEPTH.id, "", "Invalid body: nested too deeply.", code=None, param=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContract:
    """Validates the request bodies of one dialect; `forms` are those that it has a schema for."""

    forms: Mapping[str, _BodyValidator]

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
        """Findings in the order in which the upstream checks; see `RequestValidator`."""
        for name in ENDPOINTS[endpoint].form_names(body):
            validator = self.forms.get(name)
            if validator is not None:
                break
        else:
            return ()
        own = () if own_rules is None else (own_rules,)
        return validator.judge(body, strict=strict, unknown=unknown, model_rules=model_rules, own=own)


def compile_contract(
    *, forms: Mapping[str, str], files: Mapping[str, JSON], without: Collection[str] = (), later: bool = False
) -> RequestContract:
    """Compile the request schemas of a dialect.

    `files` holds parsed schemas by name, `forms` the one of each form of body that the dialect
    accepts; schemas may refer to each other (`openai-responses.json#/$defs/tool`). `without` names
    cross-field rules that the dialect does not enforce. With `later`, a schema is compiled on first
    use. Raises ValueError, naming the place, for a schema that cannot be compiled."""
    known = {one.rule.id for one in CROSS_FIELD_RULES}
    if unknown := sorted(set(without) - known):
        raise ValueError(f"no such cross-field rules: {unknown}; there are {sorted(known)}")
    compiler = Compiler(files)
    made: dict[str, _BodyValidator] = {}
    for form, name in forms.items():
        if name == OFFICIAL:
            made[form] = _TableBody(ENDPOINTS.form(form), without)
        elif later:
            made[form] = _deferred(files, form, name, without)
        else:
            made[form] = _compile(compiler, form, name, without)
    return RequestContract(forms=made)


def _deferred(files: Mapping[str, JSON], form: str, name: str, without: Collection[str]) -> _CompiledBody:
    def first(body: JSONObject) -> SchemaFaults | None:
        # With its own compiler: servers in several threads may share the dialect.
        made = _compile(Compiler(files), form, name, without)
        deferred.foreign, deferred.cross_field = made.foreign, made.cross_field
        deferred.check = made.check
        return made.check(body)

    deferred = _CompiledBody(form=ENDPOINTS.form(form), check=first, foreign=frozenset(), cross_field={})
    return deferred


def _compile(compiler: Compiler, form: str, name: str, without: Collection[str]) -> _CompiledBody:
    root = compiler.table(name)[dict]
    names = compiler.names(name)
    cross_field = _by_member(form, names, without)
    spec = ENDPOINTS.form(form)
    foreign = frozenset() if names is None else frozenset(spec.foreign) - names
    return _CompiledBody(form=spec, check=root or _accept, foreign=foreign, cross_field=cross_field)


def _by_member(
    form: str, names: Collection[str] | None, without: Collection[str]
) -> dict[str, tuple[CrossFieldRule, ...]]:
    """The rules of a form by the members among `names` that they are about."""
    found: dict[str, tuple[CrossFieldRule, ...]] = {}
    for one in CROSS_FIELD_RULES:
        if form in one.forms and one.rule.id not in without:
            for member in one.members if not names else set(names).intersection(one.members):
                found[member] = (*found.get(member, ()), one)
    return found


def _accept(_: JSONObject) -> None:
    return None


def _cross_field_findings(rules_by_member: _Rules, body: JSONObject) -> list[Rejection]:
    """A rule with several members runs for the first of them that is present."""
    found: list[Rejection] = []
    if body.keys().isdisjoint(rules_by_member):
        return found
    index = BodyIndex(body)
    for name in body:
        if (name == "messages" and index.messages.consistent) or (name == "input" and index.items.consistent):
            continue
        for rule in rules_by_member.get(name, ()):
            if rule.members[0] == name or rule.members[0] not in body:
                found.extend(islice(rule.findings(index), MAX_FAULTS))
    return found


def _in_order(
    compiled: _CompiledBody,
    faults: SchemaFaults,
    cross_field: list[Rejection],
    body: JSONObject,
    unknown: Severity | None,
) -> Iterator[Rejection]:
    """`unknown` is how much an unknown member matters, None where it is accepted."""
    foreign = [name for name in body if name in compiled.foreign]
    yield from (_wrong_endpoint(compiled.form, name) for name in foreign)
    yield from (to_rejection(fault, Severity.ERROR) for fault in faults.errors)
    yield from (one for one in cross_field if one.finding.severity is Severity.ERROR)
    reported = {one.finding.path for one in cross_field}.union(foreign)
    notices = () if unknown is None else (to_rejection(fault, unknown) for fault in faults.notices)
    yield from (one for one in notices if one.finding.path not in reported)
    yield from (one for one in cross_field if one.finding.severity is Severity.NOTICE)


def _wrong_endpoint(form: RequestForm, name: str) -> Rejection:
    replacement = form.foreign[name]
    if replacement is None:
        message, code = f"Unknown parameter: '{name}'.", "unknown_parameter"
    else:
        message = form.moved.format(name=name, place=replacement)
        code = "unsupported_parameter"
    return rejection(_WRONG_ENDPOINT.id, name, message, code=code, param=name)
