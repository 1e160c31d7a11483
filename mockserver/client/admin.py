"""The admin API from a client's side: one call, one document or one error.

`HttpAdmin` reaches a server elsewhere with the standard library; `in_process.InProcessAdmin` calls
the service of a server in this process."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from mockserver.admin.verbs import BY_NAME, UPLOAD_TYPE, Verb
from mockserver.client.scenario_files import ScenarioSource, to_json
from mockserver.errors import HostError, Position, Problem, ScenarioError, UsageError
from mockserver.model.json import JSON, JSONObject, JSONReadError, as_list, objects, read, write

if TYPE_CHECKING:
    from http.client import HTTPConnection

T = TypeVar("T")

DEFAULT = "default"
"""The sandbox of requests that name none."""

TIMEOUT_S = 30.0
_PAUSES_S = (0.001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


class SweepCase(Protocol):
    """A case of a sweep: a scenario as a mapping, and the file, folder and line it comes from."""

    @property
    def scenario(self) -> JSONObject: ...
    @property
    def origin(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def line(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """True without problems. `report` is for people, `complaints` for programs; `running` are the
    numbers of replies that were still in flight."""

    report: str
    complaints: tuple[JSONObject, ...] = ()
    dropped: int = 0
    running: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return not self.complaints

    def joined(self, others: Sequence[Verdict]) -> Verdict:
        """This verdict and further ones as one; reports without problems are left out beside others."""
        if not others:
            return self
        every = (self, *others)
        reports = [one.report for one in every if not one] or [self.report]
        return Verdict(
            report="\n\n".join(reports),
            complaints=tuple(complaint for one in every for complaint in one.complaints),
            dropped=sum(one.dropped for one in every),
            running=tuple(number for one in every for number in one.running),
        )

    @classmethod
    def read(cls, document: JSONObject, running: tuple[int, ...]) -> Self:
        report, dropped = str(document["report"]), document["dropped"]
        if running:
            report += f"\n\nstill in flight: {', '.join(f'#{number}' for number in running)}"
        return cls(
            report=report,
            complaints=tuple(objects(document["complaints"])),
            dropped=dropped if isinstance(dropped, int) else 0,
            running=running,
        )


class Admin(ABC):
    """The admin API of one server. Every method raises ScenarioError for a scenario with problems,
    UsageError for a rejected request, HostError where no server answers."""

    @property
    @abstractmethod
    def can_block(self) -> bool:
        """Whether the caller may wait without stopping the server."""

    @abstractmethod
    def call(self, verb: str, sandbox: str = DEFAULT, **arguments: object) -> JSONObject:
        """Perform a verb by its name in `mockserver.admin.VERBS`; gives the answer's document."""

    @abstractmethod
    def load(self, sandbox: str, source: ScenarioSource) -> tuple[str, ...]:
        """Load a scenario; gives the names of its stubs."""

    def running(self, sandbox: str) -> tuple[int, ...]:
        return numbers(self.call("journal", sandbox, limit=0)["open"])

    def settle(self, sandbox: str, bound_s: float) -> tuple[int, ...]:
        """Wait for replies in flight, where the caller may; gives those that still are."""
        bound_s = bound_s if self.can_block else 0
        return poll(lambda: self.running(sandbox), lambda running: not running, bound_s)

    def verify(self, sandbox: str, allowed: AbstractSet[str], settle_s: float) -> Verdict:
        """The verdict after replies in flight have settled."""
        running = self.settle(sandbox, settle_s)
        return Verdict.read(self.call("verify", sandbox, allow=sorted(allowed)), running)

    def entries(self, sandbox: str) -> list[JSONObject]:
        """The documents of every exchange."""
        found: list[JSONObject] = []
        more: JSON = True
        while more is True:
            after = found[-1]["number"] if found else 0
            page = self.call("journal", sandbox, after=after, reveal=True, replies=True)
            found += objects(page["entries"])
            more = page["more"]
        return found

    def drop_keeping_journal(self, sandbox: str) -> Callable[[], list[JSONObject]]:
        """Drop a sandbox; gives what makes the documents of its exchanges."""
        entries = self.entries(sandbox)
        self.call("drop_sandbox", sandbox)
        return lambda: entries


