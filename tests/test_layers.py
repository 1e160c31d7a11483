"""The layers point one way, and everything left of the server is pure.

Read from the syntax trees, so that imports inside functions and under TYPE_CHECKING count too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mockserver"

# room -> the rooms it may import besides itself and `errors`.
CONTRACTS = {"model"}
WORKSHOPS = {"model", "items", "render", "faults", "contract", "endpoints"}
MODEL = {*WORKSHOPS, "pipeline", "scenario"}
ROOMS = {
    "errors": set[str](),
    "model": set[str](),
    "items": CONTRACTS,
    "render": {"model", "items"},
    "faults": CONTRACTS,
    "contract": {"model", "items"},
    "endpoints": {"model", "items", "render", "contract"},
    "report": CONTRACTS,
    "pipeline": WORKSHOPS,
    "scenario": {*WORKSHOPS, "pipeline"},
    "recording": MODEL,
    "server": {*MODEL, "report", "recording"},
    "admin": {*MODEL, "report", "server"},
    "client": {*MODEL, "report", "server", "admin"},
    "sweeps": {*MODEL, "client"},
    "pytest_plugin": {*MODEL, "report", "server", "admin", "client", "sweeps"},
    "cli": {*MODEL, "report", "recording", "server", "admin", "client"},
    "__main__": {"cli"},
    "__init__": {"client", "contract", "sweeps"},
}
PURE = (
    "errors",
    "model",
    "items",
    "render",
    "faults",
    "contract",
    "endpoints",
    "report",
    "pipeline",
    "scenario",
    "recording",
)

# Third-party packages, by room; whoever is not named needs none.
THIRD_PARTY = {
    "contract": {"jsonschema", "referencing"},
    "scenario": {"yaml", "jsonschema", "referencing"},
    "recording": {"yaml"},
    "server": {"aiohttp", "backports", "brotli", "cryptography", "multidict", "uvloop", "yarl"},
    "admin": {"aiohttp"},
    "pytest_plugin": {"pytest", "_pytest"},
}

# Clocks, chance, the surroundings, the network, other processes: a prefix of the dotted name.
IMPURE = (
    "asyncio",
    "concurrent",
    "contextvars",
    "ctypes",
    "datetime",
    "fcntl",
    "ftplib",
    "getpass",
    "glob",
    "http.client",
    "http.server",
    "importlib.resources",
    "io.open",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pkgutil",
    "platform",
    "random",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "socketserver",
    "ssl",
    "subprocess",
    "sys.argv",
    "sys.stdin",
    "sys.stdout",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
    "warnings",
)
# `hash` of a text differs from process to process; the others touch the outside.
IMPURE_CALLS = {"breakpoint", "hash", "input", "open", "print"}

# The door through which scenarios and the package's own data come in.
READS_FILES = "mockserver/scenario/files.py"
DOOR = ("glob", "importlib.resources", "os", "pathlib.Path", "pkgutil")


def room_of(module: str) -> str:
    """`mockserver.model.stub_set` is in `model`, `mockserver` itself in `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name; `from a.b import c` gives `a.b.c`, as c may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def reaches(name: str, prefix: str) -> bool:
    """`os.path` reaches `os`, and the whole of `pathlib` reaches `pathlib.Path`."""
    return f"{name}.".startswith(f"{prefix}.") or (name == prefix.partition(".")[0])


def complaint(path: str, room: str, name: str) -> str | None:
    """What is wrong with this file's importing that name, if anything is."""
    top = name.partition(".")[0]
    if not top:
        return f"imports {name!r}, which is relative"
    if top == "mockserver":
        other = room_of(name)
        open_to_all = {room, "__version__", "errors"}
        allowed = room == "__init__" or other in open_to_all | ROOMS[room]
        return None if allowed else f"reaches from {room!r} into {other!r}"
    if top not in sys.stdlib_module_names:
        allowed = top in THIRD_PARTY.get(room, ())
        return None if allowed else f"imports {top!r}, which is not for {room!r}"
    if room not in PURE or (path == READS_FILES and any(reaches(name, way) for way in DOOR)):
        return None
    pure = not any(reaches(name, impure) for impure in IMPURE)
    return None if pure else f"imports {name!r}, which is not pure"


def breaches(path: str, source: str) -> list[str]:
    """Every line of this file that leaves its room by a way it should not."""
    room = path.removeprefix("mockserver/").removesuffix(".py").partition("/")[0]
    if room not in ROOMS:
        return [f"{path}:1 has no room in the table"]
    tree = ast.parse(source)
    found = [f"{path}:{line} {wrong}" for line, name in imports_of(tree) if (wrong := complaint(path, room, name))]
    if room in PURE and path != READS_FILES:
        found += [
            f"{path}:{node.lineno} calls {node.func.id}(), which is not pure"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS
        ]
    return found


MODULES = sorted(path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES)
def test_a_module_imports_only_what_its_room_allows(path: str) -> None:
    assert breaches(path, (PACKAGE.parent / path).read_text("utf-8")) == []


def test_every_pure_room_is_there_to_be_walked() -> None:
    rooms = {path.split("/")[1].removesuffix(".py") for path in MODULES}
    assert set(PURE) <= rooms


def test_the_table_itself_has_no_circle() -> None:
    settled: set[str] = set()
    while rest := ROOMS.keys() - settled:
        free = {room for room in rest if ROOMS[room] <= settled}
        assert free, f"a circle among {sorted(rest)}"
        settled |= free


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("model/stubs.py", "from mockserver.model.stub import Stub", None),
        ("model/stubs.py", "from mockserver.errors import UsageError", None),
        ("model/stubs.py", "from mockserver.render import sse", "reaches from 'model' into 'render'"),
        ("render/sse.py", "import mockserver.faults.cut", "reaches from 'render' into 'faults'"),
        ("pipeline/a.py", "from mockserver.render import sse", None),
        ("pipeline/a.py", "from mockserver import scenario", "reaches from 'pipeline' into 'scenario'"),
        ("scenario/a.py", "from mockserver.pipeline import render", None),
        ("report/a.py", "from mockserver.render import sse", "reaches from 'report' into 'render'"),
        ("server/app.py", "from mockserver import cli", "reaches from 'server' into 'cli'"),
        ("server/app.py", "import asyncio, aiohttp", None),
        ("cli.py", "from mockserver import __version__", None),
        ("model/a.py", "from . import b", "imports '..b', which is relative"),
        ("model/a.py", "from .b import c", "imports '.b.c', which is relative"),
        ("model/a.py", "import asyncio", "imports 'asyncio', which is not pure"),
        ("model/a.py", "import os.path", "imports 'os.path', which is not pure"),
        ("model/a.py", "from os import environ", "imports 'os.environ', which is not pure"),
        ("model/a.py", "def f():\n    import time", "imports 'time', which is not pure"),
        ("model/a.py", "from pathlib import PurePath", None),
        ("model/a.py", "from pathlib import Path", "imports 'pathlib.Path', which is not pure"),
        ("model/a.py", "import pathlib", "imports 'pathlib', which is not pure"),
        ("model/a.py", "import re, json, difflib", None),
        ("model/a.py", "open('x')", "calls open(), which is not pure"),
        ("model/a.py", "hash('x')", "calls hash(), which is not pure"),
        ("scenario/files.py", "from pathlib import Path\nopen('x')", None),
        ("scenario/files.py", "import time", "imports 'time', which is not pure"),
        ("scenario/a.py", "from pathlib import Path", "imports 'pathlib.Path', which is not pure"),
        ("scenario/a.py", "import yaml", None),
        ("contract/a.py", "import yaml", "imports 'yaml', which is not for 'contract'"),
        ("cli.py", "import aiohttp", "imports 'aiohttp', which is not for 'cli'"),
        ("attic/a.py", "", "has no room in the table"),
    ],
)
def test_the_walker_sees_what_it_should_and_no_more(path: str, source: str, expected: str | None) -> None:
    found = [breach.partition(" ")[2] for breach in breaches(f"mockserver/{path}", source)]
    assert found == ([] if expected is None else [expected])
