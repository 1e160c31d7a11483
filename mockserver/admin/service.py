"""The verbs of the admin API as typed methods over the sandboxes of one server.

A method takes the sandbox that the request names and the arguments of its verb, and gives the
answer's document. Methods never wait; the caller holds the lock of the sandboxes. HTTP and clients
in the same process call the same methods, so that both see the same documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from mockserver import __version__
from mockserver.admin.journal_filter import JournalFilter
from mockserver.admin.verbs import PAGE, AdminError, AdminReply, AdminRequest, find_verb, read_arguments
from mockserver.contract import CONTRACT_DATE
from mockserver.errors import MockServerError, ScenarioError, UsageError
from mockserver.faults.place import PLACE, Place
from mockserver.model.cursor import read_duration
from mockserver.model.fault import FaultValueError
from mockserver.model.journal import Record
from mockserver.model.json import JSON, JSONObject
from mockserver.model.settings import read_settings, settings_document
from mockserver.model.stub import Scenario
from mockserver.model.stub_set import StubSet
from mockserver.model.times import time_text
from mockserver.model.verdict import AllowedFailures, shadowed_stubs
from mockserver.report.serialize import entry_document, scenario_document, verdict_document
from mockserver.report.timeline import timeline_document
from mockserver.server.gates import Gate
from mockserver.server.routing import DEFAULT
from mockserver.server.sandbox import Sandbox, SandboxDroppedError, Sandboxes, SandboxLimitError, SandboxTakenError

_HEAD: JSON = {"at": "head"}


class AdminService:
    """Every verb, by its name in the table. Raises AdminError, UsageError and the errors of
    `Sandboxes` for what is rejected; see `status_of`."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self.sandboxes = sandboxes

    def health(self, _sandbox: str) -> JSONObject:
        return {"status": "ok", "version": __version__, "sandboxes": len(self.sandboxes.names)}

    def openapi(self, _sandbox: str) -> JSONObject:
        from mockserver.admin.openapi import openapi  # noqa: PLC0415  # not before it is needed

        return openapi()

    def get_ca(self, _sandbox: str) -> JSONObject:
        if not self.sandboxes.ca:
            raise AdminError(404, "the server speaks plain HTTP: expected one with 'tls: self-signed' or tls_cert")
        return {"ca": self.sandboxes.ca}

    # --- sandboxes ---

    def list_sandboxes(self, _sandbox: str) -> JSONObject:
        listed = [_sandbox_document(self.sandboxes.get(name)) for name in self.sandboxes.names]
        return {"sandboxes": [*listed]}

    def create_sandbox(
        self,
        _sandbox: str,
        *,
        name: str | None = None,
        scenarios: bool = False,
        settings: Mapping[str, object] | None = None,
    ) -> JSONObject:
        """Create a sandbox, under a free name without one, by default without scenarios."""
        read = read_settings(settings or {}, self.sandboxes.settings)
        return _sandbox_document(self.sandboxes.create(name, scenarios=scenarios, settings=read))

    def get_sandbox(self, _sandbox: str, *, name: str) -> JSONObject:
        if name not in self.sandboxes:
            raise AdminError(404, f"no sandbox {name!r}")
        return _sandbox_document(self.sandboxes.get(name))

    def drop_sandbox(self, sandbox: str) -> JSONObject:
        if not self.sandboxes.drop(sandbox):
            raise AdminError(404, f"no sandbox {sandbox!r}")
        return {"dropped": sandbox}

    def drop_named_sandbox(self, _sandbox: str, *, name: str) -> JSONObject:
        return self.drop_sandbox(name)

    # --- scenarios ---

    def list_scenarios(self, sandbox: str) -> JSONObject:
        stubs = self.sandboxes.get(sandbox).stubs
        listed: list[JSON] = [
            scenario_document(scenario, [(one.stub, one.calls) for one in stubs.mounted if one.scenario is scenario])
            for scenario in stubs.scenarios
        ]
        return {"scenarios": listed}

    def upload_origin(self, sandbox: str) -> str:
        with self.sandboxes.lock:
            return self.sandboxes.get(sandbox).upload_origin()

    def load_scenario(self, sandbox: str, *, scenario: Scenario) -> JSONObject:
        """Load a scenario that was read and validated before."""
        name = self.sandboxes.get(sandbox).load(scenario)
        return {"scenario": name, "stubs": [stub.name for stub in scenario.stubs]}

    def unload_scenarios(self, sandbox: str) -> JSONObject:
        stubs = self.sandboxes.get(sandbox).stubs
        names = [one.name for one in stubs.scenarios]
        for name in names:
            stubs.unload(name)
        return {"unloaded": [*names]}

    def unload_scenario(self, sandbox: str, *, name: str) -> JSONObject:
        if not self.sandboxes.get(sandbox).stubs.unload(name):
            raise AdminError(404, f"no scenario {name!r} in sandbox {sandbox!r}")
        return {"unloaded": [name]}

    # --- journal and verification ---

    def journal(
        self, sandbox: str, *, after: int = 0, limit: int | None = None, reveal: bool = False, replies: bool = False
    ) -> JSONObject:
        found = self.sandboxes.get(sandbox)
        journal = found.journal
        later = [one for one in journal if one.number > after]
        limit = PAGE if limit is None else limit
        return {
            "entries": [*_documents(found, later[:limit], later, reveal=reveal, replies=replies)],
            "more": len(later) > limit,
            "last": journal.next_number() - 1,
            "open": [*journal.open],
            "dropped": journal.dropped,
            "contract": CONTRACT_DATE,
        }

    def journal_entry(self, sandbox: str, *, number: int, reveal: bool = False, replies: bool = False) -> JSONObject:
        found = self.sandboxes.get(sandbox)
        journal = found.journal
        self._entry(sandbox, number)
        since = [one for one in journal if one.number >= number]
        return _documents(found, since[:1], since, reveal=reveal, replies=replies)[0]

    def timeline(self, sandbox: str, *, number: int) -> JSONObject:
        return timeline_document(self._entry(sandbox, number))

    def _entry(self, sandbox: str, number: int) -> Record:
        entry = self.sandboxes.get(sandbox).journal.get(number)
        if entry is None:
            raise AdminError(404, f"no entry {number} in the journal of {sandbox!r}")
        return entry

    def find(self, sandbox: str, *, reveal: bool = False, replies: bool = False, **selected: object) -> JSONObject:
        """The exchanges that agree with the selection; raises ScenarioError, AdminError for a wrong one."""
        place = self.sandboxes.get(sandbox)
        select = JournalFilter.read(selected)
        entries = place.journal.entries
        found = [one for one in entries if select.holds(one)]
        return {"entries": [*_documents(place, found, entries, reveal=reveal, replies=replies)]}

    def count(self, sandbox: str, **selected: object) -> JSONObject:
        select = JournalFilter.read(selected)
        return {"count": sum(map(select.holds, self.sandboxes.get(sandbox).journal))}

    def clear_journal(self, sandbox: str) -> JSONObject:
        self.sandboxes.get(sandbox).journal.clear()
        return {"cleared": sandbox}

    def verify(self, sandbox: str, *, allow: Sequence[str] = ()) -> JSONObject:
        found = self.sandboxes.get(sandbox)
        allowed = AllowedFailures(**dict.fromkeys(allow, True))
        return verdict_document(found.verdict(allowed), sandbox="" if sandbox == DEFAULT else sandbox)

    def get_clock(self, sandbox: str) -> JSONObject:
        found = self.sandboxes.get(sandbox)
        time_s = time.time() if found.clock.is_real else found.clock.time_s + found.calls
        return {"clock": found.settings.clock, "time_s": time_s, "time": time_text("now", time_s)}

    def advance_clock(self, sandbox: str, *, advance: str) -> JSONObject:
        self.sandboxes.get(sandbox).clock.advance(read_duration(advance) or 0.0)
        return self.get_clock(sandbox)

    def reset(self, sandbox: str) -> JSONObject:
        self.sandboxes.get(sandbox).reset()
        return {"reset": sandbox}

    # --- gates ---

    def list_gates(self, sandbox: str) -> JSONObject:
        return {"gates": [_gate_document(gate) for gate in self.sandboxes.get(sandbox).gates]}

    def add_gate(self, sandbox: str, *, stub: str, at: JSON = _HEAD) -> JSONObject:
        found = self.sandboxes.get(sandbox)
        _check_stub(stub, found.stubs)
        return _gate_document(found.gates.add(stub, _place(at)))

    def clear_gates(self, sandbox: str) -> JSONObject:
        return _released(self.sandboxes.get(sandbox).gates.clear())

    def get_gate(self, sandbox: str, *, gate: int) -> JSONObject:
        return _gate_document(self._gate(sandbox, gate))

    def remove_gate(self, sandbox: str, *, gate: int) -> JSONObject:
        self._gate(sandbox, gate)
        return _released(self.sandboxes.get(sandbox).gates.remove(gate) or ())

    def release(self, sandbox: str, *, gate: int, requests: Sequence[object] | None = None) -> JSONObject:
        found = self._gate(sandbox, gate)
        if requests is None:
            return _released(found.release_all())
        held = found.held
        numbers = [one for one in requests if isinstance(one, int) and one in held]
        if len(numbers) < len(requests):
            strange = next(one for one in requests if one not in numbers)
            known = f"expected some of {', '.join(map(str, held))}" if held else "nothing does"
            raise UsageError(f"'requests': {strange!r} does not wait at the gate: {known}")
        for one in numbers:
            found.release(one)
        return _released(tuple(numbers))

    def _gate(self, sandbox: str, number: int) -> Gate:
        gate = self.sandboxes.get(sandbox).gates.get(number)
        if gate is None:
            raise AdminError(404, f"no gate {number} in sandbox {sandbox!r}")
        return gate


