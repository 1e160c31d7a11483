"""Lists of the API in pages: `limit`, `order` and `after`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import ErrorRef
from mockserver.model.request import Headers

_DEFAULT, _MOST = 20, 100
_ORDERS: Final = ("asc", "desc")


def refusal(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> ErrorRef:
    """An error of a request that the API cannot fulfil."""
    members: JSONObject = {"status": status, "type": "invalid_request_error", "message": message}
    return ErrorRef(members=members | {"param": param, "code": code})


def page(items: Sequence[JSONObject], query: Headers, *, order: str) -> JSONObject | ErrorRef:
    """One page of items that are given oldest first; `order` is that of a query without one."""
    asked = dict(query)
    limit = asked.get("limit", str(_DEFAULT))
    if not limit.removeprefix("-").isdecimal():
        return refusal(
            "Invalid type for 'limit': expected an integer, but got a string instead.", "limit", "invalid_type"
        )
    for bound, word, sign, wrong in (
        (1, "minimum", ">=", int(limit) < 1),
        (_MOST, "maximum", "<=", int(limit) > _MOST),
    ):
        if wrong:
            side = "below" if word == "minimum" else "above"
            message = (
                f"Invalid 'limit': integer {side} {word} value. Expected a value {sign} {bound}, "
                f"but got {int(limit)} instead."
            )
            return refusal(message, "limit", f"integer_{side}_{word[:3]}_value")
    order = asked.get("order", order)
    if order not in _ORDERS:
        message = f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'."
        return refusal(message, "order", "invalid_value")
    found = [*items] if order == "asc" else [*reversed(items)]
    after = asked.get("after")
    if after is not None:
        places = [place for place, item in enumerate(found) if item.get("id") == after]
        if not places:
            return refusal(f"Invalid 'after': no item with id '{after}' in this list.", "after", "invalid_value")
        found = found[places[0] + 1 :]
    shown: list[JSON] = [*found[: int(limit)]]
    ends = [found[0].get("id"), found[len(shown) - 1].get("id")] if shown else [None, None]
    return {
        "object": "list",
        "data": shown,
        "first_id": ends[0],
        "has_more": len(found) > len(shown),
        "last_id": ends[1],
    }
