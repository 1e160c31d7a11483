"""The dialect files that a scenario names, gathered to go with it to the server.

That they lie beside the scenario is so near as well as far; a server that knows only what was sent
answers alike in both cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from mockserver.errors import ScenarioError
from mockserver.model.json import JSON, JSONReadError, read_text
from mockserver.scenario.dialects import Dialects, UnknownDialectError
from mockserver.scenario.file_sources import RecordingDisk
from mockserver.scenario.yaml_nodes import read_yaml
from mockserver.server.control_message import ControlRequest

_KEY = "dialect"


def with_dialects(request: ControlRequest) -> ControlRequest:
    """The request that loads a scenario, with the dialect files that it names.

    Raises:
        ScenarioError: a dialect's file has problems.
    """
    if not request.folder or request.body is None or _KEY not in request.body:
        return request
    return replace(request, files=_files(request.body, request.folder, is_json=request.is_json))


def _files(scenario: str, folder: str, *, is_json: bool) -> Mapping[str, bytes]:
    """Files by their paths below `folder`, where the scenario's own file lies; none where its
    dialect is no file there."""
    name = _dialect(scenario, is_json=is_json)
    if not isinstance(name, str):
        return {}
    disk = RecordingDisk()
    try:
        Dialects([folder], shelf=disk).find(name, origin=str(PurePath(folder, "scenario")))
    except UnknownDialectError:
        # It may be the server's own.
        return {}
    home = disk.absolute(PurePath(folder))
    return {path.relative_to(home).as_posix(): data for path, data in disk.read.items()}


def _dialect(scenario: str, *, is_json: bool) -> JSON:
    try:
        value = read_text(scenario) if is_json else read_yaml(scenario, "").value
    except ScenarioError:
        # The server will say what is wrong with it.
        return None
    if isinstance(value, JSONReadError) or not isinstance(value, dict):
        return None
    return value.get(_KEY)
