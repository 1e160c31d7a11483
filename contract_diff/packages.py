"""Installs the newest official packages into an environment of their own, and reads their types."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from contract_diff.declared import ANYTHING, NOTHING, ROOTS, TEXT, Declared, Holds, union
from contract_diff.typescript import UnreadableTypesError, read_package
from mockserver.model.json import JSON, as_list, as_object

_READER: Final = Path(__file__).parent / "python_types.py"
_WORDS: Final = {"text": TEXT, "anything": ANYTHING}


def install(folder: Path) -> None:
    """Install the newest `openai` of PyPI and of npm. Raises UnreadableTypesError."""
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([str(_python(folder)), "-m", "pip", "install", "--quiet", "--upgrade", "openai"])
    # Without the version, npm takes an older one on an older Node.
    options = ("--silent", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
    _run(["npm", "install", *options, "--prefix", str(folder), "openai@latest"])


def read_packages(folder: Path) -> tuple[Declared, ...]:
    """What the installed packages declare. Raises UnreadableTypesError."""
    packages = read_python(_python(folder)), read_typescript(folder / "node_modules" / "openai")
    for package in packages:
        # A root that is no object any more would compare nothing, and find nothing.
        for root in ROOTS:
            if not package.roots[root].objects:
                raise UnreadableTypesError(f"{package.name}: no object is found for {root}")
    return packages


def read_python(python: Path) -> Declared:
    """What the `openai` package of an interpreter declares."""
    document = as_object(json.loads(_run([str(python), "-P", str(_READER)])))
    objects = as_object(document["objects"])
    return Declared(
        name=f"PyPI {document['version']}",
        objects={
            name: {member: _holds(held) for member, held in as_object(members).items()}
            for name, members in objects.items()
        },
        roots=_roots(as_object(document["roots"])),
    )


def read_typescript(folder: Path) -> Declared:
    """What the declaration files of an installed npm package declare."""
    try:
        version = as_object(json.loads((folder / "package.json").read_bytes()))["version"]
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableTypesError(f"{folder / 'package.json'}: {error}") from None
    return read_package(folder, f"npm {version}")


def _roots(document: Mapping[str, JSON]) -> dict[str, Holds]:
    return {root: _holds(document[root]) for root in ROOTS}


def _holds(alternatives: JSON) -> Holds:
    """The form in which `python_types` writes what a member holds."""
    found: list[Holds] = [NOTHING]
    for one in as_list(alternatives):
        if isinstance(one, dict):
            found.append(Holds(element=_holds(one["list"])))
            continue
        word = str(one)
        mark, name = word[0], word[1:]
        if mark == "=":
            found.append(Holds(values=frozenset({name})))
        elif mark == "@":
            found.append(Holds(objects=frozenset({name})))
        else:
            found.append(_WORDS[word])
    return union(found)


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _run(command: Sequence[str]) -> str:
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UnreadableTypesError(f"{command[0]}: {error.strerror}") from None
    if result.returncode:
        last = (result.stderr or result.stdout).strip().splitlines()[-1:]
        raise UnreadableTypesError(f"{' '.join(command)} failed: {' '.join(last)}")
    return result.stdout
