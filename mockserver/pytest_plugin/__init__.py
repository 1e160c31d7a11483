"""The pytest plugin: a sandbox for each test, and its verdict in the test's own call phase.

Every pytest session in an environment with this package imports this module, so it imports only the
standard library, pytest and the table of settings; the server is imported by the first fixture. All
fixtures are sync, so that they serve sync, asyncio and anyio tests alike."""

from __future__ import annotations

from collections.abc import Iterator
from threading import get_ident
from typing import TYPE_CHECKING, Literal, cast

import pytest

from mockserver import sweeps
from mockserver.errors import MockServerError, UsageError
from mockserver.pytest_plugin.session import (
    Session,
    TestSandbox,
    Unused,
    add_options,
    attach,
    given_settings,
    hide_internals,
    marker_line,
    stop_session,
    summarize,
)

if TYPE_CHECKING:
    from mockserver.client import SandboxClient, ServerClient, SettingsGiven

_ALLOWED: tuple[Literal["unmatched", "findings", "counts"], ...] = ("unmatched", "findings", "counts")

_SANDBOX = pytest.StashKey[TestSandbox]()
_sessions: list[Session] = []
"""Inside one process a session of pytest may contain another; the last is the innermost."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", marker_line())
    sweeps.push_suite(config.rootpath, config.getini("mockserver_scenarios"))
    _sessions.append(Session(config))
    if config.getoption("--mockserver-unused"):
        config.pluginmanager.register(Unused(), "mockserver-unused")


def pytest_unconfigure() -> None:
    sweeps.pop_suite()
    if _sessions:
        _sessions.pop()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _sessions[-1].items[get_ident()] = item


# --- fixtures ---


@pytest.fixture(scope="session")
def mockserver_options() -> SettingsGiven:
    """Settings of every test's sandbox, from the command line; override it to set your own."""
    # The parser accepts nothing else under these names.
    return cast("SettingsGiven", given_settings(_sessions[-1].config))


@pytest.fixture(scope="session")
def mockserver_host() -> Iterator[ServerClient]:
    """The server of this process, or the one that `--mockserver-url` names."""
    from mockserver.client import MockServer, connect

    config = _sessions[-1].config
    url = config.getoption("--mockserver-url")
    if url:
        try:
            reached = connect(url, admin_token=config.getoption("--mockserver-admin-token"))
        except MockServerError as error:
            stop_session(config, f"--mockserver-url: {error}")
        yield reached
        return
    tls = config.getoption("--mockserver-tls")
    with MockServer(tls=tls) if tls else MockServer() as server:
        yield server.server


@pytest.fixture
def mockserver(mockserver_host: ServerClient, mockserver_options: SettingsGiven) -> Iterator[SandboxClient]:
    """A sandbox of this test's own: define replies, then read requests.

    After a test that passed it is verified; a problem fails the test."""
    session = _sessions[-1]
    item, option = session.item, session.config.option
    scenarios, given = _marked(item)
    allow = given.pop("allow", ())
    sandbox = mockserver_host.create(
        session.name(item),
        finder=session.finder(item.path),
        settle_s=option.mockserver_settle,
        # The server checks the settings of the marker like those of any other caller.
        **cast("SettingsGiven", {**mockserver_options, **given}),
    )
    test = item.stash[_SANDBOX] = TestSandbox(sandbox)
    if scenarios:
        sandbox.load(*scenarios)
        sandbox.keep()
    if allow:
        sandbox.allow(**_allowed(allow))
    yield sandbox
    if option.mockserver_unused:
        test.used = [used for one in (sandbox, *sandbox.others.values()) for used in one.calls()]
    test.drop(mockserver_host)


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
        raise UsageError(f"marker mockserver: allow: expected some of {_ALLOWED}, got {allow!r}")
    return {name: name in names for name in _ALLOWED}


# --- the verdict ---


# Neither of these is a wrapper: those would cost every test of a session without sandboxes.


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    __tracebackhide__ = True
    # A test that fails or skips has raised before, so that no verdict masks it.
    if _SANDBOX in item.stash:
        item.stash[_SANDBOX].verify()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
    if _SANDBOX not in item.stash:
        return None
    test = item.stash[_SANDBOX]
    error = None if call.excinfo is None else call.excinfo.value
    if call.excinfo is not None and isinstance(error, MockServerError):
        hide_internals(call.excinfo)
    report = pytest.TestReport.from_item_and_call(item, call)
    if report.failed:
        if call.excinfo is not None and error is test.raised:
            # The frames are those of the plugin: the report is enough.
            report.longrepr = call.excinfo.getrepr(style="value")
        elif call.when == "call" and (problems := test.problems()):
            report.sections.append(("mockserver verdict", problems))
        report.sections.append(("mockserver journal", test.journal_text()))
        if isinstance(error, MockServerError):
            summarize(report, error)
    if call.when == "teardown":
        # Frees the journal.
        del item.stash[_SANDBOX]
        if test.used:
            attach(report, test.used)
    return report
