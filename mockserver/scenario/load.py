"""Scenarios from files, texts and Python mappings, or every problem in them at once.

The source is read with the place of everything in it and checked against the format's JSON
Schema. What the schema cannot express is checked while values are built, and every reply that is
sound so far is validated against its dialect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from mockserver.errors import Position, Problem, ScenarioError
from mockserver.model.budget import BudgetLimits, Limit
from mockserver.model.conditions import Condition, StreamCondition
from mockserver.model.cursor import Cursor, Document, Path, Place, in_order, unknown
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Endpoint, Shape
from mockserver.model.fault import Faults
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.path_conditions import PathCondition
from mockserver.model.reply import Output, Reply
from mockserver.model.settings import ContractMode
from mockserver.model.stub import Scenario, Stub, WhenExhausted
from mockserver.pipeline.request_templates import sampled
from mockserver.pipeline.validate import ReplyProblem, SupportedEndpoints, supported_endpoints, validate
from mockserver.scenario import files
from mockserver.scenario.conditions import read_conditions, read_range
from mockserver.scenario.dialects import Dialects, DialectSource, UnknownDialectError, is_dialect
from mockserver.scenario.files import offline, shipped
from mockserver.scenario.format_check import format_checker
from mockserver.scenario.model_rules import read_model_rules
from mockserver.scenario.paths import exact_endpoint, parameters_of, read_own_path, read_path_conditions
from mockserver.scenario.replies import ParsedReply, check_default_templates, check_templates, joined, read_reply
from mockserver.scenario.reply_options import NO_OPTIONS, ReplyOptions, read_options
from mockserver.scenario.yaml_reader import MAX_DEPTH, read_yaml

__all__ = ["load_paths", "offline", "shipped"]

DEFAULT_DIALECT = "openai"


def load_paths(paths: Iterable[str | PurePath], dialects: Dialects) -> tuple[Scenario, ...]:
    """Load files, and every `*.yaml` and `*.yml` below folders, in the order of the paths.

    A dialect file among them is checked and gives no scenario; scenarios may name dialect files
    below the same folders. Raises ScenarioError with the problems of all files, UsageError for a
    path that does not exist or a folder without scenarios."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in _files(paths, dialects):
        try:
            document = read_yaml(files.read_file(path), files.shown(path))
            if is_dialect(document):
                dialects.find(str(path))
            else:
                found.append(load_document(document, path.stem, dialects))
        except ScenarioError as error:
            problems.extend(error.problems)
    problems.extend(_duplicate_names(found))
    if problems:
        raise ScenarioError(in_order(tuple(problems)))
    return tuple(found)


def _files(paths: Iterable[str | PurePath], dialects: Dialects) -> tuple[PurePath, ...]:
    """Each file once. Dialect files are allowed below the folders before anything is read."""
    found: dict[PurePath, PurePath] = {}
    for path in paths:
        below = files.scenario_files(path)
        for file in below:
            found.setdefault(files.absolute(file), file)
        is_file = [PurePath(path)] == list(below)
        dialects.allow_folder(str(PurePath(path).parent if is_file else path))
    return tuple(found.values())


