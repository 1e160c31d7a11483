"""Faults striking a reply stage by stage: rehearsed, and played with draws."""

from __future__ import annotations

import pytest

from mockserver.faults.apply import FaultPipeline
from mockserver.faults.parsing import PlaceNotFoundError, PlaceRemovedError
from mockserver.model.frames import Close, Frame
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from tests.faults.samples import (
    CHUNKS,
    HEAD,
    HEY_CHUNK,
    ROLE_CHUNK,
    SCENE,
    YOU_CHUNK,
    broken,
    faults_of,
    shape,
    streamed,
)


def mint(call: int, seed: int = 0) -> IdGenerator:
    return IdGenerator(seed=seed, scenario="s", stub="t", call=call)


CUT: JSON = {"cut": {"after": 1}, "chance": 0.3}


def test_a_chance_strikes_its_share_of_calls_and_repeats_with_the_seed() -> None:
    def cuts(seed: int) -> list[bool]:
        calls = [broken(CUT, mint=mint(call, seed)) for call in range(400)]
        return [frames[-1] == Close() for frames in calls]

    assert cuts(0) == cuts(0)
    assert cuts(0) != cuts(1)
    assert 80 < sum(cuts(0)) < 160


def test_a_call_is_struck_as_if_there_were_no_chance_or_not_at_all() -> None:
    found = {broken(CUT, mint=mint(call)) for call in range(40)}
    assert found == {broken(), broken({"cut": {"after": 1}})}


def test_two_chances_are_drawn_apart() -> None:
    other: JSON = {"delay": {"after": 1, "for": "1s"}, "chance": 0.5}
    found = {broken(other, other, mint=mint(call)) for call in range(40)}
    once: JSON = {"delay": {"after": 1, "for": "1s"}}
    assert found == {broken(), broken(once), broken(once, once)}


@pytest.mark.parametrize(
    "fault", [{"omit": "role"}, {"framing": {"id": True}}, {"cut": {"at": "head"}}]
)
def test_every_stage_has_chances(fault: JSONObject) -> None:
    found = {broken({**fault, "chance": 0.5}, mint=mint(call)) for call in range(40)}
    assert found == {broken(), broken(fault)}


def test_rehearsed_a_chance_is_tried_but_not_carried_on() -> None:
    late: JSON = {"cut": {"after": "terminator"}}
    assert broken(CUT, late) == broken(late)
    with pytest.raises(PlaceNotFoundError, match=r"no event 'nowhere'"):
        broken({"omit": "nowhere", "chance": 0.1})
    with pytest.raises(PlaceRemovedError):
        broken({"cut": {"after": 1}}, {"delay": {"after": 2, "for": "1s"}})


def test_played_a_place_that_chance_took_leaves_its_fault_without_effect() -> None:
    late: JSON = {"cut": {"after": "terminator"}}
    found = {broken(CUT, late, mint=mint(call)) for call in range(40)}
    assert found == {broken({"cut": {"after": 1}}), broken(late)}


def test_played_a_place_counted_too_far_by_chance_leaves_its_fault_without_effect() -> None:
    faults: list[JSON] = [
        {"repeat": "role"},
        {"end": {"after": 1}, "chance": 0.5},
        {"cut": {"after": 5}},
    ]
    found = {broken(*faults, mint=mint(call)) for call in range(40)}
    assert found == {
        broken({"repeat": "role"}, {"end": {"after": 1}}),
        broken({"repeat": "role"}, {"cut": {"after": 5}}),
    }


def test_an_event_that_chance_omits_takes_the_places_with_it() -> None:
    faults: list[JSON] = [
        {"omit": "text.delta[1]", "chance": 0.5},
        {"rewrite": {"event": "text.delta[1]", "set": {"n": 2}}},
        {"cut": {"after": "text.delta[1]"}},
    ]
    shapes = [shape(broken(*faults, mint=mint(call))) for call in range(40)]
    assert [HEAD + ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK, Close()] in shapes
    whole = [shape(broken({"omit": "text.delta[1]"}))]
    assert {len(found) for found in shapes} == {2}
    assert whole[0] in shapes


def test_played_an_unknown_place_that_no_chance_explains_is_told() -> None:
    with pytest.raises(PlaceNotFoundError, match="at_byte: 900: the body has 126 bytes"):
        broken({"cut": {"at_byte": 900}}, mint=mint(0))
    with pytest.raises(PlaceNotFoundError, match="at_byte: 900"):
        broken({"delay": {"after": 1, "for": 0}}, {"cut": {"at_byte": 900}}, mint=mint(0))


def test_a_chunk_that_this_version_of_http_lacks_is_passed_by() -> None:
    place: JSON = {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}
    assert broken(place, mint=mint(0), version=(1, 0)) == streamed(version=(1, 0))
    assert shape(broken(place, mint=mint(0))) == [HEAD + b"2", Close()]


def test_faults_among_events_pass_by_a_whole_reply() -> None:
    frames: tuple[Frame, ...] = streamed()
    faults = faults_of({"cut": {"after": 1}}, {"garble": {"content_type": "a/b"}})
    found = FaultPipeline(faults=faults, scene=SCENE, mint=None).frames(frames, streamed=False)
    head = HEAD.replace(b"text/event-stream", b"a/b")
    assert shape(found)[0] == head + CHUNKS + b"0\r\n\r\n"
