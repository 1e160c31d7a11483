"""Values as YAML that people read: mappings as blocks, texts of several lines as they are, small values in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mockserver.model.json import JSON, JSONObject, write
from mockserver.scenario.yaml_reader import UNPRINTABLE, resolve

_PLAIN: Final = re.compile(r"[A-Za-z_0-9][\w ./+@°é-]*(?<! )", re.ASCII)
_ESCAPED: Final = re.compile(f"{UNPRINTABLE}|[\x7f-\x9f\u2028\u2029\ufeff]")
_BLOCK: Final = re.compile(r"[^\s#][^\r\x85\u2028\u2029\ufeff]*\n[^\r\x85\u2028\u2029\ufeff]*")
_WIDTH: Final = 100
_FLOW: Final = frozenset({"data", "chunks", "headers", "pace", "usage", "item", "breaks", "faults"})
"""Keys whose values are written in a line, whatever their length: one event a line makes a readable difference."""
_JSON: Final = frozenset({"data", "item"})


def yaml_lines(value: JSONObject, indent: str = "") -> Iterator[str]:
    """The lines of a mapping."""
    for name, inner in value.items():
        yield from _entry(name, inner, indent)


def _entry(name: str, value: JSON, indent: str) -> Iterator[str]:
    head, below = f"{indent}{scalar(name)}:", f"{indent}  "
    line = _flow(value, json=name in _JSON)
    if name in _FLOW or not value or not isinstance(value, dict | list):
        block = _block(value, below) if isinstance(value, str) else None
        yield from block_lines(head, block) if block else (f"{head} {line}",)
    elif len(line) + len(head) < _WIDTH and not _has_break(line):
        yield f"{head} {line}"
    elif isinstance(value, dict):
        yield head
        yield from yaml_lines(value, below)
    else:
        yield head
        for one in value:
            yield from list_item(one, below)


def list_item(value: JSON, indent: str) -> Iterator[str]:
    """The lines of an element of a list, which `indent` begins."""
    if isinstance(value, dict) and value and len(_flow(value)) > _WIDTH:
        lines = yaml_lines(value, f"{indent}  ")
        yield f"{indent}- {next(lines).lstrip()}"
        yield from lines
    else:
        yield f"{indent}- {_flow(value)}"


def block_lines(head: str, block: tuple[str, list[str]]) -> Iterator[str]:
    mark, lines = block
    yield f"{head} {mark}"
    yield from lines


def _block(text: str, indent: str) -> tuple[str, list[str]] | None:
    """A text as a literal block: its mark and lines; None where it cannot be one."""
    if not _BLOCK.fullmatch(text) or _ESCAPED.search(text.replace("\n", "")) or "\t" in text:
        return None
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    mark = ("|-", "|")[ends] if ends < 2 else "|+"
    lines = body.split("\n") + [""] * max(ends - 1, 0)
    return mark, [f"{indent}{line}" if line else "" for line in lines]


def _has_break(line: str) -> bool:
    return "\\n" in line


def scalar(text: str) -> str:
    """A string without quotes where that is the same string, else in double quotes."""
    if len(text) < _WIDTH and _PLAIN.fullmatch(text) and resolve(text) == text:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) < 0x10000 else found[0], write(text))


def _flow(value: JSON, *, json: bool = False) -> str:
    """A value in one line, spelled as JSON or with as few quotes as YAML needs."""
    match value:
        case str():
            return quoted(value) if json or any(mark in value for mark in ",[]{}:") else scalar(value)
        case dict():
            names = {name: quoted(name) if json else scalar(name) for name in value}
            return "{" + ", ".join(f"{names[name]}: {_flow(one, json=json)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(one, json=json) for one in value) + "]"
        case _:
            return write(value)
