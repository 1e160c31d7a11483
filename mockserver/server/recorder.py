"""The recorder: forwarded exchanges in the files of a folder, one for each conversation or named sandbox.

A file `NAME.yaml` is an ordinary scenario. Beside it `NAME.exchanges.jsonl` has the same exchanges, redacted, from
which the scenario is written again when more are recorded."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mockserver.errors import MockServerError, UsageError
from mockserver.model.call import Call
from mockserver.model.json import JSON, JSONObject, as_list, as_object
from mockserver.model.settings import RecordMode
from mockserver.model.stub import Scenario
from mockserver.recording.exchange import RecordedExchange
from mockserver.recording.redaction import Redactor
from mockserver.recording.replies import KEPT_HEADERS, ReplyWriter
from mockserver.recording.scenario_text import scenario_text
from mockserver.scenario.load import load_text
from mockserver.server.worker_threads import in_thread

if TYPE_CHECKING:
    from mockserver.model.stub_index import MountedStub
    from mockserver.server.sandbox import Sandbox

_EXCHANGES: Final = ".exchanges.jsonl"
_MODE: Final = 0o600
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")
_SLUG: Final = 40
_MAX_IDS: Final = 10_000


@dataclass(slots=True)
class _File:
    """One file: what it had, what was recorded since, the scenario with both, and which requests it answers."""

    earlier: tuple[RecordedExchange, ...] = ()
    added: dict[int, RecordedExchange] = field(default_factory=dict)
    scenario: Scenario | None = None
    known: set[str] = field(default_factory=set)
    sandboxes: list[Sandbox] = field(default_factory=list)
    writing: asyncio.Task[None] | None = None


class Recorder:
    """Writes and reads the recordings in a folder. Its methods are for the loop of the server; `note` is told what
    was recorded, `lock` is held while a sandbox is loaded."""

    def __init__(
        self,
        folder: Path,
        writer: ReplyWriter,
        *,
        mode: RecordMode = RecordMode.MISSING,
        patterns: Sequence[str] | None = (),
        key: str | None = None,
        lock: AbstractContextManager[object],
        note: Callable[[str], object],
    ) -> None:
        """Without `patterns` nothing is redacted but the `key` of the upstream.

        Raises UsageError where the folder cannot be used, ScenarioError for a recording in it that is wrong."""
        self.mode = mode
        self.note = note
        self._folder = folder
        self._redacts = patterns is not None
        self._key = key.encode() if key else None
        self._patterns = (*(patterns or ()), *((re.escape(key),) if key else ()))
        self._lock = lock
        self._writer = writer
        self._placeholder = Redactor().placeholder
        self._numbers = count(1)
        self._conversations: dict[str, str] = {}
        self._files: dict[str, _File] = {}
        self._others: dict[str, Scenario] = {}
        Redactor(self._patterns)
        if mode is not RecordMode.NONE:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"--record {folder}: {error.strerror}") from None
        if mode is not RecordMode.ALL:
            self._read()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What was recorded before, by name, with the other scenarios in the folder first."""
        files = [one.scenario for _, one in sorted(self._files.items()) if one.scenario is not None]
        return (*self._others.values(), *files)

    def next_number(self) -> int:
        """A number for the next exchange: recordings are in the order of requests."""
        return next(self._numbers)

    def chosen(self, sandbox: Sandbox, mounted: MountedStub | None, call: Call) -> MountedStub | None:
        """The stub of a recording with this very request, or else the one found; where it is a recording of another
        request and requests are recorded, none."""
        if mounted is not None and mounted.scenario.name not in self._files:
            return mounted
        own = self._own(sandbox, call)
        return mounted if own is None and self.mode is RecordMode.NONE else own

    async def recorded(self, sandbox: Sandbox, call: Call) -> MountedStub | None:
        """The stub of a recording that is complete by now."""
        file = self._files.get(self._name(sandbox, call))
        if self.mode is not RecordMode.MISSING or file is None:
            return None
        while file.writing is not None:
            await asyncio.wait((file.writing,))
        if file.scenario is not None and file.scenario.name not in sandbox.stubs:
            self._load(sandbox, file.scenario)
        return self._own(sandbox, call)

    def add(self, sandbox: Sandbox, exchange: RecordedExchange, number: int) -> None:
        """Record an exchange; it is written next to the loop."""
        kept = [(name, value) for name, value in exchange.reply_headers if KEPT_HEADERS.fullmatch(name.lower())]
        kept += [pair for pair in exchange.reply_headers if pair[0] in ("content-type", "content-length")]
        url = exchange.url.partition("?")[0]
        exchange = replace(exchange, url=url, request_headers=(), reply_headers=tuple(kept))
        if self._key and self._key in exchange.reply_body:
            # Of the same length, so that portions stay.
            body = exchange.reply_body.replace(self._key, b"X" * len(self._key))
            exchange = replace(exchange, reply_body=body)
        name = self._name(sandbox, exchange.call)
        file = self._files.setdefault(name, _File())
        file.added[number] = exchange
        if sandbox not in file.sandboxes:
            file.sandboxes.append(sandbox)
        if len(self._conversations) < _MAX_IDS and (given := _reply_id(exchange)):
            self._conversations[given] = name
        if file.writing is None:
            file.writing = asyncio.get_running_loop().create_task(self._write(name, file))

    async def settled(self) -> None:
        """Wait until everything is written."""
        while tasks := [one.writing for one in self._files.values() if one.writing is not None]:
            await asyncio.wait(tasks)

    # --- private ---

    def _own(self, sandbox: Sandbox, call: Call) -> MountedStub | None:
        name = self._name(sandbox, call)
        file = self._files.get(name)
        if file is None or self._fingerprint(call.endpoint.value, call.body) not in file.known:
            return None
        found = (one for one in sandbox.stubs.mounted if one.scenario.name == name and not one.mismatches(call))
        return next(found, None)

    def _load(self, sandbox: Sandbox, scenario: Scenario) -> None:
        with self._lock:
            sandbox.load(scenario)

    async def _write(self, name: str, file: _File) -> None:
        try:
            written = 0
            while written != len(file.added):
                written = len(file.added)
                added = tuple(exchange for _, exchange in sorted(file.added.items()))
                exchanges, scenario = await in_thread(partial(self._saved, name, file.earlier, added))
                file.known = {self._fingerprint(one.call.endpoint.value, one.body or {}) for one in exchanges}
                if scenario is not None and self.mode is RecordMode.MISSING:
                    file.scenario = scenario
                    for sandbox in file.sandboxes:
                        self._load(sandbox, scenario)
        except (MockServerError, OSError) as error:
            self.note(f"not recorded: {name}: {error}")
        finally:
            file.writing = None

    def _saved(
        self, name: str, earlier: tuple[RecordedExchange, ...], added: tuple[RecordedExchange, ...]
    ) -> tuple[tuple[RecordedExchange, ...], Scenario | None]:
        """Write both files; runs in a thread of its own."""
        found = tuple(replace(one, origin=f"exchange {place}") for place, one in enumerate((*earlier, *added), 1))
        redactor = Redactor(self._patterns) if self._redacts else None
        if redactor is not None:
            found = redactor.exchanges(found)
        placeholder = self._placeholder if self._redacts else None
        host = urlsplit(added[0].url).netloc
        comments = [
            f"Recorded from {host} by mockserver serve." if redactor else f"Recorded from {host}; not redacted."
        ]
        text = scenario_text(found, name=name, writer=self._writer, placeholder=placeholder, comments=comments).text
        lines = "".join(f"{json.dumps(_document(one), ensure_ascii=False)}\n" for one in found)
        if redactor is not None and (left := (*redactor.leaks(text), *redactor.leaks(lines))):
            raise UsageError(f"nothing was written: {len(left)} secrets are left, such as {left[0]!r}")
        scenario = load_text(text, f"{name}.yaml", self._writer.dialects)
        _replace_file(self._folder / f"{name}{_EXCHANGES}", lines.encode())
        _replace_file(self._folder / f"{name}.yaml", text.encode())
        stubs = len(scenario.stubs)
        self.note(f"recorded {name}.yaml: {stubs} {'stub' if stubs == 1 else 'stubs'}{_broken(text)}")
        return found, scenario

    def _read(self) -> None:
        """The recordings in the folder. A scenario alone is one as any other, and is not written again."""
        for path in sorted(self._folder.glob("*.yaml")):
            beside = path.with_name(path.name.removesuffix(".yaml") + _EXCHANGES)
            try:
                text = path.read_bytes()
                lines = beside.read_text(encoding="utf-8").splitlines() if beside.exists() else []
                exchanges = tuple(_exchange(line) for line in lines)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UsageError(f"--record {path}: cannot be read, with {beside.name}: {error}") from None
            scenario = load_text(text, str(path), self._writer.dialects)
            if not exchanges or scenario.name != path.stem:
                self._others[path.stem] = scenario
                continue
            known = {self._fingerprint(one.call.endpoint.value, one.body or {}) for one in exchanges}
            self._files[scenario.name] = _File(earlier=exchanges, scenario=scenario, known=known)
            for one in exchanges:
                if given := _reply_id(one):
                    self._conversations[given] = scenario.name

    def _name(self, sandbox: Sandbox, call: Call) -> str:
        """The file of a call, which is none of the user's own."""
        name = self._wanted_name(sandbox, call)
        while name in self._others:
            name += "-recorded"
        return name

    def _wanted_name(self, sandbox: Sandbox, call: Call) -> str:
        """That of its sandbox, or else of its conversation."""
        if sandbox.shown_name:
            slug = _slug(sandbox.shown_name)
            return slug if slug == sandbox.shown_name else f"{slug}-{_digest(sandbox.shown_name)}"
        previous = call.body.get("previous_response_id")
        if isinstance(previous, str) and previous in self._conversations:
            return self._conversations[previous]
        said = _first_user(call.body)
        text = json.dumps(said, sort_keys=True)
        text = text if not self._redacts else self._placeholder.sub("", Redactor(self._patterns).text(text))
        return f"{_slug(_text(json.loads(text)))}-{_digest(text)}"

    def _fingerprint(self, endpoint: str, body: JSONObject) -> str:
        """What is the same for equal requests, also when one of them is redacted."""
        text = json.dumps(body, sort_keys=True)
        if self._redacts:
            text = self._placeholder.sub("", Redactor(self._patterns).text(text))
        return _digest(f"{endpoint} {text}")


