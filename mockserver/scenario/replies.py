"""Replies, read into values: their content, their options, and the names their templates use."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockserver.items import RawItem, Text, registry
from mockserver.items.keys import OMIT, Form, Key, Read
from mockserver.items.message import structured_text
from mockserver.model.conditions import (
    AnyOfCondition,
    Condition,
    HeaderOrQueryCondition,
    TextCondition,
    ToolResultCondition,
)
from mockserver.model.cursor import Cursor, quoted, unknown
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.json import JSONObject, write
from mockserver.model.matchers import TextMatcher, group_names
from mockserver.model.path_conditions import ParameterCondition
from mockserver.model.reply import (
    Content,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Item,
    Output,
    RawBytes,
    Reply,
    ScriptedEvent,
    StreamError,
    TerminalItems,
)
from mockserver.pipeline.request_templates import has_braces, is_match_name, is_templated, names, names_in, problem
from mockserver.scenario.reply_options import NO_OPTIONS, OUTPUT_KEYS, ReplyOptions, read_chunks, read_options

if TYPE_CHECKING:
    from mockserver.faults import ReadFault

_HEAD_KEYS = ("status", "headers")
_EMPTY = Output(choices=((),))
_WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedReply:
    """A reply and its cursor. `optional` are faults of `defaults`, which join those of the reply
    where they have a place in it."""

    cursor: Cursor
    reply: Reply
    optional: tuple[ReadFault, ...] = ()


def read_reply(cursor: Cursor, defaults: ReplyOptions) -> ParsedReply:
    """Read a reply, or the string that is short for one."""
    if isinstance(cursor.value, str):
        own = NO_OPTIONS
        content: Content = Output(choices=((Text(text=cursor.value),),))
    else:
        own = read_options(cursor)
        content = _read_content(cursor)
        _check_keys(cursor, content)
    options = own.over(defaults)
    if isinstance(content, Output):
        content = _with_options(content, options)
    may_be_templated = defaults is not NO_OPTIONS or has_braces(cursor.value)
    raw = isinstance(content, RawBytes)
    status = own.status if raw or isinstance(content, ErrorReply) else options.status
    headers = () if raw else options.headers or ()
    reply = Reply(
        content=content,
        status=status,
        headers=headers,
        pace=options.timing,
        faults=joined(own.faults or ()),
        breaks=options.breaks or (),
        templated=may_be_templated and is_templated(content, headers),
        origin=cursor.position,
    )
    optional = () if own.faults is not None else options.faults or ()
    return ParsedReply(cursor=cursor, reply=reply, optional=optional)


def joined(faults: Iterable[ReadFault]) -> Faults:
    return sum((one.faults for one in faults), start=NO_FAULTS)


def _with_options(output: Output, options: ReplyOptions) -> Output:
    return Output(
        choices=output.choices,
        finish=None if output.failure is not None else options.finish,
        usage=options.counts,
        chunks=options.chunks,
        id=options.id,
        model=options.model,
        created=options.created,
        fields=options.fields or {},
        terminal_items=options.terminal_items or TerminalItems.FULL,
        answer_as=options.answer_as,
        omit=options.omit or (),
    )


def _check_keys(cursor: Cursor, content: Content) -> None:
    if isinstance(content, Output):
        return
    given = next((key for key in cursor.object if key in CONTENTS), None)
    excluded = (*OUTPUT_KEYS, *_HEAD_KEYS) if isinstance(content, RawBytes) else OUTPUT_KEYS
    for key, inner in cursor.members():
        if key in excluded:
            inner.report(f"{key!r} does not apply to a reply with {given!r}", key=True)


def _read_content(cursor: Cursor) -> Content:
    """The content of a reply; an empty output where no key of it is valid."""
    for key, inner in cursor.members():
        if key in CONTENTS:
            content = CONTENTS[key](inner)
            if isinstance(content, Output):
                _check_output(cursor, content)
            return content
    return _EMPTY


def _event(cursor: Cursor) -> ScriptedEvent:
    if isinstance(cursor.value, str):
        return ScriptedEvent(text=cursor.value)
    data, event, sse = cursor.get("data"), cursor.get("event"), cursor.get("sse")
    if sse is not None:
        return ScriptedEvent(sse=sse.text)
    name = None if event is None else event.text
    match None if data is None else data.value:
        case dict() as value:
            return ScriptedEvent(json=value, name=name)
        case str() as text:
            return ScriptedEvent(text=text, name=name)
        case _:
            return ScriptedEvent(text="", name=name)


def _raw(cursor: Cursor) -> Content:
    if isinstance(cursor.value, str):
        return RawBytes(data=cursor.value.encode("utf-8", "surrogatepass"))
    encoded = cursor.get("base64")
    text = "" if encoded is None else _WHITE.sub("", encoded.text)
    try:
        return RawBytes(data=b64decode(text, validate=True))
    except (Base64Error, ValueError) as error:
        cursor.report(f"{quoted(text)} is not base64: {str(error).lower()}", "base64")
        return RawBytes(data=b"")


# --- output items, read by the forms that they declare ---


def _read_output(cursor: Cursor) -> tuple[Item, ...]:
    items: list[Item] = []
    failed = False
    for element in cursor.elements():
        if failed:
            element.report("nothing may follow an error; the reply ends with it")
        items.append(_read_item(element))
        failed = failed or isinstance(items[-1], StreamError)
    return tuple(items)


def _read_item(cursor: Cursor) -> Item:
    form = _form_of(cursor.object)
    for one, other in form.excludes:
        excluded = cursor.get(other)
        if excluded is not None and cursor.get(one) is not None:
            excluded.report(f"{one!r} and {other!r} exclude each other", key=True)
    item = form.make(**dict(_item_fields(cursor, form.keys)))
    chunks = cursor.get("chunks")
    return item if chunks is None else replace(item, chunks=read_chunks(chunks, *item.texts))


def _form_of(value: JSONObject) -> Form:
    """The form whose keys the mapping has: the key of one form may be a further key of another."""
    forms = registry().forms
    found = [forms[key] for key in value if key in forms]
    if len(found) == 1:
        return found[0]
    keys = {form.key for form in found}
    return next((form for form in found if keys <= {key.name for key in form.keys}), found[0])


def _item_fields(cursor: Cursor, keys: tuple[Key, ...]) -> Iterator[tuple[str, object]]:
    for key in keys:
        inner = cursor.get(key.name)
        if inner is None:
            if key.default is not OMIT:
                yield key.field or key.name, key.default
        elif key.keys:
            yield from _item_fields(inner, key.keys)
        elif key.type.read is not Read.CHUNKS:
            yield key.field or key.name, _KEY_READERS[key.type.read](inner)


def _arguments(cursor: Cursor) -> str:
    return cursor.value if isinstance(cursor.value, str) else write(cursor.value)


_ERROR_KEYS = ("status", "type", "code", "param", "message")


def _read_error(cursor: Cursor) -> ErrorRef:
    """Read `error`; a name that is not in the catalogue is a problem."""
    if isinstance(cursor.value, str):
        return ErrorRef(name=_known(cursor))
    members: JSONObject = {}
    name = cursor.get("name")
    fields = cursor.get("fields")
    for key, inner in cursor.members():
        if key in _ERROR_KEYS:
            members[key] = inner.whole if key == "status" else inner.value
    if fields is not None:
        for key, inner in fields.members():
            if key in _ERROR_KEYS:
                inner.report(f"{key!r} belongs next to 'fields', not in it", key=True)
            members[key] = inner.value
    return ErrorRef(name=None if name is None else _known(name), members=members)


def _known(cursor: Cursor) -> str:
    errors = cursor.log.errors
    if errors is not None and cursor.text not in errors:
        cursor.report(unknown("error", cursor.text, errors))
    return cursor.text


_KEY_READERS: Mapping[Read, Callable[[Cursor], object]] = {
    Read.VALUE: lambda cursor: cursor.value,
    Read.TEXT: lambda cursor: cursor.text,
    Read.TEXTS: lambda cursor: cursor.texts,
    Read.WHOLE: lambda cursor: cursor.whole,
    Read.FLAG: lambda cursor: cursor.value is True,
    Read.LIST: lambda cursor: [element.value for element in cursor.elements()],
    Read.OBJECT: lambda cursor: cursor.object,
    Read.OBJECTS: lambda cursor: cursor.objects,
    Read.ARGUMENTS: _arguments,
    Read.JSON_TEXT: lambda cursor: write(cursor.value),
    Read.ERROR: _read_error,
}


CONTENTS: Mapping[str, Callable[[Cursor], Content]] = {
    "output": lambda cursor: Output(choices=(_read_output(cursor),)),
    "json": lambda cursor: Output(choices=((structured_text(cursor.value),),)),
    "choices": lambda cursor: Output(choices=tuple(_read_output(inner) for inner in cursor.elements()) or ((),)),
    "error": lambda cursor: ErrorReply(error=_read_error(cursor)),
    "body": lambda cursor: (
        ExactBody(text=cursor.value) if isinstance(cursor.value, str) else ExactBody(json=cursor.value)
    ),
    "events": lambda cursor: ExactEvents(events=tuple(_event(inner) for inner in cursor.elements())),
    "raw": _raw,
}
"""The keys for the content of a reply, of which it has one."""


def _check_output(cursor: Cursor, output: Output) -> None:
    items = [item for choice in output.choices for item in choice]
    finish, chunks = cursor.get("finish"), cursor.get("chunks")
    if finish is not None and output.failure is not None:
        finish.report("an error ends this reply; remove 'finish'", key=True)
    has_raw_item = any(isinstance(item, RawItem) for item in items)
    if chunks is not None and isinstance(chunks.value, list) and not has_raw_item:
        pieces = "".join(chunks.texts)
        if pieces not in [text for item in items for text in item.texts]:
            chunks.report(f"the pieces add up to {quoted(pieces)}, expected the text of an item")


def check_templates(
    cursor: Cursor, reply: Reply, when: Sequence[Condition], parameters: Collection[str] | None
) -> None:
    """Report names in templates that no request has a value for; `parameters` are those of its path. A name that is
    not written in the reply stands in `defaults`; there only the groups of a match depend on the stub."""
    groups = frozenset(name for one in when for want in _matchers(one) for name in group_names(want))
    for name in names(reply):
        message = problem(name, groups, parameters)
        places = tuple(_uses(cursor, name)) if message is not None else ()
        if message is not None and (places or is_match_name(name)):
            for place in places or (cursor,):
                place.report(message)


def check_default_templates(cursor: Cursor, options: ReplyOptions) -> None:
    """Report names in the templates of `defaults` that no request of any stub has a value for."""
    reply = Reply(content=_with_options(_EMPTY, options), headers=options.headers or ())
    for name in names(reply):
        message = problem(name, frozenset())
        if message is not None and not is_match_name(name):
            for place in _uses(cursor, name):
                place.report(message)


def _matchers(condition: Condition) -> Iterator[TextMatcher]:
    match condition:
        case TextCondition(want=want):
            yield want
        case ParameterCondition(want=want):
            yield want
        case HeaderOrQueryCondition(want=want) if not isinstance(want, bool):
            yield want
        case ToolResultCondition(of=of, call_id=call_id, text=text):
            yield from (want for want in (of, call_id, text) if want is not None)
        case AnyOfCondition(groups=groups):
            yield from (want for group in groups for one in group for want in _matchers(one))


def _uses(cursor: Cursor, name: str) -> Iterator[Cursor]:
    match cursor.value:
        case str() as text:
            if name in names_in(text):
                yield cursor
        case dict():
            for _, inner in cursor.members():
                yield from _uses(inner, name)
        case list():
            for inner in cursor.elements():
                yield from _uses(inner, name)
