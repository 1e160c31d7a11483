"""Answers without a board: to requests for which there is no sandbox, and to what is no HTTP."""

from __future__ import annotations

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Endpoint
from mockserver.model.findings import ApiError
from mockserver.model.frames import Part, Script, Send
from mockserver.model.ids import IdGenerator
from mockserver.pipeline.compose import HttpContext
from mockserver.render.context import RenderContext
from mockserver.render.http1 import frame_body
from mockserver.render.replies import BodyReply, error_reply, identity_headers
from mockserver.server.sandboxes import SandboxDroppedError, SandboxLimitError

_TYPES = {
    SandboxDroppedError: (410, "mockserver_sandbox_dropped"),
    SandboxLimitError: (503, "mockserver_sandbox_limit"),
}
_MALFORMED = "mockserver_malformed"
_MINT = IdGenerator(seed=0, scenario="", stub="", call=0)
# Asked again, the answer would be the same.
_NO_RETRY = (("x-should-retry", "false"),)


def turned_away(
    error: SandboxDroppedError | SandboxLimitError,
    dialect: Dialect,
    carrier: HttpContext,
    *,
    method: str,
) -> Script:
    """What is performed, in the dialect's envelope; nobody records it, nothing is used up."""
    status, kind = _TYPES[type(error)]
    told = ApiError(
        status=status, type=kind, code=None, param=None, message=str(error), headers=_NO_RETRY
    )
    nobody = Call(endpoint=Endpoint.CHAT, body={})
    base = identity_headers(RenderContext(call=nobody, dialect=dialect, mint=_MINT))
    return whole_script(error_reply(told, base, dialect, _MINT), carrier, method=method)


def malformed(
    status: int,
    message: str,
    dialect: Dialect,
    *,
    version: tuple[int, int] = (1, 1),
    method: str = "",
) -> Script:
    """What is performed where input was no HTTP: the connection cannot go on. An upstream's edge
    answers that, so only the envelope is the dialect's."""
    told = ApiError(status=status, type=_MALFORMED, code=None, param=None, message=message)
    carrier = HttpContext(version=version, keep_alive=False)
    return whole_script(error_reply(told, (), dialect, _MINT), carrier, method=method)


def whole_script(whole: BodyReply, carrier: HttpContext, *, method: str) -> Script:
    """A reply that no stub scripted; to HEAD the head alone, which tells the body's length."""
    frames = frame_body(
        whole.status,
        whole.headers,
        whole.body,
        version=carrier.version,
        keep_alive=carrier.keep_alive,
    )
    if method == "HEAD":
        frames = tuple(
            one for one in frames if not (isinstance(one, Send) and one.part is Part.BODY)
        )
    return Script(frames=frames)
