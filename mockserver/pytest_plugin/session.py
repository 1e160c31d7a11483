"""A pytest session: its options, the tests being set up, the sandbox of each, and the stubs that none has called."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

import pytest

from mockserver.errors import MockServerError, UsageError, VerificationError
from mockserver.model.settings import Scope, Setting, rows

if TYPE_CHECKING:
    from mockserver.client import SandboxClient, ServerClient
    from mockserver.client.scenario_files import Finder

_IN_NAMES = bytes(
    one if chr(one).isascii() and (chr(one).isalnum() or chr(one) in "._~-") else ord("-") for one in range(256)
)

Use = tuple[str, int, str, int]
"""File, line and name of a stub, and how often it was called."""


class Session:
    """Shared by the tests of one session; `items` are the tests being set up, by thread.

    The fixtures read the test from here: asking for the fixture `request` would cost each test as
    much as the whole sandbox does."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.items: dict[int, pytest.Item] = {}
        self._mark = ""
        self._numbers = count(1)
        self._finders: dict[Path, Finder] = {}

    @property
    def item(self) -> pytest.Item:
        """The test that this thread sets up; in a thread that a test started, the latest one."""
        here = self.items.get(get_ident())
        return next(reversed(self.items.values())) if here is None else here

    def name(self, item: pytest.Item) -> str:
        """A sandbox name that is unique here and on a server shared with other sessions."""
        self._mark = self._mark or uuid4().hex[:8]
        readable = item.name[:60].encode("ascii", "replace").translate(_IN_NAMES).decode()
        return f"{readable}-{self._mark}-{next(self._numbers)}"

    def finder(self, file: Path) -> Finder:
        found = self._finders.get(file)
        if found is None:
            from mockserver.client.scenario_files import Finder

            root, more = self.config.rootpath, self.config.getini("mockserver_scenarios")
            found = Finder(folders=(file.parent, *more, root), root=root)
            self._finders[file] = found
        return found


@dataclass(slots=True)
class TestSandbox:
    """The sandbox of one test, and what remains of it after it is dropped."""

    sandbox: SandboxClient
    journal: Callable[[], str] | None = None
    raised: VerificationError | None = None
    used: list[Use] | None = None

    def verify(self) -> None:
        """Raise VerificationError for a verdict with problems, and remember the error."""
        __tracebackhide__ = True
        verdict = self.sandbox.verdict()
        if not verdict:
            self.raised = VerificationError(verdict.report)
            raise self.raised

    def journal_text(self) -> str:
        """The journal as text, before and after the sandbox is dropped."""
        try:
            if self.journal is not None:
                return self.journal()
            return _journals((label, partial(_text, one)) for label, one in _upstreams(self.sandbox))
        except MockServerError as error:
            return _no_journal(error)

    def drop(self, host: ServerClient) -> None:
        try:
            kept = [(label, host.leave(one)) for label, one in _upstreams(self.sandbox)]
            self.journal = lambda: _journals(kept)
        except MockServerError as error:
            text = _no_journal(error)
            self.journal = lambda: text
            raise

    def problems(self) -> str:
        """The report of a verdict with problems, without waiting; empty without problems."""
        try:
            self.sandbox.settle_s = 0
            verdict = self.sandbox.verdict()
        except MockServerError:
            return ""
        return "" if verdict else verdict.report


def _upstreams(sandbox: SandboxClient) -> Iterator[tuple[str, SandboxClient]]:
    """The sandbox of a test without a label, then those of `another` with theirs."""
    yield "", sandbox
    yield from sandbox.others.items()


def _text(sandbox: SandboxClient) -> str:
    return sandbox.journal.text


def _journals(found: Iterable[tuple[str, Callable[[], str]]]) -> str:
    return "\n".join(f"{label}:\n{read()}" if label else read() for label, read in found)


def _no_journal(error: MockServerError) -> str:
    return f"the journal is not available: {error}"


# --- how an error is shown ---

_PACKAGE = Path(__file__).parent.parent


