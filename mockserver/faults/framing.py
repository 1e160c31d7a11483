"""The fault `framing`: the same events in another SSE format, a whole reply in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from mockserver.faults.syntax import FLAG, TRUE, FaultSpec, Key, Members, choice, mapping, text, whole
from mockserver.model.fault import FaultContext, FormatFault
from mockserver.model.frames import SseFormat

_CHUNKED = "chunked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reformat(FormatFault):
    """Members of the format by name; those of a later fault win."""

    changes: Mapping[str, object]

    @property
    def streamed(self) -> bool:
        return self.changes.keys() != {_CHUNKED}

    def apply(self, sse_format: SseFormat, _: FaultContext, /) -> SseFormat:
        # Each value was read by the key of its member.
        return replace(sse_format, **cast("Mapping[str, Any]", self.changes))


# The keys of the scenario, by member of the SSE format.
_KEYS: Mapping[str, Key[object]] = {
    "newline": Key("newline", choice({"lf": "\n", "crlf": "\r\n", "cr": "\r"})),
    "comment": Key("comment", text("a comment such as 'keep-alive'")),
    "id": Key("id", FLAG),
    "retry_ms": Key("retry", whole(0)),
    "split_data": Key("split_data", FLAG),
    "space": Key("space", FLAG),
    "final_blank": Key("final_blank", FLAG),
    "event_lines": Key("event_lines", FLAG),
    _CHUNKED: Key(_CHUNKED, TRUE),
}


def _reformat(found: Members) -> Reformat:
    return Reformat(changes={name: found[key] for name, key in _KEYS.items() if key in found})


SPEC = FaultSpec(
    name="framing",
    example="framing: {newline: crlf, comment: keep-alive, id: true, retry: 1000, "
    "split_data: true, space: false, final_blank: false, event_lines: false}, framing: {chunked: true}",
    about="the same events in another SSE format, valid or (without the final blank) lossy; a whole reply in chunks",
    syntax=mapping("{newline: crlf}", any_of=tuple(_KEYS.values())).map(_reformat),
)
