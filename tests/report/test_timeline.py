from __future__ import annotations

import pytest

from tests.conftest import Golden
from tests.kit import Beat, Close, EndOfReply, Frame, Part, Reset, Script, Send, Stall, Wait, timeline_text

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
