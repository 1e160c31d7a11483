"""How a text is split into deltas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.items.events import align_logprobs, split_text
from mockserver.model.item import Chunks
from mockserver.model.json import JSON

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
def test_a_text_is_split_into_deltas(text: str, chunks: Chunks, pieces: tuple[str, ...]) -> None:
    assert split_text(text, chunks) == pieces


def test_an_unknown_way_to_split_raises_value_error() -> None:
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
