"""Answers without a board: to requests for which there is no sandbox, and to what is no HTTP."""

from __future__ import annotations

from mockserver.core.apierror import ApiError
from mockserver.core.call import Call
from mockserver.core.dialect import Dialect
from mockserver.core.endpoint import Endpoint
from mockserver.core.frames import Part, Script, Send
from mockserver.core.minted import Mint
from mockserver.script.compose import Carrier
from mockserver.server.sandboxes import SandboxDropped, SandboxLimit
from mockserver.wire import errors, headers
from mockserver.wire.http1 import frames_of_body
from mockserver.wire.occasion import Occasion
from mockserver.wire.rendered import Whole

_TYPES = {
    SandboxDropped: (410, "mockserver_sandbox_dropped"),
    SandboxLimit: (503, "mockserver_sandbox_limit"),
}
_MALFORMED = "mockserver_malformed"
_MINT = Mint(seed=0, scenario="", stub="", call=0)
# Asked again, the answer would be the same.
_NO_RETRY = (("x-should-retry", "false"),)


def turned_away(
    error: SandboxDropped | SandboxLimit, dialect: Dialect, carrier: Carrier, *, method: str
) -> Script:
    """What is performed, in the dialect's envelope; nobody records it, nothing is used up."""
    status, kind = _TYPES[type(error)]
    told = ApiError(
        status=status, type=kind, code=None, param=None, message=str(error), headers=_NO_RETRY
    )
    nobody = Call(endpoint=Endpoint.CHAT, body={})
    base = headers.identity(Occasion(call=nobody, dialect=dialect, mint=_MINT))
    return whole_script(errors.whole(told, base, dialect, _MINT), carrier, method=method)


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
    carrier = Carrier(version=version, keep_alive=False)
    return whole_script(errors.whole(told, (), dialect, _MINT), carrier, method=method)


def whole_script(whole: Whole, carrier: Carrier, *, method: str) -> Script:
    """A reply that no stub scripted; to HEAD the head alone, which tells the body's length."""
    frames = frames_of_body(
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
