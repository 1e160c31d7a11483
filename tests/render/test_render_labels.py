"""Names of events, for rendered and scripted streams alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    CustomCall,
    ErrorDelivery,
    ErrorRef,
    FunctionCall,
    JSONObject,
    Output,
    RawEvent,
    RawItem,
    Reasoning,
    Refusal,
    Shape,
    StreamError,
    Text,
    label,
)
from tests.render import stage
from tests.render.stage import output

CHAT, RESPONSES = Shape.CHAT, Shape.RESPONSES


def words(text: str) -> list[str]:
    return text.split()


def pairs(text: str) -> list[tuple[str, str | None]]:
    """Labels, each with its second one behind `=` where it has one."""
    split = (one.partition("=") for one in text.split())
    return [(first, second or None) for first, _, second in split]


MCP: JSONObject = {"type": "mcp_call", "server_label": "s", "name": "n", "arguments": "{}"}
NOTE: JSONObject = {"type": "file_path", "file_id": "f", "index": 0}
TALK = output(
    Reasoning(summary=("s",), content=("c",)),
    Text(text="a b", annotations=(NOTE,)),
    Refusal(text="no"),
    FunctionCall(name="f", arguments="1 2"),
    CustomCall(name="p", input="x"),
    RawItem(item=MCP),
)

RENDERED: dict[str, tuple[Output, Shape, list[str]]] = {
    "a response of many items": (
        TALK,
        RESPONSES,
        words(
            "created in_progress item[0].added part[0].added reasoning.delta[0] reasoning.done[0] part[0].done "
            "part[1].added reasoning.delta[1] reasoning.done[1] part[1].done item[0].done item[1].added "
            "part[2].added text.delta[0] text.delta[1] annotation.added[0] text.done[0] part[2].done "
            "item[1].done item[2].added part[3].added refusal.delta[0] refusal.done[0] part[3].done "
            "item[2].done item[3].added call[0].arguments.delta[0] call[0].arguments.delta[1] "
            "call[0].arguments.done item[3].done item[4].added call[1].input.delta[0] call[1].input.done "
            "item[4].done item[5].added mcp_call.in_progress[0] call[2].arguments.delta[0] "
            "call[2].arguments.done mcp_call.completed[0] item[5].done terminator"
        ),
    ),
    "a failed response": (
        output(Text(text="a"), StreamError(error=ErrorRef(name="server_error"), form=ErrorDelivery.BOTH)),
        RESPONSES,
        words(
            "created in_progress item[0].added part[0].added text.delta[0] text.done[0] part[0].done "
            "item[0].done error terminator"
        ),
    ),
    "chat with two choices": (
        Output(
            choices=(
                (Text(text="a b"), FunctionCall(name="f", arguments="1 2")),
                (CustomCall(name="p", input="x"), Refusal(text="no")),
            )
        ),
        CHAT,
        words(
            "role role[1] text.delta[0] call[0].start text.delta[1] call[0].input.delta[0] call[1].start "
            "refusal.delta[0] call[1].arguments.delta[0] finish[1] call[1].arguments.delta[1] finish usage "
            "terminator"
        ),
    ),
}


@pytest.mark.parametrize(("said", "shape", "expected"), RENDERED.values(), ids=RENDERED)
def test_labels_of_rendered_streams(said: Output, shape: Shape, expected: list[str]) -> None:
    assert stage.labels(said, shape, stream_options={"include_usage": True}) == expected


def test_wire_labels_count_by_event_type() -> None:
    events = stage.streamed(output(Text(text="a b")), RESPONSES).events
    assert [event.wire_label for event in events] == words(
        "response.created[0] response.in_progress[0] response.output_item.added[0] "
        "response.content_part.added[0] response.output_text.delta[0] response.output_text.delta[1] "
        "response.output_text.done[0] response.content_part.done[0] response.output_item.done[0] "
        "response.completed[0]"
    )
    assert [event.ordinal for event in events] == list(range(10))


SECOND: dict[str, tuple[str, list[tuple[str, str | None]]]] = {
    "own": ("own", [("role", None), ("text.delta[0]", None), ("text.delta[1]", None), ("finish", None)]),
    "joined": ("joined", [("text.delta[0]", "role"), ("text.delta[1]", None), ("finish", None)]),
    "every": ("every", [("text.delta[0]", "role"), ("text.delta[1]", None), ("finish", None)]),
}


@pytest.mark.parametrize(("role", "expected"), SECOND.values(), ids=SECOND)
def test_a_role_that_shares_its_chunk_has_a_second_label(role: str, expected: list[tuple[str, str | None]]) -> None:
    events = stage.streamed(output(Text(text="a b")), CHAT, stage.styled(role=role)).events
    assert [(event.label, event.wire_label) for event in events[:-1]] == expected


def chunk(delta: JSON, index: JSON = 0, finish: str | None = None) -> RawEvent:
    return RawEvent(data={"choices": [{"index": index, "delta": delta, "finish_reason": finish}]})


def event(kind: JSON, **members: JSON) -> RawEvent:
    return RawEvent(data={"type": kind, **members})


CALL: JSONObject = {"tool_calls": [{"index": 1, "id": "c", "function": {"name": "f"}}]}
MORE: JSONObject = {"tool_calls": [{"index": 1, "function": {"arguments": "x"}}]}
SCRIPTED: dict[str, tuple[Shape, list[RawEvent], list[tuple[str, str | None]]]] = {
    "chat: what belongs nowhere": (
        CHAT,
        [
            RawEvent(data={}),
            RawEvent(data={"choices": []}),
            RawEvent(data={"choices": ["odd"]}),
            RawEvent(data={"choices": [{}]}),
            chunk({}),
            RawEvent(data=[]),
            RawEvent(text="{"),
            RawEvent(text="[DONE]"),
        ],
        pairs("chunk[0] chunk[1] chunk[2] chunk[3] chunk[4] text_event[0] text_event[1] terminator"),
    ),
    "chat: what is said twice": (
        CHAT,
        [
            chunk({"role": "assistant"}),
            chunk({"role": "assistant"}),
            chunk({}, finish="stop"),
            chunk({}, finish="stop"),
            chunk({}, index=1, finish="stop"),
            chunk({}, index=None, finish="stop"),
            RawEvent(data={"error": {}}),
            RawEvent(data={"error": {}}),
            RawEvent(data={"choices": [], "usage": {}}),
            RawEvent(data={"choices": [], "usage": {}}),
            RawEvent(text="[DONE]"),
            RawEvent(text="[DONE]"),
        ],
        pairs(
            "role role[1] finish finish[1] finish[1][1] finish[2] error error[1] usage usage[1] terminator "
            "terminator[1]"
        ),
    ),
    "chat: what shares a chunk": (
        CHAT,
        [
            chunk({"role": "assistant", "content": "a"}),
            chunk({"role": "assistant", "content": "b"}, index=1),
            chunk({"content": "c"}, finish="stop"),
            chunk({"role": "assistant"}, index=2, finish="stop"),
        ],
        pairs("text.delta[0]=role text.delta[1]=role[1] text.delta[2]=finish finish[2]=role[2]"),
    ),
    "chat: calls of every kind": (
        CHAT,
        [
            chunk(CALL),
            chunk(MORE),
            chunk(CALL, index=1),
            chunk(MORE),
            chunk({"tool_calls": [{"index": "odd"}]}),
            chunk({"tool_calls": []}),
            chunk({"tool_calls": ["odd"]}),
            chunk({"function_call": {"name": "f"}}, index=7),
            chunk({"function_call": {"arguments": "x"}}, index=7),
            chunk({"tool_calls": [{"index": 2, "custom": {"name": "p"}}]}),
            chunk({"tool_calls": [{"index": 2, "custom": {"input": "x"}}]}),
            chunk({"audio": {"data": "x"}}),
        ],
        pairs(
            "call[0].start call[0].arguments.delta[0] call[1].start call[0].arguments.delta[1] call[2].start "
            "chunk[0] chunk[1] call[3].start call[3].arguments.delta[0] call[4].start call[4].input.delta[0] "
            "audio.delta[0]"
        ),
    ),
    "responses: what belongs nowhere": (
        RESPONSES,
        [
            RawEvent(data={}),
            RawEvent(data={"error": {}}),
            event(7),
            RawEvent(data=[]),
            RawEvent(text="{"),
            event("response.queued"),
            event("ping"),
            RawEvent(text="[DONE]"),
        ],
        pairs("event[0] error event[1] text_event[0] text_event[1] queued=response.queued[0] ping[0]=ping[0] done"),
    ),
    "responses: items are counted as they come": (
        RESPONSES,
        [
            event("response.output_item.added", output_index=5),
            event("response.output_item.added", output_index=9),
            event("response.output_item.done", output_index=5),
            event("response.output_item.done"),
            event("response.output_item.done"),
            event("response.function_call_arguments.done", output_index=9),
            event("response.function_call_arguments.done", output_index="odd"),
            event("response.completed"),
            event("response.failed"),
        ],
        pairs(
            "item[0].added=response.output_item.added[0] item[1].added=response.output_item.added[1] "
            "item[0].done=response.output_item.done[0] item[2].done=response.output_item.done[1] "
            "item[2].done[1]=response.output_item.done[2] "
            "call[0].arguments.done=response.function_call_arguments.done[0] "
            "call[1].arguments.done=response.function_call_arguments.done[1] terminator=response.completed[0] "
            "terminator[1]=response.failed[0]"
        ),
    ),
}


@pytest.mark.parametrize(("shape", "events", "expected"), SCRIPTED.values(), ids=SCRIPTED)
def test_labels_of_scripted_streams(
    shape: Shape, events: list[RawEvent], expected: list[tuple[str, str | None]]
) -> None:
    assert [(one.label, one.wire_label) for one in label(events, shape)] == expected


_WORDS = st.sampled_from(["response.completed", "response.output_item.done", "error", "finish[1]", "x", "[DONE]"])
_VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.integers(0, 2) | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["type", "choices", "delta", "index", "role", "finish_reason", "tool_calls", "error"]),
            inner,
        )
    ),
    max_leaves=12,
)
_EVENTS = st.builds(RawEvent, data=_VALUES) | st.builds(RawEvent, text=_WORDS)


@pytest.mark.parametrize("shape", [CHAT, RESPONSES])
@given(events=st.lists(_EVENTS, max_size=8))
def test_labels_of_any_scripted_stream_are_unique(events: list[RawEvent], shape: Shape) -> None:
    labels = [one.label for one in label(events, shape)]
    assert len(set(labels)) == len(labels) == len(events)
