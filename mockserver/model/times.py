"""The clock of a sandbox, and times as replies quote them: `now + 30s | http_date`.

A virtual clock reads nothing: it goes on by a second with every call, by the waits that replies
script, and by what a test advances it. So its times are the same in every run.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Final

from mockserver.errors import UsageError
from mockserver.model.ids import EPOCH
from mockserver.model.json import JSONObject

VIRTUAL: Final = "virtual"
REAL: Final = "real"
CLOCK_EXPECTED: Final = f"{VIRTUAL}, {REAL}, or a time from 2005 to 2254 such as 2026-10-25T00:59:30Z"
# All of them have ten digits as Unix seconds, on which the lengths in templates of replies rely.
_EARLIEST, _LATEST = 1_100_000_000, 8_999_999_999
_AT_MOST_DAYS = 36_500
CLOCK_SCHEMA: JSONObject = {
    "anyOf": [
        {"enum": [VIRTUAL, REAL]},
        {"type": "integer", "minimum": _EARLIEST, "maximum": _LATEST},
        {"type": "string", "pattern": "^(1[1-9]|[2-8][0-9])[0-9]{8}$"},
        {"type": "string", "pattern": "^2[01][1-9][0-9]-0[1-9]-[01][1-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$"},
    ]
}

_UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_TIME = re.compile(
    r"now(?:\s*(?P<sign>[+-])\s*(?P<amount>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s|m|h|d))?"
    r"(?:\s*\|\s*(?P<form>\w+))?"
)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:Z|([+-])([0-9]{2}):([0-9]{2}))", re.ASCII
)
_MONTHS: Final = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORMS: Mapping[str, Callable[[float, float], str]] = {
    "iso": lambda time, _: _iso(time),
    "http_date": lambda time, _: formatdate(math.floor(time), usegmt=True),
    "unix": lambda time, _: str(math.floor(time)),
    "unix_ms": lambda time, _: str(round(time * 1000)),
    "seconds": lambda _, shift: str(math.ceil(shift)),
}
_NUMBERS: Final = frozenset({"unix", "unix_ms", "seconds"})


def read_clock(value: object) -> str | None:
    """The setting of a clock: its kind, or the time of its start; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:.0f}" if float(value).is_integer() else ""
    if not isinstance(value, str):
        return None
    return value if value in (VIRTUAL, REAL) or _start(value) is not None else None


def _start(text: str) -> float | None:
    if text.isascii() and text.isdigit():
        found = int(text[:12])
    else:
        parts = _ISO.fullmatch(text)
        if parts is None:
            return None
        *fields, sign, hours, minutes = parts.groups("0")
        local = [int(one) for one in fields]
        try:
            found = calendar.timegm((local[0], local[1], local[2], local[3], local[4], local[5], 0, 0, 0))
        except ValueError:
            return None
        if _iso(found)[:19] != text[:19].replace(" ", "T"):
            return None
        shift = int(hours) * 3600 + int(minutes) * 60
        found += shift if sign == "-" else -shift
    return found if _EARLIEST <= found <= _LATEST else None


def _iso(time_s: float) -> str:
    """A time with milliseconds; `calendar` and `email` are pure where `datetime` could read the clock."""
    whole, thousandths = divmod(round(time_s * 1000), 1000)
    _, day, month, year, hour, _ = formatdate(whole, usegmt=True).split()
    return f"{year}-{_MONTHS.index(month):02}-{day}T{hour}.{thousandths:03}Z"


@dataclass(slots=True)
class Clock:
    """`time_s` is the time of call number 0, were it made now, in Unix seconds."""

    setting: str = VIRTUAL
    time_s: float = EPOCH

    def __post_init__(self) -> None:
        self.reset()

    @property
    def is_real(self) -> bool:
        return self.setting == REAL

    @property
    def epoch(self) -> int:
        """`created` of call number 0, were it made now."""
        return math.floor(self.time_s)

    def reset(self) -> None:
        """Return to the start."""
        self.time_s = _start(self.setting) or EPOCH

    def read(self, unix_s: float, calls: int) -> None:
        """Set a real clock to a time, at which so many calls were made before."""
        self.time_s = unix_s - calls

    def elapse(self, seconds: float) -> None:
        """Let the waits of a reply pass on a virtual clock."""
        if not self.is_real:
            self.time_s = min(self.time_s + seconds, _LATEST)

    def advance(self, seconds: float) -> None:
        """Advance a virtual clock. Raises UsageError for a real one, and beyond its range."""
        if self.is_real:
            raise UsageError("the clock of this sandbox is real; only a virtual one is advanced")
        if self.time_s + seconds > _LATEST:
            raise UsageError("the clock goes no further than the year 2254")
        self.time_s += seconds


def is_time(name: str) -> bool:
    """Whether a name in a template is a time rather than a text of the request."""
    return re.match(r"now\b", name) is not None


def is_number(name: str) -> bool:
    """Whether a time is a number: alone in a text, it becomes one in JSON."""
    found = _TIME.fullmatch(name)
    return found is not None and found["form"] in _NUMBERS


def time_problem(name: str) -> str | None:
    """What is wrong with a time; None for a good one."""
    found = _TIME.fullmatch(name)
    if found is None:
        return f"{name!r} is no time; expected now, now + 30s or now - 2h, and | with one of {', '.join(_FORMS)}"
    if found["form"] is not None and found["form"] not in _FORMS:
        return f"a time has no form {found['form']!r}; expected one of {', '.join(_FORMS)}"
    if abs(_shift(found)) > _AT_MOST_DAYS * 86_400:
        return f"{name!r} is too far from now; expected at most {_AT_MOST_DAYS}d"
    return None


def time_text(name: str, now_s: float) -> str:
    """A time as text, `iso` without a form."""
    found = _TIME.fullmatch(name)
    assert found is not None  # noqa: S101  # names are checked when scenarios load
    shift = _shift(found)
    return _FORMS[found["form"] or "iso"](now_s + shift, shift)


def _shift(found: re.Match[str]) -> float:
    amount = float(found["amount"] or 0) * _UNITS[found["unit"] or "s"]
    return -amount if found["sign"] == "-" else amount
