"""The pytest plugin: a sandbox for each test, and a verdict on it in the test's own call phase.

Every pytest run beside this package imports this room, so it imports the standard library and
pytest; the server comes with the first fixture. All fixtures are sync, so that they serve sync,
asyncio and anyio tests alike; no asyncio mode is read or set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from threading import get_ident
from typing import TYPE_CHECKING, Literal, cast

import pytest

from mockserver.errors import UsageError
from mockserver.pytest_plugin.options import add_options
from mockserver.pytest_plugin.run import Run
from mockserver.pytest_plugin.seat import Seat
from mockserver.pytest_plugin.unused import Unused, tell
from mockserver.sweeps import folders

if TYPE_CHECKING:
    from mockserver.client import SandboxClient, ServerClient, SettingsGiven

_ALLOWED: tuple[Literal["unmatched", "findings", "counts"], ...] = (
    "unmatched",
    "findings",
    "counts",
)

_SEAT = pytest.StashKey[Seat]()
_runs: list[Run] = []
"""Inside one process a run of pytest may contain another; the last is the innermost."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "mockserver(*scenarios, contract=…, unmatched=…, strict=…, keys=…, time_scale=…, allow=…): "
        "load scenarios into the sandbox of the fixture mockserver and change its settings; allow "
        "names what is no failure, of 'unmatched', 'findings' and 'counts'.",
    )
    folders.tell(config.rootpath, config.getini("mockserver_scenarios"))
    run = Run(config)
    _runs.append(run)
    sys.meta_path.insert(0, run.modules)
    if config.getoption("--mockserver-unused"):
        config.pluginmanager.register(Unused(), "mockserver-unused")


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
    seat = item.stash[_SEAT] = Seat(sandbox)
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
            tell(report, seat.used)
    return report
