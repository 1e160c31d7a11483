"""Findings on their way into a validation result, and what every stream walker reads of an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mockserver.contract.json_diff import describe_value
from mockserver.contract.rules import RULES
from mockserver.model.events import Event
from mockserver.model.findings import Finding, Severity
from mockserver.model.json import JSONObject, JSONReadError, read_text

DONE: Final = "[DONE]"

_MAX_PER_RULE: Final = 20
_MORE: Final = " (further findings of this rule are not listed)"


def finding(rule: str, path: str, message: str, *, notice: bool = False) -> Finding:
    """A finding of a known rule, with the severity of that rule, or a `notice`."""
    severity = Severity.NOTICE if notice else RULES[rule].severity
    return Finding(rule=rule, path=path, message=message, severity=severity)


class FindingCollector:
    """Findings in the order in which they were added.

    Findings of ignored rules are dropped. Of each rule the first 20 are kept, and the last of them
    says that there are more: a stream of ten thousand events with a wrong id is one mistake.
    """

    __slots__ = ("_counts", "_ignored_rules", "_kept")

    def __init__(self, ignored_rules: frozenset[str] = frozenset()) -> None:
        self._ignored_rules = ignored_rules
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, rule: str, path: str, message: str, event: str | None = None) -> None:
        """Add one finding; `event` is the label of the event concerned."""
        self.extend((finding(rule, path, message),), event)

    def extend(self, findings: Iterable[Finding], event: str | None = None) -> None:
        """Add findings, all in the event of that label."""
        for one in findings:
            if one.rule in self._ignored_rules:
                continue
            self._counts[one.rule] += 1
            count = self._counts[one.rule]
            if count <= _MAX_PER_RULE:
                message = one.message + _MORE if count == _MAX_PER_RULE else one.message
                self._kept.append(replace(one, message=message, event=event))

    def all(self) -> tuple[Finding, ...]:
        """Everything added so far."""
        return tuple(self._kept)


def is_done(event: Event) -> bool:
    """Whether the event is the `[DONE]` marker that ends a stream."""
    return event.text is not None and event.text.strip() == DONE


def event_object(event: Event, area: str, findings: FindingCollector) -> JSONObject | None:
    """The JSON object in an event, or None with a finding that gives the reason."""
    value = event.data
    if event.text is not None:
        read = read_text(event.text)
        if isinstance(read, JSONReadError):
            message = f"{describe_value(event.text)} is not JSON: {read.message}"
            findings.add(f"{area}.event.json", "", message, event.label)
            return None
        value = read
    if isinstance(value, dict):
        return value
    message = f"expected an object, got {describe_value(value)}"
    findings.add(f"{area}.event.object", "", message, event.label)
    return None


def check_event_line(event: Event, requirement: str, area: str, findings: FindingCollector) -> None:
    """Check that an `event:` line is present where it is `required`, absent where `forbidden`."""
    if requirement == "required" and event.name is None:
        message = "expected an event: line with the type, got none"
    elif requirement == "forbidden" and event.name is not None:
        message = f"expected no event: line, got {describe_value(event.name)}"
    else:
        return
    findings.add(f"{area}.event.line", "", message, event.label)
