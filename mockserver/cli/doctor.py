"""`mockserver doctor`: what is installed here, and whether another distribution is in its way."""

from __future__ import annotations

import argparse
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Final

from mockserver import __version__
from mockserver.contract import CONTRACT_DATE

_OURS: Final = "llm-mockserver"
_ZSTD = () if sys.version_info >= (3, 14) else ("backports.zstd",)
EXTRAS: Final = {"codings": (*_ZSTD, "brotli"), "fast": ("uvloop",), "tls": ("cryptography",), "pytest": ("pytest",)}
"""The distributions of each extra."""


def doctor(_: argparse.Namespace) -> int:
    """0, or 1 if another distribution has installed files into the package."""
    sys.stdout.write(f"mockserver {__version__}, contract of {CONTRACT_DATE}\n")
    sys.stdout.write(f"package    {Path(__file__).parents[1]}\n")
    sys.stdout.write(f"Python     {platform.python_version()} at {sys.executable}\n")
    for extra, names in EXTRAS.items():
        found = ", ".join(f"{name} {_version(name) or 'is missing'}" for name in names)
        sys.stdout.write(f"{extra:<10} {found}\n")
    clashes = list(_clashes())
    for name in clashes:
        sys.stdout.write(
            f"clash      {name} {_version(name)} also installs a package `mockserver`: uninstall both and install "
            f"{_OURS} again, or keep them in separate environments\n"
        )
    if not clashes:
        sys.stdout.write("clash      none\n")
    return 1 if clashes else 0


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _clashes() -> Iterator[str]:
    """The other distributions with a package `mockserver`, such as `mockserver-client`."""
    found = packages_distributions().get("mockserver", ())
    # What a broken installation left behind may have no name.
    for name in sorted({name for name in found if name}):
        if re.sub(r"[-_.]+", "-", name).lower() != _OURS:
            yield name


COMMANDS = {"doctor": doctor}
