"""Where dialect files are found: on the disk, or among those that came with an upload.

Paths of a shelf in memory are those of the machine that sent the files; they lead nowhere here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath, PurePosixPath
from posixpath import normpath
from typing import Protocol

from mockserver.errors import UsageError
from mockserver.scenario import files


class FileSource(Protocol):
    """Files by their paths; the module `files` is the disk's."""

    def is_file(self, path: PurePath) -> bool:
        """Whether there is a file that can be opened."""
        ...

    def read_file(self, path: PurePath) -> bytes:
        """The bytes of a file; raises UsageError or ScenarioError."""
        ...

    def shown(self, path: PurePath) -> str:
        """A path as problems show it."""
        ...

    def absolute(self, path: PurePath) -> PurePath:
        """A path without `.` and `..`."""
        ...

    def within(self, path: PurePath, folders: Collection[PurePath]) -> bool:
        """Whether a path leads into one of some folders."""
        ...


class UploadedFiles:
    """Files that were sent along, by their paths relative to `folder`."""

    def __init__(self, folder: PurePath, sent: Mapping[str, bytes]) -> None:
        self._files = {self.absolute(folder / name): data for name, data in sent.items()}

    def is_file(self, path: PurePath) -> bool:
        return self.absolute(path) in self._files

    def read_file(self, path: PurePath) -> bytes:
        data = self._files.get(self.absolute(path))
        if data is None:
            raise UsageError(f"no file {self.shown(path)!r} was sent along")
        return data

    def shown(self, path: PurePath) -> str:
        return self.absolute(path).as_posix()

    def absolute(self, path: PurePath) -> PurePath:
        return PurePosixPath(normpath(path.as_posix()))

    def within(self, path: PurePath, folders: Collection[PurePath]) -> bool:
        here = self.absolute(path)
        return any(here.is_relative_to(self.absolute(folder)) for folder in folders)


class RecordingDisk:
    """The disk, and what was read from it."""

    def __init__(self) -> None:
        self.read: dict[PurePath, bytes] = {}

    def is_file(self, path: PurePath) -> bool:
        return files.is_file(path)

    def read_file(self, path: PurePath) -> bytes:
        data = files.read_file(path)
        self.read[files.absolute(path)] = data
        return data

    def shown(self, path: PurePath) -> str:
        return files.shown(path)

    def absolute(self, path: PurePath) -> PurePath:
        return files.absolute(path)

    def within(self, path: PurePath, folders: Collection[PurePath]) -> bool:
        return files.within(path, folders)
