"""Validation of the request bodies of one dialect, by its schemas and cross-field rules.

Order of the findings: parameters of the other endpoint, then the schema in the order of the body,
then cross-field rules; notices come last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from mockserver.contract.cross_field import CROSS_FIELD_RULES, BodyIndex, CrossFieldRule
from mockserver.contract.error_messages import MAX_FAULTS, SCHEMA_RULES, rejection, to_rejection
from mockserver.contract.schema_checks import Check, SchemaFaults
from mockserver.contract.schema_compiler import Compiler
from mockserver.model.dialect import Rejection
from mockserver.model.endpoint import ENDPOINTS, Endpoint, RequestForm
from mockserver.model.findings import Rule, Severity
from mockserver.model.json import JSON, JSONObject

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

REQUEST_RULES: tuple[Rule, ...] = (_WRONG_ENDPOINT, *SCHEMA_RULES, _DEPTH, *(one.rule for one in CROSS_FIELD_RULES))


@dataclass(slots=True)
class _CompiledBody:
    """The checks of one form of body. `foreign` are the parameters of the other endpoint that its
    schema does not have; `cross_field` are the rules by member."""

    form: RequestForm
    check: Check
    foreign: frozenset[str]
    cross_field: Mapping[str, tuple[CrossFieldRule, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContract:
    """Validates the request bodies of one dialect; `forms` are those that it has a schema for."""

    forms: Mapping[str, _CompiledBody]

    def judge(self, endpoint: Endpoint, body: JSONObject, *, strict: bool) -> tuple[Rejection, ...]:
        """Findings in the order in which the upstream checks; see `RequestValidator`."""
        for name in ENDPOINTS[endpoint].form_names(body):
            compiled = self.forms.get(name)
            if compiled is not None:
                break
        else:
            return ()
        try:
            faults = compiled.check(body)
        except RecursionError:
            return (rejection(_DEPTH.id, "", "Invalid body: nested too deeply.", code=None, param=None),)
        if faults is None and _skips_cross_field(compiled, body):
            return ()
        cross_field = _cross_field_findings(compiled, body)
        if faults is None and not cross_field:
            return ()
        return tuple(_in_order(compiled, faults or SchemaFaults(), cross_field, body, strict=strict))


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
    if later:
        made = {form: _deferred(files, form, name, without) for form, name in forms.items()}
    else:
        compiler = Compiler(files)
        made = {form: _compile(compiler, form, name, without) for form, name in forms.items()}
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
    cross_field: dict[str, tuple[CrossFieldRule, ...]] = {}
    for one in CROSS_FIELD_RULES:
        if form in one.forms and one.rule.id not in without:
            # A rule applies to the members that the schema has.
            for member in one.members if not names else names.intersection(one.members):
                cross_field[member] = (*cross_field.get(member, ()), one)
    spec = ENDPOINTS.form(form)
    foreign = frozenset() if names is None else frozenset(spec.foreign) - names
    return _CompiledBody(form=spec, check=root or _accept, foreign=foreign, cross_field=cross_field)


def _accept(_: JSONObject) -> None:
    return None


def _skips_cross_field(compiled: _CompiledBody, body: JSONObject) -> bool:
    """Whether no cross-field rule can find anything, as in most bodies."""
    ruled = body.keys() & compiled.cross_field.keys()
    if ruled == {"messages"}:
        return _has_no_tool_traffic(body["messages"])
    return not ruled or (ruled == {"input"} and isinstance(body["input"], str))


def _has_no_tool_traffic(messages: JSON) -> bool:
    """Whether a message list has no tool calls, tool messages or empty assistant messages."""
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            role = message.get("role")
            if role == "tool" or (role == "assistant" and ("tool_calls" in message or message.get("content") is None)):
                return False
    return True


def _cross_field_findings(compiled: _CompiledBody, body: JSONObject) -> list[Rejection]:
    """A rule with several members runs for the first of them that is present."""
    found: list[Rejection] = []
    index = BodyIndex(body)
    for name in body:
        if (name == "messages" and index.messages.consistent) or (name == "input" and index.items.consistent):
            continue
        for rule in compiled.cross_field.get(name, ()):
            if rule.members[0] == name or rule.members[0] not in body:
                found.extend(islice(rule.findings(index), MAX_FAULTS))
    return found


def _in_order(
    compiled: _CompiledBody, faults: SchemaFaults, cross_field: list[Rejection], body: JSONObject, *, strict: bool
) -> Iterator[Rejection]:
    foreign = [name for name in body if name in compiled.foreign]
    yield from (_wrong_endpoint(compiled.form, name) for name in foreign)
    yield from (to_rejection(fault, Severity.ERROR) for fault in faults.errors)
    yield from (one for one in cross_field if one.finding.severity is Severity.ERROR)
    reported = {one.finding.path for one in cross_field}.union(foreign)
    severity = Severity.ERROR if strict else Severity.NOTICE
    notices = (to_rejection(fault, severity) for fault in faults.notices)
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
