"""For every rule of what carries a reply, a capture that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.contract.bodies import ERROR, completion, response
from tests.contract.cases import Case
from tests.contract.chat_streams import events, text
from tests.contract.responses_streams import live, message, stream
from tests.kit import Finding, write_bytes
from tests.kit import judge_judge as judge


def responses_sse(newline: bytes = b"\n") -> bytes:
    """A Responses stream as bytes."""
    given = stream(*live(message("Hel", "lo")))
    return b"".join(
        b"event: %s\ndata: %s\n\n" % ((event.name or "").encode(), write_bytes(event.data)) for event in given
    ).replace(b"\n", newline)


def chat_sse() -> bytes:
    """A chat stream as bytes."""
    lines = [b"[DONE]" if event.text is not None else write_bytes(event.data) for event in events(*text("Hel", "lo"))]
    return b"".join(b"data: %s\n\n" % line for line in lines)


def head(content_type: str = "text/event-stream", status: int = 200, **headers: str | int) -> bytes:
    """The head of an HTTP/1.1 reply."""
    lines = [
        f"HTTP/1.1 {status} X",
        *([f"Content-Type: {content_type}"] if content_type else []),
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def chunked(body: bytes, size: int = 300) -> bytes:
    """A body in chunks."""
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    return b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def wire_sse(body: bytes | None = None) -> bytes:
    """A Responses stream as it stands on the wire."""
    return head(Transfer_Encoding="chunked") + chunked(responses_sse() if body is None else body)


def wire_json() -> bytes:
    """A response as it stands on the wire."""
    body = write_bytes(response())
    return head("application/json; charset=utf-8", Content_Length=len(body)) + body


def wire_error(status: int = 400) -> bytes:
    """An error as it stands on the wire."""
    return head("application/json", status) + write_bytes(ERROR)


def found(capture: bytes) -> tuple[Finding, ...]:
    return judge(capture).findings


def _case(rule: str, kept: Callable[[], bytes], broken: Callable[[], bytes], note: str = "") -> Case:
    return Case(rule=rule, kept=lambda: found(kept()), broken=lambda: found(broken()), note=note)


CASES: Final = (
    _case("http.head", wire_json, lambda: wire_json().replace(b"200 X", b"OK"), "status line"),
    _case("http.head", wire_json, lambda: wire_json().replace(b"Content-Type:", b"Content Type:"), "name"),
    _case("http.head", wire_json, lambda: wire_json()[:20], "cut"),
    _case("http.head", wire_json, lambda: wire_json().replace(b"Length: ", b"Length: x"), "length"),
    _case("http.body.short", wire_json, lambda: wire_json()[:-1]),
    _case("http.body.long", wire_json, lambda: wire_json() + b"\n"),
    _case("http.body.long", wire_sse, lambda: wire_sse() + b"HTTP/1.1 200 OK", "chunked"),
    _case("http.chunk", wire_sse, lambda: wire_sse().replace(b"\r\n12C\r\n", b"\r\nxyz\r\n"), "size"),
    _case("http.chunk", wire_sse, lambda: wire_sse().replace(b"\r\n12C\r\n", b"\r\n12B\r\n", 1), "length"),
    _case("http.chunk.last", wire_sse, lambda: wire_sse()[:-5]),
    _case("http.chunk.last", wire_sse, lambda: wire_sse()[:-7], "no line end"),
    _case("http.chunk.last", wire_sse, lambda: wire_sse()[:-20], "inside a chunk"),
    _case("http.chunk.last", wire_sse, lambda: wire_sse()[:-2], "no blank line"),
    _case("http.coding", wire_json, lambda: head("application/json", Content_Encoding="gzip") + b"\x1f\x8b\x08"),
    _case("http.content_type", wire_sse, lambda: wire_sse().replace(b"text/event-stream", b"text/plain"), "stream"),
    _case("http.content_type", wire_json, lambda: wire_json().replace(b"application/json", b"text/html"), "body"),
    _case("http.content_type", wire_json, lambda: head("") + write_bytes(response()), "none"),
    _case("http.status", lambda: wire_error(400), lambda: wire_error(200), "error"),
    _case("http.status", wire_json, lambda: wire_json().replace(b" 200 ", b" 500 "), "body"),
    _case("http.status", wire_sse, lambda: wire_sse().replace(b" 200 ", b" 404 "), "stream"),
    _case("reply.shape", chat_sse, lambda: b"data: {}\n\n", "stream"),
    _case("reply.shape", lambda: write_bytes(completion()), lambda: b"{}", "body"),
    _case("reply.shape", lambda: write_bytes(completion()), lambda: b"[1]", "list"),
    _case("reply.json", lambda: write_bytes(completion()), lambda: b"<html>502</html>", "html"),
    _case("reply.json", lambda: write_bytes(completion()), lambda: b"", "nothing"),
    _case("sse.utf8", responses_sse, lambda: responses_sse().replace(b"Hel", b"H\xff", 1)),
    _case("sse.final_blank", responses_sse, lambda: responses_sse()[:-1]),
    _case("sse.final_blank", chat_sse, lambda: chat_sse() + b"event: x\n", "no data"),
    _case("sse.data", responses_sse, lambda: b"event: ping\n\n" + responses_sse()),
    _case("sse.bom", responses_sse, lambda: b"\xef\xbb\xbf" + responses_sse()),
    _case("sse.field", responses_sse, lambda: b"retry: 10\nfoo: bar\n\n" + responses_sse()),
    _case("sse.id", lambda: b"id: 1\n" + responses_sse(), lambda: b"id: \0\n" + responses_sse()),
    _case("sse.retry", lambda: b"retry: 1\n\n" + responses_sse(), lambda: b"retry: x\n\n" + responses_sse()),
)