# --- HTTP's view of the same ---


def answer(service: AdminService, request: AdminRequest) -> AdminReply:
    """Perform a request; a rejection is an answer, nothing is raised."""
    try:
        verb, path = find_verb(request.method, request.path)
        arguments = read_arguments(verb, path, request.query, request.body)
        if verb.name == "load_scenario":
            if request.scenario is None:
                raise UsageError("no scenario was sent: expected YAML or a JSON object")
            arguments = {"scenario": request.scenario}
        perform: Callable[..., JSONObject] = getattr(service, verb.name)
        with service.sandboxes.lock:
            return AdminReply(status=verb.status, document=perform(request.sandbox, **arguments))
    except MockServerError as error:
        return rejection(error)


_STATUSES: tuple[tuple[type[MockServerError], int], ...] = (
    (ScenarioError, 422),
    (SandboxTakenError, 409),
    (UsageError, 400),
    (SandboxLimitError, 503),
    (SandboxDroppedError, 410),
)


def status_of(error: MockServerError) -> int:
    if isinstance(error, AdminError):
        return error.status
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def rejection(error: MockServerError) -> AdminReply:
    """The answer that reports an error; that of a scenario lists every problem with its place."""
    status = status_of(error)
    document: dict[str, JSON] = {"error": str(error), "status": status}
    if isinstance(error, ScenarioError):
        document["problems"] = [
            {
                "file": one.position.file,
                "line": one.position.line,
                "column": one.position.column,
                "key_path": one.key_path,
                "message": one.message,
                "rule": one.rule,
            }
            for one in error.problems
        ]
    headers = error.headers if isinstance(error, AdminError) else {}
    return AdminReply(status=status, document=document, headers=headers)


