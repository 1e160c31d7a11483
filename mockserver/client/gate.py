"""A gate from a test's side: replies wait at it, and the test says when they go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from mockserver.client.requests import Requests
from mockserver.client.waiting import poll
from mockserver.errors import MockServerError, UsageError, VerificationError
from mockserver.model.json import JSON, JSONObject


class Ask(Protocol):
    """Asks the control routes of a sandbox."""

    def __call__(self, method: str, path: str, *, body: JSON = None) -> JSONObject:
        """The document that is answered."""
        ...


class Gate:
    """Made by `SandboxClient.hold`; leaving its `with` block lets every reply go on."""

    def __init__(
        self, told: JSONObject, ask: Ask, journal: Callable[[], Requests], *, may_wait: bool
    ) -> None:
        self.stub = str(told["stub"])
        self.at = str(told["at"])
        self._path = f"gates/{told['gate']}"
        self._ask = ask
        self._journal = journal
        self._may_wait = may_wait

    def __repr__(self) -> str:
        return f"<Gate of {self.stub!r} {self.at}>"

    @property
    def held(self) -> list[int]:
        """Numbers of the requests whose replies wait here, in order of arrival."""
        return _numbers(self._ask("GET", self._path)["held"])

    def wait(self, count: int = 1, *, timeout: float = 5.0) -> Requests:
        """Wait until so many replies are held at once, `timeout` in seconds; gives their requests.

        Raises:
            VerificationError: time ran out.
        """
        if not self._may_wait:
            raise UsageError(
                "waiting at a gate would stop the very event loop that runs the server: "
                "wanted 'await asyncio.to_thread(gate.wait)'"
            )
        held = poll(lambda: self.held, lambda numbers: len(numbers) >= count, timeout)
        journal = self._journal()
        if len(held) < count:
            replies = "reply" if count == 1 else "replies"
            raise VerificationError(
                f"wanted {count} {replies} of {self.stub!r} held {self.at} within {timeout} s, "
                f"got {len(held)}.\n\n{journal.text}"
            )
        return Requests([one for one in journal if one.number in held])

    def release(self, *requests: int) -> list[int]:
        """Let the replies to the requests of these numbers go on; without any, all of them, and
        those to come as well. Gives the numbers of those that waited.

        Raises:
            UsageError: the reply to one of them does not wait here.
        """
        body: JSON = {"requests": [*requests]} if requests else None
        return _numbers(self._ask("POST", f"{self._path}/release", body=body)["released"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # With the server or the sandbox the gate is gone as well, and nothing waits at it.
        with suppress(MockServerError):
            self._ask("DELETE", self._path)


class AsyncGate:
    """`sync` is the same gate without `await`; see there for what each method does."""

    def __init__(self, sync: Gate) -> None:
        self.sync = sync

    async def held(self) -> list[int]:
        """Numbers of the requests whose replies wait here."""
        return await asyncio.to_thread(lambda: self.sync.held)

    async def wait(
        self,
        count: int = 1,
        *,
        timeout: float = 5.0,  # noqa: ASYNC109  # the bound is told in the failure's text
    ) -> Requests:
        return await asyncio.to_thread(self.sync.wait, count, timeout=timeout)

    async def release(self, *requests: int) -> list[int]:
        return await asyncio.to_thread(self.sync.release, *requests)


def _numbers(told: JSON) -> list[int]:
    listed = told if isinstance(told, list) else []
    return [one for one in listed if isinstance(one, int)]
