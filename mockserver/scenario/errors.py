"""An error by its catalogue name, by its members, or both."""

from __future__ import annotations

from mockserver.core.jsontext import Object
from mockserver.core.reply import ErrorRef
from mockserver.scenario.spots import Spot
from mockserver.scenario.wording import unknown

_MEMBERS = ("status", "type", "code", "param", "message")


def read_error(spot: Spot | None) -> ErrorRef:
    """Read `error`; a name that is not in the catalogue is refused."""
    if spot is None:
        return ErrorRef()
    if isinstance(spot.value, str):
        return ErrorRef(name=_known(spot))
    members: Object = {}
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


def _known(spot: Spot) -> str:
    errors = spot.sheet.errors
    if errors is not None and spot.text not in errors:
        spot.refuse(unknown("error", spot.text, errors))
    return spot.text
