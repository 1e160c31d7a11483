"""One sandbox from a test's side: say what is answered, see what was asked, judge.

The same object near and far. Every method may be called from any thread but those that wait
(`wait_for`, `settle`, `verify`) must not be called on the event loop that runs the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Protocol, TypeAlias
from urllib.parse import quote

from mockserver.client.caller import caller
from mockserver.client.control import DEFAULT, Control, ask
from mockserver.client.files import Finder
from mockserver.client.filter import Filter
from mockserver.client.plain import plain_object
from mockserver.client.recorded import RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.verdict import Verdict
from mockserver.client.waiting import poll
from mockserver.core.journal import Kind
from mockserver.core.jsontext import JSON, Object
from mockserver.core.stub import Times
from mockserver.errors import UsageError, VerificationError

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"
On: TypeAlias = "str | tuple[str, ...] | list[str]"
Step: TypeAlias = "str | Mapping[str, object]"

SETTLE_S = 1.0
"""How long a verdict waits for replies that are still under way."""

API_KEY = "mockserver"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """A scenario as it is sent, one of `body` and `text`."""

    origin: str
    folder: str = ""
    line: int | None = None
    body: Object | None = None
    text: str | None = None


class Playable(Protocol):
    """A case of a sweep: a scenario as a mapping, and the file, folder and line it comes from."""

    @property
    def scenario(self) -> Object:
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


class SandboxClient:
    """`url` is the sandbox's root, `base_url` what an OpenAI client takes."""

    def __init__(
        self,
        control: Control,
        root: str,
        *,
        name: str = DEFAULT,
        finder: Finder | None = None,
        api_key: str = API_KEY,
        settle_s: float = SETTLE_S,
    ) -> None:
        self.name = name
        self.api_key = api_key
        self.settle_s = settle_s
        self._control = control
        self._root = root.rstrip("/")
        self._finder = finder or Finder()
        self._allowed: set[str] = set()
        self._loaded: list[_Upload] = []
        self._kept: tuple[_Upload, ...] = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} at {self.url}>"

    # --- where ---

    @property
    def url(self) -> str:
        """Root of this sandbox, without a final slash."""
        if self.name == DEFAULT:
            return self._root
        return f"{self._root}/sandbox/{quote(self.name, safe='')}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL: ends with `/v1`."""
        return f"{self.url}/v1"

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that point an OpenAI client here."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.api_key}

    # --- what is answered ---

    def load(self, *sources: Source) -> None:
        """Load scenarios: by name or path, as YAML text of several lines, or as a mapping.

        One of an equal name is replaced. A bad scenario changes nothing.

        Raises:
            ScenarioError: every problem of the scenario, with file, line and column.
            UsageError: there is no such file.
        """
        file, line = self._finder.place(*caller())
        for source in sources:
            if isinstance(source, Mapping):
                self._upload(_Upload(origin=file, line=line, body=plain_object(source)))
            elif isinstance(source, str) and "\n" in source:
                self._upload(_Upload(origin=file, line=line, text=source))
            else:
                for found in self._finder.find(source):
                    self._upload(_Upload(origin=found.origin, folder=found.folder, text=found.text))

    def play(self, case: Playable) -> None:
        """Load a case of `mockserver.cuts`, `reslicings` or `violations`; its scenario replaces
        one of an equal name."""
        self._upload(
            _Upload(
                origin=case.origin, folder=case.folder, line=case.line or None, body=case.scenario
            )
        )

    def stub(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: object = None,
        replies: Sequence[object] | None = None,
        times: int | str | None = None,
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that may be called; the keywords are the keys of a scenario. Gives its name.

        Raises:
            ScenarioError: what is wrong with it.
        """
        given = {
            "name": name,
            "on": [*on] if isinstance(on, tuple) else on,
            "when": when,
            "times": times,
            "priority": priority,
            "then": then,
            "reply": reply,
            "replies": replies,
        }
        written = plain_object({key: value for key, value in given.items() if value is not None})
        file, line = self._finder.place(*caller())
        told = self._upload(_Upload(origin=file, line=line, body={"stubs": [written]}))
        stubs = told.get("stubs")
        return str(stubs[0]) if isinstance(stubs, list) and stubs else ""

    def expect(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: object = None,
        replies: Sequence[object] | None = None,
        times: int | str = "1..",
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that must be called, at least once where `times` does not say otherwise."""
        return self.stub(
            on=on,
            when=when,
            reply=reply,
            replies=replies,
            times=times,
            then=then,
            priority=priority,
            name=name,
        )

    def reset(self) -> None:
        """Return to the state of creation: its scenarios, nothing called, nothing recorded."""
        self._ask("POST", "reset")
        self._loaded = []
        for upload in self._kept:
            self._upload(upload)

    def keep(self) -> None:
        """Count what was loaded from here so far as the state of creation."""
        self._kept = tuple(self._loaded)

    # --- what was asked ---

    @property
    def requests(self) -> Requests:
        """Every call so far, whether it was answered, missed or refused."""
        return Requests([one for one in self._entries() if one.document["kind"] == Kind.CALL.value])

    @property
    def last(self) -> RecordedRequest:
        """The latest call; VerificationError where there is none."""
        return self.requests.last

    @property
    def journal(self) -> Requests:
        """Every exchange, side traffic and input that was no HTTP included."""
        return Requests(self._entries())

    def wait_for(
        self,
        count: int = 1,
        *,
        timeout: float = 5.0,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        """Wait until so many requests have come, `timeout` in seconds; gives them.

        Raises:
            VerificationError: time ran out.
        """
        wanted = Filter.of(on=on, when=when, stub=stub)
        found = poll(
            lambda: self.requests.where(on=on, when=when, stub=stub),
            lambda requests: len(requests) >= count,
            timeout if self._control.may_wait else 0,
        )
        if len(found) < count and not self._control.may_wait:
            raise UsageError(
                "wait_for would stop the very event loop that runs the server: "
                "wanted 'await asyncio.to_thread(server.wait_for, …)'"
            )
        if len(found) < count:
            such = f" with {wanted.text}" if wanted.text else ""
            raise VerificationError(
                f"wanted {_requests(count)}{such} within {timeout} s, got {len(found)}.\n\n"
                f"{self.requests.text}"
            )
        return found

    def calls(self) -> Iterator[tuple[str, int, str, int]]:
        """File, line and name of each stub, and how often it has answered."""
        for scenario in _objects(self._ask("GET", "scenarios")["scenarios"]):
            for stub in _objects(scenario["stubs"]):
                file, name = str(stub["file"]), str(stub["stub"])
                yield file, int(str(stub["line"])), name, int(str(stub["calls"]))

    # --- judging ---

    def allow(
        self, *, unmatched: bool = False, findings: bool = False, counts: bool = False
    ) -> None:
        """Let unmatched requests, breaches of the contract or missing calls pass from now on."""
        given = {"unmatched": unmatched, "findings": findings, "counts": counts}
        self._allowed.update(name for name, allowed in given.items() if allowed)

    def settle(self, timeout: float | None = None) -> tuple[int, ...]:
        """Wait for replies that are under way; gives the numbers of those that still are."""
        bound = self.settle_s if timeout is None else timeout
        return poll(
            self._running, lambda running: not running, bound if self._control.may_wait else 0
        )

    def verdict(self) -> Verdict:
        """What is to be complained about so far, after replies under way have settled."""
        running = self.settle()
        allow: list[JSON] = [*sorted(self._allowed)]
        return Verdict.read(self._ask("POST", "verify", body={"allow": allow}), running)

    def verify(self) -> None:
        """Raise VerificationError with the report if there is anything to complain about."""
        __tracebackhide__ = True
        verdict = self.verdict()
        if not verdict:
            raise VerificationError(verdict.report)

    def assert_called(
        self,
        *,
        times: int | str = "1..",
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        """Assert how often such a request came (`2`, `"1.."`, `"..3"`, `"2..4"`); gives them."""
        __tracebackhide__ = True
        wanted = Times.parse(str(times))
        if wanted is None:
            raise UsageError(f"times: wanted one like 2, '1..', '..3' or '2..4', got {times!r}")
        requests = self.requests
        found = requests.where(on=on, when=when, stub=stub)
        if len(found) not in wanted:
            told = Filter.of(on=on, when=when, stub=stub).text
            such = f" with {told}" if told else ""
            raise VerificationError(
                f"wanted {_requests(wanted)}{such}, got {len(found)}.\n\n{requests.text}"
            )
        return found

    def assert_order(self, *steps: Step) -> None:
        """Assert that requests came in this order, others between them allowed.

        A step is the name of a stub that answered, or a mapping of `on`, `when` and `stub`.
        """
        __tracebackhide__ = True
        filters = [_step(step) for step in steps]
        requests = self.requests
        rest = iter(requests)
        for place, wanted in enumerate(filters, start=1):
            if not any(wanted.holds(request) for request in rest):
                raise VerificationError(
                    f"step {place} of {len(filters)} ({wanted.text}) did not follow in order.\n\n"
                    f"{requests.text}"
                )

    # --- private ---

    def _upload(self, upload: _Upload) -> Object:
        query = {"origin": upload.origin}
        if upload.line is not None:
            query["line"] = str(upload.line)
        told = ask(
            self._control,
            "POST",
            "scenarios",
            sandbox=self.name,
            query=query,
            body=upload.body,
            text=upload.text,
            folder=upload.folder,
        )
        self._loaded.append(upload)
        return told

    def _entries(self) -> list[RecordedRequest]:
        found: list[RecordedRequest] = []
        more: JSON = True
        while more is True:
            after = str(found[-1].number if found else 0)
            told = self._ask("GET", "journal", query={"after": after, "reveal": "true"})
            found.extend(RecordedRequest(one) for one in _objects(told["entries"]))
            more = told["more"]
        return found

    def _running(self) -> tuple[int, ...]:
        told = self._ask("GET", "journal", query={"limit": "0"})["open"]
        return tuple(one for one in told if isinstance(one, int)) if isinstance(told, list) else ()

    def _ask(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: JSON = None
    ) -> Object:
        return ask(self._control, method, path, sandbox=self.name, query=query, body=body)


def _objects(told: JSON) -> list[Object]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _requests(count: int | Times) -> str:
    return f"{count} request{'' if str(count) == '1' else 's'}"


def _step(step: Step) -> Filter:
    if isinstance(step, str):
        return Filter.of(stub=step)
    unknown = step.keys() - {"on", "when", "stub"}
    if unknown:
        raise UsageError(f"unknown key {min(unknown)!r} in a step: wanted on, when, stub")
    on, when, stub = step.get("on"), step.get("when"), step.get("stub")
    if not (on is None or isinstance(on, str | list | tuple)):
        raise UsageError(f"'on' in a step: wanted an endpoint or a list of them, got {on!r}")
    if not (when is None or isinstance(when, Mapping)):
        raise UsageError(f"'when' in a step: wanted a mapping of conditions, got {when!r}")
    if not (stub is None or isinstance(stub, str)):
        raise UsageError(f"'stub' in a step: wanted the name of a stub, got {stub!r}")
    return Filter.of(on=on, when=when, stub=stub)
