"""The fault `framing`."""

from __future__ import annotations

import pytest

from tests.faults.samples import error_of, faulted_stream, faults_of, seen_by_h11
from tests.kit import JSON, PLAIN, FaultContext, SseFormat, read_fault


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
        ({"newline": "cr", "id": True, "space": False}, SseFormat(newline="\r", id=True, space=False)),
    ],
)
def test_an_option_changes_the_format(value: JSON, expected: SseFormat) -> None:
    faults = read_fault({"framing": value}).faults
    [fault] = faults.format
    assert fault.apply(PLAIN, FaultContext()) == expected
    assert (faults.streamed, fault.always) == (True, True)


def test_the_options_of_a_later_fault_win() -> None:
    sse_format = PLAIN
    for fault in faults_of({"framing": {"newline": "cr", "id": True}}, {"framing": {"newline": "crlf"}}).format:
        sse_format = fault.apply(sse_format, FaultContext())
    assert sse_format == SseFormat(newline="\r\n", id=True)


def test_places_count_in_the_new_format_in_any_order_of_the_faults() -> None:
    cut: JSON = {"cut": {"inside": {"event": "text.delta[0]", "byte": 12}}}
    framing: JSON = {"framing": {"newline": "crlf"}}
    assert faulted_stream(cut, framing) == faulted_stream(framing, cut)
    assert seen_by_h11(faulted_stream(framing, cut)).body.endswith(b"event: say\r\n")


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ({"newlines": "cr"}, "framing.newlines", "unknown key 'newlines'; the nearest is 'newline'"),
        ({"newline": "lfcr"}, "framing.newline", "expected one of 'lf', 'crlf', 'cr', got \"lfcr\""),
        ({"comment": ""}, "framing.comment", "expected a comment such as 'keep-alive', got \"\""),
    ],
)
def test_an_invalid_framing_is_rejected(value: JSON, key_path: str, message: str) -> None:
    assert error_of({"framing": value}) == (key_path, message)


def test_at_least_one_option_is_required() -> None:
    key_path, message = error_of({"framing": {}})
    assert key_path == "framing"
    assert message.startswith("expected at least one of 'newline', 'comment', 'id', 'retry'")
