"""From the paths that a user names to scenarios, or to everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from mockserver.errors import Position, Problem, ScenarioError
from mockserver.model.stub import Scenario
from mockserver.scenario import files
from mockserver.scenario.dialects import Dialects, is_dialect
from mockserver.scenario.document import in_order
from mockserver.scenario.files import shipped
from mockserver.scenario.load import load_document
from mockserver.scenario.yaml_nodes import read_yaml

__all__ = ["load_paths", "shipped"]


def load_paths(paths: Iterable[str | PurePath], dialects: Dialects) -> tuple[Scenario, ...]:
    """Load files, and every `*.yaml` and `*.yml` below folders, in the order of the paths.

    A dialect file among them is proven and gives no scenario; scenarios may name dialect files
    below the same folders. Raises ScenarioError with the problems of all files, UsageError for a
    path that does not exist or a folder without scenarios.
    """
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in _files(paths, dialects):
        try:
            scenario = _load(path, dialects)
        except ScenarioError as error:
            problems.extend(error.problems)
        else:
            found += [] if scenario is None else [scenario]
    problems.extend(_named_twice(found))
    if problems:
        raise ScenarioError(in_order(tuple(problems)))
    return tuple(found)


def _files(paths: Iterable[str | PurePath], dialects: Dialects) -> tuple[PurePath, ...]:
    """Each file once; the folders are trusted before anything in them is read."""
    found: dict[PurePath, PurePath] = {}
    for path in paths:
        below = files.scenario_files(path)
        for file in below:
            found.setdefault(files.absolute(file), file)
        alone = [PurePath(path)] == list(below)
        dialects.trust(str(PurePath(path).parent if alone else path))
    return tuple(found.values())


def _load(path: PurePath, dialects: Dialects) -> Scenario | None:
    document = read_yaml(files.read_file(path), files.shown(path))
    if is_dialect(document):
        dialects.find(str(path))
        return None
    return load_document(document, path.stem, dialects)


def _named_twice(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for scenario in scenarios:
        before = first.setdefault(scenario.name, scenario.origin)
        if before != scenario.origin:
            yield Problem(
                position=Position(file=scenario.origin, line=1, column=1),
                key_path="scenario",
                message=f"the name {scenario.name!r} is taken by {before}; name one differently",
            )
