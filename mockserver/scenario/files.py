"""Where scenarios, dialects and the package's own data are read: on the disk, or among uploads.

No other module of the pure packages reads files. Sizes are limited; links are followed as long as
they stay in their folder; names that begin with a dot are skipped in folders."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePath, PurePosixPath
from posixpath import normpath
from types import MappingProxyType
from typing import Protocol

from mockserver.errors import Position, Problem, ScenarioError, UsageError
from mockserver.items import ItemRegistry, registry
from mockserver.model.cursor import nearest
from mockserver.model.endpoint import ENDPOINTS
from mockserver.model.json import JSON, JSONObject

MAX_BYTES = 8 * 1024 * 1024
"""How long a scenario or dialect file may be."""
SUFFIXES = (".yaml", ".yml")

_PACKAGE = Path(__file__).parents[1]
_DIALECTS = _PACKAGE / "dialects"


def read_format() -> JSONObject:
    """The JSON Schema of the scenario format as the loader checks it: a fault is any mapping."""
    return _format(ENDPOINTS.scripted, registry())


@cache
def _format(endpoints: tuple[str, ...], items: ItemRegistry) -> JSONObject:
    schema = _read_own(_PACKAGE / "scenario" / "format.schema.json")
    defs: dict[str, JSONObject] = schema["$defs"]  # type: ignore[assignment]  # our own
    defs["endpoint"]["enum"] = list(endpoints)
    stub: dict[str, JSONObject] = defs["stub"]["properties"]  # type: ignore[assignment]
    stub["on"]["title"] = f"{', '.join(endpoints)}, a list of them, or {{path: …}}"
    forms: JSONObject = items.schemas()
    defs["item"]["oneOf"] = [{"$ref": f"#/$defs/{name}"} for name in forms]
    return schema | {"$defs": {**defs, **forms}}


def format_schema() -> JSONObject:
    """The JSON Schema of the scenario format with every fault, for editors."""
    from mockserver.faults import fault_schema  # noqa: PLC0415  # not before the first answer

    schema = read_format()
    defs: dict[str, JSONObject] = schema["$defs"]  # type: ignore[assignment]  # our own
    return schema | {"$defs": {**defs, "fault": defs["fault"] | fault_schema()}}


def shipped() -> PurePath:
    """The folder of the example scenarios that come with the package."""
    installed = _PACKAGE / "shipped"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def offline() -> PurePath:
    """The scenario that answers every request, which is served where no path is given."""
    return _PACKAGE / "offline.yaml"


@cache
def shipped_dialects() -> Mapping[str, PurePath]:
    """The dialects that come with the package, by name."""
    return MappingProxyType({path.stem: path for path in sorted(_DIALECTS.glob("*.yaml"))})


class _Schemas(Mapping[str, JSON]):
    """Files of schemas by name, each read on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = sorted(path.name for path in folder.glob("*.json"))
        self._read: dict[str, JSON] = {}

    def __getitem__(self, name: str) -> JSON:
        if name not in self._read:
            if name not in self._names:
                raise KeyError(name)
            self._read[name] = _read_own(self._folder / name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def shipped_schemas() -> Mapping[str, JSON]:
    """The request schemas that come with the package, by file name."""
    return _Schemas(_DIALECTS / "schemas")


def _read_own(path: Path) -> JSONObject:
    """A JSON object from the package itself."""
    found: JSONObject = json.loads(path.read_bytes())
    return found


def scenario_files(path: str | os.PathLike[str]) -> tuple[PurePath, ...]:
    """The file of that path, or every scenario below a folder, in the order of their names.

    Raises UsageError where there is none."""
    here = Path(path)
    try:
        if here.is_dir():
            found = tuple(sorted(_walk_folder(here, set()), key=lambda one: one.parts))
            for file in found:
                _check_within(file, here)
            if found:
                return found
            expected = " or ".join(f"*{suffix}" for suffix in SUFFIXES)
            raise UsageError(f"no scenario in folder {str(here)!r}: expected files {expected}")
        if here.exists():
            return (here,)
    except OSError as error:
        raise UsageError(f"cannot read {str(here)!r}: {error.strerror}") from error
    raise UsageError(f"no file or folder {str(here)!r}{_suggest_file(here)}")


def _walk_folder(folder: Path, seen: set[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk_folder(entry, seen)
        elif entry.suffix in SUFFIXES:
            yield entry


def _check_within(file: Path, folder: Path) -> None:
    if not within(file, [folder]):
        real = Path(os.path.realpath(file)).as_posix()
        raise UsageError(
            f"{str(file)!r} lies outside of folder {str(folder)!r}, behind a link to {real!r}: name that instead"
        )


def _suggest_file(path: Path) -> str:
    parent = path.parent
    names = sorted(one.name for one in parent.iterdir()) if parent.is_dir() else []
    with_suffix = next((name for name in names if name in [path.name + suffix for suffix in SUFFIXES]), None)
    near = with_suffix or nearest(path.name, names)
    return f"; did you mean {str(parent / near)!r}?" if near else ""


def read_file(path: PurePath) -> bytes:
    """The bytes of a file; raises UsageError where it cannot be read, ScenarioError where it is too long."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        position = Position(file=shown(path), line=1, column=1)
        raise ScenarioError([Problem(position=position, key_path="", message=f"longer than {MAX_BYTES} bytes")])
    return data


def shown(path: PurePath) -> str:
    """A path as problems and reports show it: below the working directory relative to it."""
    here = absolute(path)
    folder = Path.cwd()
    return (here.relative_to(folder) if here.is_relative_to(folder) else path).as_posix()


def absolute(path: PurePath) -> PurePath:
    """An absolute path without `.` and `..`, links left as they are."""
    return PurePath(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def within(path: PurePath, folders: Collection[PurePath]) -> bool:
    """Whether a path leads into one of some folders: as it is written, and where links lead."""
    here = absolute(path)
    if not any(here.is_relative_to(absolute(folder)) for folder in folders):
        return False
    return any(_real(here).is_relative_to(_real(folder)) for folder in folders)


def _real(path: PurePath) -> PurePath:
    try:
        return PurePath(os.path.realpath(path))
    except ValueError:  # a NUL in it, so that it leads nowhere
        return absolute(path)


def is_file(path: PurePath) -> bool:
    """Whether there is a file that can be opened; false where one may not even look."""
    try:
        return Path(path).is_file()
    except OSError:
        return False


class FileSource(Protocol):
    """Files by their paths; each method does for a source what the function of its name does for the disk."""

    def is_file(self, path: PurePath) -> bool: ...
    def read_file(self, path: PurePath) -> bytes: ...
    def shown(self, path: PurePath) -> str: ...
    def absolute(self, path: PurePath) -> PurePath: ...
    def within(self, path: PurePath, folders: Collection[PurePath]) -> bool: ...


class UploadedFiles:
    """Files of an upload by their paths relative to `folder`. The paths are those of the machine
    that sent them; they name nothing on this one."""

    def __init__(self, folder: PurePath, uploaded: Mapping[str, bytes]) -> None:
        self._files = {self.absolute(folder / name): data for name, data in uploaded.items()}

    def is_file(self, path: PurePath) -> bool:
        return self.absolute(path) in self._files

    def read_file(self, path: PurePath) -> bytes:
        data = self._files.get(self.absolute(path))
        if data is None:
            raise UsageError(f"no file {self.shown(path)!r} was uploaded")
        return data

    def shown(self, path: PurePath) -> str:
        return self.absolute(path).as_posix()

    def absolute(self, path: PurePath) -> PurePath:
        return PurePosixPath(normpath(path.as_posix()))

    def within(self, path: PurePath, folders: Collection[PurePath]) -> bool:
        here = self.absolute(path)
        # A relative path that still begins with `..` is above every relative folder, `.` included.
        return ".." not in here.parts and any(here.is_relative_to(self.absolute(folder)) for folder in folders)


class Disk:
    """The files of the disk; `read` has what was read by absolute path."""

    def __init__(self) -> None:
        self.read: dict[PurePath, bytes] = {}

    is_file = staticmethod(is_file)
    shown = staticmethod(shown)
    absolute = staticmethod(absolute)
    within = staticmethod(within)

    def read_file(self, path: PurePath) -> bytes:
        data = self.read[absolute(path)] = read_file(path)
        return data
