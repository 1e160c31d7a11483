"""One sandbox from a test's side: define replies, read requests, verify.

The same for a server in this process and one elsewhere. Every method may be called from any thread, but those that wait
(`wait_for`, `settle`, `verify`) not on the event loop that runs the server."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from inspect import isawaitable, iscoroutinefunction
from os import PathLike
from typing import Literal, Self, TypeAlias, TypedDict, Unpack
from urllib.parse import quote

from mockserver.client.admin import DEFAULT, Admin, SweepCase, Verdict, numbers, poll
from mockserver.client.recorded import Filter, On, RecordedRequest, Requests, Step, early_lines
from mockserver.client.scenario_files import Finder, ScenarioSource, call_site, to_json, to_json_object
from mockserver.errors import MockServerError, UsageError, VerificationError
from mockserver.model.journal import ExchangeKind
from mockserver.model.json import JSON, JSONObject, as_object, objects
from mockserver.model.reply import ReplyFunction
from mockserver.model.stub import Times

SETTLE_S = 1.0
"""How long a verdict waits for replies that are still in flight."""

API_KEY = "mockserver"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._~-]+")

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"
ReplyGiven: TypeAlias = "str | Mapping[str, object] | Callable[[RecordedRequest], object]"
"""A reply as a scenario writes it, or a function that makes one."""


class SettingsGiven(TypedDict, total=False):
    """The settings of a sandbox as keywords, by default those of the server; for their meaning see
    `mockserver.model.settings.Settings`."""

    contract: Literal["enforce", "report", "off"]
    unknown: Literal["default", "refuse", "report", "accept"]
    model_rules: Literal["default", "on", "off"]
    strict: bool
    unmatched: Literal["fail", "allow", "echo", "forward"]
    keys: Sequence[str]
    headers: Literal["api", "edge"]
    cors: Sequence[str]
    state: Literal["on", "off"]
    latency: Literal["none", "steady", "fast", "typical", "reasoning", "slow", "overloaded"]
    time_scale: float
    body_limit: int
    clock: str | int
    journal_limit: int
    request_limit: int


class SandboxClient:
    """`url` is the sandbox's root, `base_url` what an OpenAI client takes."""

    def __init__(
        self,
        admin: Admin,
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
        self._admin = admin
        self._root = root.rstrip("/")
        self._finder = finder or Finder()
        self._loaded: tuple[ScenarioSource, ...] = ()
        self._checkpoint: tuple[ScenarioSource, ...] = ()
        self._allowed: frozenset[str] = frozenset()
        self._others: dict[str, SandboxClient] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} at {self.url}>"

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
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.api_key}

    def another(self, label: str, **settings: Unpack[SettingsGiven]) -> SandboxClient:
        """A further upstream for the same test, such as a fallback: an empty sandbox with the settings of this one,
        except those given. It is verified with this one, and in the fixture also reported and dropped with it. The
        same label gives the same upstream. Raises UsageError: a setting is wrong."""
        found = self._others.get(label)
        if found is None:
            own = self._admin.call("get_sandbox", name=self.name)["settings"]
            merged = {**as_object(own), **to_json_object({**settings})}
            name = f"{self.name}-{_NOT_IN_NAMES.sub('-', label)}"
            made = self._admin.call("create_sandbox", name=name, scenarios=False, settings=merged)
            found = self._others[label] = SandboxClient(
                self._admin, self._root, name=str(made["name"]), finder=self._finder, settle_s=self.settle_s
            )
            found.api_key = next(iter(settings.get("keys", ())), self.api_key)
        return found

    @property
    def others(self) -> Mapping[str, SandboxClient]:
        """The upstreams that `another` made, by label."""
        return self._others

    # --- replies ---

    def load(self, *sources: Source) -> None:
        """Load scenarios: by name or path, as YAML text of several lines, or as a mapping.

        One of an equal name is replaced. A bad scenario changes nothing. Raises ScenarioError: every problem of the
        scenario, with file, line and column; UsageError: there is no such file."""
        if not sources:
            return
        file, line = self._finder.place(*call_site())
        for source in sources:
            if isinstance(source, Mapping):
                self._load(ScenarioSource(origin=file, line=line, value=to_json_object(source)))
            elif isinstance(source, str) and "\n" in source:
                self._load(ScenarioSource(origin=file, line=line, text=source))
            else:
                for found in self._finder.find(source):
                    self._load(found)

    def play(self, case: SweepCase) -> None:
        """Load a case of `mockserver.cuts`, `reslicings` or `violations`; its scenario replaces
        one of an equal name."""
        line, value = case.line or None, case.scenario
        self._load(ScenarioSource(origin=case.origin, folder=case.folder, line=line, value=value))

    def stub(  # noqa: PLR0913  # one keyword for each key of a stub
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str | None = None,
        then: str | None = None,
        priority: int | None = None,
        fallback: bool | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that may be called; the keywords are the keys of a scenario. Gives its name.

        With a server in this process, `reply` and the elements of `replies` may be functions from the request to a
        reply as a scenario writes it. They are called on the server's loop, which waits for them; their results are
        validated like a scenario, and a bad result is answered with 500 and is a finding. Raises ScenarioError: what is
        wrong with it; UsageError: a function was given, and the server is elsewhere."""
        given = {
            "name": name,
            "on": on,
            "when": when,
            "times": times,
            "priority": priority,
            "fallback": fallback,
            "then": then,
            "reply": _written(reply),
            "replies": None if replies is None else [_written(one) for one in replies],
        }
        stub = {key: to_json(value, key) for key, value in given.items() if value is not None}
        functions = [_function(one) for one in ([reply] if replies is None else replies)]
        file, line = self._finder.place(*call_site())
        names = self._load(
            ScenarioSource(
                origin=file, line=line, value={"stubs": [stub]}, functions=tuple(functions) if any(functions) else ()
            )
        )
        return next(iter(names), "")

    def expect(  # noqa: PLR0913  # one keyword for each key of a stub
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str = "1..",
        then: str | None = None,
        priority: int | None = None,
        fallback: bool | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that must be called, at least once unless `times` differs."""
        return self.stub(
            on=on,
            when=when,
            reply=reply,
            replies=replies,
            times=times,
            then=then,
            priority=priority,
            fallback=fallback,
            name=name,
        )

    @property
    def ca(self) -> str:
        """The certificate that clients are to trust, as PEM; UsageError where the server speaks plain HTTP."""
        return str(self._admin.call("get_ca")["ca"])

    def hold(self, stub: str, *, at: Mapping[str, object] | None = None) -> Gate:
        """Pause the replies of a stub before their first byte, or `at` a place written as for a
        fault (`{"after": "text.delta[0]"}`), until the gate releases them.

        `with sandbox.hold("weather") as gate:` releases all of them at its end. A paused reply ends
        at once when its client leaves or the server stops. A reply without the place is a finding.
        Raises UsageError: there is no such stub, or this is not a place."""
        place = {} if at is None else {"at": to_json_object(at)}
        return Gate(self, self._admin.call("add_gate", self.name, stub=stub, **place))

    def advance(self, duration: str) -> float:
        """Advance the virtual clock by a duration such as `30s`; gives its time in Unix seconds.

        Raises UsageError: this is no duration, or the clock is real."""
        found = self._admin.call("advance_clock", self.name, advance=duration)["time_s"]
        return found if isinstance(found, int | float) else 0.0

    def reset(self) -> None:
        """Return to the state of creation: its scenarios, nothing called, nothing recorded."""
        self._admin.call("reset", self.name)
        self._loaded = ()
        for source in self._checkpoint:
            self._load(source)

    def keep(self) -> None:
        """Make what was loaded from here so far part of the state of creation."""
        self._checkpoint = self._loaded

    def _load(self, source: ScenarioSource) -> tuple[str, ...]:
        names = self._admin.load(self.name, source)
        self._loaded = (*self._loaded, source)
        return names

    # --- requests ---

    @property
    def requests(self) -> Requests:
        """Every call so far, whether it was answered, unmatched or rejected."""
        return Requests([one for one in self.journal if one.document["kind"] == ExchangeKind.CALL.value])

    @property
    def last(self) -> RecordedRequest:
        """The latest call; VerificationError where there is none."""
        return self.requests.last

    @property
    def journal(self) -> Requests:
        """Every exchange, other requests and non-HTTP input included."""
        return Requests([RecordedRequest(one) for one in self._admin.entries(self.name)])

    @property
    def client_left(self) -> Requests:
        """The calls whose client disconnected before the end of the reply. While replies are in
        flight it waits for the first such call, as long as a verdict would for them to settle."""
        _, left = poll(
            lambda: (self._admin.running(self.name), [one for one in self.requests if one.client_left]),
            lambda seen: bool(seen[1]) or not seen[0],
            self.settle_s if self._admin.can_block else 0,
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

        Raises VerificationError: time ran out."""
        expected = Filter.of(on=on, when=when, stub=stub)
        found = poll(
            lambda: expected.select(self.requests),
            lambda requests: len(requests) >= count,
            timeout if self._admin.can_block else 0,
        )
        if len(found) < count and not self._admin.can_block:
            raise UsageError(
                "wait_for would block the event loop that runs the server: "
                "expected 'await asyncio.to_thread(server.wait_for, …)'"
            )
        if len(found) < count:
            raise VerificationError(
                f"expected {_counted(count, expected)} within {timeout} s, got {len(found)}.\n\n{self.requests.text}"
            )
        return found

    def calls(self) -> Iterator[tuple[str, int, str, int]]:
        """File, line and name of each stub, and how often it has answered."""
        for scenario in objects(self._admin.call("list_scenarios", self.name)["scenarios"]):
            for stub in objects(scenario["stubs"]):
                file, name = str(stub["file"]), str(stub["stub"])
                yield file, int(str(stub["line"])), name, int(str(stub["calls"]))

    # --- verification ---

    def allow(self, *, unmatched: bool = False, findings: bool = False, counts: bool = False) -> None:
        """Waive unmatched requests, contract violations or missing calls from now on."""
        given = {"unmatched": unmatched, "findings": findings, "counts": counts}
        self._allowed |= {name for name, allowed in given.items() if allowed}

    def settle(self, timeout: float | None = None) -> tuple[int, ...]:
        """Wait for replies in flight; gives the numbers of those that still are."""
        return self._admin.settle(self.name, self.settle_s if timeout is None else timeout)

    def verdict(self) -> Verdict:
        """The problems so far, after replies in flight have settled, with those of the upstreams of `another`."""
        own = self._admin.verify(self.name, self._allowed, self.settle_s)
        return own.joined([one.verdict() for one in self._others.values()])

    def verify(self) -> None:
        """Raise VerificationError with the report if there is any problem."""
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
        expected = Times.parse(str(times))
        if expected is None:
            raise UsageError(f"times: expected one like 2, '1..', '..3' or '2..4', got {times!r}")
        such, requests = Filter.of(on=on, when=when, stub=stub), self.requests
        found = such.select(requests)
        if len(found) not in expected:
            counted = _counted(expected, such)
            raise VerificationError(f"expected {counted}, got {len(found)}.\n\n{requests.text}")
        return found

    def assert_disconnected(
        self, *, on: On | None = None, when: Mapping[str, object] | None = None, stub: str | None = None
    ) -> Requests:
        """Assert that the client disconnected before the end of the reply to every such request, and that there is
        one; gives them. Waits for replies in flight as `settle` does."""
        __tracebackhide__ = True
        self.settle()
        requests = self.assert_called(on=on, when=when, stub=stub)
        stayed = Requests([one for one in requests if not one.client_left])
        if stayed:
            raise VerificationError(
                f"expected the client to disconnect, got {len(stayed)} of {len(requests)} replies to their end or in "
                f"flight.\n\n{stayed.text}"
            )
        return requests

    def assert_backoff(self, *, on: On | None = None, when: Mapping[str, object] | None = None) -> Requests:
        """Assert that after each reply with `retry-after-ms` or `retry-after` no request to the same path came sooner
        than that; gives the requests whose replies asked to wait, of which there must be one."""
        __tracebackhide__ = True
        self.settle()
        requests = Filter.of(on=on, when=when, stub=None).select(self.requests)
        asked = [one for one in requests if one.retry_after_s is not None]
        early = [line for one in asked for line in early_lines(one, requests)]
        if early or not asked:
            said = "\n".join(early) or "no reply asked the client to wait."
            raise VerificationError(f"{said}\n\n{requests.text}")
        return Requests(asked)

    def assert_order(self, *steps: Step) -> None:
        """Assert that requests came in this order, others between them allowed.

        A step is the name of a stub that answered, or a mapping of `on`, `when` and `stub`."""
        __tracebackhide__ = True
        filters = [Filter.of_step(step) for step in steps]
        requests = self.requests
        rest = iter(requests)
        for place, expected in enumerate(filters, start=1):
            if not any(expected.holds(request) for request in rest):
                raise VerificationError(
                    f"step {place} of {len(filters)} ({expected.text}) did not follow in order.\n\n{requests.text}"
                )


def _written(reply: object) -> object:
    return "" if callable(reply) else reply


def _function(reply: object) -> ReplyFunction | None:
    if not callable(reply):
        return None

    async def awaited(document: JSONObject) -> JSON:
        return to_json(await reply(RecordedRequest(document)))

    def called(document: JSONObject) -> JSON | Awaitable[JSON]:
        made = reply(RecordedRequest(document))
        return _json_of(made) if isawaitable(made) else to_json(made)

    return awaited if iscoroutinefunction(reply) or iscoroutinefunction(type(reply).__call__) else called


async def _json_of(made: Awaitable[object]) -> JSON:
    return to_json(await made)


def _counted(count: int | Times, expected: Filter) -> str:
    such = f" with {expected.text}" if expected.text else ""
    return f"{count} request{'' if str(count) == '1' else 's'}{such}"


class Gate:
    """Made by `SandboxClient.hold`: replies wait at it, and the test releases them. Leaving its
    `with` block releases every reply."""

    def __init__(self, sandbox: SandboxClient, document: JSONObject) -> None:
        self.stub = str(document["stub"])
        self.at = str(document["at"])
        self._number = document["gate"]
        self._sandbox = sandbox

    def __repr__(self) -> str:
        return f"<Gate of {self.stub!r} {self.at}>"

    def _call(self, verb: str, **arguments: object) -> JSONObject:
        sandbox = self._sandbox
        return sandbox._admin.call(verb, sandbox.name, gate=self._number, **arguments)  # noqa: SLF001  # of this file

    @property
    def held(self) -> list[int]:
        """Numbers of the requests whose replies wait here, in order of arrival."""
        return [*numbers(self._call("get_gate")["held"])]

    def wait(self, count: int = 1, *, timeout: float = 5.0) -> Requests:
        """Wait until so many replies are paused at once, `timeout` in seconds; gives their requests.

        Raises VerificationError: time ran out."""
        if not self._sandbox._admin.can_block:  # noqa: SLF001  # of this file
            raise UsageError(
                "waiting at a gate would block the event loop that runs the server: "
                "expected 'await asyncio.to_thread(gate.wait)'"
            )
        held = poll(lambda: self.held, lambda numbers: len(numbers) >= count, timeout)
        journal = self._sandbox.journal
        if len(held) < count:
            replies = "reply" if count == 1 else "replies"
            raise VerificationError(
                f"expected {count} {replies} of {self.stub!r} paused {self.at} within {timeout} s, "
                f"got {len(held)}.\n\n{journal.text}"
            )
        return Requests([one for one in journal if one.number in held])

    def release(self, *requests: int) -> list[int]:
        """Resume the replies to the requests of these numbers; without any, all of them and those
        to come. Gives the numbers of those that waited.

        Raises UsageError: the reply to one of them does not wait here."""
        given = {"requests": [*requests]} if requests else {}
        return [*numbers(self._call("release", **given)["released"])]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # The gate is gone with its server or sandbox, and nothing waits at it.
        with suppress(MockServerError):
            self._call("remove_gate")