def _duplicate_names(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for scenario in scenarios:
        before = first.setdefault(scenario.name, scenario.origin)
        if before != scenario.origin:
            yield Problem(
                position=Position(file=scenario.origin, line=1, column=1),
                key_path="scenario",
                message=f"the name {scenario.name!r} is taken by {before}; rename one of them",
            )


def load_text(text: bytes | str, origin: str, dialects: DialectSource, *, name: str | None = None) -> Scenario:
    """Load a scenario from YAML; `origin` is the file's name in problems and reports.

    `name` is that of a scenario that does not name itself, by default the stem of `origin`. Raises ScenarioError."""
    own_name = PurePath(origin).stem if name is None else name
    return load_document(read_yaml(text, origin), own_name, dialects)


def load_value(value: object, name: str, dialects: DialectSource, *, origin: str | None = None) -> Scenario:
    """Load a scenario from a Python mapping; raises ScenarioError."""
    return load_document(read_python(value, f'<inline "{name}">' if origin is None else origin), name, dialects)


def load_inline(value: JSONObject, place: Position, dialects: DialectSource) -> Scenario:
    """Load a mapping that is written at a place in a program, in line 0 where only its file is known; every problem,
    stub and reply has that place. The name is empty where it has none of its own. Raises ScenarioError."""
    return load_document(read_python(value, place.file, line=place.line or 1), "", dialects)


def load_conditions(when: object, origin: str) -> tuple[Condition, ...]:
    """Read conditions as they are written under `when`; raises ScenarioError."""
    document = read_python({"stubs": [{"when": when, "reply": ""}]}, origin)
    log = format_checker().start(document)
    stubs = log.root.get("stubs")
    found = [read_conditions(one.get("when")) for one in (stubs.elements() if stubs else ())]
    if log.problems:
        raise ScenarioError(in_order(tuple(log.problems)))
    return sum(found, start=())


def load_document(document: Document, name: str, dialects: DialectSource) -> Scenario:
    """Load a scenario from a value with places; raises ScenarioError."""
    if document.value is None:
        problem = document.problem((), "empty; expected a mapping with 'stubs'")
        raise ScenarioError([*document.problems, problem])
    log = format_checker().start(document)
    root = log.root
    dialect = _dialect(root, dialects)
    log.errors = None if dialect is None else dialect.catalogue
    scenario, about, seed = root.get("scenario"), root.get("about"), root.get("seed")
    defaults, fallback, stubs = root.get("defaults"), root.get("fallback"), root.get("stubs")
    own_name = name if scenario is None else scenario.text
    own_seed = 0 if seed is None else seed.whole
    options = NO_OPTIONS if defaults is None else read_options(defaults)
    if defaults is not None:
        check_default_templates(defaults, options)
    context = StubContext(
        scenario=own_name,
        seed=own_seed,
        dialect=dialect if defaults is None or defaults.clean else None,
        defaults=options,
        fallback=fallback is not None and fallback.value is True,
    )
    rules = read_model_rules(root.get("model_rules"))
    read = () if stubs is None else read_stubs(stubs, context)
    if log.problems or dialect is None:
        raise ScenarioError(in_order(tuple(log.problems)))
    return Scenario(
        name=own_name,
        stubs=read,
        dialect=dialect,
        about="" if about is None else about.text,
        seed=own_seed,
        origin=document.origin,
        model_rules=rules,
        limits=_limits(root.get("limits")),
    )


def _limits(cursor: Cursor | None) -> BudgetLimits | None:
    if cursor is None:
        return None
    read = {name: Limit.parse(inner.text) for name, inner in cursor.members()}
    return BudgetLimits(requests=read.get("requests"), tokens=read.get("tokens"))


# --- stubs ---


@dataclass(frozen=True, slots=True, kw_only=True)
class StubContext:
    """What a stub takes from its scenario; without a `dialect` replies are not validated."""

    scenario: str
    seed: int
    dialect: Dialect | None
    defaults: ReplyOptions
    fallback: bool


MAX_STUBS = 10_000
"""Stubs of one scenario; each takes time to validate."""


def read_stubs(cursor: Cursor, context: StubContext) -> tuple[Stub, ...]:
    """Every stub in the order written; names are unique."""
    elements = [*cursor.elements()]
    if len(elements) > MAX_STUBS:
        cursor.report(f"expected at most {MAX_STUBS} stubs, got {len(elements)}")
        return ()
    found: list[Stub] = []
    names: dict[str, Cursor] = {}
    for number, element in enumerate(elements, 1):
        given = element.get("name")
        name = f"stub {number}" if given is None else given.text
        before = names.setdefault(name, element)
        if before is not element:
            first = before.position
            place = f"line {first.line}, column {first.column}"
            (given or element).report(f"stub name {name!r} is taken by the stub at {place}")
        found.append(_read(element, name, context))
    return tuple(found)


def _read(cursor: Cursor, name: str, context: StubContext) -> Stub:
    parsed = [read_reply(inner, context.defaults) for inner in _replies(cursor)]
    own = read_own_path(cursor.get("on"), context.dialect)
    parameters = parameters_of(cursor.get("on"), own, context.dialect)
    conditions = read_path_conditions(cursor.get("when"), own, parameters)
    times, priority, then = cursor.get("times"), cursor.get("priority"), cursor.get("then")
    fallback = cursor.get("fallback")
    contract = cursor.get("contract")
    when = conditions if _is_exact(own) else _with_stream(conditions, parsed)
    for one in parsed:
        _check_rules(one)
        if one.reply.templated:
            check_templates(one.cursor, one.reply, conditions, parameters)
    on, shapes = ENDPOINTS.scripted, SHAPES.names
    replies = tuple(one.reply for one in parsed)
    if context.dialect is not None and parsed and all(one.cursor.clean for one in parsed):
        if _is_exact(own):
            on, shapes = exact_endpoint(cursor, replies)
        else:
            supported = supported_endpoints(replies, context.dialect)
            on, shapes = _endpoints(cursor, supported), supported.shapes
        validation = _Validation(context, context.dialect, on, shapes, when, name)
        replies = tuple(validation.validated(one) for one in parsed)
    return Stub(
        name=name,
        on=on,
        shapes=shapes,
        replies=replies,
        when=when,
        times=None if times is None else read_range(times),
        priority=0 if priority is None else priority.whole,
        fallback=context.fallback if fallback is None else fallback.value is True,
        then=WhenExhausted.REPEAT if then is None else WhenExhausted(then.text),
        contract=None if contract is None else ContractMode(contract.text),
        origin=cursor.position,
    )


def _is_exact(own: PathCondition | None) -> bool:
    return own is not None and own.route.endpoint == Endpoint.PATH


def _with_stream(conditions: tuple[Condition, ...], parsed: Sequence[ParsedReply]) -> tuple[Condition, ...]:
    """A fault among events implies `stream: true`, one in the body of a whole reply `stream: false`, unless `when` has
    a condition on streams; of both kinds they imply nothing."""
    implied = {kind for one in parsed for kind in _implied_streams(one.reply)}
    if len(implied) != 1 or any(isinstance(one, StreamCondition) for one in conditions):
        return conditions
    return (*conditions, StreamCondition(expected=implied.pop()))


def _implied_streams(reply: Reply) -> Iterator[bool]:
    """Whether the faults of a reply need a stream or a whole reply, where the request decides that."""
    output = reply.content if isinstance(reply.content, Output) else None
    if output is not None and output.answer_as is not None:
        return
    if reply.faults.streamed:
        yield True
    if reply.faults.whole and output is not None:
        yield False


def _replies(cursor: Cursor) -> Iterator[Cursor]:
    reply, replies = cursor.get("reply"), cursor.get("replies")
    if reply is not None:
        yield reply
    elif replies is not None:
        yield from replies.elements()


def _check_rules(parsed: ParsedReply) -> None:
    """Report rule ids under `breaks` that do not exist."""
    breaks = None if isinstance(parsed.cursor.value, str) else parsed.cursor.get("breaks")
    if breaks is None:
        return
    from mockserver.contract.rules import RULES  # noqa: PLC0415  # not before the first answer

    for element in breaks.elements():
        if element.text not in RULES:
            element.report(unknown("rule", element.text, RULES))


def _endpoints(cursor: Cursor, supported: SupportedEndpoints) -> tuple[Endpoint, ...]:
    given = cursor.get("on")
    if given is not None and isinstance(given.value, dict):
        given = given.get("endpoint")
    if given is None:
        if not supported.on:
            reasons = "; ".join(f"{name}: {why}" for name, why in supported.why_not.items())
            cursor.report(f"no endpoint can express every reply of this stub ({reasons})")
        return supported.on
    elements = list(given.elements()) if isinstance(given.value, list) else [given]
    for element in elements:
        endpoint = Endpoint(element.text)
        if endpoint not in supported.on:
            reason = supported.why_not[endpoint]
            element.report(f"{endpoint.value} cannot serve this stub: {reason}")
    named = {Endpoint(element.text) for element in elements}
    return tuple(endpoint for endpoint in ENDPOINTS.scripted if endpoint in named)


@dataclass(frozen=True, slots=True)
class _Validation:
    context: StubContext
    dialect: Dialect
    on: tuple[Endpoint, ...]
    shapes: tuple[Shape, ...]
    when: tuple[Condition, ...]
    stub: str

    def validated(self, parsed: ParsedReply) -> Reply:
        """The reply with those faults of `defaults` that have a place in it; its problems are reported."""
        reply = parsed.reply
        if parsed.optional:
            kept = [one for one in parsed.optional if self._has_place(reply, one.faults)]
            reply = replace(reply, faults=joined(kept))
        for problem in self._problems(reply):
            parsed.cursor.report_at(problem.key, problem.message, rule=problem.rule)
        return reply

    def _has_place(self, reply: Reply, faults: Faults) -> bool:
        problems = self._problems(replace(reply, faults=faults))
        return all(problem.key != "faults" for problem in problems)

    def _problems(self, reply: Reply) -> tuple[ReplyProblem, ...]:
        context = self.context
        return validate(
            sampled(reply),
            on=self.on,
            shapes=self.shapes,
            when=self.when,
            dialect=self.dialect,
            ids=IdGenerator(seed=context.seed, scenario=context.scenario, stub=self.stub, call=0),
        )


# --- dialects and Python values ---


def _dialect(root: Cursor, dialects: DialectSource) -> Dialect | None:
    given = root.get("dialect")
    name = DEFAULT_DIALECT if given is None else given.text
    try:
        return dialects.find(name, origin=root.log.document.origin)
    except UnknownDialectError as error:
        (given or root).report(str(error))
    except ScenarioError as error:
        root.log.problems.extend(error.problems)
    return None


class _NotJSONError(Exception):
    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def read_python(value: object, origin: str, *, line: int = 1) -> Document:
    """A copy of a Python value as a document whose every place is column 1 of one line; tuples
    count as lists. Raises ScenarioError where the value holds what JSON cannot, or itself."""
    places: dict[Path, Place] = {(): Place(line, 1, line, 1)}
    try:
        return Document(origin=origin, value=_copied(value, ()), places=places)
    except _NotJSONError as error:
        nothing = Document(origin=origin, value=None, places=places)
        raise ScenarioError([nothing.problem(error.path, error.message)]) from None


def _copied(value: object, path: Path) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if len(path) > MAX_DEPTH:
        raise _NotJSONError((), f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, (dict, Mapping)):  # a dict is found faster
        return {_name(key, path): _copied(one, (*path, key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(one, (*path, index)) for index, one in enumerate(value)]
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise _NotJSONError(path, f"{value!r:.60} is no JSON value; strings, numbers, lists and mappings are")


def _name(key: object, path: Path) -> str:
    if isinstance(key, str):
        return str(key)
    raise _NotJSONError(path, f"a key is a string, got {key!r:.60}")
