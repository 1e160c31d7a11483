"""Scenario files for a test: found by name or path in a list of folders, read as text.

Where no folder has it, one that is shipped is meant. A relative path may lead from one of the
folders to another, but not out of all of them; what lies elsewhere is named by its whole path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from os.path import normpath
from pathlib import Path

from mockserver.errors import UsageError

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`origin` is the path as reports show it, `folder` where the file lies."""

    origin: str
    folder: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks through `folders` in order; reports show paths below `root` relative to it."""

    folders: Sequence[Path] = ()
    root: Path | None = None
    _places: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find(self, name: str | PathLike[str]) -> tuple[Found, ...]:
        """The scenario of that name or path, with or without its suffix; a folder's all.

        Raises:
            UsageError: there is none, it lies outside of the folders, or it cannot be read as
                UTF-8.
        """
        # The loader's room is heavy, and stubs do without it.
        from mockserver.scenario.files import shipped  # noqa: PLC0415  # not before it is needed

        wanted = fspath(name)
        folders = (*(self.folders or (Path.cwd(),)), Path(shipped()))
        path = Path(wanted).expanduser()
        near = [one for one in (folder / path for folder in folders) if _within(one, folders)]
        if not path.is_absolute() and not near:
            raise UsageError(f"scenario {wanted!r} leaves the folders: {_listed(folders)}")
        for place in (path,) if path.is_absolute() else near:
            found = list(_files(place))
            if found:
                return tuple(self._read(one) for one in found)
        raise UsageError(
            f"no scenario {wanted!r}: looked for it, .yaml and .yml in {_listed(folders[:-1])}, "
            "then among the shipped ones"
        )

    def _read(self, path: Path) -> Found:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {str(path)!r}: {error}") from error
        return Found(origin=self._shown(path), folder=str(path.parent.absolute()), text=text)

    def place(self, file: str, line: int) -> tuple[str, int]:
        """A line of code as reports show it."""
        if not file or self.root is None:
            return (self._shown(Path(file)) if file else ""), line
        shown = self._places.get(file)
        if shown is None:
            shown = self._places[file] = self._shown(Path(file))
        return shown, line

    def _shown(self, path: Path) -> str:
        """Relative where the path lies below the root."""
        root, path = self.root or Path.cwd(), path.absolute()
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _within(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a path leads to a place below one of the folders, as it is written."""
    place = Path(normpath(path.absolute()))
    return any(place.is_relative_to(normpath(folder.absolute())) for folder in folders)


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(repr(str(folder)) for folder in folders)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(one for one in path.iterdir() if one.suffix in SUFFIXES)
        return
    for candidate in (path, *(path.with_name(path.name + suffix) for suffix in SUFFIXES)):
        if candidate.is_file():
            yield candidate
            return
