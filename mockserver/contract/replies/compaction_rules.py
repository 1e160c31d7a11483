"""What holds between the items of a compacted response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.response_rules import items_of, repeated_ids
from mockserver.contract.replies.shown import shown
from mockserver.contract.replies.usage_rules import RESPONSES_USAGE, usage_remarks
from mockserver.core.jsontext import Object

# The second is the older name, which some clients still write and read.
_COMPACTION: Final = ("compaction", "compaction_summary")


def compaction_remarks(reply: Object) -> Iterator[Remark]:
    """Check a compacted response: kept user messages, then one compaction item."""
    items = items_of(reply)
    if not items or items[-1][1].get("type") not in _COMPACTION:
        message = "the last item is no compaction item, one would be right"
        yield Remark("compaction.item.last", "output", message)
    for index, item in items[:-1]:
        if item.get("type") in _COMPACTION:
            message = "a compaction item before the end, one as the last item would be right"
            yield Remark("compaction.item.last", f"output[{index}]", message)
        elif item.get("type") != "message" or item.get("role") != "user":
            found = f"{shown(item.get('type'))} of role {shown(item.get('role'))}"
            message = f"found {found}, a message of role user would be right"
            yield Remark("compaction.messages", f"output[{index}]", message)
    for index, name in repeated_ids(items):
        message = f"found {shown(name)} again, an id of its own would be right"
        yield Remark("compaction.item.id", f"output[{index}].id", message)
    yield from usage_remarks(reply.get("usage"), RESPONSES_USAGE, "compaction", "usage")
