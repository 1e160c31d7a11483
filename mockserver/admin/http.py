"""The admin routes over HTTP: guard, read, perform, answer in JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aiohttp import MultipartReader, StreamReader

from mockserver.admin.inspector import INSPECTOR, inspector_page
from mockserver.admin.service import AdminService, answer, rejection
from mockserver.admin.uploads import Uploads, read_envelope
from mockserver.admin.verbs import UPLOAD_TYPE, AdminError, AdminReply, AdminRequest, Upload, find_verb, read_arguments
from mockserver.errors import MockServerError, UsageError
from mockserver.model.json import JSONObject, as_object, write_bytes
from mockserver.model.request import Request
from mockserver.render.replies import BodyReply
from mockserver.scenario.dialects import Dialects, DialectSource
from mockserver.server import ADMIN_BODY_LIMIT
from mockserver.server.app import AdminCall
from mockserver.server.sandbox import Sandboxes
from mockserver.server.worker_threads import WorkerThreads

_HEADERS = (
    ("content-type", "application/json; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
)
_FORM = "multipart/form-data"
_SCENARIO = "scenario"
_SAME = ("same-origin", "none")
# The health check of a container has no token to send, and its answer reveals nothing.
_HEALTH = "health"


class AdminHttp:
    """Answers admin requests; see `mockserver.admin.admin_routes`."""

    def __init__(self, sandboxes: Sandboxes, dialects: DialectSource | None, token: str | None) -> None:
        self._service = AdminService(sandboxes)
        self._uploads = Uploads(dialects or Dialects())
        self._token = token
        self._threads = WorkerThreads()

    async def answer(self, call: AdminCall) -> BodyReply:
        """Answer one request; every rejection is an answer."""
        request, path = call.request, call.path
        # HEAD is GET without the body, which the server leaves out.
        method = "GET" if request.method == "HEAD" else request.method
        admin_request = AdminRequest(method=method, path=path, sandbox=call.sandbox, query=dict(request.query))
        try:
            guard(request.header_map, path, self._token, on_loopback=is_loopback(call.server_address))
            if request.oversize:
                raise AdminError(413, f"the body: expected at most {ADMIN_BODY_LIMIT} bytes")
            if (method, path) == ("GET", INSPECTOR):
                return inspector_page()
            if (method, path) == ("POST", "scenarios"):
                upload = await _upload(request, admin_request)
                if not upload.origin:
                    upload = replace(upload, origin=self._service.upload_origin(call.sandbox))
                # Validating every reply takes a while, and streams of other sandboxes must go on.
                scenario = await self._threads.run(lambda: self._uploads.read(upload))
                admin_request = replace(admin_request, scenario=scenario)
            else:
                admin_request = replace(admin_request, body=_text(request.body))
            return _response(answer(self._service, admin_request), request)
        except MockServerError as error:
            return _response(rejection(error), request)


def _response(reply: AdminReply, request: Request) -> BodyReply:
    """JSON, or the text of the document where only `text/plain` is accepted and there is one."""
    accepted = [one.partition(";")[0].strip() for one in (request.header("accept") or "").lower().split(",")]
    text = _report(reply.document) if accepted == ["text/plain"] else None
    if text is not None:
        return BodyReply(
            status=reply.status,
            headers=(("content-type", "text/plain; charset=utf-8"), *_HEADERS[1:], *reply.headers.items()),
            body=text.encode("utf-8", "backslashreplace") + b"\n",
        )
    body = write_bytes(reply.document) + b"\n"
    return BodyReply(status=reply.status, headers=(*_HEADERS, *reply.headers.items()), body=body)


def _report(document: JSONObject) -> str | None:
    """The text for people in a document: its error or report, or those of its entries."""
    found = document.get("error", document.get("report"))
    if isinstance(found, str):
        return found
    entries = document.get("entries")
    if not isinstance(entries, list):
        return None
    return "\n".join([str(as_object(one).get("report")) for one in entries]) or "no requests received."


# --- bodies ---


async def _upload(request: Request, admin_request: AdminRequest) -> Upload:
    verb, path = find_verb(admin_request.method, admin_request.path)
    place = read_arguments(verb, path, admin_request.query, "")
    origin, line = str(place.get("origin", "")), place.get("line")
    at = line if isinstance(line, int) else None
    kind, body = request.header("content-type") or "", request.body
    media_type = kind.partition(";")[0].strip().lower()
    if media_type == UPLOAD_TYPE:
        return read_envelope(_text(body), origin=origin, line=at)
    files: dict[str, bytes] = {}
    if media_type == _FORM:
        media_type, body, files = await read_form(kind, body)
    text = _text(body)
    return Upload(text=text, is_json=_is_json(media_type, text), origin=origin, line=at, files=files)


async def read_form(content_type: str, body: bytes) -> tuple[str, bytes, dict[str, bytes]]:
    """Content type and bytes of the scenario in a form, and the files next to it:
    `curl -F scenario=@weather.yaml -F gateway.yaml=@gateway.yaml`.

    Raises UsageError: the form is malformed, has no scenario, or a field twice."""
    # The limit is above the size of the body, so that the stream never pauses the connection.
    protocol: Any = _NoFlowControl()
    stream = StreamReader(protocol, len(body) + 1, loop=asyncio.get_running_loop())
    stream.feed_data(body)
    stream.feed_eof()
    fields: dict[str, tuple[str, bytes]] = {}
    try:
        reader = MultipartReader({"Content-Type": content_type}, stream)
        while (part := await reader.next()) is not None:
            if isinstance(part, MultipartReader) or not part.name:
                raise UsageError("a field of the form has no name")
            if part.name in fields:
                raise UsageError(f"the form has field {part.name!r} twice")
            kind = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            fields[part.name] = kind, bytes(await part.read(decode=True))
    except (ValueError, RuntimeError, AssertionError) as error:
        raise UsageError(f"the form is malformed: {error}") from None
    found = fields.pop(_SCENARIO, None)
    if found is None:
        there = ", ".join(map(repr, fields)) or "no field at all"
        raise UsageError(f"the form has no field {_SCENARIO!r}, there is {there}")
    return *found, {name: data for name, (_, data) in fields.items()}


class _NoFlowControl:
    """What a reader asks to pause and resume; a body that is complete needs neither."""

    def pause_reading(self) -> None:
        return

    def resume_reading(self, **_: bool) -> None:
        return


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AdminError(400, f"the body is not UTF-8: byte {error.start}") from None


def _is_json(media_type: str, text: str) -> bool:
    """By the content type where it is specific, else by the first character (`curl -d` declares
    a form whatever it sends)."""
    if media_type.endswith(("yaml", "yml")):
        return False
    return media_type.endswith("json") or text.lstrip().startswith("{")


# --- the guard ---


def guard(headers: Mapping[str, str], path: str, token: str | None, *, on_loopback: bool = False) -> None:
    """Let a request pass or raise; `headers` have their names in lower case. `on_loopback`
    is whether the request came to a loopback address of this machine.

    Raises AdminError: a browser calls for another site (403), or the token is missing (401)."""
    # A link of another site may lead to the page, as that cannot be framed and holds no data.
    if not (path == INSPECTOR and headers.get("sec-fetch-dest") == "document" and "origin" not in headers):
        _reject_other_sites(headers)
    if path == _HEALTH:
        return
    if token is None and on_loopback:
        _reject_other_hosts(headers.get("host", ""))
    if token is None or path == INSPECTOR:
        return
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(_bytes(given.strip()), _bytes(token)):
        raise AdminError(401, "the admin API requires 'Authorization: Bearer ADMIN_TOKEN'")


def _reject_other_sites(headers: Mapping[str, str]) -> None:
    # Modern browsers send Sec-Fetch-Site, older ones Origin; other clients send neither.
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    foreign = site is not None and site not in _SAME
    if origin is not None and _split(origin).netloc != headers.get("host", ""):
        foreign = True
    if foreign:
        raise AdminError(403, "the admin API rejects calls from web pages of other origins")


def _reject_other_hosts(host: str) -> None:
    """A page whose own name was made to resolve to this server is of the same origin: only the name differs."""
    if host and not is_loopback(_split(f"//{host}").hostname or ""):
        raise AdminError(
            403,
            f"the admin API on a loopback address expects that address as Host, got {host!r}: "
            "use 127.0.0.1 or localhost, or start the server with --admin-token",
        )


def _bytes(text: str) -> bytes:
    """A header's own bytes; those that are not UTF-8 are surrogates in the text."""
    return text.encode("utf-8", "surrogateescape")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address always denotes this machine."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
