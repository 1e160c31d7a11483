"""`mockserver new`: a commented scenario to begin with."""

from __future__ import annotations

import argparse
import re
import sys
from importlib.resources import files
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.model.json import write

_SUFFIXES = (".yaml", ".yml")
# What YAML reads as this very text without quotes.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null"})


def new(options: argparse.Namespace) -> int:
    """Write the file and say where; what is there already stays as it is."""
    path = _path(options.name)
    template = files("mockserver.cli").joinpath("template.yaml").read_text("utf-8")
    text = template.replace("$FILE", str(path)).replace("$NAME", _told(path.stem))
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"there is a file {str(path)!r} already; take another name") from None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from error
    sys.stdout.write(f"wrote {path}; now: mockserver serve {path} --reload\n")
    return 0


def _path(name: str) -> Path:
    path = Path(name)
    if not path.name:
        raise UsageError(f"wanted the name of a scenario, got {name!r}")
    return path if path.suffix in _SUFFIXES else path.with_name(f"{path.name}.yaml")


def _told(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else write(name)


COMMANDS = {"new": new}
