"""`mockserver serve` that counts what it holds whenever a line comes in; a program of the tests."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import threading
from pathlib import Path

from tests.kit import Connection, main


def census() -> dict[str, int]:
    gc.collect()
    objects = gc.get_objects()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return {
        "tasks": sum(isinstance(one, asyncio.Task) and not one.done() for one in objects),
        "connections": sum(isinstance(one, Connection) for one in objects),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "objects": len(objects),
        "resident": pages * resource.getpagesize(),
    }


def answer() -> None:
    for _ in sys.stdin:
        sys.stdout.write(f"census {json.dumps(census())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threading.Thread(target=answer, daemon=True).start()
    sys.exit(main(["serve", *sys.argv[1:]]))
