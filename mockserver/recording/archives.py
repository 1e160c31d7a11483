"""Archives of exchanges: HAR (of browsers, mitmproxy, Polly), cassettes of VCR and its relatives (vcrpy, Ruby, R, Go,
betamax), fixtures of nock. Each is a JSON or YAML value whose members are read leniently by name."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Final, TypeAlias

from mockserver.model.json import JSON, JSONObject, as_list, as_object, objects, write
from mockserver.model.request import Headers
from mockserver.model.sse import split_events
from mockserver.recording.exchange import RecordedExchange, RecordingError, UnreadableBodyError

Found: TypeAlias = RecordedExchange | str
"""An exchange, or why one cannot be used."""


def read_archive(value: JSON, origin: str) -> Iterator[Found]:
    """The exchanges of an archive; raises RecordingError for a value that is none."""
    for reads, read in _FORMATS:
        entries = reads(value)
        if entries is None:
            continue
        for number, entry in enumerate(entries, 1):
            where = f"{origin}: exchange {number}"
            try:
                yield read(entry, where)
            except UnreadableBodyError as error:
                yield f"{where}: {error}"
        return
    raise RecordingError(
        f"{origin}: no recording: expected a HAR ('log' with 'entries'), a cassette ('interactions' or "
        "'http_interactions'), fixtures of nock (a list with 'scope'), or a reply of the API"
    )


# --- HAR ---


def _har_entries(value: JSON) -> list[JSONObject] | None:
    log = as_object(value).get("log")
    return objects(log.get("entries")) if isinstance(log, dict) and "entries" in log else None


def _har(entry: JSONObject, origin: str) -> Found:
    request, response = as_object(entry.get("request")), as_object(entry.get("response"))
    content, post = as_object(response.get("content")), as_object(request.get("postData"))
    status = _status(response.get("status"))
    if status is None:
        reason = response.get("_error") or entry.get("_error") or "no reply was recorded"
        return f"{origin}: {reason}"
    body = _text_body(content.get("text"), content.get("encoding"))
    if not body and _number(content.get("size")) > 0:
        return f"{origin}: the body of {int(_number(content.get('size')))} bytes was not recorded"
    found = RecordedExchange.of(
        origin=origin,
        request=(
            _text(request.get("method")) or "GET",
            _text(request.get("url")),
            _pairs(request.get("headers")),
            _text_body(post.get("text"), post.get("encoding")),
        ),
        reply=(status, _pairs(response.get("headers")), body),
    )
    timings = as_object(entry.get("timings"))
    wait, receive = _number(timings.get("wait")) / 1000, _number(timings.get("receive")) / 1000
    if wait <= 0 and receive <= 0:
        return found
    # A browser tells the time of the first byte and of the last; portions between them came at even distances.
    first = max(_number(timings.get("send")), 0) / 1000 + max(wait, 0)
    sizes = [len(part.encode("utf-8", "surrogatepass")) for part in split_events(found.reply_text or "")]
    splits = tuple(accumulate(sizes)) if found.streamed else (len(found.reply_body),)
    gap = max(receive, 0) / max(len(splits) - 1, 1)
    return replace(found, splits=splits, times_s=tuple(first + gap * place for place in range(len(splits))))


def _number(value: JSON) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


# --- VCR and its relatives ---


def _interactions(value: JSON) -> list[JSONObject] | None:
    cassette = as_object(value)
    if "requests" in cassette and "responses" in cassette:
        pairs = zip(objects(cassette["requests"]), objects(cassette["responses"]), strict=False)
        return [{"request": request, "response": response} for request, response in pairs]
    for name in ("interactions", "http_interactions"):
        if name in cassette:
            return objects(cassette[name])
    return None


def _interaction(entry: JSONObject, origin: str) -> Found:
    request, response = as_object(entry.get("request")), as_object(entry.get("response"))
    status = next(filter(None, (_status(response.get(name)) for name in _STATUS_NAMES)), None)
    if status is None:
        return f"{origin}: no status of the reply was recorded"
    asked, _ = _vcr_body(request)
    answered, exact = _vcr_body(response)
    found = RecordedExchange.of(
        origin=origin,
        request=(
            _text(request.get("method")) or "GET",
            _text(request.get("uri") or request.get("url")),
            _pairs(request.get("headers")),
            asked,
        ),
        reply=(status, _pairs(response.get("headers")), answered),
    )
    return found if exact else replace(found, exact=False)


# Go's `code` is the number where its `status` is the line.
_STATUS_NAMES: Final = ("code", "status", "status_code")


def _vcr_body(message: JSONObject) -> tuple[bytes, bool]:
    """The body of a message, and whether it is there byte for byte."""
    if message.get("parsed_body") is not None:
        return write(message["parsed_body"]).encode(), False
    body = message.get("body")
    body = message.get("content") if body is None else body
    if isinstance(body, dict):
        if "base64_string" in body:
            return _text_body(body["base64_string"], "base64"), True
        if "string" in body or "data" in body:
            inner = body.get("string", body.get("data"))
            return _bytes(inner), isinstance(inner, str)
    return _bytes(body), isinstance(body, str)


def _bytes(value: JSON) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return _unescaped(value)
    return write(value).encode()


def _unescaped(text: str) -> bytes:
    """The bytes of a text in which surrogates stand for bytes that are no UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


