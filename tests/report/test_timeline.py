from __future__ import annotations

import pytest

from tests.conftest import Golden
from tests.kit import (
    Beat,
    Close,
    EndOfReply,
    ExchangeKind,
    Frame,
    IdleClose,
    Part,
    Record,
    Request,
    Reset,
    Script,
    Send,
    Stall,
    Wait,
    fault_text,
    read_fault,
    timeline_document,
    timeline_text,
)

HEAD = Send(data=b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: req_1\r\n\r\n", part=Part.HEAD)


def event(label: str, ordinal: int, text: str) -> tuple[Frame, ...]:
    data = text.encode()
    return (
        Send(data=b"%x\r\n" % len(data), part=Part.CHUNK_SIZE, event=ordinal, nth=ordinal, label=label),
        Send(data=data, part=Part.EVENT, event=ordinal, nth=ordinal, label=label),
        Send(data=b"\r\n", part=Part.CHUNK_END, event=ordinal, nth=ordinal, label=label),
    )


def test_a_stream_is_a_line_for_each_event(golden: Golden) -> None:
    script = Script(
        frames=(
            HEAD,
            Wait(seconds=0.2),
            *event("role", 0, 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n'),
            Wait(seconds=0.02),
            *event("text.delta[0]", 1, f'data: {{"delta":"{"w" * 300}"}}\n\n'),
            Wait(seconds=0.02),
            *event("created", 2, 'event: response.created\ndata: {"type":"x"}\n\n'),
            Wait(seconds=0),
            *event("terminator", 3, "data: [DONE]\n\n"),
            Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK),
            EndOfReply(),
        )
    )
    golden("report/timeline_stream.txt", timeline_text(script))


def test_each_write_of_one_event_has_a_line(golden: Golden) -> None:
    script = Script(
        frames=(
            HEAD, Send(data=b"data: \xc3", part=Part.EVENT, event=0, nth=0, label="role"), Wait(seconds=0.001),
            Send(data=b"\xa4\n\n", part=Part.EVENT, event=0, nth=0, label="role"), Stall(seconds=12), Stall(), Reset(),
        )
    )  # fmt: skip
    golden("report/timeline_pieces.txt", timeline_text(script))


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ((Close(),), "     0 ms  close    FIN, after everything above was delivered"),
        ((EndOfReply(),), "     0 ms  finish    the reply is complete"),
        (
            (Stall(beat=Beat(every_s=12, first_s=12, before=b"ping")), Close()),
            (
                "     0 ms  stall    until the client disconnects, 4 B every 12.0 s\n"
                "     0 ms  close    FIN, after everything above was delivered"
            ),
        ),
        (
            (Wait(seconds=1.5), Send(data=b"{}", part=Part.BODY), EndOfReply()),
            "  1500 ms  body    2 B  {}\n  1500 ms  finish       the reply is complete",
        ),
    ],
)
def test_short_scripts_are_shown_in_full(frames: tuple[Frame, ...], text: str) -> None:
    assert timeline_text(Script(frames=frames)) == text


def write(label: str, ordinal: int, text: str, nth: int) -> Frame:
    return Send(data=text.encode(), part=Part.EVENT, event=ordinal, nth=nth, label=label)


GOOD = 'data: {"a": 1}\n\n'
MARKED: dict[str, tuple[tuple[Frame, ...], list[str | None]]] = {
    "no faults": ((HEAD, write("a", 0, GOOD, 0), write("b", 1, "data: [DONE]\r\n\r\n", 1), EndOfReply()), [None] * 4),
    "a body that ends with the connection": ((Send(data=b"x", part=Part.BODY), Close(complete=True)), [None, None]),
    "a cut": ((HEAD, write("a", 0, GOOD, 0), Close()), [None, None, "close"]),
    "a reset in an event": ((write("a", 0, "data: {", 0), Reset()), ["damaged", "reset"]),
    "a stall": ((HEAD, Stall(seconds=1), EndOfReply()), [None, "stall", None]),
    "a close later": ((HEAD, EndOfReply(hang_up=IdleClose.RST)), [None, "finish"]),
    "one missing": ((write("b", 1, GOOD, 0), EndOfReply()), ["1 event missing before it", None]),
    "two missing": ((write("c", 2, GOOD, 0), EndOfReply()), ["2 events missing before it", None]),
    "a repeated event": ((write("a", 0, GOOD, 0), write("a", 0, GOOD, 1), EndOfReply()), [None, "repeated", None]),
    "two swapped events": (
        (write("b", 1, GOOD, 0), write("a", 0, GOOD, 1), EndOfReply()),
        ["1 event missing before it", "out of order", None],
    ),
    "an event in pieces": (
        (write("a", 0, 'data: {"a"', 0), Wait(seconds=1), write("a", 0, ": 1}\n\n", 0), EndOfReply()),
        [None, None, None],
    ),
    "data that is no JSON": ((write("a", 0, "data: {]\n\n", 0), EndOfReply()), ["damaged", None]),
    "an event without data": ((write("a", 0, ": hi\n\n", 0), EndOfReply()), [None, None]),
    "an inserted comment": (
        (Send(data=b": hi\n\n", part=Part.EVENT, label="inserted"), EndOfReply()),
        ["inserted", None],
    ),
}


@pytest.mark.parametrize("case", MARKED)
def test_each_fault_is_at_its_position(case: str) -> None:
    frames, faults = MARKED[case]
    request = Request(method="POST", target="/", path="/")
    record = Record(number=7, kind=ExchangeKind.SIDE, at_s=0, request=request, source=Script(frames=frames))
    document = timeline_document(record)
    assert (document["number"], document["faults"]) == (7, [])
    rows = document["rows"]
    assert isinstance(rows, list)
    assert [row["fault"] for row in rows if isinstance(row, dict)] == faults


def test_a_row_has_its_time_size_and_text() -> None:
    request = Request(method="POST", target="/", path="/")
    frames = (Wait(seconds=0.5), Send(data=b"{}", part=Part.BODY), EndOfReply())
    record = Record(number=1, kind=ExchangeKind.SIDE, at_s=0, request=request, source=Script(frames=frames))
    assert timeline_document(record)["rows"] == [
        {"at_s": 0.5, "what": "body", "size": 2, "shown": "{}", "fault": None},
        {"at_s": 0.5, "what": "finish", "size": None, "shown": "the reply is complete", "fault": None},
    ]


def test_an_exchange_without_a_reply_has_no_rows() -> None:
    request = Request(method="", target="", path="")
    record = Record(number=1, kind=ExchangeKind.GARBAGE, at_s=0, request=request)
    assert timeline_document(record) == {"number": 1, "faults": [], "rows": []}


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ({"cut": {"after": 3}}, "cut  after: 3"),
        ({"cut": {"at": "head"}, "chance": 0.5}, "cut  at: head  chance: 0.5"),
        ({"garble": {"json": "role"}}, "garble json  label: role"),
        ({"omit": "role"}, "omit  label: role"),
        ({"delay": {"before": "role", "for": "40ms"}}, "delay  before: role  seconds: 0.04"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(element: dict[str, object], text: str) -> None:
    [fault] = read_fault(element).faults  # type: ignore[arg-type]
    assert fault_text(fault) == text
