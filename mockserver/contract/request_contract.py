"""Parameters of the other endpoint: what the upstream says to a request that took the wrong door.

A dialect whose schema names such a member takes it, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from mockserver.contract.body_index import BodyIndex, has_no_tool_traffic
from mockserver.contract.cross_field import CrossFieldRule, RuleViolation
from mockserver.contract.cross_field_chat import CHAT_CROSS_FIELD
from mockserver.contract.cross_field_responses import RESPONSES_CROSS_FIELD
from mockserver.contract.error_messages import (
    MOST,
    SCHEMA_RULES,
    Check,
    SchemaFaults,
    rejection,
    to_rejection,
)
from mockserver.contract.schema_compiler import Compiler
from mockserver.model.dialect import Rejection
from mockserver.model.endpoint import ENDPOINTS, Endpoint, RequestForm
from mockserver.model.findings import Rule, Severity
from mockserver.model.json import JSON, JSONObject

FOREIGN_RULE = Rule(
    id="request.foreign",
    meaning="a parameter belongs to this endpoint, not to the other one",
    source="official API, 400 replies",
)

_UNKNOWN = "Unknown parameter: '{name}'."


def foreign(form: RequestForm, name: str) -> Rejection:
    """The upstream's rejection of a parameter of another endpoint."""
    place = form.foreign[name]
    message, code = (
        (form.moved, "unsupported_parameter") if place else (_UNKNOWN, "unknown_parameter")
    )
    return rejection(
        FOREIGN_RULE.id,
        name,
        message.format(name=name, place=place),
        code=code,
        param=name,
        severity=Severity.ERROR,
    )


CROSS_FIELD_RULES: tuple[CrossFieldRule, ...] = (*CHAT_CROSS_FIELD, *RESPONSES_CROSS_FIELD)

DEPTH_RULE = Rule(
    id="request.depth",
    meaning="a body is not nested deeper than its schema can be followed",
    source="this server's own limit",
)

REQUEST_RULES: tuple[Rule, ...] = (
    FOREIGN_RULE,
    *SCHEMA_RULES,
    DEPTH_RULE,
    *(
        Rule(id=rule.id, meaning=rule.meaning, source=rule.source, severity=rule.severity)
        for rule in CROSS_FIELD_RULES
    ),
)


