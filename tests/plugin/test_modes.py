"""The same fixture in every mode that tests come in, near and far."""

from __future__ import annotations

import pytest

from tests.kit import MockServer
from tests.plugin.conftest import Run

SYNC = """
import pytest
from asking import ask

@pytest.mark.parametrize("turn", range(4))
def test_good(mockserver, turn):
    mockserver.expect(on="chat", reply="hi", times=1)
    assert ask(mockserver.base_url, str(turn)) == 200
    assert [one.user for one in mockserver.requests] == [str(turn)]

def test_missing(mockserver):
    mockserver.expect(reply="hi")
"""

ASYNC = """
import pytest
{head}
from asking import ask

{mark}
async def test_good(mockserver{arguments}):
    mockserver.expect(on="chat", reply="hi", times=1)
    assert await {thread}(ask, mockserver.base_url) == 200
    assert mockserver.last.user == "hi"

{mark}
async def test_missing(mockserver{arguments}):
    mockserver.expect(reply="hi")

{mark}
async def test_own(mockserver{arguments}):
    mockserver.expect(reply="hi")
    raise ValueError("own")
"""


def with_asyncio(mark: str) -> str:
    return ASYNC.format(head="import asyncio", mark=mark, arguments="", thread="asyncio.to_thread")


def with_anyio() -> str:
    return ASYNC.format(
        head="import anyio.to_thread",
        mark="@pytest.mark.anyio",
        arguments=", anyio_backend",
        thread="anyio.to_thread.run_sync",
    )


@pytest.mark.parametrize(
    ("suite", "plugins", "arguments"),
    [
        pytest.param(
            with_asyncio("@pytest.mark.asyncio"),
            ("asyncio",),
            ("-oasyncio_mode=strict", "-oasyncio_default_fixture_loop_scope=function"),
            id="asyncio strict",
        ),
        pytest.param(
            with_asyncio(""),
            ("asyncio",),
            ("-oasyncio_mode=auto", "-oasyncio_default_fixture_loop_scope=function"),
            id="asyncio auto",
        ),
    ],
)
def test_asyncio_tests(apart: Run, suite: str, plugins: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    result = apart(suite, *arguments, plugins=plugins)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["1 expected call is missing.*"])
    result.stdout.fnmatch_lines(["E       ValueError: own"])


def test_anyio_tests_on_both_backends(apart: Run) -> None:
    result = apart(with_anyio(), plugins=("anyio",))
    result.assert_outcomes(passed=2, failed=4)
    result.stdout.fnmatch_lines(["PASSED test_it.py::test_good?asyncio?"])
    result.stdout.fnmatch_lines(["PASSED test_it.py::test_good?trio?"])
    result.stdout.fnmatch_lines(["1 expected call is missing.*"])


def test_no_asyncio_plugin_is_needed(apart: Run) -> None:
    result = apart(SYNC, "-pno:asyncio", "-pno:anyio")
    result.assert_outcomes(passed=4, failed=1)


@pytest.mark.parametrize("mode", ["load", "loadscope", "loadfile", "worksteal", "each", "no"])
def test_xdist_in_every_mode(apart: Run, mode: str) -> None:
    result = apart(SYNC, "-n2", f"--dist={mode}", plugins=("xdist",))
    times = 2 if mode == "each" else 1
    result.assert_outcomes(passed=4 * times, failed=times)
    result.stdout.fnmatch_lines(["1 expected call is missing.*", "*- mockserver journal -*"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_same_suite_passes_against_a_server_elsewhere(
    apart: Run, shared: MockServer, pytester: pytest.Pytester, workers: str
) -> None:
    before = set(shared.server.sandboxes)
    (pytester.path / "hello.yaml").write_text("stubs: [{name: hello, reply: hi}]\n")
    suite = (
        SYNC
        + f"""
@pytest.mark.mockserver("hello", unmatched="allow")
def test_far(mockserver):
    assert mockserver.url.startswith({shared.url!r})
    assert ask(mockserver.base_url) == 200
    assert mockserver.last.stub == "hello"
    assert mockserver.last.key == "any"
"""
    )
    result = apart(suite, f"--mockserver-url={shared.url}", "-n", workers, plugins=("xdist",))
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["1 expected call is missing.*"])
    assert set(shared.server.sandboxes) == before


def test_a_missing_server_is_reported(apart: Run) -> None:
    with MockServer() as gone:
        url = gone.url
    result = apart(SYNC, f"--mockserver-url={url}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"*Exit: --mockserver-url: no mockserver answers at {url}: *"])
    result.stdout.no_fnmatch_line("*Traceback*")
