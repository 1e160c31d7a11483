"""An error as an upstream tells it, resolved from the catalogue for one call."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.core.jsontext import JSON, Object
from mockserver.core.request import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """`html` is the page of an edge in place of the JSON envelope; `extra` are members beside
    `message` in the envelope."""

    status: int
    type: JSON
    code: JSON
    param: JSON
    message: str
    headers: Headers = ()
    html: str | None = None
    extra: Object = field(default_factory=dict)
