"""A reply as HTTP/1.x frames: status line, headers, body framing, SSE events and their waits.

A header in `headers` is not added a second time. There is no `Date` header: the same reply has
the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mockserver.model.codings import coding_of, compressed
from mockserver.model.frames import PLAIN, Close, EndOfReply, Event, Frame, Part, Send, SseFormat, Wait
from mockserver.model.ids import IdGenerator
from mockserver.model.json import write
from mockserver.model.latency import Delay
from mockserver.model.reply import Pace
from mockserver.model.request import Headers

Version = tuple[int, int]

# RFC 9110 and RFC 6585. Our own table, because the standard library's wording differs between
# versions of Python; a status that is not listed has an empty phrase, as HTTP permits.
_REASONS: dict[str, str] = dict(
    re.findall(
        r"(\d{3}) ([^,\n]+)",
        """
    100 Continue, 101 Switching Protocols, 102 Processing, 103 Early Hints, 200 OK, 201 Created,
    202 Accepted, 203 Non-Authoritative Information, 204 No Content, 205 Reset Content,
    206 Partial Content, 207 Multi-Status, 300 Multiple Choices, 301 Moved Permanently,
    302 Found, 303 See Other, 304 Not Modified, 307 Temporary Redirect, 308 Permanent Redirect,
    400 Bad Request, 401 Unauthorized, 402 Payment Required, 403 Forbidden, 404 Not Found,
    405 Method Not Allowed, 406 Not Acceptable, 407 Proxy Authentication Required,
    408 Request Timeout, 409 Conflict, 410 Gone, 411 Length Required, 412 Precondition Failed,
    413 Content Too Large, 414 URI Too Long, 415 Unsupported Media Type,
    416 Range Not Satisfiable, 417 Expectation Failed, 418 I'm a Teapot, 421 Misdirected Request,
    422 Unprocessable Content, 423 Locked, 424 Failed Dependency, 425 Too Early,
    426 Upgrade Required, 428 Precondition Required, 429 Too Many Requests,
    431 Request Header Fields Too Large, 451 Unavailable For Legal Reasons,
    500 Internal Server Error, 501 Not Implemented, 502 Bad Gateway, 503 Service Unavailable,
    504 Gateway Timeout, 505 HTTP Version Not Supported, 507 Insufficient Storage,
    508 Loop Detected, 511 Network Authentication Required
        """,
    )
)
_CHUNKED = ("transfer-encoding", "chunked")
_BODYLESS = frozenset({204, 304})
_LINE_END = re.compile("\\r\\n|\\r|\\n")
_JITTER_STEPS = 1_000_000
_DRAWS = 2**52


def head(status: int, headers: Headers, version: Version) -> bytes:
    """Status line, headers as given, and the empty line; see `header_problem`."""
    major, minor = version
    lines = [f"HTTP/{major}.{minor} {status} {_REASONS.get(str(status), '')}"]
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
    chunked: bool = False,
) -> tuple[Frame, ...]:
    """A whole reply, with its length or, from HTTP/1.1 on, `chunked` in one chunk; `first_s` passes before the head. It
    has the content coding that its headers state.

    204 and 304 have no body."""
    bodyless = status in _BODYLESS
    chunked = chunked and not bodyless and version >= (1, 1)
    coding = coding_of(headers)
    body = b"".join(compressed([body], coding)) if coding else body
    length = _CHUNKED if chunked else ("content-length", str(len(body)))
    framing = () if bodyless else (length,)
    full = _completed(headers, (*framing, *_connection(version, keep_alive=keep_alive)))
    frames: list[Frame] = [Wait(seconds=first_s)] if first_s > 0 else []
    frames.append(Send(data=head(status, full, version), part=Part.HEAD))
    if body and not bodyless:
        parts = [(Part.BODY, body)]
        if chunked:
            parts = [(Part.CHUNK_SIZE, b"%x\r\n" % len(body)), *parts, (Part.CHUNK_END, b"\r\n")]
        frames += (Send(data=data, part=part) for part, data in parts)
    if chunked:
        frames.append(Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK))
    return (*frames, EndOfReply())


def frame_events(
    status: int,
    headers: Headers,
    events: Sequence[tuple[float, Event]],
    sse_format: SseFormat = PLAIN,
    *,
    version: Version = (1, 1),
    keep_alive: bool = True,
) -> tuple[Frame, ...]:
    """A stream: the head at once, then each event after its wait in seconds, as a chunk of its own, in the content
    coding that the headers state.

    Below HTTP/1.1 there are no chunks, and closing the connection ends the body."""
    chunked = version >= (1, 1)
    framing = (_CHUNKED,) if chunked else ()
    full = _completed(headers, (*framing, *_connection(version, keep_alive=keep_alive and chunked)))
    frames: list[Frame] = [Send(data=head(status, full, version), part=Part.HEAD)]
    texts: Iterable[bytes] = sse_stream([event for _, event in events], sse_format)
    coding = coding_of(headers)
    if coding:
        texts = compressed(texts, coding)
    for nth, ((wait_s, event), text) in enumerate(zip(events, texts, strict=True)):
        if wait_s > 0:
            frames.append(Wait(seconds=wait_s))
        pieces = [(Part.EVENT, text)]
        if chunked:
            size = b"%x\r\n" % len(text)
            pieces = [(Part.CHUNK_SIZE, size), *pieces, (Part.CHUNK_END, b"\r\n")]
        frames += (Send(data=data, part=part, event=event.ordinal, label=event.label, nth=nth) for part, data in pieces)
    if not chunked:
        return (*frames, Close(complete=True))
    return (*frames, Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK), EndOfReply())


def frame_raw(data: bytes, *, first_s: float = 0.0) -> tuple[Frame, ...]:
    """Exact bytes from the status line on, after which the connection closes. The head is
    everything before the first empty line."""
    wait: tuple[Frame, ...] = (Wait(seconds=first_s),) if first_s > 0 else ()
    before, blank, body = data.partition(b"\r\n\r\n")
    parts = ((Part.HEAD, before + blank), (Part.BODY, body))
    return (*wait, *(Send(data=found, part=part) for part, found in parts if found), Close(complete=True))


def _completed(headers: Headers, added: Headers) -> Headers:
    named = {name.lower() for name, _ in headers}
    return (*headers, *((name, value) for name, value in added if name not in named))


def _connection(version: Version, *, keep_alive: bool) -> Headers:
    if not keep_alive:
        return (("connection", "close"),)
    return () if version >= (1, 1) else (("connection", "keep-alive"),)


def sse_event(event: Event, sse_format: SseFormat = PLAIN, *, first: bool = False, last: bool = False) -> bytes:
    """One event as bytes of a `text/event-stream` body (WHATWG HTML, section 9.2); `retry_ms` and
    `final_blank` depend on whether it is the `first` or the `last`. Where the format is not the upstream's, an event
    that has a spelling of its own loses it."""
    if event.sse is not None and sse_format == PLAIN:
        return event.sse.encode("utf-8", "surrogatepass")
    lines = [f"{name}:{_value(text, sse_format)}" for name, text in _fields(event, sse_format, first=first)]
    if sse_format.comment is not None:
        lines = [*_comment(sse_format.comment, sse_format), "", *lines]
    if sse_format.final_blank or not last:
        lines.append("")
    return _written(lines, sse_format)


def sse_comment(text: str, sse_format: SseFormat = PLAIN) -> bytes:
    """A comment block, with the empty line behind it that makes readers look at it."""
    return _written([*_comment(text, sse_format), ""], sse_format)


def _comment(text: str, sse_format: SseFormat) -> list[str]:
    return [f":{_value(line, sse_format)}" for line in _LINE_END.split(text)]


def _written(lines: Sequence[str], sse_format: SseFormat) -> bytes:
    # A lone surrogate in a text that is sent as it is must not stop the reply.
    return "".join(line + sse_format.newline for line in lines).encode("utf-8", "surrogatepass")


def sse_stream(events: Sequence[Event], sse_format: SseFormat = PLAIN) -> tuple[bytes, ...]:
    """The bytes of each event of a complete stream."""
    final = len(events) - 1
    return tuple(
        sse_event(event, sse_format, first=index == 0, last=index == final) for index, event in enumerate(events)
    )


def _fields(event: Event, sse_format: SseFormat, *, first: bool) -> Iterator[tuple[str, str]]:
    if first and sse_format.retry_ms is not None:
        yield "retry", str(sse_format.retry_ms)
    if sse_format.id:
        yield "id", str(event.ordinal)
    if event.name is not None and sse_format.event_lines:
        yield "event", event.name
    for line in _data_lines(event, sse_format):
        yield "data", line


def _data_lines(event: Event, sse_format: SseFormat) -> Sequence[str]:
    if event.text is not None:
        return _LINE_END.split(event.text)
    text = write(event.data)
    if sse_format.split_data and text[0] in "{[":
        # Readers join the lines by newlines, which are white space in JSON here.
        return text[0], text[1:-1], text[-1]
    return (text,)


def _value(text: str, sse_format: SseFormat) -> str:
    # One leading space belongs to the format, so the text's own needs another before it.
    return f" {text}" if sse_format.space or text.startswith(" ") else text


def event_waits(pace: Pace, count: int, ids: IdGenerator) -> tuple[float, ...]:
    """The wait before each event, in seconds; the jitter follows from the seed of the ids."""
    if pace.per_event_s:
        scripted = pace.per_event_s[:count]
        return scripted + (0.0,) * (count - len(scripted))
    given = ((pace.first_s, *(pace.gap_s,) * (count - 1)))[:count]
    waits = tuple(_planned(wait, place, ids) for place, wait in enumerate(given))
    if pace.jitter_s:
        waits = tuple(
            wait + pace.jitter_s * ids.number(f"jitter/{place}", _JITTER_STEPS) / _JITTER_STEPS
            for place, wait in enumerate(waits)
        )
    if pace.within_s is None or (whole := sum(waits)) <= pace.within_s:
        return waits
    return tuple(wait * pace.within_s / whole for wait in waits)


def first_wait(pace: Pace, ids: IdGenerator) -> float:
    """The wait before the head of a non-streaming reply, in seconds."""
    if pace.per_event_s:
        return pace.per_event_s[0]
    first = _planned(pace.first_s, 0, ids)
    return first if pace.within_s is None else min(first, pace.within_s)


def _planned(wait: float | Delay, place: int, ids: IdGenerator) -> float:
    """The wait before an event; what is drawn follows from the seed of the ids, to the microsecond."""
    if not isinstance(wait, Delay):
        return wait
    one, other = ((ids.number(f"delay/{place}/{part}", _DRAWS) + 0.5) / _DRAWS for part in "ab")
    return round(wait.planned(one, other), 6)
