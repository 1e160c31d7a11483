"""A reply as HTTP/1.x frames: status line, headers, and the body in the framing HTTP asks for.

What the caller names in `headers` is not added a second time. There is no `Date` header: the
same reply has the same bytes every time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.model.events import PLAIN, Event, SseFormat
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Send, Wait
from mockserver.model.request import Headers
from mockserver.render.sse import spell_all

Version = tuple[int, int]

# RFC 9110 and RFC 6585. Our own table, because the standard library's wording differs between
# versions of Python; a status that is not listed has an empty phrase, as HTTP permits.
_REASONS = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a Teapot",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    507: "Insufficient Storage",
    508: "Loop Detected",
    511: "Network Authentication Required",
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_BODYLESS = frozenset({204, 304})


def header_problem(name: str, value: str) -> str | None:
    """Why a header cannot be written as one line of a head; None when it can."""
    if not _TOKEN.fullmatch(name):
        return f"header name {name!r} is no token (letters, digits and !#$%&'*+-.^_`|~)"
    if not _VALUE.fullmatch(value):
        return f"value {value!r} of header {name!r} has characters that no header line can carry"
    return None


def head(status: int, headers: Headers, version: Version) -> bytes:
    """Status line, headers as given, and the empty line. Raises UnicodeEncodeError for what
    ISO 8859-1 lacks; see `header_problem`."""
    major, minor = version
    lines = [f"HTTP/{major}.{minor} {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def frame_body(
    status: int,
    headers: Headers,
    body: bytes,
    *,
    version: Version = (1, 1),
    keep_alive: bool = True,
    first_s: float = 0.0,
) -> tuple[Frame, ...]:
    """A whole reply, its length told; `first_s` passes before the head.

    204 and 304 have no body.
    """
    bodyless = status in _BODYLESS
    framing = () if bodyless else (("content-length", str(len(body))),)
    full = _completed(headers, (*framing, *_connection(version, keep_alive=keep_alive)))
    frames: list[Frame] = [Wait(seconds=first_s)] if first_s > 0 else []
    frames.append(Send(data=head(status, full, version), part=Part.HEAD))
    if body and not bodyless:
        frames.append(Send(data=body, part=Part.BODY))
    return (*frames, EndOfReply())


def frame_events(
    status: int,
    headers: Headers,
    events: Sequence[tuple[float, Event]],
    spelling: SseFormat = PLAIN,
    *,
    version: Version = (1, 1),
    keep_alive: bool = True,
) -> tuple[Frame, ...]:
    """A stream: the head at once, then each event after its wait in seconds, as a chunk of its own.

    Below HTTP/1.1 there are no chunks, and closing the connection ends the body.
    """
    chunked = version >= (1, 1)
    framing = (("transfer-encoding", "chunked"),) if chunked else ()
    connection = _connection(version, keep_alive=keep_alive and chunked)
    full = _completed(headers, (*framing, *connection))
    frames: list[Frame] = [Send(data=head(status, full, version), part=Part.HEAD)]
    texts = spell_all([event for _, event in events], spelling)
    for nth, ((wait_s, event), text) in enumerate(zip(events, texts, strict=True)):
        if wait_s > 0:
            frames.append(Wait(seconds=wait_s))
        pieces = [(Part.EVENT, text)]
        if chunked:
            size = b"%x\r\n" % len(text)
            pieces = [(Part.CHUNK_SIZE, size), *pieces, (Part.CHUNK_END, b"\r\n")]
        frames += (
            Send(data=data, part=part, event=event.ordinal, label=event.label, nth=nth)
            for part, data in pieces
        )
    if not chunked:
        return (*frames, Close(complete=True))
    last = Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK)
    return (*frames, last, EndOfReply())


def frame_raw(data: bytes, *, first_s: float = 0.0) -> tuple[Frame, ...]:
    """Exact bytes from the status line on, after which the connection closes. What stands before
    the first empty line is the head."""
    wait: tuple[Frame, ...] = (Wait(seconds=first_s),) if first_s > 0 else ()
    before, blank, body = data.partition(b"\r\n\r\n")
    parts = ((Part.HEAD, before + blank), (Part.BODY, body))
    sends = (Send(data=found, part=part) for part, found in parts if found)
    return (*wait, *sends, Close(complete=True))


def _completed(headers: Headers, added: Headers) -> Headers:
    named = {name.lower() for name, _ in headers}
    return (*headers, *((name, value) for name, value in added if name not in named))


def _connection(version: Version, *, keep_alive: bool) -> Headers:
    if not keep_alive:
        return (("connection", "close"),)
    return () if version >= (1, 1) else (("connection", "keep-alive"),)