# --- documents ---


def _sandbox_document(sandbox: Sandbox) -> JSONObject:
    return {
        "name": sandbox.name,
        "url": f"/sandbox/{sandbox.name}",
        "scenarios": [one.name for one in sandbox.stubs.scenarios],
        "requests": len(sandbox.journal),
        "open": [*sandbox.journal.open],
        "settings": settings_document(sandbox.settings),
    }


def journal_documents(sandbox: Sandbox) -> list[JSONObject]:
    """Every exchange with its reply, credentials readable."""
    entries = sandbox.journal.entries
    return _documents(sandbox, entries, entries, reveal=True, replies=True)


def _documents(
    sandbox: Sandbox, shown: Sequence[Record], entries: Sequence[Record], *, reveal: bool, replies: bool
) -> list[JSONObject]:
    """Documents of the first of the entries, which reach to the end of the journal."""
    if not shown:
        return []
    others = shadowed_stubs(entries, {one.number for one in shown})
    return [
        entry_document(
            one,
            others=others.get(one.number, ()),
            reveal=reveal,
            replies=replies,
            received_at=sandbox.made_s + one.at_s,
            received_time=sandbox.received_time(one),
        )
        for one in shown
    ]


def _gate_document(gate: Gate) -> JSONObject:
    return {"gate": gate.number, "stub": gate.stub, "at": str(gate.place), "open": gate.open, "held": [*gate.held]}


def _released(numbers: Sequence[int]) -> JSONObject:
    return {"released": [*numbers]}


def _check_stub(name: str, stubs: StubSet) -> None:
    names = [mounted.stub.name for mounted in stubs.mounted]
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    known = f"there are {', '.join(map(repr, names))}" if names else "none is loaded"
    raise AdminError(404, f"no stub {name!r}: {f'did you mean {near[0]!r}?' if near else known}")


def _place(value: JSON) -> Place:
    try:
        return PLACE.read(value, "at")
    except FaultValueError as error:
        raise UsageError(str(error)) from None
