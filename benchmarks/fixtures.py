"""What a fixture costs each test: blocks of tests with it and without it, by turns in one process.

    python -m benchmarks.fixtures mockserver
    python -m benchmarks.fixtures mockserver pytest-httpserver

No test asks anything of the server. Each makes one stub or handler, with a condition and a text of
its own, so that nothing is gained by having seen one before, and verifies. What tests without the
fixture take in the same run is taken off; beside the fixture only its own plugin is loaded. Prints
as JSON: what a test takes of processor time (every thread's, kernel included) in tests without and
in milliseconds, what it takes by the clock, and the milliseconds of a session from the first line
of this program to the end of the first test.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from statistics import median
from typing import TypeAlias

BEGAN = time.perf_counter()

import pytest  # noqa: E402  # its own import is part of what the first test waits for

BLOCKS = 40
TESTS = 20
"""In each block."""
WARMING = 2
"""Blocks of either kind that are not counted."""

_NONE = "none"
_BODIES = {
    _NONE: """
    pass
""",
    "mockserver": """
    mockserver.stub(
        on="chat",
        when={"user": {"contains": f"hello {block}, {number}"}},
        reply=f"This is the answer to question {number} of block {block}.",
    )
""",
    # Its users write the reply out, and call `check` themselves, where our fixture verifies.
    "pytest-httpserver": """
    asked = {"messages": [{"role": "user", "content": f"hello {block}, {number}"}]}
    said = f"This is the answer to question {number} of block {block}."
    message = {"role": "assistant", "content": said}
    httpserver.expect_request(
        "/v1/chat/completions", method="POST", json=asked
    ).respond_with_json({"choices": [{"index": 0, "message": message}]})
    httpserver.check()
""",
}
_FIXTURES = {_NONE: "", "mockserver": ", mockserver", "pytest-httpserver": ", httpserver"}
_PLUGINS = {"mockserver": "mockserver", "pytest-httpserver": "pytest_httpserver"}
_HEAD = f"""
import pytest

NUMBERS = range({TESTS})
"""
_TEST = """
@pytest.mark.parametrize("number", NUMBERS)
def test_{kind}_{block}(number{fixture}):
    block = {block}
{body}
"""

Seconds: TypeAlias = tuple[float, float]
"""Of processor time, and of the clock."""


class Clock:
    """Adds up what the tests of each block took from set-up to teardown; what they leave to do for
    a thread behind them counts with their block, but for the last one's."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[str, int], list[Seconds]] = {}
        self.first_ended = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, object, object]:
        kind, block = item.originalname.removeprefix("test_").rsplit("_", 1)
        cpu, clock = time.process_time(), time.perf_counter()
        result = yield
        now = time.perf_counter()
        took = (time.process_time() - cpu, now - clock)
        if kind != _NONE and not self.first_ended:
            self.first_ended = now
        self.blocks.setdefault((kind, int(block)), []).append(took)
        return result

    def cost(self, kind: str, place: int) -> float:
        """Milliseconds a test that those of a block have on top of their neighbours without."""
        with_it, without = self.means(kind, place), self.means(_NONE, place)
        return 1000 * median(one - other for one, other in zip(with_it, without, strict=True))

    def share(self, kind: str) -> float:
        """The same of processor time in tests without, which take as long beside every fixture:
        a machine that is slow for a while is slow for both."""
        return self.cost(kind, 0) / (1000 * median(self.means(_NONE, 0)))

    def means(self, kind: str, place: int) -> list[float]:
        """Seconds a test, block by block."""
        return [_mean(self.blocks[kind, block], place) for block in range(WARMING, BLOCKS)]


def _mean(taken: Sequence[Seconds], place: int) -> float:
    return sum(one[place] for one in taken) / len(taken)


def source(kinds: Sequence[str]) -> str:
    """The file of tests: blocks without a fixture and with each by turns, to and fro."""
    tests = [
        _TEST.format(kind=_named(kind), block=block, fixture=_FIXTURES[kind], body=_BODIES[kind])
        for block in range(BLOCKS)
        for kind in (_NONE, *kinds)[:: -1 if block % 2 else 1]
    ]
    return _HEAD + "".join(tests)


def _named(kind: str) -> str:
    return kind.replace("-", "_")


def measured(kinds: Sequence[str]) -> Clock:
    """The times of a run with these fixtures."""
    # As users have it: what was compiled once is read again, in the next round.
    sys.dont_write_bytecode = False
    others = [plugin for name, plugin in _PLUGINS.items() if name not in kinds]
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "test_fixture.py"
        file.write_text(source(kinds))
        clock = Clock()
        options = [
            *("-q", "-q", "--no-header", "-c", os.devnull, "--import-mode=importlib"),
            *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"),
            *(word for plugin in others for word in ("-p", f"no:{plugin}")),
        ]
        status = pytest.main([*options, f"--rootdir={name}", str(file)], plugins=[clock])
        if status != 0:
            raise RuntimeError(f"the tests with {' and '.join(kinds)} failed")
    return clock


def main() -> None:
    """Measure the fixtures named."""
    kinds = sys.argv[1:]
    clock = measured(kinds)
    ours, *theirs = map(_named, kinds)
    figures = {
        "CPU of an empty test": clock.share(ours),
        "CPU ms a test": clock.cost(ours, 0),
        "ms a test": clock.cost(ours, 1),
        "ms a session": 1000 * (clock.first_ended - BEGAN),
    }
    if theirs:
        figures = {
            "CPU of the other's": clock.cost(ours, 0) / clock.cost(theirs[0], 0),
            "time of the other's": clock.cost(ours, 1) / clock.cost(theirs[0], 1),
        }
    sys.stdout.write("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
