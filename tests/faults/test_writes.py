"""The faults that send the same bytes at other times: dribble, throttle, linger."""

from __future__ import annotations

import pytest

from mockserver.faults.parsing import FaultValueError
from mockserver.faults.registry import read_fault
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Close, EndOfReply, IdleClose, Reset, Send, Stall, Wait
from mockserver.model.json import JSON
from tests.faults.samples import (
    BODY,
    CHUNKS,
    HEAD,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    WHOLE_HEAD,
    shape,
    streamed,
    struck,
    whole,
    wire,
    writes,
)

REPLIES = [streamed(), streamed(gap_s=0.5), streamed(version=(1, 0)), whole(first_s=1.0)]
RESLICINGS: list[JSON] = [
    {"dribble": {"bytes": 1}},
    {"dribble": {"bytes": 7, "gap": "1ms"}},
    {"dribble": {"sizes": [3, 7]}},
    {"dribble": {"split_utf8": True}},
    {"dribble": {"coalesce": True}},
    {"throttle": 2000},
    {"throttle": 7},
    {"linger": "1s"},
]


@pytest.mark.parametrize("frames", REPLIES)
@pytest.mark.parametrize("fault", RESLICINGS)
def test_the_bytes_stay_as_they_are(frames: tuple[Send, ...], fault: JSON) -> None:
    found = struck(frames, fault)
    assert wire(found) == wire(frames)
    assert all(frame.data for frame in found if isinstance(frame, Send))


def test_dribble_sends_so_many_bytes_at_a_time() -> None:
    found = struck(whole(), {"dribble": {"bytes": 60, "gap": "1ms"}})
    sent = WHOLE_HEAD + BODY
    assert shape(found) == [sent[:60], Wait(seconds=0.001), sent[60:], EndOfReply()]


def test_sizes_are_taken_in_turn() -> None:
    found = writes(struck(streamed(), {"dribble": {"sizes": [3, 7]}}))
    assert [len(write) for write in found[:4]] == [3, 7, 3, 7]
    assert {len(write) for write in found[:-1]} == {3, 7}


def test_a_wait_that_is_there_ends_a_slice() -> None:
    frames = (*streamed()[:1], Wait(seconds=2.0), *streamed()[1:])
    found = struck(frames, {"dribble": {"sizes": [len(HEAD) - 1, 5, 1000]}})
    assert shape(found) == [
        HEAD[:-1],
        Wait(seconds=0.0),
        HEAD[-1:],
        Wait(seconds=2.0),
        CHUNKS + LAST,
        EndOfReply(),
    ]


def test_a_slice_that_ends_at_a_wait_keeps_its_gap() -> None:
    frames = (*streamed()[:1], Wait(seconds=2.0), *streamed()[1:])
    found = struck(frames, {"dribble": {"sizes": [len(HEAD), 1000], "gap": "1ms"}})
    assert shape(found) == [HEAD, Wait(seconds=2.0), CHUNKS + LAST, EndOfReply()]


def test_split_utf8_ends_a_write_inside_each_character() -> None:
    found = struck(streamed(), {"dribble": {"split_utf8": True, "gap": "2ms"}})
    assert shape(found) == [
        HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35],
        Wait(seconds=0.002),
        HEY_TEXT[35:] + b"\r\n" + CHUNKS[len(ROLE_CHUNK) + 46 :] + LAST,
        EndOfReply(),
    ]


def test_split_utf8_has_nothing_to_add_to_a_character_that_is_divided() -> None:
    once = struck(
        streamed(), {"delay": {"inside": {"event": "text.delta[0]", "byte": 35}, "for": 0}}
    )
    assert struck(once, {"dribble": {"split_utf8": True}}) == once


def test_coalesce_waits_first_and_then_sends_everything() -> None:
    found = struck(streamed(gap_s=0.5), {"dribble": {"coalesce": True}})
    assert shape(found) == [Wait(seconds=2.0), HEAD + CHUNKS + LAST, EndOfReply()]
    assert shape(struck(streamed(), {"dribble": {"coalesce": True}})) == [
        HEAD + CHUNKS + LAST,
        EndOfReply(),
    ]


def test_coalesce_leaves_silence_where_it_is() -> None:
    stalled = struck(streamed(gap_s=0.5), {"stall": {"after": 1, "for": "1s", "then": "end"}})
    assert shape(struck(stalled, {"dribble": {"coalesce": True}})) == [
        Wait(seconds=0.5),
        HEAD + ROLE_CHUNK,
        Stall(seconds=1.0),
        LAST,
        EndOfReply(),
    ]


