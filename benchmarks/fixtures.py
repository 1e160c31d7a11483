"""What a fixture costs each test: blocks of tests with it and without it, in turns in one process.

    python -m benchmarks.fixtures

No test sends a request. Each makes one stub or handler, with a condition and a text of its own, so
that nothing is gained by having seen one before, and verifies. The time that tests without a
fixture take in the same run is subtracted. Prints milliseconds a test for each form as JSON:
processor time of every thread, kernel included, and time of the clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from statistics import median
from typing import TypeAlias

import pytest

from benchmarks import servers
from benchmarks.measures import Figures
from benchmarks.rows import Row, ratio

BLOCKS = 40
TESTS = 20
"""In each block."""
WARMING = 2
"""Blocks of each form that are not counted."""

_NONE = "none"
_HTTPSERVER = "httpserver"
_STUB = "mockserver.stub(name=f'stub {number}', on='chat', "
_FORMS = {
    _NONE: "pass",
    # Its users write the reply out and call `check` themselves; our fixture verifies by itself.
    _HTTPSERVER: """asked = {"messages": [{"role": "user", "content": text}]}
    message = {"role": "assistant", "content": f"The answer to {text}."}
    httpserver.expect_request(
        "/v1/chat/completions", method="POST", json=asked
    ).respond_with_json({"choices": [{"index": 0, "message": message}]})
    httpserver.check()""",
    "text": _STUB + "when={'user': {'contains': text}}, reply=f'The answer to {text}.')",
    "tool_call": _STUB
    + """when={'user': text, 'tool': 'find'},
        reply={'output': [{'call': 'find', 'arguments': {'place': text}}]})""",
    "replies": _STUB + "when={'user': text}, replies=[f'One {text}.', f'Two {text}.'], times='..2')",
    "fault": _STUB
    + """when={'body': {'messages': [{'content': text}]}},
        reply={'output': [{'text': text}], 'faults': [{'cut': {'after': 'text.delta[1]'}}]})""",
    "conditions": _STUB
    + """when={'model': 'gpt-5.4', 'user': {'matches': text}, 'header': {'x-test': text}},
        reply={'output': [{'text': text}], 'pace': {'gap': '20ms'}, 'usage': {'input': number}})""",
}
_OURS = tuple(form for form in _FORMS if form not in (_NONE, _HTTPSERVER))
_TEST = """
@pytest.mark.parametrize("number", range({tests}))
def test_{form}_{block}(number{fixture}):
    text = f"question {{number}} of block {block}"
    {body}
"""

Seconds: TypeAlias = tuple[float, float]
"""Of processor time, and of the clock."""

ROW = Row(
    title="cost of a fixture in one test",
    subjects=(),
    measure=lambda *_: NotImplemented,
    figures=("CPU ms", "ms"),
    bars=tuple(
        ratio(figure, f"mockserver, {form}", _HTTPSERVER, most=1.5) for form in _OURS for figure in ("CPU ms", "ms")
    ),
)


def measure_round() -> dict[str, Figures]:
    """The figures of one run in a process of its own, by form."""
    command = [servers.python("fast"), "-m", "benchmarks.fixtures"]
    done = subprocess.run(command, cwd=servers.ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Figures] = json.loads(done.stdout.splitlines()[-1])
    return found


class Clock:
    """Adds up the time that the tests of each block take from set-up to teardown. What they leave
    to a thread to do after that counts with their block."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[str, int], list[Seconds]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, object, object]:
        form, block = item.originalname.removeprefix("test_").rsplit("_", 1)
        cpu, clock = time.process_time(), time.perf_counter()
        result = yield
        took = (time.process_time() - cpu, time.perf_counter() - clock)
        self.blocks.setdefault((form, int(block)), []).append(took)
        return result

    def cost_ms(self, form: str, place: int) -> float:
        """Milliseconds a test with a form takes longer than its neighbours without a fixture."""
        differences = [
            self._mean_s(form, block, place) - self._mean_s(_NONE, block, place) for block in range(WARMING, BLOCKS)
        ]
        return 1000 * median(differences)

    def _mean_s(self, form: str, block: int, place: int) -> float:
        taken = self.blocks[form, block]
        return sum(one[place] for one in taken) / len(taken)


def _source() -> str:
    """The file of tests: a block of each form in turns, to and fro."""
    tests = [
        _TEST.format(
            form=form,
            block=block,
            tests=TESTS,
            fixture={_NONE: "", _HTTPSERVER: ", httpserver"}.get(form, ", mockserver"),
            body=_FORMS[form],
        )
        for block in range(BLOCKS)
        for form in [*_FORMS][:: -1 if block % 2 else 1]
    ]
    return "import pytest\n" + "".join(tests)


def main() -> None:
    """Run the tests and print what each form costs."""
    # As users have it: bytecode is written once and read in later rounds.
    sys.dont_write_bytecode = False
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "test_fixture.py"
        file.write_text(_source())
        clock = Clock()
        options = [
            *("-q", "-q", "--no-header", "-c", os.devnull, "--import-mode=importlib"),
            *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"),
        ]
        status = pytest.main([*options, f"--rootdir={name}", str(file)], plugins=[clock])
        if status != 0:
            raise SystemExit("the tests failed")
    figures = {
        form if form == _HTTPSERVER else f"mockserver, {form}": {
            "CPU ms": clock.cost_ms(form, 0),
            "ms": clock.cost_ms(form, 1),
        }
        for form in (_HTTPSERVER, *_OURS)
    }
    sys.stdout.write("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
