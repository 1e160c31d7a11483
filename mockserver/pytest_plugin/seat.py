"""A test's sandbox from the plugin's side, and what is told of it when the test is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.errors import MockServerError, VerificationError

if TYPE_CHECKING:
    from mockserver.client import SandboxClient, ServerClient

Use = tuple[str, int, str, int]
"""File, line and name of a stub, and how often it was called."""


@dataclass(slots=True)
class Seat:
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
