"""The admin API below `/__admin`: a table of verbs, the service that performs them, and HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.admin.http import AdminHttp
    from mockserver.render.replies import BodyReply
    from mockserver.scenario.dialects import DialectSource
    from mockserver.server.app import AdminCall, AdminHandler
    from mockserver.server.sandbox import Sandboxes


def admin_routes(
    sandboxes: Sandboxes, dialects: DialectSource | None = None, *, admin_token: str | None = None
) -> AdminHandler:
    """The handler of admin requests, loaded with the first of them: a server starts without it.

    With a token it requires that as Bearer. Uploaded scenarios use `dialects`, by default those of the package."""
    loaded: AdminHttp | None = None

    async def handle(call: AdminCall) -> BodyReply:
        nonlocal loaded
        if loaded is None:
            from mockserver.admin.http import AdminHttp  # noqa: PLC0415  # with the first request

            loaded = AdminHttp(sandboxes, dialects, admin_token)
        return await loaded.answer(call)

    return handle
