"""Validation at load: what is rejected, what is accepted, and which endpoints support a reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import (
    ENDPOINTS,
    JSON,
    SHAPES,
    AfterEvent,
    AtByte,
    Audio,
    Compaction,
    Condition,
    Content,
    CustomCall,
    Cut,
    Dialect,
    Endpoint,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Faults,
    FinishReason,
    FunctionCall,
    JSONObject,
    Omit,
    Output,
    RawBytes,
    RawItem,
    Reasoning,
    Refusal,
    Rendered,
    Reply,
    ReplyProblem,
    ScriptedEvent,
    Shape,
    StreamCondition,
    StreamError,
    SupportedEndpoints,
    Text,
    TurnCondition,
    Usage,
    form_of,
    render,
    supported_endpoints,
)
from tests.kit import pipeline_validate as module
from tests.kit import validate_validate as validate
from tests.render import stage
from tests.render.stage import DIALECTS, IDS, OPENAI, output

CHAT, RESPONSES, COMPACT = Endpoint.CHAT, Endpoint.RESPONSES, Endpoint.COMPACT
TEXT = output(Text(text="It is 18 degrees"))
STREAMED = (StreamCondition(expected=True),)
WHOLE = (StreamCondition(expected=False),)


def problems_of(
    reply: Reply,
    *when: Condition,
    on: tuple[Endpoint, ...] = ENDPOINTS.scripted,
    shapes: tuple[Shape, ...] = SHAPES.names,
    dialect: Dialect = OPENAI,
) -> tuple[ReplyProblem, ...]:
    return validate(reply, on=on, shapes=shapes, when=when, dialect=dialect, ids=IDS)


def breaking(content: Content, *rules: str, status: int | None = None) -> Reply:
    return Reply(content=content, breaks=rules, status=status)


# --- rules -------------------------------------------------------------------------------------

SUM = "usage.sum"
USAGE: JSONObject = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 3}
COMPLETION: JSONObject = {**stage.body(TEXT, Shape.CHAT), "usage": USAGE}
BAD_SUM = ReplyProblem(message="as chat: usage.total_tokens: expected 2, got 3", rule="chat.usage.sum")
CHAT_DONE = stage.data(TEXT, Shape.CHAT)


def scripted(*events: JSON) -> ExactEvents:
    return ExactEvents(
        events=tuple(
            ScriptedEvent(json=one) if isinstance(one, dict) else ScriptedEvent(text=str(one)) for one in events
        )
    )


LOST_DONE = ReplyProblem(
    message="as chat: expected a chunk with choices or a usage chunk or a moderation chunk or an "
    "error chunk or [DONE], got the end of the stream",
    rule="chat.done.missing",
)
CASES: dict[str, tuple[Reply, tuple[ReplyProblem, ...]]] = {
    "a good reply": (Reply(content=TEXT), ()),
    "a body that breaks a rule": (Reply(content=ExactBody(json=COMPLETION)), (BAD_SUM,)),
    "the rule is named": (breaking(ExactBody(json=COMPLETION), "chat.usage.sum"), ()),
    "another rule is named": (breaking(ExactBody(json=COMPLETION), "chat.choice.order"),
        (BAD_SUM, ReplyProblem(message="breaks names 'chat.choice.order', but the reply does not break that rule",
        key="breaks", rule="chat.choice.order"))),
    "a stream that breaks a rule": (Reply(content=scripted(*CHAT_DONE[:-1])), (LOST_DONE,)),
    "which is named": (breaking(scripted(*CHAT_DONE[:-1]), "chat.done.missing"), ()),
    "an error is no breach": (Reply(content=ExactBody(json=COMPLETION), status=400), ()),
    "nor is it in a stream": (Reply(content=scripted("x"), status=500), ()),
    "text is not judged": (Reply(content=ExactBody(text="{")), ()),
    "nor are raw bytes": (Reply(content=RawBytes(data=b"x")), ()),
    "an HTTP error": (Reply(content=ErrorReply(error=ErrorRef(name="rate_limited"))), ()),
    "an unknown error": (Reply(content=ErrorReply(error=ErrorRef(name="no_such"))),
        (ReplyProblem(message="unknown error 'no_such'", key="error"),)),
    "an unknown error in the stream":
        (Reply(content=output(Text(text="a"), StreamError(error=ErrorRef(name="no_such")))),
        (ReplyProblem(message="unknown error 'no_such'", key="output[1].error"),)),
    "an error by its members": (Reply(content=output(StreamError(error=ErrorRef(members={"message": "no"})))), ()),
    "a cancelled stream just ends": (Reply(content=replace(TEXT, finish=FinishReason.CANCELLED)), ()),
    "impossible usage is found in every way it can be asked": (
        Reply(content=replace(TEXT, usage=Usage(input=1, cached=2))),
        (
            ReplyProblem(
                message="as chat: usage.prompt_tokens_details.cached_tokens: expected at "
                "most 1 as prompt_tokens, got 2",
                rule="chat.usage.bounds",
            ),
            ReplyProblem(
                message="as chat at event usage: usage.prompt_tokens_details.cached_tokens: "
                "expected at "
                "most 1 as prompt_tokens, got 2",
                rule="chat.usage.bounds",
            ),
            ReplyProblem(
                message="as responses: usage.input_tokens_details.cached_tokens: expected at "
                "most 1 as input_tokens, got 2",
                rule="responses.usage.bounds",
            ),
            ReplyProblem(
                message="as responses at event terminator: "
                "response.usage.input_tokens_details.cached_tokens: expected at "
                "most 1 as input_tokens, got 2",
                rule="responses.usage.bounds",
            ),
            ReplyProblem(
                message="as compaction: usage.input_tokens_details.cached_tokens: expected at "
                "most 1 as input_tokens, got 2",
                rule="compaction.usage.bounds",
            ),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "found"), CASES.values(), ids=CASES)
def test_what_is_wrong_with_a_reply(reply: Reply, found: tuple[ReplyProblem, ...]) -> None:
    shapes = supported_endpoints([reply], OPENAI).shapes
    chatty = isinstance(reply.content, ExactBody | ExactEvents)
    assert problems_of(reply, shapes=(Shape.CHAT,) if chatty else shapes) == found


def test_only_possible_requests_are_validated() -> None:
    said = breaking(replace(TEXT, finish=FinishReason.TOOL_CALLS), "chat.finish.tools")
    assert problems_of(said, on=(CHAT,)) == ()
    assert problems_of(said, TurnCondition(least=0, most=None), *STREAMED, on=(CHAT,)) == ()
    assert problems_of(said, *WHOLE, on=(CHAT,)) == ()
    unkept = ReplyProblem(
        message="breaks names 'chat.finish.tools', but the reply does not break that rule",
        key="breaks",
        rule="chat.finish.tools",
    )
    assert problems_of(said, on=(RESPONSES,)) == (unkept,)
    assert problems_of(said, *STREAMED, *WHOLE, on=(CHAT,)) == (unkept,)
    assert problems_of(said, on=(CHAT,), dialect=DIALECTS["smartlink"]) == (unkept,)


def test_notices_are_no_problems_and_no_validator_finds_none() -> None:
    bad = Reply(content=ExactBody(json={"object": "chat.completion"}))
    assert problems_of(bad, on=(CHAT,)) != ()
    assert problems_of(bad, on=(CHAT,), dialect=replace(OPENAI, replies=None)) == ()


# --- faults ------------------------------------------------------------------------------------


def cut(label: str) -> Faults:
    return Faults(frames=(Cut(place=AfterEvent(label=label)),))


FAR = Faults(frames=(Cut(place=AtByte(byte=10**6)),))
OMIT = Faults(events=(Omit(label="text.delta[0]"),))
NEVER_STREAMED = ReplyProblem(message="a fault among events needs a stream, but this reply never streams", key="faults")
ERROR = ErrorReply(error=ErrorRef(name="server_error"))
PLACES: dict[str, tuple[Content, Faults, tuple[Condition, ...], str | None]] = {
    "a place that all streams have": (TEXT, cut("text.delta[1]"), (), None),
    "a place of one shape": (TEXT, cut("created"), (), None),
    "a place of one way of asking": (TEXT, cut("usage"), (), None),
    "a place of none": (TEXT, cut("text.delta[9]"), (), "no event 'text.delta[9]'"),
    "an event of none": (TEXT, Faults(events=(Omit(label="refusal.delta[0]"),)), (), "no event 'refusal.delta[0]'"),
    "more bytes than there are": (TEXT, FAR, (), "at_byte"),
    "never asked to stream": (TEXT, cut("text.delta[1]"), WHOLE, NEVER_STREAMED.message),
    "an event, never asked to stream": (TEXT, OMIT, WHOLE, NEVER_STREAMED.message),
    "an error never streams": (ERROR, cut("text.delta[1]"), (), NEVER_STREAMED.message),
    "an omitted event's neighbour": (TEXT, OMIT + cut("text.delta[1]"), (), None),
}


@pytest.mark.parametrize(("content", "faults", "when", "message"), PLACES.values(), ids=PLACES)
def test_faults_need_a_place_in_one_request(
    content: Content, faults: Faults, when: tuple[Condition, ...], message: str | None
) -> None:
    found = problems_of(Reply(content=content, faults=faults), *when, shapes=(Shape.CHAT, Shape.RESPONSES))
    if message is None:
        assert found == ()
    else:
        [flaw] = found
        assert (flaw.key, flaw.rule) == ("faults", None)
        assert message in flaw.message


def test_a_reply_is_validated_without_its_faults() -> None:
    assert problems_of(Reply(content=TEXT, faults=OMIT)) == ()
    bad = Reply(content=ExactBody(json=COMPLETION), faults=cut("created"))
    assert problems_of(bad, on=(CHAT,)) == (NEVER_STREAMED, BAD_SUM)
    lost = Reply(content=scripted(*CHAT_DONE[:-1]), faults=cut("created"))
    [place, rule] = problems_of(lost, on=(CHAT,))
    assert "no event 'created'" in place.message
    assert rule == LOST_DONE


# --- reach -------------------------------------------------------------------------------------

NO_CHAT = "dialect 'smartlink' has no such endpoint"
REACHES: dict[str, tuple[tuple[Content, ...], str, SupportedEndpoints]] = {
    "text is said everywhere": ((TEXT,), "openai",
        SupportedEndpoints(on=ENDPOINTS.scripted, shapes=(Shape.CHAT, Shape.RESPONSES, Shape.COMPACTION), why_not={})),
    "a refusal, on compact in chat's shape": ((output(Refusal(text="no")),), "openai",
        SupportedEndpoints(on=ENDPOINTS.scripted, shapes=(Shape.CHAT, Shape.RESPONSES), why_not={})),
    "all replies must be sayable": ((TEXT, output(Compaction(encrypted="x"))), "openai",
        SupportedEndpoints(on=(RESPONSES, COMPACT), shapes=(Shape.RESPONSES, Shape.COMPACTION),
        why_not={CHAT: "chat cannot express compaction"})),
    "one shape for all replies": ((output(Compaction(encrypted="x")), output(finish=FinishReason.LENGTH)), "openai",
        SupportedEndpoints(on=(RESPONSES,), shapes=(Shape.RESPONSES,),
        why_not={CHAT: "chat cannot express compaction", COMPACT: "compaction cannot finish with 'length'"})),
    "nowhere": ((Output(choices=((), (RawItem(item={"type": "x"}),))),), "smartlink", SupportedEndpoints(on=(),
        shapes=(), why_not={CHAT: NO_CHAT, RESPONSES: "only chat has several choices", COMPACT: NO_CHAT})),
    "where responses are chat": ((Output(choices=((), ())),), "apifox",
        SupportedEndpoints(on=(RESPONSES,), shapes=(Shape.CHAT,),
        why_not={CHAT: "dialect 'apifox' has no such endpoint", COMPACT: "dialect 'apifox' has no such endpoint"})),
}  # fmt: skip


@pytest.mark.parametrize(("contents", "dialect", "found"), REACHES.values(), ids=REACHES)
def test_supported_endpoints(contents: tuple[Content, ...], dialect: str, found: SupportedEndpoints) -> None:
    assert supported_endpoints([Reply(content=one) for one in contents], DIALECTS[dialect]) == found


WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1)
EACH_WITH_A_TEXT: dict[str, Callable[[str], Content]] = {
    "text": lambda text: output(Text(text=text)),
    "refusal": lambda text: output(Refusal(text=text)),
    "reasoning": lambda text: output(Reasoning(summary=(text,), content=(text,)), Text(text="a")),
    "call": lambda text: output(FunctionCall(name="f", arguments=text)),
    "custom call": lambda text: output(CustomCall(name="f", input=text)),
    "audio": lambda text: output(Audio(data=("YQ==",), transcript=text)),
    "web search": lambda text: output(
        RawItem(item={"type": "web_search_call", "action": {"type": "search", "query": text}})
    ),
    "failure": lambda text: output(StreamError(error=ErrorRef(members={"message": text}))),
    "error": lambda text: ErrorReply(error=ErrorRef(members={"message": text})),
    "body": lambda text: ExactBody(json={"choices": [{"message": {"role": "assistant", "content": text}}]}),
}


@pytest.mark.parametrize("name", EACH_WITH_A_TEXT)
@settings(max_examples=15, deadline=None)
@given(words=WORDS)
def test_no_result_depends_on_the_words_of_a_plain_text(name: str, words: str) -> None:
    make = EACH_WITH_A_TEXT[name]
    one, other = Reply(content=make("sample")), Reply(content=make(words))
    assert form_of(one) == form_of(other)
    rules = []
    for reply in (one, other):
        module._VALID.clear()
        where = supported_endpoints((reply,), OPENAI)
        rules.append({problem.rule for problem in problems_of(reply, on=where.on)})
    assert rules[0] == rules[1]


FAULTS = Faults(frames=(Cut(place=AtByte(byte=3)),))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TEXT, output(Text(text="é")), True),
        (TEXT, output(Text(text="")), False),
        (TEXT, output(Text(text="\ud800")), False),
        (TEXT, output(Text(text="a", phase="commentary")), False),
        (TEXT, output(Text(text="a"), Text(text="b")), False),
        (TEXT, output(Refusal(text="a")), False),
        (output(Text(text="a"), model="m"), output(Text(text="b"), model="n"), False),
        (output(usage=Usage(output=1)), output(usage=Usage(output=2)), False),
        (output(usage=Usage(input=1)), output(usage=Usage(input=2)), True),
        (output(usage=Usage(input=1, cached=1)), output(usage=Usage(input=2, cached=1)), False),
        (
            output(Text(text="a bc 12"), usage=Usage(output=1)),
            output(Text(text="x yz 34"), usage=Usage(output=1)),
            True,
        ),
        (output(Text(text="a bc"), usage=Usage(output=1)), output(Text(text="ab c"), usage=Usage(output=1)), False),
        (ExactBody(json={"a": 1}), ExactBody(json={"a": True}), False),
        (ExactBody(json={"id": "a"}), ExactBody(json={"id": "b"}), False),
        (ExactBody(json={"content": "a"}), ExactBody(json={"content": "b"}), True),
    ],
)
def test_a_form_is_everything_but_the_words_of_plain_texts(one: Content, other: Content, same: bool) -> None:
    forms = form_of(Reply(content=one)), form_of(Reply(content=other))
    assert (forms[0] == forms[1]) is same


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"content": output(Text(text="xy xx yy xxxxxxx"))}, True),
        ({"content": output(Text(text="words of another layout"))}, False),
        ({"faults": Faults(frames=(Cut(place=AtByte(byte=4)),))}, False),
        ({"headers": (("x", "y"),)}, False),
        ({"breaks": ("chat.done",)}, False),
    ],
)
def test_a_form_with_faults_has_the_layout_of_its_texts(change: dict[str, object], same: bool) -> None:
    reply = Reply(content=output(Text(text="It is 18 degrees")), faults=FAULTS)
    changed = replace(reply, **change)  # type: ignore[arg-type]  # its fields
    assert (form_of(changed) == form_of(reply)) is same


@pytest.mark.parametrize(
    "content",
    [
        ExactEvents(events=(ScriptedEvent(json={"type": "x"}),)),
        ExactBody(json={"output_text": "a", "output": []}),
        output(Text(text="a", logprobs=({"token": "a"},))),
    ],
)
def test_a_reply_whose_texts_are_compared_has_no_form(content: Content) -> None:
    assert form_of(Reply(content=content)) is None


def test_a_form_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[Reply] = []

    def counting(reply: Reply, *given: Any, **named: Any) -> Rendered:
        rendered.append(reply)
        return render(reply, *given, **named)

    monkeypatch.setattr(module, "render", counting)
    monkeypatch.setattr(module, "_MAX_FORMS", 2)
    module._VALID.clear()
    counts = []
    for name in ("f", "f", "g", "h", "f"):
        reply = Reply(content=output(FunctionCall(name=name, arguments="{}")))
        assert problems_of(reply) == ()
        counts.append(len(rendered))
    first = counts[0]
    assert counts == [first, first, 2 * first, 3 * first, 4 * first]


def test_a_reply_of_a_plain_text_has_a_form_of_its_own_fields_only() -> None:
    form = form_of(Reply(content=Output(choices=((Text(text="hi"),),))))
    assert form is not None
    assert "noun" not in repr(form)
