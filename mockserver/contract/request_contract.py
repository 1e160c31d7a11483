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
from mockserver.contract.request_body import BodyKind
from mockserver.contract.schema_compiler import Compiler
from mockserver.model.dialect import Rejection
from mockserver.model.endpoint import Endpoint
from mockserver.model.findings import Rule, Severity
from mockserver.model.json import JSON, JSONObject

FOREIGN_RULE = Rule(
    id="request.foreign",
    meaning="a parameter belongs to this endpoint, not to the other one",
    source="official API, 400 replies",
)

_MOVED: Mapping[BodyKind, str] = {
    BodyKind.RESPONSES: (
        "Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        "'{place}'. Try again with the new parameter. See the API documentation for more "
        "information: https://platform.openai.com/docs/api-reference/responses/create."
    ),
    BodyKind.CHAT: (
        "Unsupported parameter: '{name}' is not supported with the Chat Completions API. "
        "Use '{place}' instead."
    ),
}
_UNKNOWN = "Unknown parameter: '{name}'."

# Where a parameter of the other endpoint has its place here; None where it has none.
_PLACES: Mapping[BodyKind, Mapping[str, str | None]] = {
    BodyKind.RESPONSES: {
        "messages": "input",
        "max_tokens": "max_output_tokens",
        "max_completion_tokens": "max_output_tokens",
        "response_format": "text.format",
        "functions": "tools",
        "function_call": "tool_choice",
        "reasoning_effort": "reasoning.effort",
        "verbosity": "text.verbosity",
        "n": None,
        "stop": None,
        "logprobs": None,
        "logit_bias": None,
        "seed": None,
        "modalities": None,
        "audio": None,
        "prediction": None,
        "web_search_options": None,
    },
    BodyKind.CHAT: {
        "input": "messages",
        "instructions": "messages",
        "max_output_tokens": "max_completion_tokens",
        "text": "response_format",
        "reasoning": "reasoning_effort",
        "previous_response_id": None,
        "conversation": None,
        "include": None,
        "prompt": None,
        "max_tool_calls": None,
        "truncation": None,
        "background": None,
        "context_management": None,
    },
}


def foreign_names(form: BodyKind) -> frozenset[str]:
    """The parameters of the other endpoint that this form may be sent by mistake."""
    return frozenset(_PLACES.get(form, ()))


def foreign(form: BodyKind, name: str) -> Rejection:
    """What the upstream says to a parameter out of `foreign_names`."""
    place = _PLACES[form][name]
    shape, code = (_MOVED[form], "unsupported_parameter") if place else (_UNKNOWN, None)
    message = shape.format(name=name, place=place)
    return rejection(
        FOREIGN_RULE.id,
        name,
        message,
        code=code or "unknown_parameter",
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

    form: BodyKind
    check: Check
    foreign: frozenset[str]
    pairings: Mapping[str, tuple[CrossFieldRule, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContract:
    """Judges the bodies of one dialect; made by `compile_contract`.

    A form is None where the dialect does not take it.
    """

    chat: _Compiled | None
    responses: _Compiled | None
    compact: _Compiled | None
    compact_messages: _Compiled | None

    def judge(self, endpoint: Endpoint, body: JSONObject, *, strict: bool) -> tuple[Rejection, ...]:
        """Breaches in the order the upstream would find them; see `RequestJudge`."""
        compiled = self.chat if endpoint == _CHAT else self._compiled(endpoint, body)
        if compiled is None:
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

    def _compiled(self, endpoint: Endpoint, body: JSONObject) -> _Compiled | None:
        """The form that a body is read as, None where the dialect has none for the endpoint."""
        if endpoint == Endpoint.RESPONSES:
            return self.responses
        if endpoint != Endpoint.COMPACT:
            return None
        if "messages" in body:
            return self.compact_messages or self.compact
        return self.compact or self.compact_messages


def compile_contract(
    *,
    forms: Mapping[BodyKind, str],
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
    return RequestContract(
        chat=made.get(BodyKind.CHAT),
        responses=made.get(BodyKind.RESPONSES),
        compact=made.get(BodyKind.COMPACT),
        compact_messages=made.get(BodyKind.COMPACT_MESSAGES),
    )


# A member of an enumeration is looked up by a function of Python before 3.12.
_CHAT = Endpoint.CHAT
_CHATTING = {"messages"}
_ASKING = {"input"}


def _later(
    files: Mapping[str, JSON], form: BodyKind, name: str, without: Collection[str]
) -> _Compiled:
    def first(body: JSONObject) -> SchemaFaults | None:
        # A compiler of its own: servers in several threads may ask for the same dialect.
        made = _compiled(Compiler(files), form, name, without)
        later.foreign, later.pairings, later.check = made.foreign, made.pairings, made.check
        return made.check(body)

    later = _Compiled(form=form, check=first, foreign=frozenset(), pairings={})
    return later


def _compiled(compiler: Compiler, form: BodyKind, name: str, without: Collection[str]) -> _Compiled:
    root = compiler.table(name)[dict]
    taken = compiler.names(name)
    pairings: dict[str, tuple[CrossFieldRule, ...]] = {}
    for rule in CROSS_FIELD_RULES:
        if form in rule.forms and rule.id not in without:
            # A member that the dialect does not know pairs with nothing.
            for member in rule.members if not taken else taken.intersection(rule.members):
                pairings[member] = (*pairings.get(member, ()), rule)
    return _Compiled(
        form=form,
        check=root or _accept,
        foreign=frozenset() if taken is None else foreign_names(form) - taken,
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
