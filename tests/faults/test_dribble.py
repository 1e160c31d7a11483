"""The fault `dribble`, and what all faults on writes have in common."""

from __future__ import annotations

import pytest

from tests.faults.samples import (
    BODY,
    CHUNKS,
    HEAD,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    WHOLE_HEAD,
    error_of,
    faulted,
    faults_of,
    shape,
    streamed,
    whole,
    wire,
    writes,
)
from tests.kit import JSON, Close, EndOfReply, Frame, Send, Stall, Wait

REPLIES = [streamed(), streamed(gap_s=0.5), streamed(version=(1, 0)), whole(first_s=1.0)]


@pytest.mark.parametrize("frames", REPLIES)
@pytest.mark.parametrize(
    "fault",
    [
        {"dribble": {"bytes": 1}}, {"dribble": {"bytes": 7, "gap": "1ms"}}, {"dribble": {"sizes": [3, 7]}},
        {"dribble": {"split_utf8": True}}, {"dribble": {"coalesce": True}}, {"throttle": 2000}, {"throttle": 7},
        {"linger": "1s"},
    ],
)  # fmt: skip
def test_the_bytes_do_not_change(frames: tuple[Frame, ...], fault: JSON) -> None:
    found = faulted(frames, fault)
    assert wire(found) == wire(frames)
    assert all(frame.data for frame in found if isinstance(frame, Send))
    assert found[-1] in (EndOfReply(), Close(complete=True))
    assert not faults_of(fault).streamed


def test_bytes_is_the_size_of_each_write() -> None:
    found = faulted(whole(), {"dribble": {"bytes": 60, "gap": "1ms"}})
    sent = WHOLE_HEAD + BODY
    assert shape(found) == [sent[:60], Wait(seconds=0.001), sent[60:], EndOfReply()]


def test_sizes_are_taken_in_turn() -> None:
    found = writes(faulted(streamed(), {"dribble": {"sizes": [3, 7]}}))
    assert [len(write) for write in found[:4]] == [3, 7, 3, 7]
    assert {len(write) for write in found[:-1]} == {3, 7}


def test_a_wait_of_the_reply_ends_a_write() -> None:
    frames = (*streamed()[:1], Wait(seconds=2.0), *streamed()[1:])
    found = faulted(frames, {"dribble": {"sizes": [len(HEAD) - 1, 5, 1000]}})
    assert shape(found) == [HEAD[:-1], Wait(seconds=0.0), HEAD[-1:], Wait(seconds=2.0), CHUNKS + LAST, EndOfReply()]


def test_a_write_that_ends_at_a_wait_has_no_gap() -> None:
    frames = (*streamed()[:1], Wait(seconds=2.0), *streamed()[1:])
    found = faulted(frames, {"dribble": {"sizes": [len(HEAD), 1000], "gap": "1ms"}})
    assert shape(found) == [HEAD, Wait(seconds=2.0), CHUNKS + LAST, EndOfReply()]


def test_split_utf8_ends_a_write_inside_each_character() -> None:
    found = faulted(streamed(), {"dribble": {"split_utf8": True, "gap": "2ms"}})
    assert shape(found) == [
        HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35],
        Wait(seconds=0.002),
        HEY_TEXT[35:] + b"\r\n" + CHUNKS[len(ROLE_CHUNK) + 46 :] + LAST,
        EndOfReply(),
    ]


def test_split_utf8_does_not_divide_a_character_again() -> None:
    once = faulted(streamed(), {"delay": {"inside": {"event": "text.delta[0]", "byte": 35}, "for": 0}})
    assert faulted(once, {"dribble": {"split_utf8": True}}) == once


def test_coalesce_waits_first_and_then_sends_everything() -> None:
    found = faulted(streamed(gap_s=0.5), {"dribble": {"coalesce": True}})
    assert shape(found) == [Wait(seconds=2.0), HEAD + CHUNKS + LAST, EndOfReply()]
    assert shape(faulted(streamed(), {"dribble": {"coalesce": True}})) == [HEAD + CHUNKS + LAST, EndOfReply()]


def test_coalesce_does_not_move_a_stall() -> None:
    stalled = faulted(streamed(gap_s=0.5), {"stall": {"after": 1, "for": "1s", "then": "end"}})
    assert shape(faulted(stalled, {"dribble": {"coalesce": True}})) == [
        Wait(seconds=0.5), HEAD + ROLE_CHUNK, Stall(seconds=1.0), LAST, EndOfReply(),
    ]  # fmt: skip


WAYS = "'bytes', 'sizes', 'split_utf8', 'coalesce'"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({}, ("dribble", f"expected exactly one of {WAYS}, got none")),
        ({"bytes": 1, "coalesce": True}, ("dribble", f"expected exactly one of {WAYS}, got 'bytes', 'coalesce'")),
        ({"sizes": []}, ("dribble.sizes", "expected a list of sizes such as [3, 7], got []")),
        ({"coalesce": True, "gap": "1ms"}, ("dribble.gap", "one write has no gap; leave 'gap' out")),
    ],
)
def test_an_invalid_dribble_is_rejected(value: JSON, error: tuple[str, str]) -> None:
    assert error_of({"dribble": value}) == error