@dataclass(slots=True)
class _Compiled:
    """A form ready to be judged, or one that is compiled by its first `check`."""

    form: RequestForm
    check: Check
    foreign: frozenset[str]
    pairings: Mapping[str, tuple[CrossFieldRule, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContract:
    """Validates the request bodies of one dialect; made by `compile_contract`.

    `forms` are those that the dialect has a schema for, by name.
    """

    forms: Mapping[str, _Compiled]

    def judge(self, endpoint: Endpoint, body: JSONObject, *, strict: bool) -> tuple[Rejection, ...]:
        """Violations in the order the upstream would find them; see `RequestValidator`."""
        for name in ENDPOINTS[endpoint].form_names(body):
            compiled = self.forms.get(name)
            if compiled is not None:
                break
        else:
            return ()
        try:
            faults = compiled.check(body)
        except RecursionError:
            return (_too_deep(),)
        if faults is None and _unpaired(compiled, body):
            return ()
        complaints = _complaints(compiled, body)
        if faults is None and not complaints:
            return ()
        return tuple(_in_order(compiled, faults or SchemaFaults(), complaints, body, strict=strict))


def compile_contract(
    *,
    forms: Mapping[str, str],
    files: Mapping[str, JSON],
    without: Collection[str] = (),
    later: bool = False,
) -> RequestContract:
    """Compile the request schemas of a dialect.

    `files` holds parsed schemas by name, `forms` the one for each form the dialect takes; they may
    refer to each other (`openai-responses.json#/$defs/tool`). `without` names pairing rules that
    the dialect does not keep. Raises ValueError, with the place, for what cannot be compiled;
    with `later`, a form is compiled when it is first asked for.
    """
    known = {rule.id for rule in CROSS_FIELD_RULES}
    if unknown := sorted(set(without) - known):
        raise ValueError(f"no such pairing rules: {unknown}; there are {sorted(known)}")
    if later:
        made = {form: _later(files, form, name, without) for form, name in forms.items()}
    else:
        compiler = Compiler(files)
        made = {form: _compiled(compiler, form, name, without) for form, name in forms.items()}
    return RequestContract(forms=made)


_CHATTING = {"messages"}
_ASKING = {"input"}


def _later(files: Mapping[str, JSON], form: str, name: str, without: Collection[str]) -> _Compiled:
    def first(body: JSONObject) -> SchemaFaults | None:
        # A compiler of its own: servers in several threads may ask for the same dialect.
        made = _compiled(Compiler(files), form, name, without)
        later.foreign, later.pairings, later.check = made.foreign, made.pairings, made.check
        return made.check(body)

    later = _Compiled(form=ENDPOINTS.form(form), check=first, foreign=frozenset(), pairings={})
    return later


def _compiled(compiler: Compiler, form: str, name: str, without: Collection[str]) -> _Compiled:
    root = compiler.table(name)[dict]
    taken = compiler.names(name)
    pairings: dict[str, tuple[CrossFieldRule, ...]] = {}
    for rule in CROSS_FIELD_RULES:
        if form in rule.forms and rule.id not in without:
            # A member that the dialect does not know pairs with nothing.
            for member in rule.members if not taken else taken.intersection(rule.members):
                pairings[member] = (*pairings.get(member, ()), rule)
    spec = ENDPOINTS.form(form)
    return _Compiled(
        form=spec,
        check=root or _accept,
        foreign=frozenset() if taken is None else frozenset(spec.foreign) - taken,
        pairings=pairings,
    )


def _accept(_: JSONObject) -> None:
    return None


def _unpaired(compiled: _Compiled, body: JSONObject) -> bool:
    """Whether no pairing rule has anything to look into, as it is with most bodies."""
    ruled = body.keys() & compiled.pairings.keys()
    if ruled == _CHATTING:
        return has_no_tool_traffic(body["messages"])
    return not ruled or (ruled == _ASKING and isinstance(body["input"], str))


def _complaints(compiled: _Compiled, body: JSONObject) -> list[Rejection]:
    """What the pairing rules find; a rule of several members runs for the first that is there."""
    found: list[Rejection] = []
    facts: BodyIndex | None = None
    pairings = compiled.pairings
    for name in body:
        rules = pairings.get(name)
        if rules is None:
            continue
        facts = facts or BodyIndex(body)
        if (name == "messages" and not facts.chat.odd) or (name == "input" and not facts.items.odd):
            continue
        for rule in rules:
            if rule.members[0] == name or rule.members[0] not in body:
                for complaint in islice(rule.find(facts), MOST):
                    found.append(_told(rule, complaint))  # noqa: PERF401 -- no list in the good case
    return found


def _told(rule: CrossFieldRule, complaint: RuleViolation) -> Rejection:
    return rejection(
        rule.id,
        complaint.path,
        complaint.message,
        code=complaint.code,
        param=complaint.param,
        severity=rule.severity,
    )


def _in_order(
    compiled: _Compiled,
    faults: SchemaFaults,
    complaints: list[Rejection],
    body: JSONObject,
    *,
    strict: bool,
) -> Iterator[Rejection]:
    strangers = [name for name in body if name in compiled.foreign]
    yield from (foreign(compiled.form, name) for name in strangers)
    yield from (to_rejection(fault, Severity.ERROR) for fault in faults.errors)
    yield from (one for one in complaints if one.finding.severity is Severity.ERROR)
    said = {one.finding.path for one in complaints}.union(strangers)
    severity = Severity.ERROR if strict else Severity.NOTICE
    notices = (to_rejection(fault, severity) for fault in faults.notices)
    yield from (one for one in notices if one.finding.path not in said)
    yield from (one for one in complaints if one.finding.severity is Severity.NOTICE)


def _too_deep() -> Rejection:
    return rejection(
        DEPTH_RULE.id,
        "",
        "Invalid body: nested too deeply.",
        code=None,
        param=None,
        severity=Severity.ERROR,
    )
