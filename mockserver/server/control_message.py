"""What is asked of the control routes and what they answer, free of HTTP's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.core.jsontext import Object
from mockserver.core.stub import Scenario
from mockserver.errors import MockServerError, ScenarioError


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """`path` is what follows `/__admin/`; `body` is None where nothing was sent. `upload` is the
    scenario in it: whoever carries the request has read it before.
    `folder` is where its file lies on this machine; it never travels."""

    method: str
    path: str
    sandbox: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    is_json: bool = True
    upload: Scenario | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReply:
    """`headers` beside those that every answer has."""

    status: int = 200
    document: Object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class ControlError(MockServerError):
    """A control request that is refused, with its HTTP status and what goes beside it."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


def refusal(error: ControlError) -> ControlReply:
    """The answer that tells of an error."""
    document: Object = {"error": str(error), "status": error.status}
    return ControlReply(status=error.status, document=document, headers=error.headers)


def unprocessable(error: ScenarioError) -> ControlReply:
    """The answer to a scenario that does not load: every problem with its place."""
    document: Object = {
        "error": str(error),
        "status": 422,
        "problems": [
            {
                "file": one.position.file,
                "line": one.position.line,
                "column": one.position.column,
                "key_path": one.key_path,
                "message": one.message,
                "rule": one.rule,
            }
            for one in error.problems
        ],
    }
    return ControlReply(status=422, document=document)
