"""YAML read into a document with the place of every key and value, or into problems.

PyYAML composes the nodes; one walk over them gives the values of YAML 1.2's core schema, as far as
JSON has them, and reports what a scenario does not allow: duplicate keys, keys that are no strings,
tags, merge keys, too deep nesting and aliases that grow without bound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import yaml

from mockserver.errors import Position, Problem, ScenarioError
from mockserver.model.cursor import Document, Path, Place, format_path, in_order
from mockserver.model.json import JSON

MAX_DEPTH = 100
"""How deep lists and mappings may nest."""
MAX_EXPANSION = 100_000
"""How many values, and how many characters by a hundred, aliases may stand for in all."""

_WORDS: dict[str, JSON] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"""(?P<integer>[-+]?[0-9]+) | 0o(?P<octal>[0-7]+) | 0x(?P<hex>[0-9a-fA-F]+)
    | (?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)
    | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_READERS: dict[str | None, Callable[[str], int | float]] = {
    "integer": int,
    "octal": lambda digits: int(digits, 8),
    "hex": lambda digits: int(digits, 16),
    "float": float,
    None: lambda _: math.inf,
}
_MAX_DIGITS = 1000

UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
"""A pattern of the characters that YAML does not allow."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_FOLDED = re.compile("[ \t]*(?:(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*)+")
# Rarities of which libyaml admits more: directives, tags, heads of block scalars.
_LAX = re.compile(r"^%|(?:^|[\s,\[{])!|[|>][0-9+-]*(?:#| *\t)", re.MULTILINE)
_BOM = "\ufeff"
# What PyYAML says, and what the author most likely has to do.
_HINTS = (
    ("mapping values are not allowed", "a string with ': ' in it needs quotes"),
    ("found character '\\t'", "indent with spaces, not with tabs"),
    ("cannot start any token", "a string that begins with this character needs quotes"),
    ("expected <block end>", "check the indentation, and quotes that end too early"),
    ("could not find expected ':'", "a key ends with ': '"),
    ("found unexpected end of stream", "a quote is not closed"),
    ("found undefined alias", "an anchor such as &name comes before its aliases"),
)
_COMPOSER_MESSAGES = {
    "but found another document": "a second document begins here; a file contains one",
    "second occurrence": "an anchor of this name exists; give each anchor its own name",
}

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


class _TooDeepError(Exception):
    def __init__(self, node: yaml.Node) -> None:
        super().__init__()
        self.node = node


class _UnreadableError(Exception):
    """Ends the walk; the problem is reported already."""


class _ComposerHooks:
    """What PyYAML's composers call for each node: bounds the depth while nodes are composed, and
    leaves the tags of untagged nodes empty, since the walk resolves plain scalars itself."""

    depth = 0

    def descend_resolver(self, current_node: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        # The deepest list may hold scalars.
        if current_node is not None and self.depth > MAX_DEPTH + 1:
            raise _TooDeepError(current_node)

    def ascend_resolver(self) -> None:
        self.depth -= 1

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        return ""


class PythonLoader(_ComposerHooks, yaml.SafeLoader):
    """The loader written in Python, extended to accept what libyaml accepts: tabs behind a token
    and in a plain scalar, and question marks in a plain scalar in brackets."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._without_marks = self.buffer.replace("?", "x").replace("\t", " ")

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        # In a block, a tab where a key may begin is indentation.
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def scan_plain(self) -> yaml.ScalarToken:
        buffer, self.buffer = self.buffer, self._without_marks
        token = super().scan_plain()
        self.buffer = buffer
        token.value = _FOLDED.sub(_folded, buffer[token.start_mark.index : token.end_mark.index])
        return token


def _folded(found: re.Match[str]) -> str:
    """Line breaks within a plain scalar: the first is a space where no other follows."""
    first, *others = ["\n" if one in "\r\n\x85" else one for one in _BREAK.findall(found[0])]
    if first != "\n":
        return "".join((first, *others))
    return "".join(others) or " "


