"""Cutting texts, counting tokens, pacing events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.items import (
    Audio,
    Compaction,
    CustomCall,
    FunctionCall,
    RawItem,
    Reasoning,
    Refusal,
    Text,
)
from mockserver.items.events import align_logprobs, split_text
from mockserver.model.endpoint import Shape
from mockserver.model.ids import IdGenerator
from mockserver.model.item import Chunks, Item
from mockserver.model.json import JSON
from mockserver.model.reply import Output, Pace, Usage
from mockserver.render.context import Tokens, count_tokens, estimate_tokens
from mockserver.render.http1 import event_waits, first_wait
from tests.render.stage import MINT, OPENAI, occasion, output

CUTS: dict[str, tuple[str, Chunks, tuple[str, ...]]] = {
    "words keep the space behind them": ("one  two\nthree", "word", ("one  ", "two\n", "three")),
    "space in front is a piece": (" one", "word", (" ", "one")),
    "space alone": (" \n ", "word", (" \n ",)),
    "characters": ("a°𝄞", "char", ("a", "°", "𝄞")),
    "a number of characters": ("abcde", 2, ("ab", "cd", "e")),
    "a large number": ("ab", 9, ("ab",)),
    "pieces": ("abc", ("a", "", "bc"), ("a", "", "bc")),
    "pieces of another text": ("abc", ("x",), ("abc",)),
    "no pieces": ("abc", (), ("abc",)),
    "nothing in words": ("", "word", ()),
    "nothing in pieces": ("", ("",), ()),
}


@pytest.mark.parametrize(("text", "chunks", "pieces"), CUTS.values(), ids=CUTS)
def test_cutting(text: str, chunks: Chunks, pieces: tuple[str, ...]) -> None:
    assert split_text(text, chunks) == pieces


def test_an_unknown_way_to_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="syllable"):
        split_text("abc", "syllable")


CHUNKS: st.SearchStrategy[Chunks] = st.one_of(
    st.sampled_from(["word", "char"]), st.integers(1, 5), st.lists(st.text()).map(tuple)
)
LOGPROBS = st.lists(
    st.builds(lambda token: {"token": token}, st.text(max_size=3) | st.none()), max_size=3
)


@given(st.text(), CHUNKS, LOGPROBS)
def test_the_pieces_are_the_text_and_lose_no_logprobs(
    text: str, chunks: Chunks, logprobs: list[dict[str, JSON]]
) -> None:
    pieces = split_text(text, chunks)
    assert "".join(pieces) == text
    told = align_logprobs(text, logprobs, pieces)
    assert "".join(piece for piece, _ in told) == text
    assert [entry for _, entries in told for entry in entries] == logprobs


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("°°", 1), ("𝄞𝄞", 2)]
)
def test_four_bytes_are_a_token(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
    assert estimate_tokens("\ud800") == 1


def tokens(asked: int = 2, cached: int = 0, said: int = 0, reasoning: int = 0) -> Tokens:
    return Tokens(input=asked, cached=cached, output=said, reasoning=reasoning)


def wire(**members: JSON) -> RawItem:
    return RawItem(item={"type": "x", **members})


USED: dict[str, tuple[Output, Tokens]] = {
    "nothing said": (output(), tokens()),
    "text and refusal together": (
        output(Text(text="abc"), Refusal(text="de")),
        tokens(said=2),
    ),
    "arguments and input": (
        output(FunctionCall(name="long_name", arguments="{}"), CustomCall(name="x", input="abc")),
        tokens(said=2),
    ),
    "reasoning is added": (
        output(
            Reasoning(summary=("abcd",), content=("efgh", "i"), encrypted="long"), Text(text="a")
        ),
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
    "every choice": (
        Output(choices=((Text(text="abcd"),), (Text(text="abcd"),))),
        tokens(said=2),
    ),
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
    "impossible on purpose": (
        output(usage=Usage(input=-1, cached=5, output=-2, reasoning=7)),
        tokens(-1, 5, -2, 7),
    ),
    "no reasoning below zero": (
        output(Reasoning(content=("a",)), usage=Usage(output=-2)),
        tokens(said=-2),
    ),
}


@pytest.mark.parametrize(("said", "used"), USED.values(), ids=USED)
def test_tokens(said: Output, used: Tokens) -> None:
    assert count_tokens(said, occasion(Shape.CHAT)) == used


def test_every_text_of_the_request_counts() -> None:
    where = occasion(Shape.RESPONSES, OPENAI, instructions="be kind", tools=[{"name": "never"}])
    assert count_tokens(output(), where) == tokens(estimate_tokens("be kind\nhello"))


_ITEMS: st.SearchStrategy[Item] = st.builds(Reasoning, content=st.lists(st.text()).map(tuple))


@given(
    st.lists(_ITEMS, max_size=3),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(0, 9),
)
def test_counted_shares_never_exceed_their_wholes(
    items: list[Item], cached: int | None, said: int | None
) -> None:
    used = count_tokens(
        output(*items, usage=Usage(cached=cached, output=said)), occasion(Shape.CHAT)
    )
    assert used.cached <= used.input
    assert used.reasoning <= used.output


PACES: dict[str, tuple[Pace, int, tuple[float, ...]]] = {
    "at once": (Pace(), 3, (0.0, 0.0, 0.0)),
    "first and gap": (Pace(first_s=1.0, gap_s=0.5), 3, (1.0, 0.5, 0.5)),
    "one event": (Pace(first_s=1.0, gap_s=0.5), 1, (1.0,)),
    "no event": (Pace(first_s=1.0, gap_s=0.5), 0, ()),
    "per event": (Pace(first_s=1.0, gap_s=1.0, per_event_s=(0.1, 0.2)), 3, (0.1, 0.2, 0.0)),
    "per event, more than there are": (Pace(per_event_s=(0.1, 0.2)), 1, (0.1,)),
}


@pytest.mark.parametrize(("pace", "events", "told"), PACES.values(), ids=PACES)
def test_waits(pace: Pace, events: int, told: tuple[float, ...]) -> None:
    assert event_waits(pace, events, MINT) == told


def test_jitter_is_drawn_from_the_mint() -> None:
    pace = Pace(first_s=1.0, gap_s=0.5, jitter_s=0.2)
    drawn = event_waits(pace, 20, MINT)
    assert drawn == event_waits(pace, 20, MINT)
    assert drawn != event_waits(pace, 20, IdGenerator(seed=1, scenario="", stub="", call=0))
    assert 1.0 <= drawn[0] < 1.2
    assert all(0.5 <= wait < 0.7 for wait in drawn[1:])
    assert len(set(drawn)) == 20


@pytest.mark.parametrize(
    ("pace", "wait"), [(Pace(first_s=1.0), 1.0), (Pace(first_s=1.0, per_event_s=(0.2,)), 0.2)]
)
def test_the_wait_before_a_whole_reply(pace: Pace, wait: float) -> None:
    assert first_wait(pace) == wait