def _first_user(body: JSONObject) -> JSON:
    given = body.get("messages", body.get("input"))
    if not isinstance(given, list):
        return given
    users = (one for one in given if as_object(one).get("role") == "user")
    return as_object(next(users, given[0] if given else None)).get("content")


def _text(said: JSON) -> str:
    """The words of a message's content."""
    if isinstance(said, str):
        return said
    return " ".join(str(as_object(one).get("text", "")) for one in as_list(said))


def _slug(text: str) -> str:
    return _UNSAFE.sub("-", text[:400].lower())[:_SLUG].strip("-") or "recorded"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _reply_id(exchange: RecordedExchange) -> str | None:
    """The id of a recorded response, to which later requests refer."""
    found = re.search(rb'"id": ?"(resp_[^"]+)"', exchange.reply_body[:20_000])
    return found[1].decode("utf-8", "replace") if found else None


def _broken(text: str) -> str:
    rules = sorted(
        {rule.strip() for found in re.findall(r"(?m)^ +breaks: \[(.*)\]$", text) for rule in found.split(",")}
    )
    return f"; the reply breaks {', '.join(rules)}" if rules else ""


# --- exchanges as lines of JSON ---


def _document(exchange: RecordedExchange) -> JSONObject:
    return {
        "method": exchange.method,
        "url": exchange.url,
        "request": _body(exchange.request_body),
        "status": exchange.status,
        "headers": [[name, value] for name, value in exchange.reply_headers],
        "reply": _body(exchange.reply_body),
        "splits": [*exchange.splits],
        "times": [round(one, 4) for one in exchange.times_s],
        "complete": exchange.complete,
    }


def _body(data: bytes) -> JSON:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _bytes(value: str | dict[str, str]) -> bytes:
    return value.encode() if isinstance(value, str) else b64decode(value["base64"])


def _exchange(line: str) -> RecordedExchange:
    """The exchange of a line; raises ValueError, KeyError or TypeError."""
    given = json.loads(line)
    return RecordedExchange(
        origin="",
        method=str(given["method"]),
        url=str(given["url"]),
        request_body=_bytes(given["request"]),
        status=int(given["status"]),
        reply_headers=tuple((str(name), str(value)) for name, value in given["headers"]),
        reply_body=_bytes(given["reply"]),
        splits=tuple(map(int, given["splits"])),
        times_s=tuple(map(float, given["times"])),
        complete=bool(given["complete"]),
    )


def _replace_file(path: Path, data: bytes) -> None:
    """Write a file at once, readable by its owner only; one with these bytes is left as it is."""
    if path.exists() and path.read_bytes() == data:
        return
    handle, made = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(made).chmod(_MODE)
        Path(made).replace(path)
    except OSError:
        with suppress(OSError):
            Path(made).unlink()
        raise
