from __future__ import annotations

import asyncio
import threading
import time

import pytest

from mockserver.errors import HostError
from tests.kit import Dialects, LoopCaller, Sandboxes, ThreadRunner, Upstream, admin_routes, listening
from tests.kit import runner as module


def upstream() -> Upstream:
    sandboxes = Sandboxes(Dialects().find("openai"), clock=time.monotonic)
    return Upstream(sandboxes, admin_routes(sandboxes))


def thread_host(*, port: int = 0) -> ThreadRunner:
    return ThreadRunner(upstream(), host="127.0.0.1", port=port)


def fail(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("error", [RuntimeError("own"), TimeoutError("own"), KeyError("own"), HostError("own")])
def test_an_error_on_the_loop_is_raised_where_it_was_asked_for(error: Exception) -> None:
    host = thread_host()
    host.start()
    try:
        with pytest.raises(type(error)) as raised:
            host.loop.call(lambda: fail(error))
    finally:
        host.stop()
    assert raised.value is error


def test_a_call_runs_on_the_servers_thread_and_gives_its_result() -> None:
    host = thread_host()
    host.start()
    try:
        there = host.loop.call(threading.get_ident)
        nested = host.loop.call(lambda: (host.loop.on_loop, host.loop.call(threading.get_ident)))
    finally:
        host.stop()
    assert there != threading.get_ident()
    assert nested == (True, there)
    assert not host.loop.on_loop


def test_nothing_can_be_asked_before_the_start_nor_after_the_end() -> None:
    host = thread_host()
    with pytest.raises(HostError, match="has not started"):
        host.loop.call(int)
    host.start()
    host.stop()
    with pytest.raises(HostError, match="has stopped"):
        host.loop.call(int)
    host.stop()


def test_a_loop_that_stops_during_a_call_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> LoopCaller:
        return LoopCaller()

    def closed(*_: object) -> None:
        raise RuntimeError("Event loop is closed")

    reached = asyncio.run(story())
    monkeypatch.setattr(reached._loop, "is_closed", lambda: False)
    monkeypatch.setattr(reached._loop, "call_soon_threadsafe", closed)
    monkeypatch.setattr(reached, "_thread", -1)
    with pytest.raises(HostError, match="has stopped"):
        reached.call(int)


def test_a_blocked_loop_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    host = thread_host()
    host.start()
    release = threading.Event()
    thread = host._thread
    assert thread is not None
    host.loop._loop.call_soon_threadsafe(release.wait)
    monkeypatch.setattr(module, "DEADLINE_S", 0.01)
    with pytest.raises(HostError, match="has not answered for 0 s"):
        host.loop.call(int)
    with pytest.raises(HostError, match="did not stop within 0 s"):
        host.stop()
    release.set()
    thread.join(60)
    assert not thread.is_alive()


def test_a_start_that_takes_too_long_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    host = thread_host()
    monkeypatch.setattr(module, "DEADLINE_S", 0.01)
    monkeypatch.setattr(host, "_run", lambda _ready: None)
    with pytest.raises(HostError, match="did not start within 0 s"):
        host.start()


def test_a_taken_port_is_reported_and_leaves_no_thread() -> None:
    first = thread_host()
    _, port = first.start()
    before = threading.active_count()
    second = thread_host(port=port)
    try:
        with pytest.raises(HostError, match=f"cannot listen on 127.0.0.1:{port}: "):
            second.start()
        assert second._thread is not None
        second._thread.join(60)
        assert threading.active_count() == before
    finally:
        first.stop()


def test_listening_ends_with_its_block() -> None:
    async def story() -> None:
        async with listening(upstream(), host="127.0.0.1", port=0) as (address, port):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address, port)

    asyncio.run(story())
