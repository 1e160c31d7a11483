"""Asking the control routes, near or far: one request, one document or one error."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from mockserver.client.plain import plain_object
from mockserver.client.upload import Upload
from mockserver.client.verdict import Verdict
from mockserver.client.waiting import poll
from mockserver.errors import HostError, Position, Problem, ScenarioError, UsageError
from mockserver.model.json import JSON, JSONObject, write
from mockserver.model.reply_function import ReplyFunction
from mockserver.server.control_message import ControlReply, ControlRequest

DEFAULT = "default"
"""The sandbox of requests that name none."""


Loaded: TypeAlias = "tuple[tuple[str, ...], Callable[[], object]]"
"""The stubs of a scenario by name, and what loads the same once more."""


class Control(ABC):
    """The control routes of a server. What every test does is by name here, so that a server in
    the same process can do it by a shorter way."""

    @property
    @abstractmethod
    def may_wait(self) -> bool:
        """Whether the caller may wait without stopping the server."""

    @abstractmethod
    def carry(self, request: ControlRequest) -> ControlReply:
        """Ask, and give the answer whatever its status; raises HostError where nobody answers."""

    def create(self, name: str | None, *, scenarios: bool, settings: JSONObject) -> str:
        """Make a sandbox; gives its name. See `carried` for what is raised, here and below."""
        body: dict[str, JSON] = {"scenarios": scenarios, "settings": settings}
        if name is not None:
            body["name"] = name
        return str(ask(self, "POST", "sandboxes", body=body)["name"])

    def drop(self, sandbox: str) -> None:
        """Forget a sandbox."""
        ask(self, "DELETE", "sandboxes", sandbox=sandbox)

    def load(self, sandbox: str, upload: Upload) -> Loaded:
        """Load a scenario."""
        told = carried(self, upload.to(sandbox)).get("stubs")
        stubs = tuple(map(str, told)) if isinstance(told, list) else ()
        return stubs, lambda: self.load(sandbox, upload)

    def stub(
        self,
        sandbox: str,
        stub: Mapping[str, object],
        functions: tuple[ReplyFunction | None, ...],
        place: tuple[str, int],
    ) -> Loaded:
        """Load a stub as a scenario writes it, whose replies some functions may make; `place` is
        the file and line of whoever says it."""
        file, line = place
        body: JSONObject = {"stubs": [plain_object(stub)]}
        return self.load(sandbox, Upload(origin=file, line=line, body=body, functions=functions))

    def running(self, sandbox: str) -> tuple[int, ...]:
        """Numbers of the replies that are under way."""
        told = ask(self, "GET", "journal", sandbox=sandbox, query={"limit": "0"})["open"]
        return tuple(one for one in told if isinstance(one, int)) if isinstance(told, list) else ()

    def settle(self, sandbox: str, bound_s: float) -> tuple[int, ...]:
        """Wait for replies under way, where the caller may; gives those that still are."""
        bound_s = bound_s if self.may_wait else 0
        return poll(lambda: self.running(sandbox), lambda running: not running, bound_s)

    def judge(self, sandbox: str, allowed: AbstractSet[str], settle_s: float) -> Verdict:
        """The verdict, after replies under way have settled."""
        running = self.settle(sandbox, settle_s)
        allow: list[JSON] = [*sorted(allowed)]
        return Verdict.read(
            ask(self, "POST", "verify", sandbox=sandbox, body={"allow": allow}), running
        )

    def entries(self, sandbox: str) -> list[JSONObject]:
        """The documents of every exchange."""
        found: list[JSONObject] = []
        more: JSON = True
        while more is True:
            query = {"after": str(found[-1]["number"] if found else 0), "reveal": "true"}
            told = ask(self, "GET", "journal", sandbox=sandbox, query=query)
            listed = told["entries"]
            if isinstance(listed, list):
                found += [one for one in listed if isinstance(one, dict)]
            more = told["more"]
        return found

    def leave(self, sandbox: str) -> Callable[[], list[JSONObject]]:
        """Forget a sandbox; gives what tells the entries of its journal."""
        entries = self.entries(sandbox)
        self.drop(sandbox)
        return lambda: entries


def ask(
    control: Control,
    method: str,
    path: str,
    *,
    sandbox: str = DEFAULT,
    query: Mapping[str, str] | None = None,
    body: JSON = None,
) -> JSONObject:
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


def carried(control: Control, request: ControlRequest) -> JSONObject:
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


def _problem(told: JSONObject) -> Problem:
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
