"""The passage of a request: by whose door it got in, remembered for all with the same head."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.contract.request_body import read_body, read_described_body, read_plain_body
from mockserver.model.dialect import Dialect, Rejection
from mockserver.model.endpoint import PathParameters, Route
from mockserver.model.json import JSONObject
from mockserver.model.request import Request
from mockserver.model.settings import Settings


@dataclass(slots=True)
class Passage:
    """Who got in by a head, and by what door; good for as long as dialects and settings are
    these. `described` are content type and content coding, None where headers repeat; `plain` are
    those of a body that needs no unpacking, and JSON by its name."""

    dialects: tuple[Dialect, ...]
    settings: Settings
    dialect: Dialect
    route: Route
    parameters: PathParameters
    described: tuple[str, str] | None
    plain: bool

    def read(self, request: Request, *, limit: int) -> JSONObject | Rejection:
        """The body of who got in, or what is said of one that cannot be read."""
        if self.plain:
            return read_plain_body(request.body, limit=limit)
        if self.described is None:
            return read_body(request.body, request.headers, limit=limit)
        content_type, coding = self.described
        return read_described_body(request.body, content_type, coding, limit=limit)


PLAIN = (("", ""), ("application/json", ""))
"""Content type and content coding of a plain body."""

_PASSAGE = "passage"


def passage_of(request: Request) -> Passage | None:
    """Who got in by the head of a request, None where nobody has yet."""
    common = request.common
    known = None if common is None else common.get(_PASSAGE)
    return known if isinstance(known, Passage) else None


def remember(request: Request, passage: Passage) -> None:
    """Let who comes with the same head get in by it."""
    if request.common is not None:
        request.common[_PASSAGE] = passage


def described_in(request: Request) -> tuple[str, str] | None:
    """Content type and content coding by the headers, empty where absent; None where any header
    repeats."""
    named = request.named
    if len(named) != len(request.headers):
        return None
    return named.get("content-type", ""), named.get("content-encoding", "")