class HttpAdmin(Admin):
    """Calls the server at `url`, its root, over a connection for each call, from any thread."""

    def __init__(self, url: str, *, admin_token: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        # Base URLs of clients end in /v1; the control API is below the root.
        given, url = url, url.rstrip("/").removesuffix("/v1")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"server url {given!r}: expected one like 'http://127.0.0.1:8080'")
        self.url = url
        self._secure = parts.scheme == "https"
        self._address = (parts.hostname, parts.port)
        self._root = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._headers = {"Accept": "application/json"}
        if admin_token is not None:
            self._headers["Authorization"] = f"Bearer {admin_token}"

    @property
    def can_block(self) -> bool:
        return True

    def call(self, verb: str, sandbox: str = DEFAULT, **arguments: object) -> JSONObject:
        found = BY_NAME[verb]
        members = {one.name: to_json(arguments[one.name]) for one in found.body if one.name in arguments}
        body = write(members).encode() if members else None
        return self._send(found, sandbox, arguments, "application/json", body)

    def load(self, sandbox: str, source: ScenarioSource) -> tuple[str, ...]:
        """Upload a scenario with the dialect files that it names."""
        if any(source.functions):
            raise UsageError(
                f"a reply function cannot be sent to {self.url}: expected a written reply, or a server in this process"
            )
        upload = source.upload()
        kind = "application/json" if upload.is_json else "application/yaml"
        text = upload.text
        if upload.files:
            from mockserver.admin.uploads import write_envelope  # noqa: PLC0415  # few scenarios have files

            kind, text = UPLOAD_TYPE, write_envelope(upload)
        place: dict[str, object] = {"origin": source.origin}
        if source.line is not None:
            place["line"] = source.line
        document = self._send(BY_NAME["load_scenario"], sandbox, place, kind, text.encode("utf-8"))
        return tuple(map(str, as_list(document.get("stubs"))))

    def _send(
        self, verb: Verb, sandbox: str, arguments: dict[str, object], content_type: str, body: bytes | None
    ) -> JSONObject:
        import http.client  # noqa: PLC0415  # a server in this process needs none

        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = f"{content_type}; charset=utf-8"
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection: HTTPConnection = kind(*self._address, timeout=self._timeout_s)
        try:
            connection.request(verb.method, self._target(verb, sandbox, arguments), body, headers)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise HostError(f"no mockserver answers at {self.url}: {reason}") from error
        finally:
            connection.close()
        document = read(data)
        if isinstance(document, JSONReadError) or not isinstance(document, dict):
            raise HostError(f"{self.url} is not a mockserver: it answered {data[:80]!r}")
        if response.status >= 400:
            raise client_error(response.status, document)
        return document

    def _target(self, verb: Verb, sandbox: str, arguments: dict[str, object]) -> str:
        path, query = verb.path, dict[str, str]()
        for one in verb.parameters:
            if one.where == "path":
                path = path.replace(f"{{{one.name}}}", quote(str(arguments[one.name]), safe=""))
            elif one.where == "query" and one.name in arguments:
                value = arguments[one.name]
                query[one.name] = str(value).lower() if isinstance(value, bool) else str(value)
        prefix = "" if sandbox == DEFAULT else f"/sandbox/{quote(sandbox, safe='')}"
        return f"{self._root}{prefix}/__admin/{path}{f'?{urlencode(query)}' if query else ''}"


def client_error(status: int, document: JSONObject) -> Exception:
    """The error that a rejection is raised as, by who must act on it."""
    message = str(document.get("error", f"the server answered {status}"))
    if "problems" in document:
        return ScenarioError([_problem(one) for one in objects(document["problems"])])
    kind = HostError if status in (401, 403) or status >= 500 else UsageError
    return kind(message)


def _problem(document: JSONObject) -> Problem:
    line, column, rule = document.get("line"), document.get("column"), document.get("rule")
    position = Position(
        file=str(document.get("file", "")),
        line=line if isinstance(line, int) else 1,
        column=column if isinstance(column, int) else 1,
    )
    return Problem(
        position=position,
        key_path=str(document.get("key_path", "")),
        message=str(document.get("message", "")),
        rule=rule if isinstance(rule, str) else None,
    )


def numbers(value: JSON) -> tuple[int, ...]:
    return tuple(one for one in as_list(value) if isinstance(one, int))


def poll(look: Callable[[], T], good: Callable[[T], bool], timeout_s: float) -> T:
    """The first result that is good, or the last one before the time ran out."""
    deadline = time.monotonic() + timeout_s
    seen = look()
    turn = 0
    while not good(seen) and time.monotonic() < deadline:
        time.sleep(_PAUSES_S[min(turn, len(_PAUSES_S) - 1)])
        turn += 1
        seen = look()
    return seen
