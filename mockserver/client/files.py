"""Scenario files for a test: found by name or path in a list of folders, read as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike, fspath
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.values import frozen

SUFFIXES = (".yaml", ".yml")


@frozen
class Found:
    """`origin` is the path as reports show it, `folder` where the file lies."""

    origin: str
    folder: str
    text: str


@frozen
class Finder:
    """Looks through `folders` in order; reports show paths below `root` relative to it."""

    folders: Sequence[Path] = ()
    root: Path | None = None

    def find(self, name: str | PathLike[str]) -> tuple[Found, ...]:
        """The scenario of that name or path, with or without its suffix; a folder's all.

        Raises:
            UsageError: there is none, or it cannot be read as UTF-8.
        """
        wanted = fspath(name)
        folders = self.folders or (Path.cwd(),)
        for folder in folders:
            found = list(_files(folder / Path(wanted).expanduser()))
            if found:
                return tuple(self._read(path) for path in found)
        looked = ", ".join(repr(str(folder)) for folder in folders)
        raise UsageError(f"no scenario {wanted!r}: looked for it, .yaml and .yml in {looked}")

    def _read(self, path: Path) -> Found:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {str(path)!r}: {error}") from error
        return Found(origin=self._shown(path), folder=str(path.parent.absolute()), text=text)

    def place(self, file: str, line: int) -> tuple[str, int]:
        """A line of code as reports show it."""
        return (self._shown(Path(file)) if file else "", line)

    def _shown(self, path: Path) -> str:
        """Relative where the path lies below the root."""
        root, path = self.root or Path.cwd(), path.absolute()
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(one for one in path.iterdir() if one.suffix in SUFFIXES)
        return
    for candidate in (path, *(path.with_name(path.name + suffix) for suffix in SUFFIXES)):
        if candidate.is_file():
            yield candidate
            return
