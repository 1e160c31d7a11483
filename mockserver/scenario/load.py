"""From the text of a scenario to its value, or to every problem of the text at once.

In turn: the source is read with the place of everything in it, the format's JSON Schema is
walked, what it cannot say is checked while values are built, and every reply that is sound so far
is proven against its dialect.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from mockserver.errors import Position, ScenarioError
from mockserver.model.dialect import Dialect
from mockserver.model.json import JSONObject
from mockserver.model.stub import Scenario
from mockserver.pipeline.validate import supported_endpoints, validate
from mockserver.scenario.cursor import Cursor, ProblemLog
from mockserver.scenario.dialects import DialectSource, UnknownDialectError
from mockserver.scenario.document import Document, in_order
from mockserver.scenario.files import read_format
from mockserver.scenario.format_check import check_format
from mockserver.scenario.from_python import read_plain
from mockserver.scenario.replies import defaults_only
from mockserver.scenario.reply_options import ReplyOptions, read_options
from mockserver.scenario.stubs import StubContext, Validator, read_stubs
from mockserver.scenario.template_checks import refuse_unknown_in_defaults
from mockserver.scenario.yaml_nodes import read_yaml

DEFAULT_DIALECT = "openai"
PROOF = Validator(reach=supported_endpoints, prove=validate)


def load_text(
    text: bytes | str,
    origin: str,
    dialects: DialectSource,
    *,
    name: str | None = None,
    proof: Validator = PROOF,
) -> Scenario:
    """Load a scenario from YAML; `origin` is the file's name in problems and reports.

    `name` is that of a scenario that does not name itself, by default the stem of `origin`.
    Raises ScenarioError.
    """
    own_name = PurePath(origin).stem if name is None else name
    return load_document(read_yaml(text, origin), own_name, dialects, proof=proof)


def load_value(
    value: object,
    name: str,
    dialects: DialectSource,
    *,
    origin: str | None = None,
    proof: Validator = PROOF,
) -> Scenario:
    """Load a scenario from a Python mapping; raises ScenarioError."""
    document = read_plain(value, f'<inline "{name}">' if origin is None else origin)
    return load_document(document, name, dialects, proof=proof)


def load_document(
    document: Document, name: str, dialects: DialectSource, *, proof: Validator = PROOF
) -> Scenario:
    """Load a scenario from a value with places; raises ScenarioError."""
    if document.value is None:
        message = "empty; wanted a mapping with 'stubs'"
        raise ScenarioError([*document.problems, document.problem((), message)])
    sheet = ProblemLog.of(document, check_format(document.value, read_format()))
    root = sheet.root
    dialect = _dialect(root, dialects)
    sheet.errors = None if dialect is None else frozenset(dialect.catalogue)
    defaults, stubs = root.get("defaults"), root.get("stubs")
    scenario, about, seed = root.get("scenario"), root.get("about"), root.get("seed")
    own_name = name if scenario is None else scenario.text
    own_seed = 0 if seed is None else seed.whole
    parts = ReplyOptions() if defaults is None else read_options(defaults)
    if defaults is not None:
        refuse_unknown_in_defaults(defaults, defaults_only(parts))
    setting = StubContext(
        scenario=own_name,
        seed=own_seed,
        dialect=dialect if defaults is None or defaults.clean else None,
        defaults=parts,
        proof=proof,
    )
    read = () if stubs is None else read_stubs(stubs, setting)
    if sheet.problems or dialect is None:
        raise ScenarioError(in_order(tuple(sheet.problems)))
    return Scenario(
        name=own_name,
        stubs=read,
        dialect=dialect,
        about="" if about is None else about.text,
        seed=own_seed,
        origin=document.origin,
    )


def _dialect(root: Cursor, dialects: DialectSource) -> Dialect | None:
    given = root.get("dialect")
    spot = given or root
    name = DEFAULT_DIALECT if given is None else given.text
    try:
        return dialects.find(name, origin=root.sheet.document.origin)
    except UnknownDialectError as error:
        spot.refuse(str(error))
    except ScenarioError as error:
        spot.sheet.problems.extend(error.problems)
    return None


_INLINE = "inline"


def load_inline(value: JSONObject, place: Position, dialects: DialectSource) -> Scenario:
    """Load a mapping that is written at a place, in line 0 where only its file is known; without
    a name of its own its name is empty. Raises ScenarioError."""
    try:
        scenario = load_value(value, _INLINE, dialects, origin=place.file)
    except ScenarioError as error:
        if not place.line:
            raise
        raise ScenarioError(
            [replace(problem, position=place) for problem in error.problems]
        ) from None
    if "scenario" not in value:
        scenario = replace(scenario, name="")
    if not place.line:
        return scenario
    stubs = tuple(replace(stub, origin=place) for stub in scenario.stubs)
    return replace(scenario, stubs=stubs)
