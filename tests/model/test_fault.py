"""Faults by stage, and what they imply."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mockserver.model.events import Event, SseFormat
from mockserver.model.fault import NO_FAULTS, FaultContext, Faults
from mockserver.model.frames import EndOfReply, Frame, Part, Script, Send, Wait


@dataclass(frozen=True)
class OfEvents:
    streamed: bool
    always: bool = True

    def apply(self, value: tuple[Event, ...], _scene: FaultContext) -> tuple[Event, ...]:
        return value


@dataclass(frozen=True)
class OfSpelling:
    streamed: bool
    always: bool = True

    def apply(self, value: SseFormat, _scene: FaultContext) -> SseFormat:
        return value


@dataclass(frozen=True)
class OfFrames:
    streamed: bool
    always: bool = True

    def apply(self, value: tuple[Frame, ...], _scene: FaultContext) -> tuple[Frame, ...]:
        return value


E, S, F = Faults(events=(OfEvents(True),)), Faults(spelling=(OfSpelling(True),)), OfFrames(True)
CASES: dict[str, tuple[Faults, bool, bool]] = {
    "none": (NO_FAULTS, False, False),
    "of events": (E, True, True),
    "of the spelling": (S, True, True),
    "of frames": (Faults(frames=(F,)), True, True),
    "of the connection": (Faults(frames=(OfFrames(False),)), True, False),
    "one of several": (Faults(frames=(OfFrames(False), F)), True, True),
}


@pytest.mark.parametrize(("faults", "any_at_all", "streamed"), CASES.values(), ids=CASES)
def test_what_faults_imply(faults: Faults, any_at_all: bool, streamed: bool) -> None:
    assert bool(faults) is any_at_all
    assert faults.streamed is streamed


def test_faults_add_up_stage_by_stage() -> None:
    more = Faults(events=(OfEvents(False),), frames=(F,))
    assert E + S + more == Faults(
        events=(OfEvents(True), OfEvents(False)), spelling=(OfSpelling(True),), frames=(F,)
    )


def test_the_scene_of_a_stream_has_its_labels() -> None:
    events = (
        Event(label="role", ordinal=0, data={}),
        Event(label="text.delta[0]", ordinal=1, data={}, wire_label="x"),
    )
    assert FaultContext.of(events) == FaultContext(
        labels=("role", "text.delta[0]"), wire_labels=(None, "x")
    )


def test_the_wire_of_a_script_is_what_it_sends() -> None:
    head, body = Send(data=b"a", part=Part.HEAD), Send(data=b"b", part=Part.BODY)
    assert Script(frames=(head, Wait(seconds=1.0), body, EndOfReply())).wire == b"ab"
