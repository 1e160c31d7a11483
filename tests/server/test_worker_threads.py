"""Work in daemon threads: results, errors, the bound, and a loop that ends first."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from tests.kit import WorkerThreads

SLEEPER = """
import asyncio, time
from mockserver.server.worker_threads import WorkerThreads

async def main():
    task = asyncio.ensure_future(WorkerThreads().run(lambda: time.sleep(600)))
    await asyncio.sleep(0.05)
    task.cancel()

asyncio.run(main())
"""


def test_the_result_and_the_error_of_a_function_are_the_callers() -> None:
    async def main() -> int:
        threads = WorkerThreads()
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)
        return await threads.run(lambda: 7)

    assert asyncio.run(main()) == 7


def test_at_most_four_functions_run_at_once() -> None:
    running = set[int]()
    most = 0
    go = threading.Event()

    def work() -> None:
        nonlocal most
        running.add(threading.get_ident())
        most = max(most, len(running))
        go.wait(10)
        running.discard(threading.get_ident())

    async def main() -> None:
        threads = WorkerThreads()
        tasks = [asyncio.ensure_future(threads.run(work)) for _ in range(9)]
        while len(running) < 4:  # noqa: ASYNC110  # threads count themselves
            await asyncio.sleep(0.001)
        go.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert most == 4


def test_a_process_ends_while_a_thread_is_at_work() -> None:
    assert subprocess.run([sys.executable, "-c", SLEEPER], timeout=60, check=False).returncode == 0
