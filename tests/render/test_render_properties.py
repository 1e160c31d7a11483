"""Whatever is scripted keeps the contract, and the stream says what the whole reply says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    BodyReply,
    EventStream,
    Finding,
    FinishReason,
    JSONObject,
    Output,
    Rendered,
    Reply,
    Severity,
    Shape,
    render,
)
from tests.render import outputs, stage
from tests.render.adding import added_up, plain
from tests.render.stage import DIALECTS, occasion

# Each case is one of many dialects and styles.
FEW = settings(max_examples=25, deadline=None)

CHATTY = (None, FinishReason.STOP, FinishReason.LENGTH, FinishReason.CONTENT_FILTER)
RESPONSIVE = (*CHATTY, FinishReason.FAILED)
# The responses of this gateway have no status for an incomplete end.
COMPLETE = (None, FinishReason.STOP, FinishReason.FAILED)

CHATS = outputs.outputs(outputs.CHAT_ITEMS, finishes=CHATTY, choices=3)
FAILING_CHATS = outputs.outputs(outputs.CHAT_ITEMS, finishes=CHATTY, choices=2, failing=True)
RESPONSES = outputs.outputs(outputs.RESPONSE_ITEMS, finishes=RESPONSIVE)
FAILING_RESPONSES = outputs.outputs(outputs.RESPONSE_ITEMS, finishes=RESPONSIVE, failing=True)
COMPACTIONS = outputs.outputs(outputs.COMPACTION_ITEMS, finishes=(None, FinishReason.STOP))

CHAT_OPTIONS: tuple[JSONObject, ...] = (
    {},
    {"stream_options": {"include_usage": True}},
    {"stream_options": {"include_usage": True, "include_obfuscation": False}},
    {"functions": [{"name": "f"}]},
)


def errors(rendered: Rendered, shape: Shape, dialect: str) -> list[Finding]:
    judge = DIALECTS[dialect].replies
    assert judge is not None
    match rendered:
        case EventStream():
            found = judge.stream(rendered.events, shape)
        case BodyReply() if 200 <= rendered.status < 300:
            found = judge.body(rendered.json, shape)
        case _:
            found = ()
    return [finding for finding in found if finding.severity is Severity.ERROR]


def rendered(said: Output, shape: Shape, dialect: str, **members: JSON) -> Rendered:
    where = occasion(shape, DIALECTS[dialect], **members)
    return render(Reply(content=said), where, shape, stream=where.call.stream)


@pytest.mark.parametrize("dialect", ["openai", "visioncoder", "apifox", "azure"])
@FEW
@given(said=CHATS | FAILING_CHATS, options=st.sampled_from(CHAT_OPTIONS))
def test_a_chat_reply_keeps_the_contract(said: Output, options: JSONObject, dialect: str) -> None:
    assert errors(rendered(said, Shape.CHAT, dialect), Shape.CHAT, dialect) == []
    assert errors(rendered(said, Shape.CHAT, dialect, stream=True, **options), Shape.CHAT, dialect) == []


@pytest.mark.parametrize("dialect", ["openai", "smartlink"])
@FEW
@given(said=RESPONSES | FAILING_RESPONSES)
def test_a_response_keeps_the_contract(said: Output, dialect: str) -> None:
    assert errors(rendered(said, Shape.RESPONSES, dialect), Shape.RESPONSES, dialect) == []
    stream = rendered(said, Shape.RESPONSES, dialect, stream=True)
    assert errors(stream, Shape.RESPONSES, dialect) == []


@FEW
@given(said=outputs.outputs(outputs.RESPONSE_ITEMS, finishes=COMPLETE))
def test_a_response_of_few_statuses_keeps_the_contract(said: Output) -> None:
    whole = rendered(said, Shape.RESPONSES, "visioncoder")
    assert errors(whole, Shape.RESPONSES, "visioncoder") == []
    stream = rendered(said, Shape.RESPONSES, "visioncoder", stream=True)
    assert errors(stream, Shape.RESPONSES, "visioncoder") == []


@FEW
@given(said=COMPACTIONS)
def test_a_compaction_keeps_the_contract_and_never_streams(said: Output) -> None:
    whole = rendered(said, Shape.COMPACTION, "openai")
    assert errors(whole, Shape.COMPACTION, "openai") == []
    assert rendered(said, Shape.COMPACTION, "openai", stream=True) == whole


@pytest.mark.parametrize("role", ["own", "joined", "every"])
@pytest.mark.parametrize("dialect", ["openai", "visioncoder", "apifox"])
@FEW
@given(said=CHATS, reasoning=st.sampled_from(["", "reasoning", "reasoning_content"]), functions=st.booleans())
def test_the_chunks_add_up_to_the_message(
    said: Output, reasoning: str, dialect: str, role: str, *, functions: bool
) -> None:
    spoken = stage.styled(DIALECTS[dialect], role=role, reasoning=reasoning)
    offered: JSONObject = {"functions": [{"name": "f"}]} if functions else {}
    usage: JSONObject = {"stream_options": {"include_usage": True}}
    chunks = stage.data(said, Shape.CHAT, spoken, **usage, **offered)
    assert added_up(chunks) == plain(stage.body(said, Shape.CHAT, spoken, **offered))


@pytest.mark.parametrize("dialect", ["openai", "visioncoder", "smartlink"])
@FEW
@given(said=RESPONSES)
def test_the_terminal_event_has_the_complete_response(said: Output, dialect: str) -> None:
    spoken = DIALECTS[dialect]
    last = stage.data(said, Shape.RESPONSES, spoken)[-1]
    whole = stage.body(said, Shape.RESPONSES, spoken)
    assert stage.dig(last, "response") == {
        name: value for name, value in whole.items() if name not in spoken.echo.whole_only
    }


SPOKEN = {Shape.CHAT: CHATS | FAILING_CHATS, Shape.RESPONSES: RESPONSES | FAILING_RESPONSES}


@pytest.mark.parametrize("shape", SPOKEN)
@FEW
@given(draw=st.data())
def test_labels_are_unique(draw: st.DataObject, shape: Shape) -> None:
    labels = stage.labels(draw.draw(SPOKEN[shape]), shape)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("shape", SPOKEN)
@FEW
@given(draw=st.data(), stream=st.booleans())
def test_the_same_reply_renders_to_the_same_bytes_twice(draw: st.DataObject, shape: Shape, *, stream: bool) -> None:
    said = draw.draw(SPOKEN[shape])
    assert rendered(said, shape, "openai", stream=stream) == rendered(said, shape, "openai", stream=stream)
