"""The fault `framing`: other spellings of the same events."""

from __future__ import annotations

import pytest

from mockserver.faults.parsing import FaultValueError
from mockserver.faults.registry import read_fault
from mockserver.model.events import PLAIN, SseFormat
from mockserver.model.fault import FaultContext
from mockserver.model.json import JSON
from tests.faults.samples import broken, faults_of, seen_by_h11


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"newline": "lf"}, SseFormat(newline="\n")),
        ({"newline": "crlf"}, SseFormat(newline="\r\n")),
        ({"newline": "cr"}, SseFormat(newline="\r")),
        ({"comment": "keep-alive"}, SseFormat(comment="keep-alive")),
        ({"id": True}, SseFormat(id=True)),
        ({"retry": 1000}, SseFormat(retry_ms=1000)),
        ({"split_data": True}, SseFormat(split_data=True)),
        ({"space": False}, SseFormat(space=False)),
        ({"final_blank": False}, SseFormat(final_blank=False)),
        ({"event_lines": False}, SseFormat(event_lines=False)),
        (
            {"newline": "cr", "id": True, "space": False},
            SseFormat(newline="\r", id=True, space=False),
        ),
    ],
)
def test_an_option_changes_the_spelling(value: JSON, expected: SseFormat) -> None:
    faults = read_fault({"framing": value}).faults
    [fault] = faults.spelling
    assert fault.apply(PLAIN, FaultContext()) == expected
    assert (faults.streamed, fault.always) == (True, True)


def test_a_later_fault_has_the_last_word() -> None:
    spelling = PLAIN
    for fault in faults_of(
        {"framing": {"newline": "cr", "id": True}}, {"framing": {"newline": "crlf"}}
    ).spelling:
        spelling = fault.apply(spelling, FaultContext())
    assert spelling == SseFormat(newline="\r\n", id=True)


def test_places_count_in_the_new_spelling_wherever_it_is_written() -> None:
    cut: JSON = {"cut": {"inside": {"event": "text.delta[0]", "byte": 12}}}
    framing: JSON = {"framing": {"newline": "crlf"}}
    assert broken(cut, framing) == broken(framing, cut)
    assert seen_by_h11(broken(framing, cut)).body.endswith(b"event: say\r\n")


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ("crlf", "framing", '"crlf" is no mapping; write {newline: crlf}'),
        ({}, "framing", "no option; write one, such as {newline: crlf}"),
        (
            {"newlines": "cr"},
            "framing.newlines",
            "unknown key 'newlines'; the nearest is 'newline'",
        ),
        ({"newline": "lfcr"}, "framing.newline", "\"lfcr\" is none of 'lf', 'crlf', 'cr'"),
        ({"newline": 1}, "framing.newline", "1 is none of 'lf', 'crlf', 'cr'"),
        ({"comment": ""}, "framing.comment", "\"\" is no comment such as 'keep-alive'"),
        ({"id": 1}, "framing.id", "1 is neither true nor false"),
        ({"retry": -1}, "framing.retry", "-1 is no whole number from 0 up"),
    ],
)
def test_what_is_written_wrongly_is_told(value: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault({"framing": value})
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
