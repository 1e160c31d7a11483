"""Templates in replies: `{{request.user}}`, `{{request.body.metadata.run}}`, `{{call}}`,
`{{match.city}}`.

A name stands for a text of the request, or for a time (`{{now + 30s | http_date}}`); there are no
expressions. Names are replaced inside values, before these become JSON, so JSON stays JSON whatever
the text; a time that counts becomes a number there. `{{'…'}}` stands for the
text between the quotes, to send literal braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mockserver.model.call import Call
from mockserver.model.headers import as_line
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text, write
from mockserver.model.reply import (
    Chunks,
    Content,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Item,
    Output,
    Reply,
    ScriptedEvent,
    Templating,
)
from mockserver.model.request import Headers
from mockserver.model.times import is_number, is_time, time_problem, time_text

_TEMPLATE = re.compile(r"\{\{\s*(?:'(?P<literal>[^']*)'|(?P<name>[^{}']*?))\s*\}\}")
_STEP = re.compile(r"[^.\[\]]+")
_TEXTS: Mapping[str, Callable[[Call], str | None]] = {
    "request.user": lambda call: call.conversation.user,
    "request.system": lambda call: "\n".join(call.conversation.system) or None,
    "request.model": lambda call: call.model,
    "request.tool_result": lambda call: next((one.text for one in call.conversation.new_tool_results), None),
}
_BODY = "request.body."
_HEADER = "request.header."
_PATH = "request.path."
_QUERY = "request.query."
_MATCH = "match."
CALL = "call"

Resolve: TypeAlias = Callable[[str], str]


class MissingValueError(LookupError):
    """A name for which the request has no value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the request has no value for {{{{{name}}}}}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateContext:
    """The values of one request: the call, its number in the sandbox from 1, the named groups of
    the stub's regular expressions, and the time on the sandbox's clock."""

    call: Call
    number: int
    groups: Mapping[str, str]
    now_s: float

    def resolve(self, name: str) -> str:
        """The text for a name. Raises `MissingValueError`."""
        found: str | None = None
        if is_time(name):
            return time_text(name, self.now_s)
        if name == CALL:
            found = str(self.number)
        elif name in _TEXTS:
            found = _TEXTS[name](self.call)
        elif name.startswith(_BODY):
            found = _in_body(self.call.body, name.removeprefix(_BODY))
        elif name.startswith(_HEADER):
            header = name.removeprefix(_HEADER).lower()
            found = next((text for key, text in self.call.headers if key.lower() == header), None)
        elif name.startswith(_PATH):
            found = self.call.parameters.get(name.removeprefix(_PATH))
        elif name.startswith(_QUERY):
            found = next((text for key, text in self.call.query if key == name.removeprefix(_QUERY)), None)
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


def problem(name: str, groups: Collection[str], parameters: Collection[str] | None = None) -> str | None:
    """Why a name has no value in any request; None when a request may have one. `parameters` are
    those of the path, None where they are not known."""
    if is_time(name):
        return time_problem(name)
    if name == CALL or name in _TEXTS:
        return None
    if name.startswith((_BODY, _HEADER, _QUERY)) and not name.endswith("."):
        return None
    if name.startswith(_PATH) and not name.endswith("."):
        return None if parameters is None else unknown_parameter(name.removeprefix(_PATH), parameters)
    if name.startswith(_MATCH):
        group = name.removeprefix(_MATCH)
        if group in groups:
            return None
        known = ", ".join(sorted(groups)) or "none"
        return f"no regular expression of this stub has a group {group!r} (known are: {known})"
    names = (*_TEXTS, f"{_BODY}PATH", f"{_HEADER}NAME", f"{_PATH}NAME", f"{_QUERY}NAME", f"{_MATCH}GROUP", CALL, "now")
    return f"unknown name {name!r} in a template; known are {', '.join(names)}"


