"""From the text of a scenario to its value, or to every problem of the text at once.

In turn: the source is read with the place of everything in it, the format's JSON Schema is
walked, what it cannot say is checked while values are built, and every reply that is sound so far
is proven against its dialect.
"""

from __future__ import annotations

from pathlib import PurePath

from mockserver.core.dialect import Dialect
from mockserver.core.stub import Scenario
from mockserver.errors import ScenarioError
from mockserver.scenario.dialects import DialectSource, UnknownDialectError
from mockserver.scenario.document import Document, in_order
from mockserver.scenario.files import read_format
from mockserver.scenario.parts import Parts, read_parts
from mockserver.scenario.plain import read_plain
from mockserver.scenario.quotations import refuse_unknown_in_defaults
from mockserver.scenario.replies import silent
from mockserver.scenario.spots import Sheet, Spot
from mockserver.scenario.stubs import Proof, Setting, read_stubs
from mockserver.scenario.walk import walk
from mockserver.scenario.yaml_nodes import read_yaml
from mockserver.script.prove import prove, reach

DEFAULT_DIALECT = "openai"
PROOF = Proof(reach=reach, prove=prove)


def load_text(
    text: bytes | str,
    origin: str,
    dialects: DialectSource,
    *,
    name: str | None = None,
    proof: Proof = PROOF,
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
    proof: Proof = PROOF,
) -> Scenario:
    """Load a scenario from a Python mapping; raises ScenarioError."""
    document = read_plain(value, f'<inline "{name}">' if origin is None else origin)
    return load_document(document, name, dialects, proof=proof)


def load_document(
    document: Document, name: str, dialects: DialectSource, *, proof: Proof = PROOF
) -> Scenario:
    """Load a scenario from a value with places; raises ScenarioError."""
    if document.value is None:
        message = "empty; wanted a mapping with 'stubs'"
        raise ScenarioError([*document.problems, document.problem((), message)])
    sheet = Sheet.of(document, walk(document.value, read_format()))
    root = sheet.root
    dialect = _dialect(root, dialects)
    sheet.errors = None if dialect is None else frozenset(dialect.catalogue)
    defaults, stubs = root.get("defaults"), root.get("stubs")
    scenario, about, seed = root.get("scenario"), root.get("about"), root.get("seed")
    own_name = name if scenario is None else scenario.text
    own_seed = 0 if seed is None else seed.whole
    parts = Parts() if defaults is None else read_parts(defaults)
    if defaults is not None:
        refuse_unknown_in_defaults(defaults, silent(parts))
    setting = Setting(
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


def _dialect(root: Spot, dialects: DialectSource) -> Dialect | None:
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
