"""The load: connections that send a request, check the whole answer, and send the next.

Raw sockets under asyncio, so that one core of load keeps one core of server busy.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from benchmarks.workload import Expected, Requests

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_DATA = b"data: "


class BadAnswerError(Exception):
    """An answer that is not the expected one."""


@dataclass(slots=True)
class Stream:
    """When the events of one stream arrived, in seconds of the clock."""

    first_s: float = 0.0
    last_s: float = 0.0
    gaps: int = 0


@dataclass(slots=True)
class Tally:
    """What was counted; `latencies` are seconds."""

    answers: int = 0
    latencies: list[float] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One connection. `timed` notes when events arrive; `quota` is how many answers to ask for."""

    def __init__(self, requests: Iterator[tuple[bytes, Expected]], *, timed: bool = False) -> None:
        self.tally = Tally()
        self.running = False
        self.quota: int | None = None
        self.idle = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._timed = timed
        self._transport: asyncio.Transport
        self._expected: Expected
        self._sent_s = 0.0
        self._buffer = b""
        self._stream = Stream()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has its own classes

    def send(self) -> None:
        """Send the next request."""
        request, self._expected = next(self._requests)
        self._buffer = b""
        self._stream = Stream()
        self._sent_s = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if self._timed:
            self._note_events()
        try:
            if not self._is_complete():
                return
            now = time.perf_counter()
            self._check()
        except BadAnswerError as error:
            self._fail(error)
            return
        self.tally.answers += 1
        self.tally.latencies.append(now - self._sent_s)
        if self._timed:
            self.tally.streams.append(self._stream)
        if self.running and self.tally.answers != self.quota:
            self.send()
        elif not self.idle.done():
            self.idle.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or BadAnswerError(f"the server closed after {self._buffer[-200:]!r}"))

    def close(self) -> None:
        """Close the connection."""
        if not self.idle.done():
            self.idle.set_result(None)
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        if not self.idle.done():
            self.idle.set_exception(error)

    def _note_events(self) -> None:
        now = time.perf_counter()
        if self._stream.first_s and now - self._stream.last_s > 0.005:
            self._stream.gaps += 1
        if _DATA in self._buffer:
            self._stream.first_s = self._stream.first_s or now
            self._stream.last_s = now

    def _is_complete(self) -> bool:
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return False
        length = _LENGTH.search(head)
        if length is not None:
            return len(body) >= int(length[1])
        if _CHUNKED.search(head) is None:
            raise BadAnswerError(f"neither length nor chunks: {head!r}")
        return body.endswith(_LAST_CHUNK)

    def _check(self) -> None:
        buffer, expected = self._buffer, self._expected
        if not buffer.startswith(b"HTTP/1.1 200"):
            raise BadAnswerError(buffer[:600].decode("latin-1"))
        if expected.content and expected.content not in buffer:
            raise BadAnswerError(f"no {expected.content!r} in {buffer[:900]!r}")
        if expected.events and buffer.count(_DATA) < expected.events:
            raise BadAnswerError(f"{buffer.count(_DATA)} events, expected {expected.events}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What arrived in `seconds` of the clock, with the latency of each answer in seconds."""

    seconds: float
    latencies: list[float]


async def flood(port: int, requests: Requests, *, connections: int, warm_s: float, seconds: float) -> Measured:
    """Send requests back to back on every connection for some time, and measure until the last
    answer is complete. What arrives while everything warms up is not counted."""
    group = await _connect(port, requests, connections)
    await _run(group, warm_s)
    for one in group:
        one.tally = Tally()
        one.idle = asyncio.get_running_loop().create_future()
    began = time.perf_counter()
    await _run(group, seconds)
    took = time.perf_counter() - began
    _close(group)
    latencies = [latency for one in group for latency in one.tally.latencies]
    return Measured(seconds=took, latencies=latencies)


async def send_count(port: int, requests: Requests, *, connections: int, answers: int) -> None:
    """Send requests until the number of answers is reached."""
    group = await _connect(port, requests, connections)
    for one in group:
        one.running = True
        one.quota = -(-answers // connections)
        one.send()
    for one in group:
        await one.idle
    _close(group)


async def send_at_once(port: int, requests: Requests, *, connections: int) -> list[Stream]:
    """Send one request on every connection at the same moment, and time the answers."""
    group = await _connect(port, requests, connections, timed=True)
    for one in group:
        one.send()
    async with asyncio.timeout(60):
        for one in group:
            await one.idle
    _close(group)
    return [stream for one in group for stream in one.tally.streams]


async def _connect(port: int, requests: Requests, connections: int, *, timed: bool = False) -> list[Connection]:
    create = asyncio.get_running_loop().create_connection
    supply = iter(requests)
    return [(await create(lambda: Connection(supply, timed=timed), "127.0.0.1", port))[1] for _ in range(connections)]


async def _run(group: list[Connection], seconds: float) -> None:
    for one in group:
        one.running = True
        one.send()
    idle = [one.idle for one in group]
    await asyncio.wait(idle, timeout=seconds, return_when="FIRST_EXCEPTION")
    for one in group:
        one.running = False
    async with asyncio.timeout(60):
        for one in group:
            await one.idle


def _close(group: list[Connection]) -> None:
    for one in group:
        one.close()
