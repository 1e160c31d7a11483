"""What the tests of one run share."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from itertools import count
from pathlib import Path
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from mockserver.client.files import Finder

_IN_NAMES = bytes(
    one if chr(one).isascii() and (chr(one).isalnum() or chr(one) in "._~-") else ord("-")
    for one in range(256)
)


class Run:
    """What the tests of one run share, and the one that is set up in each thread.

    A fixture that asks for `request` takes pytest as long as all that a sandbox does.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.items: dict[int, pytest.Item] = {}
        self.modules = AsTheyAre()
        self._mark = ""
        self._numbers = count(1)
        self._finders: dict[Path, Finder] = {}

    @property
    def item(self) -> pytest.Item:
        """The test that is set up here; in a thread of a test's own it is the latest."""
        here = self.items.get(get_ident())
        return next(reversed(self.items.values())) if here is None else here

    def name(self, item: pytest.Item) -> str:
        """A name that nobody has, here or on a server shared with other runs."""
        self._mark = self._mark or uuid4().hex[:8]
        told = item.name[:60].encode("ascii", "replace").translate(_IN_NAMES).decode()
        return f"{told}-{self._mark}-{next(self._numbers)}"

    def finder(self, file: Path) -> Finder:
        """Finds the scenarios of the tests in a file."""
        found = self._finders.get(file)
        if found is None:
            from mockserver.client.files import Finder

            root, more = self.config.rootpath, self.config.getini("mockserver_scenarios")
            found = Finder(folders=(file.parent, *more, root), root=root)
            self._finders[file] = found
        return found


class AsTheyAre:
    """Finds this package's modules before pytest does, which takes them for helpers of a test and
    compiles each once more; there is no assertion in them to explain. In a fresh environment that
    is more than half of what the first test waits for."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path) if name.startswith("mockserver.") else None
