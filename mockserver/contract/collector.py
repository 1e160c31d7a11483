"""Findings on their way into a validation result, and how they describe JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from mockserver.contract.rules import RULES
from mockserver.model.events import Event
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text

DONE: Final = "[DONE]"

_MAX_PER_RULE: Final = 20
_MORE: Final = " (further findings of this rule are not listed)"


def finding(rule: str, path: str, message: str) -> Finding:
    """A finding of a known rule, with the severity of that rule."""
    return Finding(rule=rule, path=path, message=message, severity=RULES[rule].severity)


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


_MAX_TEXT: Final = 60
_MAX_EXCERPT: Final = 30
_MAX_INTEGER: Final = 10**18
_MAX_STEPS: Final = 20

_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
_Pair: TypeAlias = tuple[JSON, JSON, _Trail]


def describe_value(value: JSON) -> str:
    """The value itself where it is small, or else what it is; short and fast for any value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > _MAX_INTEGER:
            return "a very large integer"
        case str() if len(value) > _MAX_TEXT:
            return f"{value[:_MAX_TEXT]!r}… ({len(value)} characters)"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} members"
        case _:
            return repr(value)


def member_path(path: str, name: str) -> str:
    """The path of a member of the object at `path`."""
    short = name if len(name) <= _MAX_TEXT else f"{name[:_MAX_TEXT]}…"
    return f"{path}.{short}" if path else short


class JSONDifference(NamedTuple):
    """`steps` are the member names and list indexes that lead to the place."""

    steps: tuple[str | int, ...]
    message: str


def path_of(steps: tuple[str | int, ...], start: str) -> str:
    """The path that leads from `start` along the steps, truncated where it is very long."""
    path = start
    for step in steps[:_MAX_STEPS]:
        path = f"{path}[{step}]" if isinstance(step, int) else member_path(path, step)
    return f"{path}…" if len(steps) > _MAX_STEPS else path


def json_difference(
    found: JSON, expected: JSON, ignored: frozenset[str] = frozenset()
) -> JSONDifference | None:
    """The first place, in the member order of `expected`, where `found` differs.

    Members with an ignored name are not compared. Numbers are equal by value; true is not a number.
    """
    waiting: list[_Pair] = [(found, expected, None)]
    while waiting:
        one, other, trail = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            names = _names_differ(one, other, ignored)
            if names is not None:
                name, message = names
                return JSONDifference(_steps((trail, name)), message)
            waiting.extend(
                (one[name], other[name], (trail, name))
                for name in reversed(other)
                if name not in ignored
            )
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = zip(reversed(one), reversed(other), range(len(one) - 1, -1, -1), strict=True)
            waiting.extend((left, right, (trail, index)) for left, right, index in pairs)
        else:
            text = _leaves_differ(one, other)
            if text is not None:
                return JSONDifference(_steps(trail), text)
    return None


def _names_differ(
    one: JSONObject, other: JSONObject, ignored: frozenset[str]
) -> tuple[str, str] | None:
    for name in other:
        if name not in one and name not in ignored:
            return name, f"missing, expected {describe_value(other[name])}"
    for name in one:
        if name not in other and name not in ignored:
            return name, f"expected no such member, got {describe_value(one[name])}"
    return None


def _leaves_differ(one: JSON, other: JSON) -> str | None:
    if isinstance(one, str) and isinstance(other, str):
        return None if one == other else text_difference(one, other)
    nested = isinstance(one, (dict, list)) or isinstance(other, (dict, list))
    if not nested and isinstance(one, bool) == isinstance(other, bool) and one == other:
        return None
    return f"expected {describe_value(other)}, got {describe_value(one)}"


def text_difference(found: str, expected: str) -> str:
    """From which character on two unequal texts differ."""
    low, high = 0, min(len(found), len(expected))
    while low < high:
        middle = (low + high + 1) // 2
        if found[low:middle] == expected[low:middle]:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return f"expected {describe_value(expected)}, got {describe_value(found)}"
    rest, other = found[low : low + _MAX_EXCERPT], expected[low : low + _MAX_EXCERPT]
    return f"from character {low} on expected {other!r}, got {rest!r}"


def _steps(trail: _Trail) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))
