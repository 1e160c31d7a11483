"""The control routes, loaded when the first control request comes: a server starts without them."""

from __future__ import annotations

from aiohttp import web

from mockserver.scenario.dialects import Dialects
from mockserver.server.address import Address
from mockserver.server.app import Control
from mockserver.server.sandboxes import Sandboxes


def control(sandboxes: Sandboxes, dialects: Dialects, *, admin_token: str | None = None) -> Control:
    """See `mockserver.server.control.control`."""
    made: Control | None = None

    async def handle(
        request: web.BaseRequest, address: Address, body: bytes | None
    ) -> web.StreamResponse:
        nonlocal made
        if made is None:
            from mockserver.server import control as whole  # noqa: PLC0415  # not before the first answer

            made = whole.control(sandboxes, dialects, admin_token=admin_token)
        return await made(request, address, body)

    return handle
