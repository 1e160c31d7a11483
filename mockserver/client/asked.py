"""What a sandbox was asked, seen from a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.client.filter import Filter, On
from mockserver.client.reached import ReachedSandbox
from mockserver.client.recorded import RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.waiting import poll
from mockserver.errors import UsageError, VerificationError
from mockserver.model.journal import ExchangeKind
from mockserver.model.json import JSON, JSONObject
from mockserver.model.stub import Times


class AskedSandbox(ReachedSandbox):
    """Reads the journal of a sandbox."""

    @property
    def requests(self) -> Requests:
        """Every call so far, whether it was answered, missed or refused."""
        return Requests(
            [one for one in self._entries() if one.document["kind"] == ExchangeKind.CALL.value]
        )

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
            lambda: (
                self._control.running(self.name),
                [one for one in self.requests if one.client_left],
            ),
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
                f"wanted {counted(count)}{such} within {timeout} s, got {len(found)}.\n\n"
                f"{self.requests.text}"
            )
        return found

    def calls(self) -> Iterator[tuple[str, int, str, int]]:
        """File, line and name of each stub, and how often it has answered."""
        for scenario in _objects(self._ask("GET", "scenarios")["scenarios"]):
            for stub in _objects(scenario["stubs"]):
                file, name = str(stub["file"]), str(stub["stub"])
                yield file, int(str(stub["line"])), name, int(str(stub["calls"]))

    def _entries(self) -> list[RecordedRequest]:
        return [RecordedRequest(one) for one in self._control.entries(self.name)]


def _objects(told: JSON) -> list[JSONObject]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def counted(count: int | Times) -> str:
    """So many requests, in words."""
    return f"{count} request{'' if str(count) == '1' else 's'}"