# --- nock ---


def _fixtures(value: JSON) -> list[JSONObject] | None:
    found = objects(value)
    return found if found and all("scope" in one and "response" in one for one in found) else None


def _nock(entry: JSONObject, origin: str) -> Found:
    scope, path = _text(entry.get("scope")), _text(entry.get("path"))
    for port in (":443", ":80"):
        scope = scope.removesuffix(port)
    response = entry.get("response")
    binary = isinstance(response, list) and bool(response) and all(isinstance(one, str) for one in response)
    body = _bytes(response)
    if binary or entry.get("responseIsBinary") is True:
        body = _from_hex("".join(_text(one) for one in (as_list(response) or [response])), origin)
    raw = entry.get("rawHeaders") or entry.get("headers")
    headers = _flat(raw) if isinstance(raw, list) and all(isinstance(one, str) for one in raw) else _pairs(raw)
    found = RecordedExchange.of(
        origin=origin,
        request=(
            _text(entry.get("method")) or "GET",
            scope + path,
            _pairs(entry.get("reqheaders")),
            _bytes(entry.get("body")),
        ),
        reply=(_status(entry.get("status")) or 200, headers, body),
    )
    return found if isinstance(response, str) or binary else replace(found, exact=False)


def _from_hex(text: str, origin: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise RecordingError(f"{origin}: expected the reply in hexadecimal digits, got {text[:40]!r}") from None


def _flat(values: list[JSON]) -> Headers:
    return tuple(zip(map(_text, values[::2]), map(_text, values[1::2]), strict=False))


_Read: TypeAlias = Callable[[JSONObject, str], Found]
_FORMATS: Final[tuple[tuple[Callable[[JSON], list[JSONObject] | None], _Read], ...]] = (
    (_har_entries, _har),
    (_interactions, _interaction),
    (_fixtures, _nock),
)


# --- members ---


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _text_body(text: JSON, encoding: JSON) -> bytes:
    if not isinstance(text, str):
        return _bytes(text)
    if encoding == "base64":
        try:
            return b64decode(text)
        except (Base64Error, ValueError):
            raise UnreadableBodyError("a body that is not base64, as it is said to be") from None
    return _unescaped(text)


def _status(value: JSON) -> int | None:
    """A status as a number, in a mapping with its `code`, or at the start of a status line."""
    if isinstance(value, Mapping):
        value = value.get("code")
    if isinstance(value, str):
        value = int(value[:3]) if value[:3].isascii() and value[:3].isdigit() else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999 else None


def _pairs(headers: JSON) -> Headers:
    """Headers as a mapping to values or lists of values, or as a list of pairs or of names with values."""
    if isinstance(headers, dict):
        return tuple((name, _text(one)) for name, value in headers.items() for one in _several(value))
    pairs: list[tuple[str, str]] = []
    for one in as_list(headers):
        if isinstance(one, dict):
            pairs.append((_text(one.get("name")), _text(one.get("value"))))
        elif isinstance(one, list) and len(one) == 2:
            pairs.append((_text(one[0]), _text(one[1])))
    return tuple((name, value) for name, value in pairs if name)


def _several(value: JSON) -> list[JSON]:
    return [str(one) if isinstance(one, int) else one for one in (value if isinstance(value, list) else [value])]
