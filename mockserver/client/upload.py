"""A scenario on its way to a sandbox, with the place it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mockserver.model.json import JSONObject, write
from mockserver.model.reply_function import ReplyFunction
from mockserver.server.control_message import ControlRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One of `body` and `text`, which is YAML; `functions` make the replies of its only stub."""

    origin: str
    folder: str = ""
    line: int | None = None
    body: JSONObject | None = None
    text: str | None = None
    functions: tuple[ReplyFunction | None, ...] = ()

    def to(self, sandbox: str) -> ControlRequest:
        """The request that loads it."""
        place = {"origin": self.origin}
        return ControlRequest(
            method="POST",
            path="scenarios",
            sandbox=sandbox,
            query=place if self.line is None else {**place, "line": str(self.line)},
            body=write(self.body) if self.text is None else self.text,
            is_json=self.text is None,
            folder=self.folder,
            functions=self.functions,
        )


class Playable(Protocol):
    """A case of a sweep: a scenario as a mapping, and the file, folder and line it comes from."""

    @property
    def scenario(self) -> JSONObject:
        """What is loaded."""
        ...

    @property
    def origin(self) -> str:
        """The file, as reports show it."""
        ...

    @property
    def folder(self) -> str:
        """Where that file lies, empty for none."""
        ...

    @property
    def line(self) -> int:
        """The line of the stub that is broken."""
        ...
