"""What a fixture costs each test: a pytest run of its own, tests that ask nothing of the server.

    python -m benchmarks.fixtures mockserver

The tests make one stub or handler and verify; the same number of tests without any fixture is
taken off. Prints the milliseconds as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = 200

_FILES = {
    "mockserver": """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_one(number, mockserver):
    mockserver.stub(on="chat", when={{"user": {{"contains": "hello"}}}}, reply="hi")
""",
    # Its users call `check` themselves, where our fixture verifies by itself.
    "pytest-httpserver": """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_one(number, httpserver):
    httpserver.expect_request("/v1/chat/completions", method="POST").respond_with_json({{}})
    httpserver.check()
""",
    "none": """
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_one(number):
    pass
""",
}


class Clock:
    """Adds up what the tests took from set-up to teardown; the first carries the session."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        began = time.perf_counter()
        result = yield
        self.seconds.append(time.perf_counter() - began)
        return result


def cost(kind: str) -> tuple[float, float]:
    """Seconds a test, and seconds of the first one on top."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / f"test_{kind.replace('-', '_')}.py"
        file.write_text(_FILES[kind].format(count=TESTS))
        clock = Clock()
        options = [
            "-q",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--import-mode=importlib",
        ]
        status = pytest.main([*options, f"--rootdir={name}", str(file)], plugins=[clock])
        if status != 0:
            raise RuntimeError(f"the tests with {kind} failed")
    first, *rest = clock.seconds
    middle = sorted(rest)[len(rest) // 2]
    return middle, first - middle


def main() -> None:
    """Measure the fixture named."""
    cost("none")
    empty, _ = cost("none")
    each, session = cost(sys.argv[1])
    sys.stdout.write(
        "\n" + json.dumps({"ms a test": 1000 * (each - empty), "ms a session": 1000 * session})
    )


if __name__ == "__main__":
    main()