if yaml.__with_libyaml__:

    class _LibyamlLoader(_ComposerHooks, yaml.CSafeLoader):
        pass

    FAST_LOADERS: tuple[Callable[[str], yaml.CSafeLoader], ...] = (_LibyamlLoader,)
else:
    FAST_LOADERS = ()
"""libyaml's loader, where there is one, is only faster: what it rejects is read again by the one
written in Python, whose verdict and wording count."""


def read_yaml(data: bytes | str, origin: str, *, fast: bool = True) -> Document:
    """Read one YAML document, with libyaml if `fast`. Raises ScenarioError where it cannot be read to its end."""
    text = _decoded(data, origin)
    # Every character that Python can print is printable in YAML too; to compile the pattern takes 4 ms.
    bad = None if text.replace("\n", "").isprintable() else re.search(UNPRINTABLE, text)
    if bad is not None:
        message = (
            f"character U+{ord(bad[0]):04X} is not allowed in YAML; in double quotes it can be written as an escape"
        )
        raise ScenarioError([_problem(*_line_and_column(text[: bad.start()]), origin, message)])
    return _Walk(text, origin).document(_compose(text, origin, FAST_LOADERS if fast else ()))


def _compose(text: str, origin: str, loaders: tuple[Callable[[str], yaml.CSafeLoader], ...]) -> yaml.Node | None:
    for loader_type in () if _LAX.search(text) else loaders:
        try:
            return loader_type(text).get_single_node()
        except (yaml.YAMLError, _TooDeepError, ValueError, OverflowError):
            pass
    loader = PythonLoader(text)
    try:
        return loader.get_single_node()
    except _TooDeepError as error:
        mark, message = error.node.start_mark, _TOO_DEEP
    except yaml.MarkedYAMLError as error:
        mark, message = error.problem_mark or error.context_mark, _syntax_message(error)
    except (ValueError, OverflowError):
        # The scanner passes the number of an escape to chr() unchecked.
        mark, message = loader.get_mark(), "not YAML: an escape that is not a character"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    raise ScenarioError([_problem(line, column, origin, message)])


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    problem, context = error.problem or "", error.context or ""
    if problem in _COMPOSER_MESSAGES:
        return _COMPOSER_MESSAGES[problem]
    text = problem or context
    if problem and context:
        begin = error.context_mark
        since = f" that begins at line {begin.line + 1}" if begin else ""
        text = f"{problem} {context}{since}"
    hint = next((f"; {hint}" for sign, hint in _HINTS if sign in text), "")
    return f"not YAML: {text}{hint}"


