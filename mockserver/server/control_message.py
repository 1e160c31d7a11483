"""What is asked of the control routes and what they answer, free of HTTP's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.errors import MockServerError, ScenarioError, UsageError
from mockserver.model.json import JSONObject, JSONReadError, read_text
from mockserver.model.reply_function import ReplyFunction
from mockserver.model.stub import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """`path` is what follows `/__admin/`; `body` is None where nothing was sent. `upload` is the
    scenario in it: whoever carries the request has read it before.
    `files` are the dialects that it names, by their paths beside it. `folder` is where its file
    lies on this machine, `functions` make the replies of its only stub, None for one that is
    written; neither travels."""

    method: str
    path: str
    sandbox: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    is_json: bool = True
    files: Mapping[str, bytes] = field(default_factory=dict)
    upload: Scenario | None = None
    folder: str = ""
    functions: tuple[ReplyFunction | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReply:
    """`headers` beside those that every answer has."""

    status: int = 200
    document: JSONObject = field(default_factory=dict)
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
    document: JSONObject = {"error": str(error), "status": error.status}
    return ControlReply(status=error.status, document=document, headers=error.headers)


def unprocessable(error: ScenarioError) -> ControlReply:
    """The answer to a scenario that does not load: every problem with its place."""
    document: JSONObject = {
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


def object_of(asked: ControlRequest, *known: str) -> JSONObject:
    """The JSON object sent, empty where nothing was; only known members may be in it.

    Raises:
        UsageError: something else was sent.
    """
    if asked.body is None or not asked.body.strip():
        return {}
    value = read_text(asked.body)
    if isinstance(value, JSONReadError):
        raise UsageError(f"the body is no JSON: {value.message}")
    if not isinstance(value, dict):
        raise UsageError("the body: wanted a JSON object")
    unknown = [name for name in value if name not in known]
    if unknown:
        raise UsageError(f"unknown member {unknown[0]!r}: known are {', '.join(known)}")
    return value
