"""A recorded exchange, the one value between readers of recordings, redaction and the writer of scenarios."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

from mockserver.contract.request_body import unpack
from mockserver.errors import MockServerError
from mockserver.model.call import Call
from mockserver.model.dialect import Rejection
from mockserver.model.endpoint import Endpoint
from mockserver.model.json import JSONObject, read
from mockserver.model.request import Headers
from mockserver.model.sse import is_stream

_ENDPOINTS: Final = (
    (re.compile(r"/chat/completions/?\Z"), Endpoint.CHAT),
    (re.compile(r"/responses/?\Z"), Endpoint.RESPONSES),
    (re.compile(r"/responses/compact/?\Z"), Endpoint.COMPACT),
)
_MEMBERS: Final = {"messages": Endpoint.CHAT, "input": Endpoint.RESPONSES}
LIMIT: Final = 256 * 1024 * 1024
"""How many bytes a compressed body or file may unpack to."""


class RecordingError(MockServerError):
    """A recording that cannot be read: the file, the place in it, what is wrong there."""


class UnreadableBodyError(ValueError):
    """A body in a coding that cannot be undone."""


@dataclass(frozen=True, kw_only=True)  # without slots, for the cached properties
class RecordedExchange:
    """A request and its reply with every coding undone. `url` is empty where only a reply was recorded.

    `splits` are the places in `reply_body` after which a portion arrived, in order; `times_s` has the seconds from the
    request to each portion, or is empty. Of a reply that is not `complete` the connection ended early. `origin` says
    where it was recorded, for comments and messages.
    """

    origin: str
    method: str = "POST"
    url: str = ""
    request_headers: Headers = ()
    request_body: bytes = b""
    status: int = 200
    reply_headers: Headers = ()
    reply_body: bytes = b""
    splits: tuple[int, ...] = ()
    times_s: tuple[float, ...] = ()
    complete: bool = True
    exact: bool = field(default=True)
    """Whether `reply_body` has the bytes that were sent, and not only their JSON."""

    @property
    def path(self) -> str:
        return self.url.partition("#")[0].partition("?")[0]

    @cached_property
    def endpoint(self) -> Endpoint | None:
        """What was called, by the end of the path or else by the body; None for other traffic."""
        if self.method.upper() != "POST":
            return None
        found = next((endpoint for pattern, endpoint in _ENDPOINTS if pattern.search(self.path)), None)
        if found is None and self.body is not None and "/" not in self.url:
            # Some recorders remove the URL.
            found = next((endpoint for member, endpoint in _MEMBERS.items() if member in self.body), None)
        return found

    @cached_property
    def body(self) -> JSONObject | None:
        """The request's body, where it is a JSON object."""
        value = read(self.request_body)
        return value if isinstance(value, dict) else None

    @cached_property
    def call(self) -> Call:
        """The request as a call of its endpoint."""
        return Call(self.endpoint or Endpoint.CHAT, self.body or {}, headers=self.request_headers)

    @cached_property
    def reply_text(self) -> str | None:
        """The reply's body as text; None where it is not UTF-8."""
        try:
            return self.reply_body.decode()
        except UnicodeDecodeError:
            return None

    @property
    def streamed(self) -> bool:
        """Whether the reply is an event stream."""
        kind = header(self.reply_headers, "content-type")
        text = self.reply_text or ""
        return is_stream(text) and ("json" not in kind or not isinstance(read(self.reply_body), dict))

    @classmethod
    def of(cls, *, origin: str, request: tuple[str, str, Headers, bytes], reply: tuple[int, Headers, bytes]) -> Self:
        """An exchange as it was on the wire, with codings; raises UnreadableBodyError."""
        method, url, asked, request_body = request
        status, answered, reply_body = reply
        return cls(
            origin=origin,
            method=method.upper(),
            url=url,
            request_headers=asked,
            request_body=decoded(asked, request_body),
            status=status,
            reply_headers=answered,
            reply_body=decoded(answered, reply_body),
        )


def header(headers: Headers, name: str) -> str:
    """The first value of a header in lower case; empty for none."""
    return next((value.lower() for key, value in headers if key.lower() == name), "")


def decoded(headers: Headers, body: bytes) -> bytes:
    """A body without its content coding; many tools keep the header of a coding that they have undone."""
    if body.startswith(b"\x1f\x8b"):
        return _unpacked(body, "gzip")
    coding = header(headers, "content-encoding")
    if not body or coding in ("", "identity") or _is_text(body):
        return body
    return _unpacked(body, coding)


def _unpacked(body: bytes, coding: str) -> bytes:
    found = unpack(body, coding, LIMIT)
    if isinstance(found, Rejection):
        raise UnreadableBodyError(f"a body in the coding {coding!r} that cannot be undone: {found.finding.message}")
    return found


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False
