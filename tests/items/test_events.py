"""Splitting texts, aligning log probabilities, and the sequences of events that items share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import JSON, Chunks, ItemEvent, align_logprobs, split_text, stages, streamed, string

CUTS: dict[str, tuple[str, Chunks, tuple[str, ...]]] = {
    "words keep the space after them": ("one  two\nthree", "word", ("one  ", "two\n", "three")),
    "leading space is a piece": (" one", "word", (" ", "one")),
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
def test_a_text_is_split_by_its_chunks(text: str, chunks: Chunks, pieces: tuple[str, ...]) -> None:
    assert split_text(text, chunks) == pieces


def test_unknown_chunks_are_rejected() -> None:
    with pytest.raises(ValueError, match="syllable"):
        split_text("abc", "syllable")


CHUNKS: st.SearchStrategy[Chunks] = st.one_of(
    st.sampled_from(["word", "char"]), st.integers(1, 5), st.lists(st.text()).map(tuple)
)
LOGPROBS = st.lists(st.builds(lambda token: {"token": token}, st.text(max_size=3) | st.none()), max_size=3)


@given(st.text(), CHUNKS, LOGPROBS)
def test_the_pieces_are_the_text_and_lose_no_logprobs(
    text: str, chunks: Chunks, logprobs: list[dict[str, JSON]]
) -> None:
    pieces = split_text(text, chunks)
    assert "".join(pieces) == text
    aligned = align_logprobs(text, logprobs, pieces)
    assert "".join(piece for piece, _ in aligned) == text
    assert [entry for _, entries in aligned for entry in entries] == logprobs


def test_a_streamed_member_is_sent_in_deltas_then_whole() -> None:
    events = streamed("code", "text")({"text": "ab"}, tuple)
    assert list(events) == [
        ItemEvent(type="response.code.delta", members={"delta": "a"}),
        ItemEvent(type="response.code.delta", members={"delta": "b"}),
        ItemEvent(type="response.code.done", members={"text": "ab"}),
    ]


@pytest.mark.parametrize(
    ("status", "types"),
    [
        ("completed", ["response.job.queued", "response.job.completed"]),
        ("failed", ["response.job.queued"]),
        ("incomplete", ["response.job.queued"]),
        (None, ["response.job.queued", "response.job.completed"]),
    ],
)
def test_stages_complete_unless_the_item_broke_off(status: JSON, types: list[str]) -> None:
    events = stages("job", "queued")({"status": status}, tuple)
    assert [event.type for event in events] == types


def test_a_member_that_is_no_string_is_empty() -> None:
    assert (string({"a": 1}, "a"), string({}, "a"), string({"a": "x"}, "a")) == ("", "", "x")
