"""What is to be said of a sandbox at the end: the verdict, and assertions on what came."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.client.asked import AskedSandbox, counted
from mockserver.client.filter import Filter, On, Step
from mockserver.client.requests import Requests
from mockserver.client.verdict import Verdict
from mockserver.errors import UsageError, VerificationError
from mockserver.model.stub import Times


class JudgedSandbox(AskedSandbox):
    """Judges a sandbox, but for what is allowed."""

    _allowed: frozenset[str] = frozenset()

    def allow(
        self, *, unmatched: bool = False, findings: bool = False, counts: bool = False
    ) -> None:
        """Let unmatched requests, breaches of the contract or missing calls pass from now on."""
        given = {"unmatched": unmatched, "findings": findings, "counts": counts}
        self._allowed |= {name for name, allowed in given.items() if allowed}

    def settle(self, timeout: float | None = None) -> tuple[int, ...]:
        """Wait for replies that are under way; gives the numbers of those that still are."""
        bound = self.settle_s if timeout is None else timeout
        return self._control.settle(self.name, bound)

    def verdict(self) -> Verdict:
        """What is to be complained about so far, after replies under way have settled."""
        return self._control.judge(self.name, self._allowed, self.settle_s)

    def verify(self) -> None:
        """Raise VerificationError with the report if there is anything to complain about."""
        __tracebackhide__ = True
        verdict = self.verdict()
        if not verdict:
            raise VerificationError(verdict.report)

    def assert_called(
        self,
        *,
        times: int | str = "1..",
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        """Assert how often such a request came (`2`, `"1.."`, `"..3"`, `"2..4"`); gives them."""
        __tracebackhide__ = True
        wanted = Times.parse(str(times))
        if wanted is None:
            raise UsageError(f"times: wanted one like 2, '1..', '..3' or '2..4', got {times!r}")
        requests = self.requests
        found = requests.where(on=on, when=when, stub=stub)
        if len(found) not in wanted:
            told = Filter.of(on=on, when=when, stub=stub).text
            such = f" with {told}" if told else ""
            raise VerificationError(
                f"wanted {counted(wanted)}{such}, got {len(found)}.\n\n{requests.text}"
            )
        return found

    def assert_order(self, *steps: Step) -> None:
        """Assert that requests came in this order, others between them allowed.

        A step is the name of a stub that answered, or a mapping of `on`, `when` and `stub`.
        """
        __tracebackhide__ = True
        filters = [Filter.of_step(step) for step in steps]
        requests = self.requests
        rest = iter(requests)
        for place, wanted in enumerate(filters, start=1):
            if not any(wanted.holds(request) for request in rest):
                raise VerificationError(
                    f"step {place} of {len(filters)} ({wanted.text}) did not follow in order.\n\n"
                    f"{requests.text}"
                )
