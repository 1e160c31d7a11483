"""The load: connections that ask, read the whole answer, check it, and ask again.

Raw sockets under asyncio, so that one core of load can keep one core of server busy.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from benchmarks.workload import Requests, Wanted

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_LAST = b"0\r\n\r\n"
_DATA = b"data: "


class BadAnswerError(Exception):
    """An answer that is not what was asked for."""


@dataclass(slots=True)
class Stream:
    """When the events of one stream came, in seconds of the clock."""

    first_s: float = 0.0
    last_s: float = 0.0
    gaps: int = 0


@dataclass(slots=True)
class Tally:
    """What was counted; `latencies` are seconds."""

    answers: int = 0
    latencies: list[float] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)


class Asker(asyncio.Protocol):
    """One connection. `timed` notes when the pieces of each answer come; `quota` bounds them."""

    def __init__(self, supply: Iterator[tuple[bytes, Wanted]], *, timed: bool = False) -> None:
        self.tally = Tally()
        self.running = False
        self.quota: int | None = None
        self.idle = asyncio.get_running_loop().create_future()
        self._supply = supply
        self._timed = timed
        self._transport: asyncio.Transport
        self._wanted: Wanted
        self._asked_s = 0.0
        self._buffer = b""
        self._seen = Stream()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has its own classes

    def ask(self) -> None:
        """Send the next request."""
        request, self._wanted = next(self._supply)
        self._buffer = b""
        self._seen = Stream()
        self._asked_s = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if self._timed:
            self._note()
        try:
            if not self._complete():
                return
            now = time.perf_counter()
            self._check()
        except BadAnswerError as error:
            self._fail(error)
            return
        self.tally.answers += 1
        self.tally.latencies.append(now - self._asked_s)
        if self._timed:
            self.tally.streams.append(self._seen)
        if self.running and self.tally.answers != self.quota:
            self.ask()
        elif not self.idle.done():
            self.idle.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or BadAnswerError(f"the server closed after {self._buffer[-200:]!r}"))

    def close(self) -> None:
        """Leave."""
        if not self.idle.done():
            self.idle.set_result(None)
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        if not self.idle.done():
            self.idle.set_exception(error)

    def _note(self) -> None:
        now = time.perf_counter()
        if self._seen.first_s and now - self._seen.last_s > 0.005:
            self._seen.gaps += 1
        if _DATA in self._buffer:
            self._seen.first_s = self._seen.first_s or now
            self._seen.last_s = now

    def _complete(self) -> bool:
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return False
        length = _LENGTH.search(head)
        if length is not None:
            return len(body) >= int(length[1])
        if _CHUNKED.search(head) is None:
            raise BadAnswerError(f"neither length nor chunks: {head!r}")
        return body.endswith(_LAST)

    def _check(self) -> None:
        buffer, wanted = self._buffer, self._wanted
        if not buffer.startswith(b"HTTP/1.1 200"):
            raise BadAnswerError(buffer[:600].decode("latin-1"))
        if wanted.holds and wanted.holds not in buffer:
            raise BadAnswerError(f"no {wanted.holds!r} in {buffer[:900]!r}")
        if wanted.events and buffer.count(_DATA) < wanted.events:
            raise BadAnswerError(f"{buffer.count(_DATA)} events, wanted {wanted.events}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came in `seconds` of the clock, with the latency of each answer in seconds."""

    seconds: float
    latencies: list[float]


async def flood(
    port: int, requests: Requests, *, connections: int, warm_s: float, seconds: float
) -> Measured:
    """Ask on every connection for so long, each answer followed at once by the next question, and
    until the last answers are there; what comes while all is warming up is not counted."""
    askers = await _connect(port, requests, connections)
    await _run(askers, warm_s)
    for asker in askers:
        asker.tally = Tally()
        asker.idle = asyncio.get_running_loop().create_future()
    began = time.perf_counter()
    await _run(askers, seconds)
    took = time.perf_counter() - began
    _leave(askers)
    latencies = [one for asker in askers for one in asker.tally.latencies]
    return Measured(seconds=took, latencies=latencies)


async def count_out(port: int, requests: Requests, *, connections: int, answers: int) -> None:
    """Ask until so many answers came."""
    askers = await _connect(port, requests, connections)
    for asker in askers:
        asker.running = True
        asker.quota = -(-answers // connections)
        asker.ask()
    for asker in askers:
        await asker.idle
    _leave(askers)


async def at_once(port: int, requests: Requests, *, connections: int) -> list[Stream]:
    """One timed answer on every connection, all asked for in the same moment."""
    askers = await _connect(port, requests, connections, timed=True)
    for asker in askers:
        asker.ask()
    async with asyncio.timeout(60):
        for asker in askers:
            await asker.idle
    _leave(askers)
    return [stream for asker in askers for stream in asker.tally.streams]


async def _connect(
    port: int, requests: Requests, connections: int, *, timed: bool = False
) -> list[Asker]:
    loop = asyncio.get_running_loop()
    supply = iter(requests)
    return [
        (await loop.create_connection(lambda: Asker(supply, timed=timed), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]


async def _run(askers: list[Asker], seconds: float) -> None:
    for asker in askers:
        asker.running = True
        asker.ask()
    await asyncio.wait(
        [asker.idle for asker in askers], timeout=seconds, return_when="FIRST_EXCEPTION"
    )
    for asker in askers:
        asker.running = False
    async with asyncio.timeout(60):
        for asker in askers:
            await asker.idle


def _leave(askers: list[Asker]) -> None:
    for asker in askers:
        asker.close()
