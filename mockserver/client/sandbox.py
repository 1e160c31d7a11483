"""One sandbox from a test's side: say what is answered, see what was asked, judge.

The same object near and far. Every method may be called from any thread but those that wait
(`wait_for`, `settle`, `verify`) must not be called on the event loop that runs the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from typing import TypeAlias
from urllib.parse import quote

from mockserver.client.caller import caller
from mockserver.client.control import DEFAULT, Control, ask, carried
from mockserver.client.drafts import Drafts, ReplyGiven
from mockserver.client.files import Finder
from mockserver.client.filter import Filter, On, Step
from mockserver.client.gate import Gate
from mockserver.client.plain import plain_object
from mockserver.client.recorded import RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.upload import Playable, Upload
from mockserver.client.verdict import Verdict
from mockserver.client.waiting import poll
from mockserver.core.journal import Kind
from mockserver.core.jsontext import JSON, Object
from mockserver.core.stub import Times
from mockserver.errors import UsageError, VerificationError

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"

SETTLE_S = 1.0
"""How long a verdict waits for replies that are still under way."""

API_KEY = "mockserver"


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
        self._loaded: list[Upload] = []
        self._kept: tuple[Upload, ...] = ()

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
                self._upload(Upload(origin=file, line=line, body=plain_object(source)))
            elif isinstance(source, str) and "\n" in source:
                self._upload(Upload(origin=file, line=line, text=source))
            else:
                for found in self._finder.find(source):
                    self._upload(Upload(origin=found.origin, folder=found.folder, text=found.text))

    def play(self, case: Playable) -> None:
        """Load a case of `mockserver.cuts`, `reslicings` or `violations`; its scenario replaces
        one of an equal name."""
        self._upload(
            Upload(
                origin=case.origin, folder=case.folder, line=case.line or None, body=case.scenario
            )
        )

    def stub(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str | None = None,
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that may be called; the keywords are the keys of a scenario. Gives its name.

        Where the server is in this process, `reply` and the elements of `replies` may be functions
        from the request to a reply as a scenario writes it. They are called on the server's
        loop, which waits for them; what they give is proven like a scenario, and what is wrong
        with it is answered with 500 and is a finding.

        Raises:
            ScenarioError: what is wrong with it.
            UsageError: a function was given, and the server is elsewhere.
        """
        drafts = Drafts.of(reply=reply, replies=replies)
        given = {
            "name": name,
            "on": [*on] if isinstance(on, tuple) else on,
            "when": when,
            "times": times,
            "priority": priority,
            "then": then,
            "reply": drafts.reply,
            "replies": drafts.replies,
        }
        written = plain_object({key: value for key, value in given.items() if value is not None})
        file, line = self._finder.place(*caller())
        told = self._upload(
            Upload(origin=file, line=line, body={"stubs": [written]}, functions=drafts.functions)
        )
        stubs = told.get("stubs")
        return str(stubs[0]) if isinstance(stubs, list) and stubs else ""

    def expect(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
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

    def hold(self, stub: str, *, at: Mapping[str, object] | None = None) -> Gate:
        """Stop the replies of a stub before their first byte, or `at` a place written as for a
        fault (`{"after": "text.delta[0]"}`), until the gate releases them.

        `with sandbox.hold("weather") as gate:` releases all of them at its end. A reply that is
        held ends at once when its client leaves or the server stops. That a reply lacks the
        place is a finding.

        Raises:
            UsageError: there is no such stub, or this is no place.
        """
        body: Object = {"stub": stub}
        if at is not None:
            body["at"] = plain_object(at)
        told = self._ask("POST", "gates", body=body)
        return Gate(told, self._ask, lambda: self.journal, may_wait=self._control.may_wait)

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

    @property
    def client_left(self) -> Requests:
        """The calls whose client went away before the reply had ended. While replies are under
        way it waits for the first such call, as long as a verdict would for them to settle."""
        _, left = poll(
            lambda: (self._running(), [one for one in self.requests if one.client_left]),
            lambda seen: bool(seen[1]) or not seen[0],
            self.settle_s if self._control.may_wait else 0,
        )
        return Requests(left)

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
        filters = [Filter.of_step(step) for step in steps]
        requests = self.requests
        rest = iter(requests)
        for place, wanted in enumerate(filters, start=1):
            if not any(wanted.holds(request) for request in rest):
                raise VerificationError(
                    f"step {place} of {len(filters)} ({wanted.text}) did not follow in order.\n\n"
                    f"{requests.text}"
                )

    # --- private ---

    def _upload(self, upload: Upload) -> Object:
        told = carried(self._control, upload.to(self.name))
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