class _Walk:
    """The one walk over the nodes of a document. A node that is met again is an alias: it is
    walked again for its places, once the size it had the first time is within bounds."""

    def __init__(self, text: str, origin: str) -> None:
        self._text = text
        self._origin = origin
        self._places: dict[Path, Place] = {}
        self._problems: list[Problem] = []
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._size = 0
        self._expanded = 0
        self._in_alias = False

    def document(self, root: yaml.Node | None) -> Document:
        value: JSON = None
        if root is not None:
            at = (1, 1) if _is_empty(root) else _start(root)
            try:
                value = self._value(root, (), at, at)
            except _UnreadableError:
                raise ScenarioError(in_order(tuple(self._problems))) from None
        else:
            self._places[()] = Place(1, 1, 1, 1, "")
        problems = in_order(tuple(self._problems))
        return Document(origin=self._origin, value=value, places=self._places, problems=problems)

    def _value(self, node: yaml.Node, path: Path, at: tuple[int, int], key: tuple[int, int]) -> JSON:
        if id(node) in self._open:
            self._report(key, path, "an alias is inside the value that it refers to")
            return None
        if id(node) in self._sizes and not self._in_alias:
            return self._alias(node, path, at, key)
        size = self._size
        tag = self._tag(node)
        if tag:
            self._report(at, path, f"tag {tag!r} is not allowed; quotes make a value a string")
        if isinstance(node, yaml.ScalarNode):
            self._places[path] = Place(*at, *key, source := _joined_surrogates(node.value))
            self._size += 1 + len(source) // 100
            value = source if node.style else self._plain(source, path, at)
        else:
            if len(path) >= MAX_DEPTH:
                self._in_alias = False
                self._report(at, (), _TOO_DEEP)
                raise _UnreadableError
            self._places[path] = Place(*at, *key)
            self._size += 1
            self._open.add(id(node))
            is_list = isinstance(node, yaml.SequenceNode)
            value = self._sequence(node, path) if is_list else self._mapping(node, path)
            self._open.remove(id(node))
        self._sizes[id(node)] = self._size - size
        return value

    def _alias(self, node: yaml.Node, path: Path, at: tuple[int, int], key: tuple[int, int]) -> JSON:
        self._expanded += self._sizes[id(node)]
        if self._expanded > MAX_EXPANSION:
            self._report(key, path, f"aliases expand to more than {MAX_EXPANSION} values")
            raise _UnreadableError
        self._in_alias = True
        value = self._value(node, path, at, key)
        self._in_alias = False
        return value

    def _sequence(self, node: yaml.Node, path: Path) -> list[JSON]:
        found: list[JSON] = []
        for index, item in enumerate(node.value):
            at = _start(item)
            # An alias has no place of its own; what it names comes before the list.
            found.append(self._value(item, (*path, index), at, max(at, _start(node))))
        return found

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        for key, inner in node.value:
            # The loaders disagree on where a missing key or value stands.
            at = _start(node) if _is_empty(key) else _start(key)
            if not isinstance(key, yaml.ScalarNode):
                self._report(at, (*path, "?"), "a key is a string, not a list or mapping")
                continue
            name = _joined_surrogates(key.value)
            here = (*path, name)
            if self._tag(key):
                self._report(at, here, "a key has no tag")
            if name == "<<" and not key.style:
                self._report(at, here, "merge keys are no part of YAML 1.2; write the keys out or use 'defaults'")
            elif name in found:
                first = self._places[here]
                where = f"line {first.key_line}, column {first.key_column}"
                self._report(at, here, f"duplicate key {name!r}, written before at {where}")
            else:
                found[name] = self._value(inner, here, at if _is_empty(inner) else _start(inner), at)
        return found

    def _tag(self, node: yaml.Node) -> str:
        """The tag that is written, in short; PyYAML drops the tag `!` alone."""
        alone = isinstance(node, yaml.ScalarNode) and self._text.startswith("!", node.start_mark.index)
        return str(node.tag or ("!" if alone else "")).replace("tag:yaml.org,2002:", "!!")

    def _plain(self, text: str, path: Path, at: tuple[int, int]) -> JSON:
        try:
            return resolve(text)
        except ValueError:
            shown = text if len(text) <= 20 else f"{text[:20]}…"
            self._report(at, path, f"{shown} is no JSON number; quote it to make it a string")
            return text

    def _report(self, at: tuple[int, int], path: Path, message: str) -> None:
        if not self._in_alias:
            self._problems.append(_problem(*at, self._origin, message, format_path(path)))


def resolve(text: str) -> JSON:
    """The value of a plain scalar in the core schema of YAML 1.2: `on`, `yes`, dates, `1_000` and
    `12:30` are strings. Raises ValueError for numbers that JSON has not, and endless integers."""
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text) if text[0] in "+-.0123456789" else None
    if number is None:
        return text
    kind = number.lastgroup
    if kind != "float" and len(text) > _MAX_DIGITS:
        raise ValueError(text)
    value = _READERS[kind](text if kind is None else number[kind])
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(text)
    return value


def _decoded(data: bytes | str, origin: str) -> str:
    if isinstance(data, str):
        return data.removeprefix(_BOM)
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_BOM)
        message = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise ScenarioError([_problem(*_line_and_column(before), origin, message)]) from None


def _line_and_column(before: str) -> tuple[int, int]:
    lines = _BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


def _problem(line: int, column: int, origin: str, message: str, key_path: str = "") -> Problem:
    return Problem(position=Position(file=origin, line=line, column=column), key_path=key_path, message=message)


def _start(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style


def _joined_surrogates(text: str) -> str:
    """Escapes in pairs, as JSON writes them, become the character they mean."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
