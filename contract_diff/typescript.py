"""Reads the part of TypeScript's declaration files in which types are described.

Interfaces, type aliases and namespaces are read; classes and functions are passed over. A generic
type other than a list holds anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from contract_diff.declared import ANYTHING, NOTHING, TEXT, Declared, Holds, union

ROOTS: Final = {
    "chat.request": ("resources/chat/completions/completions", "ChatCompletionCreateParams"),
    "chat.reply": ("resources/chat/completions/completions", "ChatCompletion"),
    "chat.chunk": ("resources/chat/completions/completions", "ChatCompletionChunk"),
    "responses.request": ("resources/responses/responses", "ResponseCreateParams"),
    "responses.reply": ("resources/responses/responses", "Response"),
    "responses.event": ("resources/responses/responses", "ResponseStreamEvent"),
    "compact.request": ("resources/responses/responses", "ResponseCompactParams"),
    "compact.reply": ("resources/responses/responses", "CompactedResponse"),
}
_TOKEN: Final = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<token>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\w$]+|=>|\.\.\.|.)""", re.DOTALL
)
_PLAIN: Final = frozenset({"boolean", "false", "never", "null", "number", "true", "undefined", "void"})
_UNDESCRIBED: Final = frozenset({"any", "object", "unknown"})
_OPENING: Final = {"{": "}", "(": ")", "[": "]", "<": ">"}


@dataclass(frozen=True, slots=True)
class Name:
    """A reference to a type, with what its type arguments are."""

    parts: tuple[str, ...]
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """An object: its members, the types it extends, and whether it has further members."""

    table: Mapping[str, Node]
    bases: tuple[Node, ...] = ()
    further: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    alternatives: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    element: Node


Node: TypeAlias = "Name | Members | OneOf | ListOf | str"
"""A type; a string is a literal one."""

Path_: TypeAlias = tuple[str, ...]


class UnreadableTypesError(Exception):
    """A declaration that is missing or not understood."""


