"""Random faults on random replies, composed and performed as the server does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.faults.samples import faults_of, seen_by_h11
from tests.faults.strategies import strategies
from tests.kit import (
    NO_FAULTS,
    Close,
    ComposedReply,
    Content,
    Ending,
    EndOfReply,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Faults,
    Frame,
    HttpContext,
    IdGenerator,
    JSONObject,
    OutcomeKind,
    Pace,
    PlaceNotFoundError,
    RawBytes,
    Reply,
    Reset,
    ScriptedEvent,
    Shape,
    Stall,
    compose,
    find_conflicts,
    read_fault,
    unsupported_reason,
)
from tests.render.outputs import CHAT_ITEMS, outputs
from tests.render.stage import occasion
from tests.stage import Stage, play

T = TypeVar("T")
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FAULTS = strategies(
    [
        "role", "created", "in_progress", "item[0].added", "part[0].added", "text.delta[0]", "text.delta[1]",
        "call[0].arguments.delta[0]", "response.output_text.delta[0]", "event[0]", "finish", "usage", "terminator",
        "nowhere",
    ]
)  # fmt: skip
CONTENTS: st.SearchStrategy[Content] = st.one_of(
    outputs(CHAT_ITEMS, finishes=(None,)),
    st.sampled_from(["server_error", "rate_limited", "bad_gateway"]).map(
        lambda name: ErrorReply(error=ErrorRef(name=name))
    ),
    st.builds(ExactBody, text=st.text(max_size=40)),
    st.builds(ExactBody, json=st.dictionaries(st.text(max_size=3), st.text(max_size=8))),
    st.lists(
        st.builds(ScriptedEvent, json=st.dictionaries(st.text(max_size=3), st.integers()), text=st.none()), max_size=3
    ).map(lambda events: ExactEvents(events=tuple(events))),
    st.builds(RawBytes, data=st.binary(max_size=60)),
    st.just(RawBytes(data=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")),
)
PACES = st.sampled_from([Pace(), Pace(first_s=1.0, gap_s=0.5, jitter_s=0.1)])


@dataclass(frozen=True, kw_only=True)
class SampleCall:
    """One call: its shape and mode, what HTTP allows, and its number."""

    shape: Shape
    stream: bool
    http: HttpContext
    ids: IdGenerator


CALLS = st.builds(
    SampleCall,
    shape=st.sampled_from([Shape.CHAT, Shape.RESPONSES]),
    stream=st.booleans(),
    http=st.builds(
        HttpContext, version=st.sampled_from([(1, 0), (1, 1)]), keep_alive=st.booleans(), headers=st.just(())
    ),
    ids=st.builds(
        IdGenerator, seed=st.integers(0, 9), scenario=st.just("s"), stub=st.just("t"), call=st.integers(0, 9)
    ),
)


def composed(
    content: Content, call: SampleCall, faults: Faults, pace: Pace, *, dry_run: bool = False
) -> ComposedReply | None:
    """The composed reply; None if it does not have the place of a fault. Unsupported content is not
    tried."""
    assume(unsupported_reason(Reply(content=content), call.shape) is None)
    on = occasion(call.shape, stream=call.stream, stream_options={"include_usage": True})
    reply = Reply(content=content, faults=faults, pace=pace)
    try:
        return compose(reply, replace(on, ids=call.ids), call.shape, http=call.http, dry_run=dry_run)
    except PlaceNotFoundError:
        return None


def assert_is_performed(found: ComposedReply) -> None:
    *before, ending = found.script.frames
    assert isinstance(ending, Ending)
    assert not any(isinstance(frame, Ending) for frame in before)
    stage = Stage()
    outcome = play(stage, found.script)
    ended = [what for _, what in stage.done if not isinstance(what, bytes)]
    if any(isinstance(frame, Stall) and frame.seconds is None for frame in before):
        assert (outcome.how, ended) == (OutcomeKind.STALLED, [])
        return
    assert stage.sent == outcome.sent == len(found.script.wire)
    assert outcome.frames == len(found.script.frames)
    expected: dict[type[Frame], list[list[str]]] = {
        Close: [["close"]],
        Reset: [["reset"]],
        EndOfReply: [[], ["fin"], ["rst"]],
    }
    assert ended in expected[type(ending)]


@UNHURRIED
@given(CONTENTS, CALLS, FAULTS.stacks, PACES)
def test_any_faults_on_any_reply_are_performed_or_report_a_missing_place(
    content: Content, call: SampleCall, elements: list[JSONObject], pace: Pace
) -> None:
    faults = faults_of(*elements)
    found = composed(content, call, faults, pace)
    if found is not None:
        assert_is_performed(found)
        # The same call with the same seed.
        assert composed(content, call, faults, pace) == found
    tried = composed(content, call, faults, pace, dry_run=True)
    if tried is not None:
        assert_is_performed(tried)
        # A place that is found in a dry run is found in every call.
        assert found is not None
    find_conflicts([read_fault(element) for element in elements])


@UNHURRIED
@given(CONTENTS, CALLS, FAULTS.stacks)
def test_faults_that_never_apply_leave_the_unfaulted_bytes(
    content: Content, call: SampleCall, elements: list[JSONObject]
) -> None:
    never = [{**element, "chance": 1e-300} for element in elements]
    found = composed(content, call, faults_of(*never), Pace())
    plain = composed(content, call, NO_FAULTS, Pace())
    assert plain is not None
    assert found is not None
    assert found.script == plain.script


@UNHURRIED
@given(CONTENTS, CALLS)
def test_without_a_fault_h11_reads_one_complete_message(content: Content, call: SampleCall) -> None:
    found = composed(content, call, NO_FAULTS, Pace())
    assert found is not None
    if not isinstance(content, RawBytes):
        assert seen_by_h11(found.script.frames).error == ""
