"""The control routes over HTTP: guard, read, act, answer in JSON."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from aiohttp import web

from mockserver.errors import ScenarioError, UsageError
from mockserver.model.json import write_bytes
from mockserver.scenario.dialects import Dialects, DialectSource
from mockserver.server.address import Address
from mockserver.server.app import Control
from mockserver.server.beside import Beside
from mockserver.server.control_actions import answer
from mockserver.server.control_form import Sent, is_form, read_form
from mockserver.server.control_guard import guard, is_loopback
from mockserver.server.control_message import (
    ControlError,
    ControlReply,
    ControlRequest,
    refusal,
    unprocessable,
)
from mockserver.server.control_upload import Uploads
from mockserver.server.limits import CONTROL_BODY_LIMIT
from mockserver.server.sandboxes import Sandboxes

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def control(
    sandboxes: Sandboxes, dialects: DialectSource | None = None, *, admin_token: str | None = None
) -> Control:
    """What answers below `/__admin`, for `Upstream`; with a token only who sends it as Bearer.

    Uploaded scenarios speak `dialects`, those of the package where none are given.
    """
    uploads = Uploads(dialects or Dialects())
    beside = Beside()

    async def handle(
        request: web.BaseRequest, address: Address, body: bytes | None
    ) -> web.StreamResponse:
        path = address.admin or ""
        try:
            local = _on_loopback(request)
            guard(request.headers, path, admin_token, on_loopback=local)
            asked = _read(request, address, path, body)
            if (asked.method, asked.path) == ("POST", "scenarios"):
                # Proving every reply takes a while, and other sandboxes' streams must not wait.
                asked = replace(asked, upload=await beside.run(partial(uploads.read, asked)))
        except ControlError as error:
            response = _written(refusal(error))
            if body is None:  # what was not read stays in the way of a next request
                response.force_close()
            return response
        except ScenarioError as error:
            return _written(unprocessable(error))
        except UsageError as error:
            return _written(refusal(ControlError(400, str(error))))
        return _written(answer(sandboxes, asked))

    return handle


def _on_loopback(request: web.BaseRequest) -> bool:
    name = None if request.transport is None else request.transport.get_extra_info("sockname")
    return isinstance(name, tuple) and is_loopback(str(name[0]))


def _read(
    request: web.BaseRequest, address: Address, path: str, body: bytes | None
) -> ControlRequest:
    if body is None:
        raise ControlError(413, f"the body: wanted at most {CONTROL_BODY_LIMIT} bytes")
    kind = request.headers.get("Content-Type", "")
    sent = read_form(kind, body) if is_form(kind) else Sent(scenario=body, kind=kind)
    try:
        text = sent.scenario.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ControlError(400, f"the body is no UTF-8: byte {error.start}") from None
    return ControlRequest(
        method="GET" if request.method == "HEAD" else request.method,
        path=path,
        sandbox=address.name,
        query=dict(address.query),
        body=text,
        is_json=_is_json(sent.kind, text),
        files=sent.files,
    )


def _is_json(content_type: str, text: str) -> bool:
    """Whether a body is JSON: by its type where that is told, else by how it begins (`curl -d`
    claims a form whatever it sends)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith(("yaml", "yml")):
        return False
    return kind.endswith("json") or text.lstrip().startswith("{")


def _written(reply: ControlReply) -> web.Response:
    body = write_bytes(reply.document) + b"\n"
    headers = {**_HEADERS, **reply.headers}
    return web.Response(status=reply.status, body=body, headers=headers)
