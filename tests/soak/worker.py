"""One client with a sandbox of its own: plays rounds, and holds what it saw against the journal."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.soak.plans import TOKEN, Ask, Way
from tests.soak.talking import NET_S, Seen, Talk

Plan = tuple[Ask, ...]
NAMED: Final = b"soak-name"


class MismatchError(Exception):
    """What a client saw and what the server says, or said earlier, differ."""


@dataclass(slots=True)
class Ledger:
    """What all workers have in common: the digests of replies by plan and place, and a count."""

    digests: dict[tuple[int, int], bytes] = field(default_factory=dict)
    verdicts: dict[int, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    exchanges: int = 0
    failed: bool = False


class Worker:
    """`number` is below 10,000; `scenario` is the YAML that the server has loaded too."""

    def __init__(self, number: int, port: int, scenario: str, ledger: Ledger) -> None:
        self._number = number
        self._port = port
        self._scenario = scenario
        self._ledger = ledger
        # Eight letters, as long as TOKEN: one delta of a stream.
        self._token = b"work" + bytes(97 + number // 26**place % 26 for place in range(4))
        self._turn = 0
        self._name = ""
        self._talk: Talk | None = None
        self._control = http.client.HTTPConnection("127.0.0.1", port, timeout=NET_S)

    def leave(self) -> None:
        """Close what is kept; the sandbox stays."""
        self._control.close()
        self._hang_up()

    # --- one round ---

    def play(self, seed: int, plan: Plan) -> None:
        """Play a plan in a sandbox that is like new, and compare.

        Raises:
            MismatchError: something differs.
        """
        self._begin()
        seen = [self._exchange(number, ask) for number, ask in enumerate(plan, 1)]
        self._hang_up()
        self._hold_against_the_first(seed, plan, seen)
        self._hold_against_the_journal(plan, seen)
        self._hold_verdicts(seed)
        self._ledger.exchanges += len(plan)
        self._ledger.bytes += sum(len(one.data) for one in seen)
        self._ledger.kinds.update(ask.name for ask in plan)

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None

    def _begin(self) -> None:
        """In turn: a sandbox made by its first use, the same after a reset, one made by asking, one
        that gets its scenario by upload."""
        way, self._turn = self._turn % 4, self._turn + 1
        if way == 1:
            self._ask("POST", "reset")
            return
        if self._name:
            self._ask("DELETE", "sandboxes")
        self._name = f"s{self._number:03d}{self._turn % 100_000:05d}"
        if way in (2, 3):
            made = {"name": self._name, "scenarios": way == 2}
            self._ask("POST", "sandboxes", json.dumps(made), status=201, sandbox="")
        if way == 3:
            self._ask("POST", "scenarios?origin=tests/soak/soak.yaml", self._scenario, status=201)

    def _exchange(self, number: int, ask: Ask) -> Seen:
        data = ask.data(self._name.encode(), self._token)
        if ask.way is Way.KEEP:
            if self._talk is None:
                self._talk = Talk(self._port)
            self._talk.send(data)
            seen = self._talk.read_one()
            if seen.end:
                raise MismatchError(f"{ask.name}: the connection ended, {seen}")
            return seen
        talk = Talk(self._port)
        talk.send(data)
        match ask.way:
            case Way.READ:
                seen = talk.read_all()
            case Way.LEAVE:
                seen = talk.read_until(ask.until)
            case _:
                seen = Seen(data=b"")
        talk.close()
        if ask.way is Way.DESERT:
            self._await(number, "limit=0")
        return seen

    # --- comparing ---

    def _hold_against_the_first(self, seed: int, plan: Plan, seen: list[Seen]) -> None:
        """The same bytes as whoever played this plan first."""
        for place, (ask, one) in enumerate(zip(plan, seen, strict=True)):
            if ask.way in (Way.LEAVE, Way.DESERT):
                continue
            found = one.data.replace(self._name.encode(), NAMED).replace(self._token, TOKEN)
            digest = hashlib.blake2b(found + one.end.encode(), digest_size=16).digest()
            first = self._ledger.digests.setdefault((seed, place), digest)
            if digest != first:
                raise MismatchError(f"plan {seed}, {place}, {ask.name}: other bytes, {one}")
            if b"say" in ask.body and one.status == 200 and self._token not in one.data:
                raise MismatchError(f"{ask.name}: another's reply, {one}")

    def _hold_against_the_journal(self, plan: Plan, seen: list[Seen]) -> None:
        entries = self._await(len(plan), f"reveal=true&limit={len(plan)}")["entries"]
        for number, (ask, one, entry) in enumerate(zip(plan, seen, entries, strict=True), 1):
            for what, expected, found in self._pairs(number, ask, one, entry):
                if expected != found:
                    raise MismatchError(f"{ask.name}: {what}: {expected!r}, but {found!r} in {entry}")

    def _pairs(self, number: int, ask: Ask, seen: Seen, entry: dict[str, Any]) -> Iterator[tuple[str, object, object]]:
        outcome, sent = entry["outcome"], entry["outcome"]["sent"]
        yield "number", number, entry["number"]
        yield "how", True, outcome["how"] in ask.how
        yield "path", ask.path, entry["request"]["path"]
        if seen.status or not ask.whole:
            yield "status in the journal", ask.status, entry["status"]
        body = ask.body if ask.recorded is None else ask.recorded
        yield "body", body.replace(TOKEN, self._token), _body(entry["request"])
        match ask.way:
            case Way.KEEP | Way.READ:
                yield "status", ask.status, seen.status
                yield "bytes", len(seen.data), sent
                yield "end", ask.end if ask.way is Way.READ else "", seen.end
            case Way.LEAVE:
                yield "status", ask.status, seen.status
                yield "no more bytes than", True, len(seen.data) <= sent
            case Way.DESERT:
                yield "half a request has no reply", True, ask.whole or sent == 0

    def _await(self, count: int, query: str) -> dict[str, Any]:
        """The journal, once that many exchanges have been noted and none is open."""
        until = time.monotonic() + NET_S
        while True:
            found = self._ask("GET", f"journal?{query}")
            if not found["open"] and found["last"] >= count:
                break
            if time.monotonic() > until:
                raise MismatchError(f"{count} exchanges: {found['last']}, open {found['open']}")
            time.sleep(0.002)
        if (found["last"], found["dropped"]) != (count, 0):
            raise MismatchError(f"{count} exchanges, but {found['last']} in the journal")
        return found

    def _hold_verdicts(self, seed: int) -> None:
        verdict = self._ask("POST", "verify")
        found = json.dumps(verdict["complaints"]).replace(self._name, NAMED.decode())
        found = found.replace(self._token.decode(), TOKEN.decode())
        if self._ledger.verdicts.setdefault(seed, found) != found:
            raise MismatchError(f"plan {seed}: another verdict, {found}")

    # --- the control routes ---

    def _ask(
        self, method: str, path: str, body: str = "", *, status: int = 200, sandbox: str | None = None
    ) -> dict[str, Any]:
        prefix = f"/sandbox/{self._name}" if sandbox is None else sandbox
        self._control.request(method, f"{prefix}/__admin/{path}", body.encode())
        response = self._control.getresponse()
        found: dict[str, Any] = json.loads(response.read())
        if response.status != status:
            raise MismatchError(f"{method} {path}: {response.status}: {found}")
        return found


def _body(request: dict[str, Any]) -> bytes:
    text: str = request["body"]
    return b64decode(text) if request["encoding"] == "base64" else text.encode()
