"""How a connection is ended on purpose: FIN with a chance to be read, or RST."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final

from mockserver.model.frames import IdleClose

LINGER_S: Final = 1.0
"""How long we read on behind our FIN. A socket closed with input unread, or that input still
reaches, sends RST in place of FIN, and the peer may lose the last bytes of the reply."""

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


def abort(transport: asyncio.Transport) -> None:
    """RST at once; what is not yet sent is lost."""
    endpoint = transport.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def end_unanswered(transport: asyncio.Transport, how: IdleClose, close: Callable[[], None]) -> None:
    """End a connection on which a request has begun; `close` is called when the peer has had time
    to read the FIN, or can no longer be sent one."""
    if how is IdleClose.RST:
        abort(transport)
        return
    try:
        transport.write_eof()
    except OSError:
        close()
    else:  # to close with input unread would be a RST
        asyncio.get_running_loop().call_later(LINGER_S, close)
