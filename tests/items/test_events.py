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
    "tokens": (
        "The café is #1, isn't it?",
        "token",
        ("The", " café", " is", " #", "1", ",", " isn", "'", "t", " it", "?"),
    ),
    "tokens of a long word": ("Donaudampfschiff", "token", ("Donaudam", "pfschiff")),
    "tokens of a long rule": ("-" * 20, "token", ("-" * 8, "-" * 8, "-" * 4)),
    "tokens of a number": ("1234567.5", "token", ("123", "456", "7", ".", "5")),
    "tokens of JSON": (
        '{"city":"Oslo","on":[true]}',
        "token",
        ('{"', "city", '":"', "Oslo", '","', "on", '":[', "true", "]}"),
    ),
    "tokens of Chinese": ("今天很好，走吧。", "token", ("今天", "很好", "，", "走吧", "。")),
    "tokens of Korean": ("한국어 말", "token", ("한국", "어", " 말")),
    "tokens of code": ("if x:\r\n\n    y  \n", "token", ("if", " x", ":", "\r\n\n", "   ", " y", "  ", "\n")),
    "tokens of many lines": ("\n" * 5, "token", ("\n" * 4, "\n")),
    "space around tokens": ("  a ", "token", (" ", " a", " ")),
    "much space": (" " * 20, "token", (" " * 8, " " * 8, " " * 4)),
    "one emoji a token": ("Hi 👩‍🚀👩🏽❤️!", "token", ("Hi", " 👩‍🚀", "👩🏽", "❤️", "!")),
    "flags": ("🇩🇪🇫🇷🇩", "token", ("🇩🇪", "🇫🇷", "🇩")),
    "marks stay with their letter": ("abcdefge\u0301x", "token", ("abcdefge\u0301", "x")),
    "a mark alone": ("\u0301a", "token", ("\u0301", "a")),
    "a mark on a space": ("a \u0301b", "token", ("a", " \u0301", "b")),
    "syllables of two signs": (
        "\u1112\u1161\u11ab\u0915\u094d\u0937",
        "token",
        ("\u1112\u1161\u11ab", "\u0915\u094d\u0937"),
    ),
    "a sign before its number": ("\u06005 \u0600", "token", ("\u06005", " ", "\u0600")),
    "halves of a pair": ("\ud83d\ude00\ud83d a", "token", ("\ud83d\ude00\ud83d", " a")),
    "an escaped pair": (r"é\u00e9\ud83d\ude00\u", "token", ("é", r"\u00e9", r"\ud83d\ude00", "\\", "u")),
    "nothing in tokens": ("", "token", ()),
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
    st.sampled_from(["token", "word", "char"]), st.integers(1, 5), st.lists(st.text()).map(tuple)
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


# Characters as a reader counts them, none of which joins a neighbour.
GRAPHEMES = (
    *("a", "Z", "7", " ", "\n", "\r\n", "\t", ".", '"', "{", "€", "½", "中", "か", "한", "ö", "ж", "ا"),
    *("e\u0301", "1\ufe0f\u20e3", "😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "𝄞", "\ud83d\ude00"),
    *("क्षि", "\u1112\u1161\u11ab", "กำ", "\u0600\u0661"),
)  # fmt: skip


@given(st.lists(st.sampled_from(GRAPHEMES)))
def test_tokens_are_short_and_tear_no_character(characters: list[str]) -> None:
    pieces = split_text("".join(characters), "token")
    whole = iter(characters)
    counts = []
    for piece in pieces:
        rest, count = piece, 0
        while rest:
            one = next(whole)
            assert rest.startswith(one)
            rest, count = rest.removeprefix(one), count + 1
        counts.append(count)
    assert next(whole, None) is None
    assert max(counts, default=0) <= 9


@given(st.text(st.sampled_from("ab 1.中\n\r\u0301\u200d\u0600\u1100😀🇩\u094d\ud83d\ude00")))
def test_tokens_of_any_text_are_the_text(text: str) -> None:
    pieces = split_text(text, "token")
    assert "".join(pieces) == text
    assert all(pieces)


def test_the_kinds_of_all_characters_are_not_remembered() -> None:
    text = "".join(map(chr, range(0x20000, 0x2A000)))
    assert "".join(split_text(text, "token")) == text


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