@dataclass(slots=True)
class _File:
    """The declarations of one file by their path of namespaces, and its imports."""

    types: dict[Path_, Node] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Parser:
    def __init__(self, text: str, found: _File) -> None:
        self._tokens = [match["token"] for match in _TOKEN.finditer(text) if match["token"]]
        self._at = 0
        self._found = found

    def file(self) -> None:
        """Read all declarations."""
        while self._at < len(self._tokens):
            self._declaration(())

    # --- tokens -----------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        word = self._peek()
        if not word:
            raise UnreadableTypesError("the file ends inside of a declaration")
        self._at += 1
        return word

    def _take(self, *tokens: str) -> bool:
        if self._peek() in tokens:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            near = " ".join(self._tokens[max(0, self._at - 8) : self._at + 4])
            raise UnreadableTypesError(f"expected {token!r}, got {found!r} in: {near}")

    def _skip_group(self) -> None:
        """Pass over a bracketed group, whose opening token is next."""
        closing = [_OPENING[self._next()]]
        while closing:
            word = self._next()
            if word == closing[-1]:
                closing.pop()
            elif word in "{([":
                closing.append(_OPENING[word])

    def _skip_statement(self) -> None:
        """Pass over a statement that declares no type: up to `;`, or to the end of its block."""
        while (word := self._peek()) and word not in (";", "}"):
            if word in "{([":
                self._skip_group()
                if word == "{" and self._peek() not in (";", "from", "&", "|", "[", ",", ")", "=>"):
                    return
            else:
                self._at += 1
        self._take(";")

    # --- declarations -----------------------------------------------------------------------------

    def _declaration(self, inside: Path_) -> None:
        start = self._at
        while self._take("export", "declare"):
            pass
        word, name = self._peek(), self._peek(1)
        if word == "import":
            self._import()
        elif word == "namespace":
            self._at += 2
            self._expect("{")
            while not self._take("}"):
                self._declaration((*inside, name))
        elif word == "interface":
            self._at += 2
            self._found.types[*inside, name] = self._interface()
        elif word == "type" and self._peek(2) in ("=", "<"):
            self._at += 2
            if self._peek() == "<":
                self._skip_group()
            self._expect("=")
            self._found.types[*inside, name] = self._type()
            self._take(";")
        elif not self._take(";"):
            self._skip_statement()
        if self._at == start:
            raise UnreadableTypesError(f"{word!r} begins no declaration" if word else "a namespace does not end")

    def _import(self) -> None:
        """`import * as X from "…"` and `import { A, type B as C } from "…"`."""
        words: list[str] = []
        self._at += 1
        while not self._peek().startswith(("'", '"')):
            words.append(self._next())
        module = self._next()[1:-1]
        self._take(";")
        if words[:2] == ["*", "as"]:
            self._found.modules[words[2]] = module
            return
        for clause in " ".join(words).strip("{} from").split(","):
            names = [word for word in clause.split() if word not in ("type", "as", "{", "}")]
            if names:
                self._found.names[names[-1]] = (module, names[0])

    def _interface(self) -> Members:
        if self._peek() == "<":
            self._skip_group()
        bases: list[Node] = []
        if self._take("extends"):
            bases.append(self._primary())
            while self._take(","):
                bases.append(self._primary())
        body = self._members()
        return Members(body.table, tuple(bases), body.further)

    def _members(self) -> Members:
        table: dict[str, Node] = {}
        further = False
        self._expect("{")
        while not self._take("}"):
            self._take("readonly")
            if self._peek() == "[":
                self._skip_group()
                further = True
                name = ""
            else:
                name = _unquoted(self._next())
            self._take("?")
            if self._peek() in ("(", "<"):
                self._skip_statement()
                continue
            self._expect(":")
            held = self._type()
            if name:
                table[name] = held
            self._take(";", ",")
        return Members(table, further=further)

    # --- types ------------------------------------------------------------------------------------

    def _type(self) -> Node:
        self._take("|")
        alternatives = [self._narrowed()]
        while self._take("|"):
            alternatives.append(self._narrowed())
        return alternatives[0] if len(alternatives) == 1 else OneOf(tuple(alternatives))

    def _narrowed(self) -> Node:
        """`string & {}` is a string; of other intersections all members belong to the object."""
        first = self._suffixed()
        others: list[Node] = []
        while self._take("&"):
            others.append(self._suffixed())
        others = [one for one in others if one != Members({})]
        return Members({}, (first, *others)) if others else first

    def _suffixed(self) -> Node:
        found = self._primary()
        while self._peek() == "[" and self._peek(1) == "]":
            self._at += 2
            found = ListOf(found)
        return found

    def _primary(self) -> Node:
        word = self._peek()
        if word == "(":
            return self._bracketed()
        if word == "{":
            return self._members()
        if word == "[":
            self._skip_group()
            return Name(("unknown",))
        self._at += 1
        if word.startswith(("'", '"')):
            return _unquoted(word)
        if word in ("readonly", "keyof", "typeof"):
            found = self._primary()
            return found if word == "readonly" else Name(("unknown",))
        if not re.fullmatch(r"[\w$]+", word):
            near = " ".join(self._tokens[max(0, self._at - 8) : self._at + 4])
            raise UnreadableTypesError(f"{word!r} is not a type in: {near}")
        parts = [word]
        while self._take("."):
            parts.append(self._next())
        arguments: list[Node] = []
        if self._take("<"):
            arguments.append(self._type())
            while self._take(","):
                arguments.append(self._type())
            self._expect(">")
        return Name(tuple(parts), tuple(arguments))

    def _bracketed(self) -> Node:
        """A type in brackets; a function, which looks the same at first, is of no interest."""
        start = self._at
        self._skip_group()
        if self._take("=>"):
            self._type()
            return Name(("unknown",))
        self._at = start + 1
        found = self._type()
        self._expect(")")
        return found


def _unquoted(token: str) -> str:
    return token[1:-1] if token[:1] in ("'", '"') else token


