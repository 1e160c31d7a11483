"""Control of a server in this process: the routes' own functions, run on the server's loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from mockserver.client.carrying import with_dialects
from mockserver.scenario.dialects import Dialects
from mockserver.server.control_actions import answer
from mockserver.server.control_message import ControlReply, ControlRequest
from mockserver.server.control_upload import Uploads
from mockserver.server.making import with_makers
from mockserver.server.sandboxes import Sandboxes

T = TypeVar("T")


class Loop(Protocol):
    """Runs functions where the sandboxes live."""

    @property
    def on_loop(self) -> bool:
        """Whether the caller is on the loop's own thread."""
        ...

    def call(self, function: Callable[[], T]) -> T:
        """The function's result, or its error."""
        ...


class NearControl:
    """Carries requests to sandboxes in this process."""

    def __init__(self, sandboxes: Sandboxes, dialects: Dialects, loop: Loop) -> None:
        self._dialects = dialects
        self._uploads = Uploads(dialects)
        self._sandboxes = sandboxes
        self._loop = loop

    @property
    def may_wait(self) -> bool:
        """False on the loop's own thread."""
        return not self._loop.on_loop

    def carry(self, request: ControlRequest) -> ControlReply:
        """Act on the loop; scenarios are read before, on the caller's thread."""
        if (request.method, request.path) == ("POST", "scenarios"):
            read = self._uploads.read(with_dialects(request))
            upload = with_makers(read, request.functions, self._dialects)
            request = replace(request, upload=upload)
        return self._loop.call(lambda: answer(self._sandboxes, request))
