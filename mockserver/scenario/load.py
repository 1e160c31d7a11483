"""Scenarios from files, texts and Python mappings, or every problem in them at once.

The source is read with the place of everything in it and checked against the format's JSON
Schema. What the schema cannot express is checked while values are built, and every reply that is
sound so far is validated against its dialect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from mockserver.errors import Position, Problem, ScenarioError
from mockserver.model.conditions import Condition
from mockserver.model.cursor import Cursor, Document, Path, Place, in_order
from mockserver.model.dialect import Dialect
from mockserver.model.json import JSON, JSONObject
from mockserver.model.stub import Scenario
from mockserver.scenario import files
from mockserver.scenario.conditions import read_conditions
from mockserver.scenario.dialects import Dialects, DialectSource, UnknownDialectError, is_dialect
from mockserver.scenario.files import shipped
from mockserver.scenario.format_check import format_checker
from mockserver.scenario.model_rules import read_model_rules
from mockserver.scenario.replies import check_default_templates
from mockserver.scenario.reply_options import NO_OPTIONS, read_options
from mockserver.scenario.stubs import StubContext, read_stubs
from mockserver.scenario.yaml_reader import MAX_DEPTH, read_yaml

__all__ = ["load_paths", "shipped"]

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
    defaults, stubs = root.get("defaults"), root.get("stubs")
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
    )


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
    if isinstance(value, Mapping):
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
