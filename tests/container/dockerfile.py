"""A Dockerfile as far as ours goes: its stages and their instructions, and what a build may see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

_CONTINUED = re.compile(r"\\\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction on one line, its continuations joined."""

    word: str
    text: str


@dataclass(slots=True, kw_only=True)
class Stage:
    """What follows one `FROM`; `name` is empty for the last one."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """The texts of all instructions of a kind."""
        return [one.text for one in self.instructions if one.word == word]

    def one(self, word: str) -> str:
        """The text of the last instruction of a kind, which is the one that counts."""
        return self.all(word)[-1]


def read(text: str) -> list[Stage]:
    """The stages in order. A comment is a line of its own, between instructions as well as amid
    a continued one."""
    kept = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    lines = (line.strip() for line in _CONTINUED.sub(" ", kept).split("\n"))
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for line in filter(None, lines):
        word, _, rest = line.partition(" ")
        if word == "ARG":
            name, _, default = rest.partition("=")
            arguments[name] = default
        elif word == "FROM":
            for name, default in arguments.items():
                rest = rest.replace(f"${{{name}}}", default)
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base=base, name=name))
        else:
            stages[-1].instructions.append(Instruction(word=word, text=rest.strip()))
    return stages


def variables(stage: Stage) -> dict[str, str]:
    """What `ENV` sets, references left as they are."""
    pairs = (pair for text in stage.all("ENV") for pair in text.split())
    return dict(pair.split("=", 1) for pair in pairs)


def context(root: Path, ignored: str) -> set[str]:
    """Files that a build may copy, by the rules of a `.dockerignore` that begins with `*`."""
    rules = [line for line in ignored.split("\n") if line and not line.startswith("#")]
    assert rules[0] == "*", "everything is left out but what is named"
    admitted = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    refused = [rule.removeprefix("**/") for rule in rules[1:] if not rule.startswith("!")]
    files: set[str] = set()
    for name in admitted:
        path = root / name
        assert path.exists(), f"{name} is admitted, and is not there"
        below = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
        files |= {one.relative_to(root).as_posix() for one in below}
    return {file for file in files if not any(fnmatchcase(part, rule) for part in file.split("/") for rule in refused)}
