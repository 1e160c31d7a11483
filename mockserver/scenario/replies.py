"""Replies, read into values: their content, their options, and the names their templates use."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.items import RawItem, Text
from mockserver.items.message import structured_text
from mockserver.model.conditions import Condition, HeaderOrQueryCondition, TextCondition, ToolResultCondition
from mockserver.model.cursor import Cursor
from mockserver.model.fault import NO_FAULTS, Faults
from mockserver.model.matchers import TextMatcher, group_names
from mockserver.model.messages import quoted
from mockserver.model.reply import (
    Content,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Output,
    RawBytes,
    Reply,
    ScriptedEvent,
    TerminalItems,
)
from mockserver.pipeline.request_templates import has_braces, is_match_name, is_templated, names, names_in, problem
from mockserver.scenario.output_items import read_error, read_output
from mockserver.scenario.reply_options import NO_OPTIONS, OUTPUT_KEYS, ReplyOptions, read_options

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
    """Faults of a list as one value."""
    return sum((one.faults for one in faults), start=NO_FAULTS)


def _with_options(output: Output, options: ReplyOptions) -> Output:
    return Output(
        choices=output.choices,
        finish=None if output.failure is not None else options.finish,
        usage=options.counts,
        chunks=options.chunks or "word",
        id=options.id,
        model=options.model,
        created=options.created,
        fields=options.fields or {},
        terminal_items=options.terminal_items or TerminalItems.FULL,
    )


def _check_keys(cursor: Cursor, content: Content) -> None:
    """Report options that do not apply to the content."""
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


def _output(cursor: Cursor) -> Content:
    return Output(choices=(read_output(cursor),))


def _json(cursor: Cursor) -> Content:
    return Output(choices=((structured_text(cursor.value),),))


def _choices(cursor: Cursor) -> Content:
    return Output(choices=tuple(read_output(inner) for inner in cursor.elements()) or ((),))


def _error(cursor: Cursor) -> Content:
    return ErrorReply(error=read_error(cursor))


def _body(cursor: Cursor) -> Content:
    if isinstance(cursor.value, str):
        return ExactBody(text=cursor.value)
    return ExactBody(json=cursor.value)


def _events(cursor: Cursor) -> Content:
    return ExactEvents(events=tuple(_event(inner) for inner in cursor.elements()))


def _event(cursor: Cursor) -> ScriptedEvent:
    if isinstance(cursor.value, str):
        return ScriptedEvent(text=cursor.value)
    data, event = cursor.get("data"), cursor.get("event")
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


CONTENTS: Mapping[str, Callable[[Cursor], Content]] = {
    "output": _output,
    "json": _json,
    "choices": _choices,
    "error": _error,
    "body": _body,
    "events": _events,
    "raw": _raw,
}
"""The keys for the content of a reply, of which it has one."""


def _check_output(cursor: Cursor, output: Output) -> None:
    """Report options that contradict the output."""
    items = [item for choice in output.choices for item in choice]
    finish, chunks = cursor.get("finish"), cursor.get("chunks")
    if finish is not None and output.failure is not None:
        finish.report("an error ends this reply; remove 'finish'", key=True)
    has_raw_item = any(isinstance(item, RawItem) for item in items)
    if chunks is not None and isinstance(chunks.value, list) and not has_raw_item:
        pieces = "".join(chunks.texts)
        if pieces not in [text for item in items for text in item.texts]:
            message = f"the pieces add up to {quoted(pieces)}, expected the text of an item"
            chunks.report(message)


def check_templates(cursor: Cursor, reply: Reply, when: Sequence[Condition]) -> None:
    """Report names in templates that no request has a value for. A name that is not written in
    the reply stands in `defaults`; there only the groups of a match depend on the stub."""
    groups = frozenset(name for one in when for want in _matchers(one) for name in group_names(want))
    for name in names(reply):
        message = problem(name, groups)
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
        case HeaderOrQueryCondition(want=want) if not isinstance(want, bool):
            yield want
        case ToolResultCondition(of=of, call_id=call_id, text=text):
            yield from (want for want in (of, call_id, text) if want is not None)


def _uses(cursor: Cursor, name: str) -> Iterator[Cursor]:
    """The strings in a value whose templates use a name."""
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
