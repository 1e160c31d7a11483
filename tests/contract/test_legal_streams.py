"""Streams that upstreams send are legal: no finding, not even a notice."""

from __future__ import annotations

import pytest

from mockserver.contract.judge import judge_stream
from mockserver.contract.openai import OPENAI
from mockserver.model.endpoint import Shape
from tests.contract import chat_cases, responses_cases
from tests.contract.chat_streams import events
from tests.contract.responses_cases import unnumbered
from tests.contract.responses_streams import live, message, stream


@pytest.mark.parametrize("name", responses_cases.LEGAL)
def test_a_responses_stream_without_fault_has_no_finding(name: str) -> None:
    told = stream(*responses_cases.LEGAL[name]())
    assert judge_stream(told, shape=Shape.RESPONSES, contract=OPENAI) == ()


def test_a_responses_stream_may_have_no_numbers_at_all() -> None:
    told = unnumbered(stream(*live(message("Hi"))))
    assert judge_stream(told, shape=Shape.RESPONSES, contract=OPENAI) == ()


@pytest.mark.parametrize("name", chat_cases.LEGAL)
def test_a_chat_stream_without_fault_has_no_finding(name: str) -> None:
    chunks, contract = chat_cases.LEGAL[name]
    assert judge_stream(events(*chunks()), shape=Shape.CHAT, contract=contract) == ()


def test_an_error_chunk_may_end_a_chat_stream_without_the_marker() -> None:
    chunks, contract = chat_cases.LEGAL["an error in the middle"]
    assert judge_stream(events(*chunks(), done=False), shape=Shape.CHAT, contract=contract) == ()


def test_a_chat_stream_may_do_without_the_marker_where_that_is_agreed() -> None:
    contract = chat_cases.formed(done="optional")
    told = events(*chat_cases.plain(), done=False)
    assert judge_stream(told, shape=Shape.CHAT, contract=contract) == ()