class _Package:
    """The files of a package, read when something leads to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self.objects: dict[str, dict[str, Holds]] = {}

    def file(self, module: str) -> _File:
        if module not in self._files:
            found = self._files[module] = _File()
            path = self._folder / f"{module}.d.ts"
            try:
                text = path.read_text(encoding="utf-8")
            except OSError as error:
                raise UnreadableTypesError(f"{path}: {error.strerror}") from None
            _Parser(text, found).file()
        return self._files[module]

    def named(self, module: str, parts: Path_, inside: Path_ = ()) -> tuple[str, Path_] | None:
        """The file and the path of the declaration that a name means inside of a namespace."""
        found = self.file(module)
        for depth in range(len(inside), -1, -1):
            path = (*inside[:depth], *parts)
            if path in found.types:
                return module, path
        if parts[0] in found.modules:
            return self.named(_target(module, found.modules[parts[0]]), parts[1:])
        if parts[0] in found.names:
            target, name = found.names[parts[0]]
            return self.named(_target(module, target), (name, *parts[1:])) if target.startswith(".") else None
        return None

    def holds(self, node: Node, module: str, inside: Path_, place: str) -> Holds:
        """What a type holds; `place` names an object without a name of its own."""
        match node:
            case str():
                return Holds(values=frozenset({node}))
            case OneOf(alternatives=alternatives):
                return union(
                    self.holds(one, module, inside, f"{place}#{number}") for number, one in enumerate(alternatives)
                )
            case ListOf(element=element):
                return Holds(element=self.holds(element, module, inside, place))
            case Members() if node.table or node.bases:
                return self._object(node, module, inside, place)
            case Name(parts=("string",)):
                return TEXT
            case Name(parts=("Array" | "ReadonlyArray" | "Iterable",), arguments=(element,)):
                return Holds(element=self.holds(element, module, inside, place))
            case Name(parts=(word,)) if word in _PLAIN:
                return NOTHING
            case Name(parts=(word,)) if word in _UNDESCRIBED:
                return ANYTHING
            case Name(parts=parts, arguments=()):
                return self._reference(module, parts, inside)
            case _:
                return ANYTHING

    def _reference(self, module: str, parts: Path_, inside: Path_) -> Holds:
        found = self.named(module, parts, inside)
        if found is None:
            raise UnreadableTypesError(f"{self._folder / module}.d.ts: {'.'.join(parts)} is not declared")
        target, path = found
        return self.holds(self.file(target).types[path], target, path, f"{target}:{'.'.join(path)}")

    def _object(self, node: Members, module: str, inside: Path_, place: str) -> Holds:
        if place not in self.objects:
            self.objects[place] = {}
            self.objects[place].update(self._all_members(node, module, inside, place))
        return Holds(objects=frozenset({place}), anything=node.further)

    def _all_members(self, node: Members, module: str, inside: Path_, place: str) -> Iterator[tuple[str, Holds]]:
        for number, base in enumerate(node.bases):
            for name in self.holds(base, module, inside, f"{place}&{number}").objects:
                yield from self.objects[name].items()
        for name, held in node.table.items():
            yield name, self.holds(held, module, inside, f"{place}.{name}")


def _target(module: str, imported: str) -> str:
    """The module that a relative import of another means, without its suffix."""
    steps = module.split("/")[:-1]
    for step in imported.removesuffix(".js").split("/"):
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def read_package(folder: Path, name: str, roots: Mapping[str, tuple[str, str]] = ROOTS) -> Declared:
    """What the declaration files of a package declare. Raises UnreadableTypesError."""
    package = _Package(folder)
    held: dict[str, Holds] = {}
    for root, (module, declared) in roots.items():
        found = package.named(module, (declared,))
        if found is None:
            raise UnreadableTypesError(f"{folder / module}.d.ts declares no {declared}")
        held[root] = package.holds(Name((declared,)), module, (), declared)
    return Declared(name=name, objects=package.objects, roots=held)