@pytest.mark.parametrize("frames", REPLIES)
@pytest.mark.parametrize("rate", [7, 100, 2000])
def test_throttle_keeps_the_rate_and_the_pace(frames: tuple[Send, ...], rate: int) -> None:
    def seconds(reply: tuple[object, ...]) -> float:
        return sum(frame.seconds for frame in reply if isinstance(frame, Wait))

    found = struck(frames, {"throttle": rate})
    spent = seconds(found) - seconds(frames)
    slack = max(1, rate // 20)
    assert (len(wire(found)) - slack) / rate - 1e-9 <= spent <= len(wire(found)) / rate + 1e-9


def test_linger_closes_late_and_keeps_a_reset() -> None:
    late = Wait(seconds=1.5)
    assert struck(whole(), {"linger": "1.5s"}) == (*whole()[:-1], late, Close(complete=True))
    reset = struck(streamed(), {"reset": {"after": 1}})
    assert struck(reset, {"linger": "1.5s"}) == (*reset[:-1], late, Reset())


@pytest.mark.parametrize(
    ("value", "how"),
    [
        ({"until": "next"}, IdleClose.FIN),
        ({"until": "next", "then": "cut"}, IdleClose.FIN),
        ({"until": "next", "then": "reset"}, IdleClose.RST),
    ],
)
def test_linger_until_next_leaves_the_connection_to_be_used_in_vain(
    value: JSON, how: IdleClose
) -> None:
    assert struck(whole(), {"linger": value}) == (*whole()[:-1], EndOfReply(hang_up=how))
    closed = streamed(version=(1, 0))
    assert struck(closed, {"linger": value}) == closed


@pytest.mark.parametrize("fault", RESLICINGS)
def test_the_time_of_bytes_is_no_matter_of_events(fault: JSON) -> None:
    [one] = read_fault(fault).faults.frames
    assert (one.streamed, one.always) == (False, True)
    assert one.apply(whole(), FaultContext())[-1] in (EndOfReply(), Close(complete=True))


WAYS = "'bytes', 'sizes', 'split_utf8', 'coalesce'"
EXAMPLE = "{bytes: 1, gap: 1ms}, {sizes: [3, 7]}, {split_utf8: true} or {coalesce: true}"


@pytest.mark.parametrize(
    ("fault", "key_path", "message"),
    [
        ({"dribble": 1}, "dribble", f"1 is no mapping; write {EXAMPLE}"),
        ({"dribble": {}}, "dribble", f"0 of {WAYS} where one is wanted"),
        (
            {"dribble": {"bytes": 1, "coalesce": True}},
            "dribble",
            f"2 of {WAYS} where one is wanted",
        ),
        ({"dribble": {"bytes": 0}}, "dribble.bytes", "0 is no whole number from 1 up"),
        (
            {"dribble": {"bytes": 1, "gap": "x"}},
            "dribble.gap",
            "\"x\" is no duration such as '200ms' or '1.5s'",
        ),
        ({"dribble": {"sizes": []}}, "dribble.sizes", "[] is no list of sizes such as [3, 7]"),
        ({"dribble": {"sizes": 3}}, "dribble.sizes", "3 is no list of sizes such as [3, 7]"),
        ({"dribble": {"sizes": [3, 0]}}, "dribble.sizes[1]", "0 is no whole number from 1 up"),
        (
            {"dribble": {"split_utf8": False}},
            "dribble.split_utf8",
            "false is not true; leave the key out to do without",
        ),
        (
            {"dribble": {"coalesce": True, "gap": "1ms"}},
            "dribble.gap",
            "one write has no gap; leave it out",
        ),
        ({"throttle": 0}, "throttle", "0 is no whole number from 1 up"),
        ({"throttle": "2kB"}, "throttle", '"2kB" is no whole number from 1 up'),
        ({"linger": 1}, "linger", "1 is no duration such as '200ms' or '1.5s'"),
        ({"linger": {}}, "linger", "'until' is missing; write 1s or {until: next}"),
        ({"linger": {"until": "1s"}}, "linger.until", "\"1s\" is none of 'next'"),
        (
            {"linger": {"until": "next", "then": "end"}},
            "linger.then",
            "\"end\" is none of 'cut', 'reset'",
        ),
    ],
)
def test_what_is_written_wrongly_is_told(fault: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault(fault)
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
