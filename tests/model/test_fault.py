"""What faults imply by stage, and how they are applied in one call."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.faults.samples import (
    HEAD,
    HEY_CHUNK,
    ROLE_CHUNK,
    YOU_CHUNK,
    faulted_body,
    faulted_stream,
    shape,
    streamed,
    wire,
)
from tests.kit import (
    JSON,
    NO_FAULTS,
    AnyFault,
    Close,
    EndOfReply,
    Event,
    EventFault,
    Fault,
    FaultContext,
    Faults,
    FormatFault,
    FrameFault,
    IdGenerator,
    JSONObject,
    Part,
    PlaceNotFoundError,
    PlaceRemovedError,
    Script,
    Send,
    SseFormat,
    Wait,
)


@dataclass(frozen=True)
class OnStream(FrameFault):
    @property
    def streamed(self) -> bool:
        return True


E, S, F = Faults.of(EventFault()), Faults.of(FormatFault()), Faults.of(OnStream())
ANY = Faults.of(FrameFault())
CASES: dict[str, tuple[Faults, bool, bool]] = {
    "none": (NO_FAULTS, False, False),
    "on events": (E, True, True),
    "on the format": (S, True, True),
    "on the frames of a stream": (F, True, True),
    "on any frames": (ANY, True, False),
    "one of several": (ANY + F, True, True),
}


@pytest.mark.parametrize(("faults", "not_empty", "streamed"), CASES.values(), ids=CASES)
def test_faults_on_events_imply_a_streaming_request(faults: Faults, not_empty: bool, streamed: bool) -> None:
    assert bool(faults) is not_empty
    assert faults.streamed is streamed
    sometimes = faults.with_chance(0.5)
    assert sometimes.streamed is streamed
    assert not any(fault.always for fault in sometimes)


@pytest.mark.parametrize("fault", [EventFault(), FormatFault(), FrameFault()])
def test_a_fault_applies_always_without_effects_or_conflicts_by_default(fault: AnyFault) -> None:
    assert (fault.always, fault.effects, dict(fault.conflicts)) == (True, frozenset(), {})
    assert list(Faults.of(fault)) == [fault]


def test_a_fault_has_to_implement_apply() -> None:
    fault: Fault[SseFormat] = FormatFault()
    with pytest.raises(NotImplementedError):
        fault.apply(SseFormat(), FaultContext())


def test_faults_add_up_stage_by_stage() -> None:
    assert Faults(events=(*E.events, *E.events), format=S.format, frames=F.frames) == E + S + F + E


def test_the_context_of_a_stream_has_its_labels() -> None:
    events = (Event(label="role", ordinal=0, data={}), Event(label="text.delta[0]", ordinal=1, data={}, wire_label="x"))
    assert FaultContext.of(events) == FaultContext(labels=("role", "text.delta[0]"), wire_labels=(None, "x"), draw=0.0)


def test_the_wire_of_a_script_is_what_it_sends() -> None:
    head, body = Send(data=b"a", part=Part.HEAD), Send(data=b"b", part=Part.BODY)
    assert Script(frames=(head, Wait(seconds=1.0), body, EndOfReply())).wire == b"ab"


def ids(call: int, seed: int = 0) -> IdGenerator:
    return IdGenerator(seed=seed, scenario="s", stub="t", call=call)


CUT: JSON = {"cut": {"after": 1}, "chance": 0.3}


def test_a_chance_is_a_share_of_the_calls_and_repeats_with_the_seed() -> None:
    def cuts(seed: int) -> list[bool]:
        calls = [faulted_stream(CUT, ids=ids(call, seed)) for call in range(400)]
        return [frames[-1] == Close() for frames in calls]

    assert cuts(0) == cuts(0)
    assert cuts(0) != cuts(1)
    assert 80 < sum(cuts(0)) < 160


def test_in_each_call_the_fault_applies_in_full_or_not_at_all() -> None:
    found = {faulted_stream(CUT, ids=ids(call)) for call in range(40)}
    assert found == {faulted_stream(), faulted_stream({"cut": {"after": 1}})}


def test_two_faults_have_independent_draws() -> None:
    other: JSON = {"delay": {"after": 1, "for": "1s"}, "chance": 0.5}
    found = {faulted_stream(other, other, ids=ids(call)) for call in range(40)}
    once: JSON = {"delay": {"after": 1, "for": "1s"}}
    assert found == {faulted_stream(), faulted_stream(once), faulted_stream(once, once)}


@pytest.mark.parametrize("fault", [{"omit": "role"}, {"framing": {"id": True}}, {"cut": {"at": "head"}}])
def test_a_fault_of_any_stage_may_have_a_chance(fault: JSONObject) -> None:
    found = {faulted_stream({**fault, "chance": 0.5}, ids=ids(call)) for call in range(40)}
    assert found == {faulted_stream(), faulted_stream(fault)}


def test_a_dry_run_tries_a_fault_with_a_chance_and_discards_its_effect() -> None:
    late: JSON = {"cut": {"after": "terminator"}}
    assert faulted_stream(CUT, late) == faulted_stream(late)
    with pytest.raises(PlaceNotFoundError, match=r"no event 'nowhere'"):
        faulted_stream({"omit": "nowhere", "chance": 0.1})
    with pytest.raises(PlaceRemovedError):
        faulted_stream({"cut": {"after": 1}}, {"delay": {"after": 2, "for": "1s"}})


def test_a_fault_has_no_effect_if_chance_removed_its_place() -> None:
    late: JSON = {"cut": {"after": "terminator"}}
    found = {faulted_stream(CUT, late, ids=ids(call)) for call in range(40)}
    assert found == {faulted_stream({"cut": {"after": 1}}), faulted_stream(late)}


def test_a_fault_has_no_effect_if_chance_left_too_few_events() -> None:
    faults: list[JSON] = [{"repeat": "role"}, {"end": {"after": 1}, "chance": 0.5}, {"cut": {"after": 5}}]
    found = {faulted_stream(*faults, ids=ids(call)) for call in range(40)}
    assert found == {
        faulted_stream({"repeat": "role"}, {"end": {"after": 1}}),
        faulted_stream({"repeat": "role"}, {"cut": {"after": 5}}),
    }


def test_faults_on_an_event_have_no_effect_if_chance_omits_it() -> None:
    faults: list[JSON] = [
        {"omit": "text.delta[1]", "chance": 0.5},
        {"rewrite": {"event": "text.delta[1]", "set": {"n": 2}}},
        {"cut": {"after": "text.delta[1]"}},
    ]
    shapes = [shape(faulted_stream(*faults, ids=ids(call))) for call in range(40)]
    assert [HEAD + ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK, Close()] in shapes
    whole = [shape(faulted_stream({"omit": "text.delta[1]"}))]
    assert {len(found) for found in shapes} == {2}
    assert whole[0] in shapes


def test_a_place_that_no_chance_removed_is_reported() -> None:
    with pytest.raises(PlaceNotFoundError, match="at_byte: 900: the body has 126 bytes"):
        faulted_stream({"cut": {"at_byte": 900}}, ids=ids(0))
    with pytest.raises(PlaceNotFoundError, match="at_byte: 900"):
        faulted_stream({"delay": {"after": 1, "for": 0}}, {"cut": {"at_byte": 900}}, ids=ids(0))


def test_a_fault_on_a_chunk_is_skipped_in_http_1_0() -> None:
    place: JSON = {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}
    assert faulted_stream(place, ids=ids(0), version=(1, 0)) == streamed(version=(1, 0))
    assert shape(faulted_stream(place, ids=ids(0))) == [HEAD + b"2", Close()]


def test_faults_on_events_are_skipped_in_a_non_streaming_reply() -> None:
    found = faulted_body(streamed(), {"cut": {"after": 1}}, {"garble": {"content_type": "a/b"}})
    assert wire(found) == wire(streamed()).replace(b"text/event-stream", b"a/b")
