"""Token counts: as stated, or estimated from the texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    Audio,
    Compaction,
    CustomCall,
    FunctionCall,
    Item,
    Output,
    RawItem,
    Reasoning,
    Refusal,
    Shape,
    Text,
    Tokens,
    Usage,
    count_tokens,
    estimate_tokens,
)
from tests.render.stage import OPENAI, occasion, output


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("°°", 1), ("𝄞𝄞", 2)])
def test_four_bytes_are_a_token(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
    assert estimate_tokens("\ud800") == 1


def tokens(asked: int = 2, cached: int = 0, said: int = 0, reasoning: int = 0) -> Tokens:
    return Tokens(input=asked, cached=cached, output=said, reasoning=reasoning)


def wire(**members: JSON) -> RawItem:
    return RawItem(item={"type": "x", **members})


USED: dict[str, tuple[Output, Tokens]] = {
    "nothing said": (output(), tokens()),
    "text and refusal together": (output(Text(text="abc"), Refusal(text="de")), tokens(said=2)),
    "arguments and input": (
        output(FunctionCall(name="long_name", arguments="{}"), CustomCall(name="x", input="abc")),
        tokens(said=2),
    ),
    "reasoning is added": (
        output(Reasoning(summary=("abcd",), content=("efgh", "i"), encrypted="long"), Text(text="a")),
        tokens(said=4, reasoning=3),
    ),
    "the transcript of audio": (output(Audio(data=("x",), transcript="abcde")), tokens(said=2)),
    "a compaction": (output(Compaction(encrypted="abcde")), tokens(said=2)),
    "what an item of the wire says": (
        output(
            wire(arguments="abcd", status="completed"),
            wire(code="abcd"),
            wire(input="abcd"),
            wire(content=[{"type": "output_text", "text": "abcd"}]),
        ),
        tokens(said=4),
    ),
    "every choice": (Output(choices=((Text(text="abcd"),), (Text(text="abcd"),))), tokens(said=2)),
    "stated": (
        output(Text(text="abcde"), usage=Usage(input=100, cached=50, output=9, reasoning=4)),
        tokens(100, 50, 9, 4),
    ),
    "the input holds what is cached": (output(usage=Usage(cached=64)), tokens(64, 64)),
    "the output holds the reasoning stated": (
        output(Text(text="abcde"), usage=Usage(reasoning=10)),
        tokens(said=12, reasoning=10),
    ),
    "reasoning fits into the output stated": (
        output(Reasoning(content=("abcdefgh",)), usage=Usage(output=1)),
        tokens(said=1, reasoning=1),
    ),
    "impossible on purpose": (output(usage=Usage(input=-1, cached=5, output=-2, reasoning=7)), tokens(-1, 5, -2, 7)),
    "no reasoning below zero": (output(Reasoning(content=("a",)), usage=Usage(output=-2)), tokens(said=-2)),
}


@pytest.mark.parametrize(("said", "used"), USED.values(), ids=USED)
def test_token_counts(said: Output, used: Tokens) -> None:
    assert count_tokens(said, occasion(Shape.CHAT)) == used


def test_every_text_of_the_request_counts() -> None:
    where = occasion(Shape.RESPONSES, OPENAI, instructions="be kind", tools=[{"name": "never"}])
    assert count_tokens(output(), where) == tokens(estimate_tokens("be kind\nhello"))


_ITEMS: st.SearchStrategy[Item] = st.builds(Reasoning, content=st.lists(st.text()).map(tuple))


@given(st.lists(_ITEMS, max_size=3), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
def test_counted_parts_never_exceed_their_totals(items: list[Item], cached: int | None, said: int | None) -> None:
    used = count_tokens(output(*items, usage=Usage(cached=cached, output=said)), occasion(Shape.CHAT))
    assert used.cached <= used.input
    assert used.reasoning <= used.output
