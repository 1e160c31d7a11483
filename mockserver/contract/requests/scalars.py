"""Checks of the keywords for numbers, strings and fixed values: one maker a keyword group."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.contract.requests.fault import Check, Fault, Faults, Kind, error
from mockserver.core.jsontext import JSON


def at_least(limit: float, *, noun: str, exclusive: bool) -> Check:
    """`minimum` or `exclusiveMinimum`."""

    def check(value: float) -> Faults | None:
        if value > limit or (value == limit and not exclusive):
            return None
        wanted = f"{'>' if exclusive else '>='} {limit}"
        return error(Fault(kind=Kind.BELOW, value=value, wanted=wanted, noun=noun))

    return check


def at_most(limit: float, *, noun: str, exclusive: bool) -> Check:
    """`maximum` or `exclusiveMaximum`."""

    def check(value: float) -> Faults | None:
        if value < limit or (value == limit and not exclusive):
            return None
        wanted = f"{'<' if exclusive else '<='} {limit}"
        return error(Fault(kind=Kind.ABOVE, value=value, wanted=wanted, noun=noun))

    return check


def integral(value: float) -> Faults | None:
    """`type: integer` for a number that was written with a fraction or exponent."""
    if value.is_integer():
        return None
    return error(Fault(kind=Kind.TYPE, value=value, wanted=["integer"]))


def not_shorter(limit: int) -> Check:
    """`minLength`, in characters."""

    def check(value: str) -> Faults | None:
        if len(value) >= limit:
            return None
        return error(Fault(kind=Kind.SHORT, value=len(value), wanted=limit))

    return check


def not_longer(limit: int) -> Check:
    """`maxLength`, in characters."""

    def check(value: str) -> Faults | None:
        if len(value) <= limit:
            return None
        return error(Fault(kind=Kind.LONG, value=len(value), wanted=limit))

    return check


def matching(pattern: str) -> Check:
    """`pattern`, found anywhere unless anchored."""
    search = re.compile(pattern).search

    def check(value: str) -> Faults | None:
        if search(value) is not None:
            return None
        return error(Fault(kind=Kind.PATTERN, value=value, wanted=pattern))

    return check


def one_of(values: Sequence[JSON], listed: Sequence[JSON]) -> Check:
    """`enum` or `const` for the `values` of one type; `listed` is what a complaint names."""
    allowed = frozenset(value for value in values if not isinstance(value, list | dict))
    names = list(listed)

    def check(value: JSON) -> Faults | None:
        if value in allowed:
            return None
        return error(Fault(kind=Kind.VALUE, value=value, wanted=names))

    return check
