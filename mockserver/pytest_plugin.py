"""The pytest plugin: a sandbox for each test, and a verdict on it in the test's own call phase.

Every pytest run beside this package imports this file, so it imports the standard library and
pytest; the server comes with the first fixture. All fixtures are sync, so that they serve sync,
asyncio and anyio tests alike; no asyncio mode is read or set.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from itertools import count
from pathlib import Path
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING, Literal, cast
from uuid import uuid4

import pytest

from mockserver.errors import MockServerError, UsageError, VerificationError
from mockserver.sweeps import folders
from mockserver.values import mutable

if TYPE_CHECKING:
    from mockserver.client import SandboxClient, ServerClient, SettingsGiven
    from mockserver.client.files import Finder

_ALLOWED: tuple[Literal["unmatched", "findings", "counts"], ...] = (
    "unmatched",
    "findings",
    "counts",
)
_IN_NAMES = bytes(
    one if chr(one).isascii() and (chr(one).isalnum() or chr(one) in "._~-") else ord("-")
    for one in range(256)
)
_USED = "mockserver_used"

Use = tuple[str, int, str, int]
"""File, line and name of a stub, and how often it was called."""


@mutable
class _Seat:
    """A test's sandbox, and what is left of it once it is dropped."""

    sandbox: SandboxClient
    journal: Callable[[], str] | None = None
    raised: VerificationError | None = None
    used: list[Use] | None = None

    def verify(self) -> None:
        """Raise the verdict where it is not good, remembering that it came from here."""
        __tracebackhide__ = True
        verdict = self.sandbox.verdict()
        if not verdict:
            self.raised = VerificationError(verdict.report)
            raise self.raised

    def told(self) -> str:
        """The journal as text, however the test ended."""
        try:
            return self.sandbox.journal.text if self.journal is None else self.journal()
        except MockServerError as error:
            return f"the journal cannot be had: {error}"

    def leave(self, host: ServerClient) -> None:
        """Drop the sandbox, and keep its journal."""
        try:
            self.journal = host.leave(self.sandbox)
        except MockServerError as error:
            told = f"the journal cannot be had: {error}"
            self.journal = lambda: told
            raise

    def complaint(self) -> str:
        """The report of a verdict that is not good, without waiting; empty otherwise."""
        try:
            self.sandbox.settle_s = 0
            verdict = self.sandbox.verdict()
        except MockServerError:
            return ""
        return "" if verdict else verdict.report


class _Run:
    """What the tests of one run share, and the one that is set up in each thread.

    A fixture that asks for `request` takes pytest as long as all that a sandbox does.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.items: dict[int, pytest.Item] = {}
        self.modules = _AsTheyAre()
        self._mark = ""
        self._numbers = count(1)
        self._finders: dict[Path, Finder] = {}

    @property
    def item(self) -> pytest.Item:
        """The test that is set up here; in a thread of a test's own it is the latest."""
        here = self.items.get(get_ident())
        return next(reversed(self.items.values())) if here is None else here

    def name(self, item: pytest.Item) -> str:
        """A name that nobody has, here or on a server shared with other runs."""
        self._mark = self._mark or uuid4().hex[:8]
        told = item.name[:60].encode("ascii", "replace").translate(_IN_NAMES).decode()
        return f"{told}-{self._mark}-{next(self._numbers)}"

    def finder(self, file: Path) -> Finder:
        """Finds the scenarios of the tests in a file."""
        found = self._finders.get(file)
        if found is None:
            from mockserver.client.files import Finder

            root, more = self.config.rootpath, self.config.getini("mockserver_scenarios")
            found = Finder(folders=(file.parent, *more, root), root=root)
            self._finders[file] = found
        return found


class _AsTheyAre:
    """Finds this package's modules before pytest does, which takes them for helpers of a test and
    compiles each once more; there is no assertion in them to explain. In a fresh environment that
    is more than half of what the first test waits for."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path) if name.startswith("mockserver.") else None


_SEAT = pytest.StashKey[_Seat]()
_runs: list[_Run] = []
"""Inside one process a run of pytest may contain another; the last is the innermost."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "a scripted OpenAI-style upstream")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        default=os.environ.get("MOCKSERVER_URL"),
        help="use the server there instead of one in this process (also: MOCKSERVER_URL)",
    )
    group.addoption(
        "--mockserver-admin-token",
        metavar="TOKEN",
        default=os.environ.get("MOCKSERVER_ADMIN_TOKEN"),
        help="what that server's control routes want (also: MOCKSERVER_ADMIN_TOKEN)",
    )
    group.addoption(
        "--mockserver-contract",
        choices=("enforce", "report", "off"),
        help="what a request that breaks the contract leads to (default: enforce)",
    )
    group.addoption(
        "--mockserver-unmatched",
        choices=("fail", "allow", "echo"),
        help="what a request that no stub answers leads to (default: fail)",
    )
    group.addoption(
        "--mockserver-strict",
        action="store_true",
        help="members that the contract does not know are breaches",
    )
    group.addoption(
        "--mockserver-time-scale",
        metavar="FACTOR",
        type=float,
        help="factor on every scripted wait, 0 for none (default: 1)",
    )
    group.addoption(
        "--mockserver-settle",
        metavar="SECONDS",
        type=float,
        default=1.0,
        help="how long a verdict waits for replies under way (default: 1)",
    )
    group.addoption(
        "--mockserver-unused",
        action="store_true",
        help="list the stubs that were loaded and that no test has called",
    )
    parser.addini(
        "mockserver_scenarios",
        type="paths",
        default=[],
        help="folders in which the fixture mockserver finds scenarios, after the test's own",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "mockserver(*scenarios, contract=…, unmatched=…, strict=…, keys=…, time_scale=…, allow=…): "
        "load scenarios into the sandbox of the fixture mockserver and change its settings; allow "
        "names what is no failure, of 'unmatched', 'findings' and 'counts'.",
    )
    folders.tell(config.rootpath, config.getini("mockserver_scenarios"))
    run = _Run(config)
    _runs.append(run)
    sys.meta_path.insert(0, run.modules)
    if config.getoption("--mockserver-unused"):
        config.pluginmanager.register(_Unused(), "mockserver-unused")


