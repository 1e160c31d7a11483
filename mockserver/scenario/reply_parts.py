"""How text is cut into deltas, and whether a list of pieces is the text."""

from __future__ import annotations

from mockserver.model.item import Chunks
from mockserver.model.json import JSONObject
from mockserver.model.reply import ErrorRef
from mockserver.scenario.cursor import Cursor
from mockserver.scenario.messages import quoted, unknown


def read_chunks(spot: Cursor, *texts: str) -> Chunks:
    """Read `chunks`; pieces must together be the text, where there is just one."""
    match spot.value:
        case str() as word:
            return word
        case list():
            pieces = spot.texts
            joined = "".join(pieces)
            if len(texts) == 1 and joined != texts[0]:
                spot.refuse(f"the pieces make {quoted(joined)}, the text is {quoted(texts[0])}")
            return pieces
        case _:
            return spot.whole


_MEMBERS = ("status", "type", "code", "param", "message")


def read_error(spot: Cursor | None) -> ErrorRef:
    """Read `error`; a name that is not in the catalogue is refused."""
    if spot is None:
        return ErrorRef()
    if isinstance(spot.value, str):
        return ErrorRef(name=_known(spot))
    members: JSONObject = {}
    name = spot.get("name")
    fields = spot.get("fields")
    for key, inner in spot.members():
        if key in _MEMBERS:
            members[key] = inner.whole if key == "status" else inner.value
    if fields is not None:
        for key, inner in fields.members():
            if key in _MEMBERS:
                inner.refuse(f"{key!r} stands beside 'fields', not in it", key=True)
            members[key] = inner.value
    return ErrorRef(name=None if name is None else _known(name), members=members)


def _known(spot: Cursor) -> str:
    errors = spot.sheet.errors
    if errors is not None and spot.text not in errors:
        spot.refuse(unknown("error", spot.text, errors))
    return spot.text
