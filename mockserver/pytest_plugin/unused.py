"""The list of stubs that no test has called, at the end of a run that asks for it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mockserver.pytest_plugin.seat import Use

_USED = "mockserver_used"


def tell(report: pytest.TestReport, used: Sequence[Use]) -> None:
    """Say in a report which stubs a test had. Plain data is what travels from an xdist worker."""
    setattr(report, _USED, used)


class Unused:
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
