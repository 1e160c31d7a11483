"""Quoting the request in a reply: `{{request.user}}`, `{{request.body.metadata.run}}`, `{{call}}`,
`{{match.city}}`.

Little on purpose: a name stands for a text, nothing is computed. Names are replaced inside values,
before these become JSON, so whatever is quoted, the reply stays what it was: JSON stays JSON.
`{{'…'}}` stands for the text between the quotes, for who wants to send braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mockserver.model.call import Call
from mockserver.model.item import Chunks, Item, Templating
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text, write
from mockserver.model.reply import (
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Output,
    RawBytes,
    Reply,
    ScriptedEvent,
)

_QUOTATION = re.compile(r"\{\{\s*(?:'(?P<plain>[^']*)'|(?P<name>[^{}']*?))\s*\}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_STEP = re.compile(r"[^.\[\]]+")
_TEXTS: Mapping[str, Callable[[Call], str | None]] = {
    "request.user": lambda call: call.conversation.user,
    "request.system": lambda call: "\n".join(call.conversation.system) or None,
    "request.model": lambda call: call.model,
}
_BODY = "request.body."
_HEADER = "request.header."
_MATCH = "match."
CALL = "call"

Look: TypeAlias = Callable[[str], str]


class MissingValueError(LookupError):
    """A name that the request has nothing for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the request has nothing to quote for {{{{{name}}}}}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateContext:
    """What may be quoted on one occasion: the call, its number in the sandbox from 1, and the
    named groups of the stub's regular expressions."""

    call: Call
    number: int
    groups: Mapping[str, str]

    def look(self, name: str) -> str:
        """The text for a name. Raises `MissingValueError`."""
        found: str | None = None
        if name == CALL:
            found = str(self.number)
        elif name in _TEXTS:
            found = _TEXTS[name](self.call)
        elif name.startswith(_BODY):
            found = _in_body(self.call.body, name.removeprefix(_BODY))
        elif name.startswith(_HEADER):
            wanted = name.removeprefix(_HEADER).lower()
            found = next((text for key, text in self.call.headers if key.lower() == wanted), None)
        elif name.startswith(_MATCH):
            found = self.groups.get(name.removeprefix(_MATCH))
        if found is None:
            raise MissingValueError(name)
        return found


def _in_body(body: JSON, path: str) -> str | None:
    value = body
    for step in _STEP.findall(path):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value if isinstance(value, str) else write(value)


def problem(name: str, groups: frozenset[str]) -> str | None:
    """Why a name can never be quoted; None when a request may have something for it."""
    if name == CALL or name in _TEXTS:
        return None
    if name.startswith((_BODY, _HEADER)) and not name.endswith("."):
        return None
    if name.startswith(_MATCH):
        group = name.removeprefix(_MATCH)
        if group in groups:
            return None
        there = ", ".join(sorted(groups)) or "none"
        return f"no regular expression of this stub names a group {group!r} (there are: {there})"
    known = (*_TEXTS, f"{_BODY}PATH", f"{_HEADER}NAME", f"{_MATCH}GROUP", CALL)
    return f"nothing is known as {name!r}; known are {', '.join(known)}"


def of_a_match(name: str) -> bool:
    """Whether a name stands for a group of the stub's regular expressions."""
    return name.startswith(_MATCH)


def names_in(text: str) -> tuple[str, ...]:
    """Every name that a text quotes."""
    return tuple(found["name"] for found in _QUOTATION.finditer(text) if found["plain"] is None)


def names(reply: Reply) -> tuple[str, ...]:
    """Every name that a reply quotes, each once, in the order of its texts."""
    found: dict[str, None] = {}

    def note(name: str) -> str:
        found[name] = None
        return ""

    substitute(reply, note)
    return tuple(found)


def quotes(reply: Reply) -> bool:
    """Whether a reply holds anything to be replaced, plain braces included."""
    return substitute(reply, lambda _: "\0") != reply


def substitute(reply: Reply, look: Look) -> Reply:
    """The reply with every quotation replaced; raises what `look` raises."""
    pen = _Substitutor(look)
    return replace(
        reply,
        content=pen.content(reply.content),
        headers=tuple((name, pen.line(text)) for name, text in reply.headers),
    )


@dataclass(frozen=True, slots=True)
class _Substitutor:
    look: Look

    def text(self, text: str) -> str:
        if "{{" not in text:
            return text
        return _QUOTATION.sub(self._one, text)

    def _one(self, found: re.Match[str]) -> str:
        plain = found["plain"]
        return self.look(found["name"]) if plain is None else plain

    def line(self, text: str) -> str:
        """A header value: what is quoted loses its line ends and what no head can carry."""
        quoted = self.text(text)
        if quoted == text:
            return text
        return _CONTROL.sub(" ", quoted).encode("latin-1", "replace").decode("latin-1").strip()

    def json(self, value: JSON) -> JSON:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.json(one) for one in value]
            case dict():
                return self.object(value)
            case _:
                return value

    def object(self, value: JSONObject) -> JSONObject:
        return {name: self.json(one) for name, one in value.items()}

    def json_text(self, text: str) -> str:
        """Text that is JSON as a rule: what is quoted is escaped as its string needs it."""
        if "{{" not in text:
            return text
        if isinstance(read_text(text), JSONReadError):
            return self.text(text)
        return _QUOTATION.sub(lambda found: write(self._one(found))[1:-1], text)

    def chunks(self, chunks: Chunks | None) -> Chunks | None:
        return tuple(map(self.text, chunks)) if isinstance(chunks, tuple) else chunks

    def content(
        self, content: Output | ErrorReply | ExactBody | ExactEvents | RawBytes
    ) -> Output | ErrorReply | ExactBody | ExactEvents | RawBytes:
        match content:
            case Output():
                return replace(
                    content,
                    choices=tuple(tuple(map(self.item, items)) for items in content.choices),
                    chunks=self.chunks(content.chunks) or content.chunks,
                    id=content.id and self.text(content.id),
                    model=content.model and self.text(content.model),
                    fields=self.object(dict(content.fields)),
                )
            case ErrorReply():
                return ErrorReply(error=self.error(content.error))
            case ExactBody(json=json, text=text):
                return ExactBody(json=self.json(json), text=text and self.json_text(text))
            case ExactEvents():
                return ExactEvents(events=tuple(map(self.event, content.events)))
            case _:
                return content

    def event(self, event: ScriptedEvent) -> ScriptedEvent:
        json = None if event.json is None else self.object(event.json)
        return replace(event, json=json, text=event.text and self.json_text(event.text))

    def error(self, error: ErrorRef) -> ErrorRef:
        return replace(error, members=self.object(dict(error.members)))

    def item(self, item: Item) -> Item:
        fields = {
            name: self._fill(getattr(item, name), how) for name, how in item.templating.items()
        }
        return replace(item, **fields) if fields else item

    def _fill(self, value: Any, how: Templating) -> Any:  # the field's own type
        match how:
            case Templating.TEXT:
                return self.text(value)
            case Templating.JSON_TEXT:
                return self.json_text(value)
            case Templating.TEXTS:
                return tuple(map(self.text, value))
            case Templating.CHUNKS:
                return self.chunks(value)
            case Templating.OBJECT:
                return self.object(value)
            case Templating.OBJECTS:
                return tuple(map(self.object, value))
            case Templating.ERROR:
                return self.error(value)
