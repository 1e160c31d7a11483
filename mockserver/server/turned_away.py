"""Answers to requests for which there is no sandbox: nobody records them, nothing is used up."""

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
# Asked again, the answer would be the same.
_NO_RETRY = (("x-should-retry", "false"),)


def turned_away(
    error: SandboxDropped | SandboxLimit, dialect: Dialect, carrier: Carrier, *, method: str
) -> Script:
    """What is performed, in the dialect's envelope."""
    status, kind = _TYPES[type(error)]
    told = ApiError(
        status=status, type=kind, code=None, param=None, message=str(error), headers=_NO_RETRY
    )
    mint = Mint(seed=0, scenario="", stub="", call=0)
    nobody = Call(endpoint=Endpoint.CHAT, body={})
    base = headers.identity(Occasion(call=nobody, dialect=dialect, mint=mint))
    return whole_script(errors.whole(told, base, dialect, mint), carrier, method=method)


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
