"""What a test hands to a server: scenario files, inline values, the place that they come from.

Files are found by name or path in a list of folders, then among the shipped ones. A relative path may lead from one of
the folders to another, but not out of all of them; an absolute path names any file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from os import PathLike, fspath
from os.path import normpath
from pathlib import Path, PurePath
from types import FrameType

from mockserver.admin.verbs import Upload
from mockserver.errors import ScenarioError, UsageError
from mockserver.model.cursor import nearest
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text, write
from mockserver.model.reply import ReplyFunction

_SUFFIXES = (".yaml", ".yml")
_DIALECT = "dialect"
_OURS = "mockserver."
_call_site: ContextVar[tuple[str, int] | None] = ContextVar("mockserver_call_site", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSource:
    """A scenario as a test gives it: one of `value` and `text`, which is YAML; its file or the calling one as reports
    show it, and the `folder` of a file. `functions` make the replies of its only stub, None for one that is written."""

    origin: str
    folder: str = ""
    line: int | None = None
    value: JSONObject | None = None
    text: str = ""
    functions: tuple[ReplyFunction | None, ...] = ()

    def upload(self) -> Upload:
        """The scenario with the dialect files that it names; raises ScenarioError for those."""
        is_json = self.value is not None
        text = write(self.value) if is_json else self.text
        return Upload(
            text=text,
            is_json=is_json,
            origin=self.origin,
            line=self.line,
            files=dialect_files(text, self.folder, is_json=is_json),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks through `folders` in order; reports show paths below `root` relative to it."""

    folders: Sequence[Path] = ()
    root: Path | None = None
    _places: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, name: str | PathLike[str]) -> tuple[ScenarioSource, ...]:
        """The scenario of that name or path, with or without its suffix; all scenarios of a folder.

        Raises UsageError: there is none, it lies outside of the folders, or it cannot be read as UTF-8."""
        from mockserver.scenario.files import shipped  # noqa: PLC0415  # heavy; stubs need no files

        given = fspath(name)
        folders = (*(self.folders or (Path.cwd(),)), Path(shipped()))
        path = Path(given).expanduser()
        inside = [one for one in (folder / path for folder in folders) if _within(one, folders)]
        if not path.is_absolute() and not inside:
            raise UsageError(f"scenario {given!r} leaves the folders: {_listed(folders)}")
        for place in (path,) if path.is_absolute() else inside:
            found = list(_files(place))
            if found:
                return tuple(self._read(one) for one in found)
        near = nearest(path.stem, sorted(_names(inside)))
        hint = "" if near is None else f"; did you mean {path.with_name(near).as_posix()!r}?"
        raise UsageError(
            f"no scenario {given!r}: searched for it, .yaml and .yml in {_listed(folders[:-1])}, "
            f"then among the shipped ones{hint}"
        )

    def _read(self, path: Path) -> ScenarioSource:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {str(path)!r}: {error}") from error
        return ScenarioSource(origin=self._shown(path), folder=str(path.parent.absolute()), text=text)

    def place(self, file: str, line: int) -> tuple[str, int]:
        """A line of code as reports show it."""
        if not file or self.root is None:
            return (self._shown(Path(file)) if file else ""), line
        shown = self._places.get(file)
        if shown is None:
            shown = self._places[file] = self._shown(Path(file))
        return shown, line

    def _shown(self, path: Path) -> str:
        root, path = self.root or Path.cwd(), path.absolute()
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _names(places: Sequence[Path]) -> set[str]:
    """The names of the scenarios beside the places where one was looked for."""
    return {one.stem for place in places for one in _files(place.parent)}


def _within(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a path leads to a place below one of the folders, links not followed."""
    place = Path(normpath(path.absolute()))
    return any(place.is_relative_to(normpath(folder.absolute())) for folder in folders)


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(repr(str(folder)) for folder in folders)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(one for one in path.iterdir() if one.suffix in _SUFFIXES)
        return
    for candidate in (path, *(path.with_name(path.name + suffix) for suffix in _SUFFIXES)):
        if candidate.is_file():
            yield candidate
            return


def dialect_files(scenario: str, folder: str, *, is_json: bool) -> Mapping[str, bytes]:
    """The dialect files that the text of a scenario names, by their paths below `folder`, where
    its own file lies; none where its dialect is not a file there.

    A server in the same process gets them in the same way, so that it answers the same.
    Raises ScenarioError: a dialect's file has problems."""
    if not folder or _DIALECT not in scenario:
        return {}
    from mockserver.scenario.dialects import Dialects, UnknownDialectError  # noqa: PLC0415  # heavy; few scenarios name a dialect
    from mockserver.scenario.files import Disk  # noqa: PLC0415  # heavy; few scenarios name a dialect

    name = _dialect(scenario, is_json=is_json)
    if not isinstance(name, str):
        return {}
    disk = Disk()
    try:
        Dialects([folder], source=disk).find(name, origin=str(PurePath(folder, "scenario")))
    except UnknownDialectError:
        # It may be one of the server's.
        return {}
    home = disk.absolute(PurePath(folder))
    return {path.relative_to(home).as_posix(): data for path, data in disk.read.items()}


def _dialect(scenario: str, *, is_json: bool) -> JSON:
    from mockserver.scenario.yaml_reader import read_yaml  # noqa: PLC0415  # heavy; few scenarios name a dialect

    try:
        value = read_text(scenario) if is_json else read_yaml(scenario, "").value
    except ScenarioError:
        # The server will report what is wrong with it.
        return None
    if isinstance(value, JSONReadError) or not isinstance(value, dict):
        return None
    return value.get(_DIALECT)


# --- the calling line ---


def call_site() -> tuple[str, int]:
    """Absolute file and line of the nearest frame outside of this package."""
    given = _call_site.get()
    if given is not None:
        return given
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.stack reads every source
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_OURS):
        frame = frame.f_back
    return ("", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


class CallSite:
    """A context in which `call_site` is the line that entered it, in worker threads as well."""

    def __enter__(self) -> None:
        self._token = _call_site.set(call_site())

    def __exit__(self, *_error: object) -> None:
        _call_site.reset(self._token)


# --- Python values as JSON ---


def to_json(value: object, path: str = "") -> JSON:
    """A value as JSON: tuples are lists, any mapping is an object.

    Raises UsageError: something in it has no JSON; the message says where."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (dict, Mapping)):  # a dict is found faster
        return to_json_object(value, path)
    if isinstance(value, list | tuple):
        return [to_json(one, f"{path}[{index}]") for index, one in enumerate(value)]
    where = f" at {path.removeprefix('.')!r}" if path else ""
    raise UsageError(f"{value!r:.80}{where} has no JSON: expected text, numbers, lists or mappings")


def to_json_object(value: Mapping[str, object], path: str = "") -> JSONObject:
    names: list[object] = [*value]
    for name in names:
        if isinstance(name, bool):
            where = f" at {path.removeprefix('.')!r}" if path else ""
            raise UsageError(
                f"key {name}{where}: expected a string; YAML 1.1 reads the keys on, off, yes and no "
                "as booleans, so quote them"
            )
    return {str(name): to_json(one, f"{path}.{name}") for name, one in value.items()}
