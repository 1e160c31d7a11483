"""Output items of a scenario, read by the forms that the items themselves declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from mockserver.items import registry
from mockserver.items.keys import OMIT, Form, Key, Read
from mockserver.model.cursor import Cursor, quoted, unknown
from mockserver.model.json import JSONObject, write
from mockserver.model.reply import Chunks, ErrorRef, Item, StreamError


def read_output(cursor: Cursor) -> tuple[Item, ...]:
    """The items of one output; an item after an error is a problem."""
    items: list[Item] = []
    failed = False
    for element in cursor.elements():
        if failed:
            element.report("nothing may follow an error; the reply ends with it")
        items.append(_read(element))
        failed = failed or isinstance(items[-1], StreamError)
    return tuple(items)


def _read(cursor: Cursor) -> Item:
    form = _form_of(cursor.object)
    for one, other in form.excludes:
        excluded = cursor.get(other)
        if excluded is not None and cursor.get(one) is not None:
            excluded.report(f"{one!r} and {other!r} exclude each other", key=True)
    item = form.make(**dict(_fields(cursor, form.keys)))
    chunks = cursor.get("chunks")
    return item if chunks is None else replace(item, chunks=read_chunks(chunks, *item.texts))


def _form_of(value: JSONObject) -> Form:
    """The form whose keys the mapping has: some keys of one form tell another."""
    forms = registry().forms
    found = [forms[key] for key in value if key in forms]
    if len(found) == 1:
        return found[0]
    keys = {form.key for form in found}
    return next((form for form in found if keys <= {key.name for key in form.keys}), found[0])


def _fields(cursor: Cursor, keys: tuple[Key, ...]) -> Iterator[tuple[str, object]]:
    for key in keys:
        inner = cursor.get(key.name)
        if inner is None:
            if key.default is not OMIT:
                yield key.field or key.name, key.default
        elif key.keys:
            yield from _fields(inner, key.keys)
        elif key.type.read is not Read.CHUNKS:
            yield key.field or key.name, _READERS[key.type.read](inner)


def _arguments(cursor: Cursor) -> str:
    return cursor.value if isinstance(cursor.value, str) else write(cursor.value)


def read_chunks(cursor: Cursor, *texts: str) -> Chunks:
    """Read `chunks`; the pieces must add up to the text, where there is just one."""
    match cursor.value:
        case str() as word:
            return word
        case list():
            pieces = cursor.texts
            joined = "".join(pieces)
            if len(texts) == 1 and joined != texts[0]:
                cursor.report(f"the pieces add up to {quoted(joined)}, expected {quoted(texts[0])}")
            return pieces
        case _:
            return cursor.whole


_ERROR_KEYS = ("status", "type", "code", "param", "message")


def read_error(cursor: Cursor) -> ErrorRef:
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


_READERS: Mapping[Read, Callable[[Cursor], object]] = {
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
    Read.ERROR: read_error,
}