def hide_internals(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave the frames of this package out of the traceback, so that it ends in the test."""
    for entry in excinfo.traceback:
        if _PACKAGE in Path(entry.path).parents:
            # pytest reads this name in the globals of each frame.
            entry.frame.f_globals.setdefault("__tracebackhide__", _is_ours)


def _is_ours(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    return isinstance(excinfo.value, MockServerError)


def summarize(report: pytest.TestReport, error: MockServerError) -> None:
    """Begin the line of pytest's short summary with the reason instead of the class of the error."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        crash.message = reason(str(error))


def reason(text: str) -> str:
    """The first line of a report, with the first detail below it."""
    summary, _, rest = text.partition("\n\n")
    lines = rest.splitlines()
    details = [line for line in lines[1:2] if line.startswith(" ")] or lines[:1]
    first = summary.partition("\n")[0]
    return f"{first.rstrip('.')}: {' '.join(details[0].split())}" if details and details[0] else first


def stop_session(config: pytest.Config, message: str) -> NoReturn:
    """End the session with one usage error; in an xdist worker, which cannot, fail the fixture."""
    if hasattr(config, "workerinput"):
        raise UsageError(message)
    pytest.exit(message, returncode=pytest.ExitCode.USAGE_ERROR)


# --- stubs that no test has called, with `--mockserver-unused` ---

_USED = "mockserver_used"


def attach(report: pytest.TestReport, used: Sequence[Use]) -> None:
    """Attach the stubs of a test to its report; plain data travels from an xdist worker."""
    setattr(report, _USED, used)


class Unused:
    """Sums up the calls of each stub where reports arrive, and lists the stubs without calls."""

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


# --- options ---

# Which server a suite uses may come from the surroundings; how it tests may not.
_FROM_ENVIRONMENT = ("url", "admin_token")


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "a scripted OpenAI-style upstream")
    for setting in rows(Scope.FIXTURE, Scope.SANDBOX):
        _add(group, setting)
    parser.addini(
        "mockserver_scenarios",
        type="paths",
        default=[],
        help="folders in which the fixture mockserver finds scenarios, after the test's own",
    )


def _add(group: pytest.OptionGroup, setting: Setting) -> None:
    flag, kind, default = setting.plugin_flag, setting.kind, setting.default
    assert flag is not None  # noqa: S101  # both scopes have one
    shown = f" (default: {setting.default_text})" if setting.default_text else ""
    about = f"{setting.help}{shown}"
    own = setting.scope is Scope.FIXTURE
    given: dict[str, Any] = {"default": default if own else None, "help": about}
    if own and setting.name in _FROM_ENVIRONMENT:
        given["default"] = os.environ.get(setting.variable)
        given["help"] = f"{about} [{setting.variable}]"
    if kind.is_flag:
        group.addoption(flag, action="store_true", **given)
        return
    action = "append" if kind.is_list else "store"
    group.addoption(
        flag, action=action, type=_reader(setting), metavar=setting.metavar or "|".join(kind.choices), **given
    )


def _reader(setting: Setting) -> Callable[[str], object]:
    def read(text: str) -> object:
        value = setting.kind.parse(text)
        if value is None:
            raise argparse.ArgumentTypeError(f"expected {setting.kind.expected}, got {text!r}")
        return value

    return read


def given_settings(config: pytest.Config) -> dict[str, object]:
    """The settings of every test's sandbox that the command line gives."""
    found = {one.name: config.getoption(str(one.plugin_flag)) for one in rows(Scope.SANDBOX)}
    return {name: value for name, value in found.items() if value is not None}


def marker_line() -> str:
    keys = ", ".join(f"{one.name}=…" for one in rows(Scope.SANDBOX))
    return (
        f"mockserver(*scenarios, {keys}, allow=…): load scenarios into the sandbox of the fixture "
        "mockserver and change its settings; allow names what does not fail the test, of "
        "'unmatched', 'findings' and 'counts'."
    )
