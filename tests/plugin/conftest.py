"""Suites of tests written to a folder and run by a pytest of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

# Loaded here, these outlive the inner runs, which forget what they import.
import mockserver.client.in_process  # noqa: F401
from tests.kit import MockServer

HELPERS = """
import json, os, urllib.error, urllib.request

def ask(base_url, text="hi", key="any", **more):
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": text}], **more}
    request = urllib.request.Request(
        base_url + "/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            error.read()
        return error.code
"""

Run = Callable[..., pytest.RunResult]

# Each of these is loaded only by the tests that are about it.
OTHERS = ("asyncio", "aiohttp", "anyio", "randomly", "xdist", "timeout", "hypothesispytest", "schemathesis")


def _suites(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, runner: Callable[..., pytest.RunResult]) -> Run:
    for name in ("MOCKSERVER_URL", "MOCKSERVER_ADMIN_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(asking=HELPERS)
    pytester.syspathinsert()
    pytester.makeini("[pytest]\nfilterwarnings = error\n")

    def run_suite(suite: str, *arguments: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        pytester.makepyfile(test_it=suite)
        blocked = [f"-pno:{name}" for name in OTHERS if name not in plugins]
        return runner(*blocked, "-rA", *arguments)

    return run_suite


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a suite by a pytest within this process, which is quick."""
    return _suites(pytester, monkeypatch, pytester.runpytest_inprocess)


@pytest.fixture
def apart(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a suite in a process of its own; `plugins` names other plugins that take part."""
    return _suites(pytester, monkeypatch, pytester.runpytest_subprocess)


@pytest.fixture(scope="session")
def shared() -> Iterator[MockServer]:
    """A server that is not the suite's own."""
    with MockServer() as server:
        yield server
