"""Asking the control routes, near or far: one request, one document or one error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mockserver.core.jsontext import JSON, Object, write
from mockserver.errors import HostError, Position, Problem, ScenarioError, UsageError
from mockserver.server.control_message import ControlReply, ControlRequest

DEFAULT = "default"
"""The sandbox of requests that name none."""


class Control(Protocol):
    """Carries a request to the control routes and its answer back."""

    @property
    def may_wait(self) -> bool:
        """Whether the caller may wait without stopping the server."""
        ...

    def carry(self, request: ControlRequest) -> ControlReply:
        """Ask, and give the answer whatever its status; raises HostError where nobody answers."""
        ...


def ask(
    control: Control,
    method: str,
    path: str,
    *,
    sandbox: str = DEFAULT,
    query: Mapping[str, str] | None = None,
    body: JSON = None,
) -> Object:
    """Ask for a document; see `carried` for what is raised."""
    return carried(
        control,
        ControlRequest(
            method=method,
            path=path,
            sandbox=sandbox,
            query=query or {},
            body=None if body is None else write(body),
        ),
    )


def carried(control: Control, request: ControlRequest) -> Object:
    """The document that a control route answers.

    Raises:
        ScenarioError: what was sent is no good scenario.
        UsageError: the request was refused for what it says.
        HostError: nobody answers, or not to us.
    """
    reply = control.carry(request)
    if reply.status < 400:
        return reply.document
    raise _error(reply)


def _error(reply: ControlReply) -> Exception:
    message = str(reply.document.get("error", f"the server answered {reply.status}"))
    problems = reply.document.get("problems")
    if isinstance(problems, list):
        return ScenarioError([_problem(one) for one in problems if isinstance(one, dict)])
    kind = HostError if reply.status in (401, 403) or reply.status >= 500 else UsageError
    return kind(message)


def _problem(told: Object) -> Problem:
    line, column, rule = told.get("line"), told.get("column"), told.get("rule")
    position = Position(
        file=str(told.get("file", "")),
        line=line if isinstance(line, int) else 1,
        column=column if isinstance(column, int) else 1,
    )
    return Problem(
        position=position,
        key_path=str(told.get("key_path", "")),
        message=str(told.get("message", "")),
        rule=rule if isinstance(rule, str) else None,
    )