def pytest_unconfigure() -> None:
    folders.forget()
    if _runs:
        modules = _runs.pop().modules
        if modules in sys.meta_path:
            sys.meta_path.remove(modules)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _runs[-1].items[get_ident()] = item


# --- fixtures ---


@pytest.fixture(scope="session")
def mockserver_options() -> SettingsGiven:
    """Settings of every test's sandbox, from the command line; override it to set your own."""
    config = _runs[-1].config
    given = {
        name: config.getoption(f"--mockserver-{name.replace('_', '-')}")
        for name in ("contract", "unmatched", "strict", "time_scale")
    }
    # A switch that is not given is False, and 0 is a time scale like any other.
    chosen = {name: value for name, value in given.items() if not (value is None or value is False)}
    # The parser above admits nothing else under these names.
    return cast("SettingsGiven", chosen)


@pytest.fixture(scope="session")
def mockserver_host() -> Iterator[ServerClient]:
    """The server of this process, or the one that `--mockserver-url` names."""
    from mockserver.client import MockServer, connect

    config = _runs[-1].config
    url = config.getoption("--mockserver-url")
    if url:
        yield connect(url, admin_token=config.getoption("--mockserver-admin-token"))
        return
    with MockServer() as server:
        yield server.server


@pytest.fixture
def mockserver(
    mockserver_host: ServerClient, mockserver_options: SettingsGiven
) -> Iterator[SandboxClient]:
    """A sandbox of this test's own: say what is answered, then see what was asked.

    After a test that passed it is judged; what is complained about fails the test.
    """
    run = _runs[-1]
    item, option = run.item, run.config.option
    scenarios, given = _marked(item)
    allow = given.pop("allow", ())
    sandbox = mockserver_host.create(
        run.name(item),
        finder=run.finder(item.path),
        settle_s=option.mockserver_settle,
        # Whatever the marker says is checked by the server, like any other caller's settings.
        **cast("SettingsGiven", {**mockserver_options, **given}),
    )
    seat = item.stash[_SEAT] = _Seat(sandbox)
    if scenarios:
        sandbox.load(*scenarios)
        sandbox.keep()
    if allow:
        sandbox.allow(**_allowed(allow))
    yield sandbox
    if option.mockserver_unused:
        seat.used = [*sandbox.calls()]
    seat.leave(mockserver_host)


@pytest.fixture
def mockserver_env(mockserver: SandboxClient) -> Iterator[dict[str, str]]:
    """OPENAI_BASE_URL and OPENAI_API_KEY of this process point at the test's sandbox; gives them
    for other processes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in mockserver.env.items():
            patch.setenv(name, value)
        yield mockserver.env


def _marked(node: pytest.Item) -> tuple[list[str], dict[str, object]]:
    """Scenarios of all markers, outermost first, and their settings, the nearest winning."""
    scenarios: list[str] = []
    given: dict[str, object] = {}
    for mark in reversed([*node.iter_markers("mockserver")]):
        scenarios.extend(mark.args)
        given |= mark.kwargs
    return list(dict.fromkeys(scenarios)) if scenarios else scenarios, given


def _allowed(allow: object) -> dict[Literal["unmatched", "findings", "counts"], bool]:
    names = (allow,) if isinstance(allow, str) else allow
    if not isinstance(names, tuple | list | set) or any(name not in _ALLOWED for name in names):
        raise UsageError(f"marker mockserver: allow: wanted some of {_ALLOWED}, got {allow!r}")
    return {name: name in names for name in _ALLOWED}


# --- the verdict ---


# Neither of these is a wrapper: those would cost every test of a run that never asks for a sandbox.


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    __tracebackhide__ = True
    # A body that fails or skips has raised before, and so is never masked by a verdict.
    if _SEAT in item.stash:
        item.stash[_SEAT].verify()


def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> pytest.TestReport | None:
    if _SEAT not in item.stash:
        return None
    seat = item.stash[_SEAT]
    report = pytest.TestReport.from_item_and_call(item, call)
    if report.failed:
        ours = call.excinfo is not None and call.excinfo.value is seat.raised
        if ours and call.excinfo is not None:
            # The frames are the plugin's own: the report says it all.
            report.longrepr = call.excinfo.getrepr(style="value")
        elif call.when == "call" and (complaint := seat.complaint()):
            report.sections.append(("mockserver verdict", complaint))
        report.sections.append(("mockserver journal", seat.told()))
    if call.when == "teardown":
        # The journal goes with it.
        del item.stash[_SEAT]
        if seat.used:
            # Plain data on the report is what travels from an xdist worker.
            setattr(report, _USED, seat.used)
    return report


class _Unused:
    """Gathers how often stubs were called, where the reports arrive, and lists the others."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, int, str], int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for file, line, name, calls in getattr(report, _USED, ()):
            stub = (file, line, name)
            self._calls[stub] = self._calls.get(stub, 0) + calls

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("mockserver: stubs that no test has called")
        unused = sorted(stub for stub, calls in self._calls.items() if not calls)
        for file, line, name in unused:
            terminalreporter.line(f'{file}:{line} "{name}"')
        if not unused:
            terminalreporter.line("none")
