"""h11 reads what is shipped as a client would: whole or broken as the scenario says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import Close, EndOfReply, Script

BREAKING = {"truncated-responses", "reset", "stall"}


def read(wire: bytes, *, closed: bool) -> list[h11.Event]:
    """Everything a client gets; raises `h11.RemoteProtocolError` where HTTP was broken."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="POST", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(wire)
    if closed:
        client.receive_data(b"")
    events: list[h11.Event] = []
    while isinstance(event := client.next_event(), h11.Event):
        events.append(event)
        if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    return events


def is_message(wire: bytes) -> bool:
    """Whether a client that reads this and then the end has a whole reply."""
    try:
        events = read(wire, closed=True)
    except h11.RemoteProtocolError:
        return False
    return any(isinstance(one, h11.EndOfMessage) for one in events)


def test_a_whole_reply_is_one_message_and_a_broken_one_is_none(asking: Any, ask: Callable[[Any], Script]) -> None:
    script = ask(asking)
    if asking.scenario in BREAKING and asking.stream:
        assert not isinstance(script.frames[-1], EndOfReply)
        with pytest.raises(h11.RemoteProtocolError):
            read(script.wire, closed=True)
        return
    events = read(script.wire, closed=isinstance(script.frames[-1], Close))
    assert isinstance(events[0], h11.Response)
    assert isinstance(events[-1], h11.EndOfMessage)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_shorter_part_of_a_reply_is_a_message(data: st.DataObject) -> None:
    from tests.kit import Event, frame_body, frame_events

    texts = data.draw(st.lists(st.text(min_size=1), min_size=1, max_size=4))
    events = [(0.0, Event(label=str(place), ordinal=place, data=text)) for place, text in enumerate(texts)]
    frames = data.draw(
        st.sampled_from([frame_events(200, (), events), frame_body(200, (), "".join(texts).encode("utf-8", "replace"))])
    )
    wire = Script(frames=frames).wire
    cut = data.draw(st.integers(min_value=0, max_value=len(wire) - 1))
    assert is_message(wire)
    assert not is_message(wire[:cut])
