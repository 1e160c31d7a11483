"""The list of stubs that no test has called, at the end of a session with `--mockserver-unused`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mockserver.pytest_plugin.session import Use

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
