"""YAML read into a document: safely, with the place of every key and value, or with problems.

The parser written in C, where there is one, is only faster: what it refuses is read again by the
one written in Python, whose verdict and wording count.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import yaml

from mockserver.errors import Position, Problem, ScenarioError
from mockserver.scenario.document import Document, in_order
from mockserver.scenario.yaml_composer import Composer, UnreadableError
from mockserver.scenario.yaml_parser import PythonParser

Loader: TypeAlias = "type[yaml.SafeLoader | yaml.CSafeLoader]"
PARSERS: tuple[Loader, ...] = (
    (yaml.CSafeLoader, PythonParser) if yaml.__with_libyaml__ else (PythonParser,)
)

_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
# Rarities in which the parser in C lets more pass: directives, tags, block texts' heads.
_LAX = re.compile(r"^%|(?:^|[\s,\[{])!|[|>][0-9+-]*(?:#| *\t)", re.MULTILINE)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BOM = "\ufeff"


def read_yaml(data: bytes | str, origin: str, parsers: tuple[Loader, ...] = PARSERS) -> Document:
    """Read one YAML document; raises ScenarioError where it cannot be read to its end."""
    text = _decoded(data, origin)
    # Whatever Python finds printable is so in YAML; to compile the pattern takes 4 ms.
    bad = None if text.replace("\n", "").isprintable() else re.search(_UNPRINTABLE, text)
    if bad is not None:
        message = (
            f"character U+{ord(bad[0]):04X} may not stand in YAML; "
            "in double quotes it can be written as an escape"
        )
        raise ScenarioError([_flaw(_position(text[: bad.start()], origin), message)])
    composer = Composer(origin)
    for parser in parsers[-1:] if _LAX.search(text) else parsers:
        composer = Composer(origin)
        try:
            return composer.document(iter(yaml.parse(text, Loader=parser)))
        except UnreadableError:
            break
        except yaml.MarkedYAMLError as error:
            composer.flaw_of_parser(error)
        except (ValueError, OverflowError):
            # The parser hands the number to chr() unchecked.
            message = "an escape such as '\\UFFFFFFFF', which stands behind, names no character"
            composer.flaw(composer.line, composer.column, f"not YAML: {message}")
    raise ScenarioError(in_order(tuple(composer.problems)))


def _decoded(data: bytes | str, origin: str) -> str:
    if isinstance(data, str):
        return data.removeprefix(_BOM)
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_BOM)
        message = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise ScenarioError([_flaw(_position(before, origin), message)]) from None


def _position(before: str, origin: str) -> Position:
    lines = _BREAK.split(before)
    return Position(file=origin, line=len(lines), column=len(lines[-1]) + 1)


def _flaw(position: Position, message: str) -> Problem:
    return Problem(position=position, key_path="", message=message)