def unknown_parameter(name: str, parameters: Collection[str]) -> str | None:
    """What is wrong with the name of a path parameter; None where there is one."""
    if name in parameters:
        return None
    known = ", ".join(sorted(parameters)) or "none"
    return f"no path of this stub has a parameter {name!r} (known are: {known})"


def is_match_name(name: str) -> bool:
    """Whether a name is that of a group of the stub's regular expressions."""
    return name.startswith(_MATCH)


def names_in(text: str) -> tuple[str, ...]:
    """Every name in the templates of a text."""
    return tuple(one["name"] for one in _TEMPLATE.finditer(text) if one["literal"] is None)


def names(reply: Reply) -> tuple[str, ...]:
    """Every name in the templates of a reply, each once, in the order of its texts."""
    found: dict[str, None] = {}

    def note(name: str) -> str:
        found[name] = None
        return ""

    substitute(reply, note)
    return tuple(found)


def is_templated(content: Content, headers: Headers) -> bool:
    """Whether a reply has templates, literal braces included."""
    substitutor = _Substitutor(lambda _: "\0")
    return substitutor.content(content) != content or substitutor.headers(headers) != headers


def has_braces(value: JSON) -> bool:
    """Whether any text in a value may be a template."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(map(has_braces, value.values()))
    return isinstance(value, list) and any(map(has_braces, value))


def substitute(reply: Reply, resolve: Resolve) -> Reply:
    """The reply with every template replaced; raises what `resolve` raises."""
    substitutor = _Substitutor(resolve)
    content, headers = substitutor.content(reply.content), substitutor.headers(reply.headers)
    return replace(reply, content=content, headers=headers)


def sampled(reply: Reply) -> Reply:
    """A reply as it may be sent, with a sample text for every name."""
    if not reply.templated:
        return reply
    filled = substitute(reply, _sample)
    return replace(filled, templated=False)


def _sample(name: str) -> str:
    if is_time(name):
        return time_text(name, 0.0)
    return "1" if name == CALL else "sample"


def tells_time(reply: Reply) -> bool:
    """Whether a reply quotes the sandbox's clock."""
    return reply.templated and any(map(is_time, names(reply)))


@dataclass(frozen=True, slots=True)
class _Substitutor:
    resolve: Resolve

    def text(self, text: str) -> str:
        if "{{" not in text:
            return text
        return _TEMPLATE.sub(self._one, text)

    def _one(self, found: re.Match[str]) -> str:
        literal = found["literal"]
        return self.resolve(found["name"]) if literal is None else literal

    def line(self, text: str) -> str:
        """A header value: the texts filled in lose line ends and what no header can carry."""
        filled = self.text(text)
        return text if filled == text else as_line(filled)

    def headers(self, headers: Headers) -> Headers:
        return tuple((name, self.line(text)) for name, text in headers)

    def json(self, value: JSON) -> JSON:
        match value:
            case str():
                text = self.text(value)
                only = _TEMPLATE.fullmatch(value) if "{{" in value else None
                counts = only is not None and only["name"] is not None and is_number(only["name"])
                return int(text) if counts and text.removeprefix("-").isdecimal() else text
            case list():
                return [self.json(one) for one in value]
            case dict():
                return self.object(value)
            case _:
                return value

    def object(self, value: JSONObject) -> JSONObject:
        return {name: self.json(one) for name, one in value.items()}

    def json_text(self, text: str) -> str:
        """Text that is JSON as a rule: what is filled in is escaped as in a string of JSON."""
        if "{{" not in text:
            return text
        if isinstance(read_text(text), JSONReadError):
            return self.text(text)
        return _TEMPLATE.sub(lambda found: write(self._one(found))[1:-1], text)

    def chunks(self, chunks: Chunks | None) -> Chunks | None:
        return tuple(map(self.text, chunks)) if isinstance(chunks, tuple) else chunks

    def content(self, content: Content) -> Content:
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
        fields = {name: self._fill(getattr(item, name), how) for name, how in item.template_fields().items()}
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
            case _:
                return self.error(value)
